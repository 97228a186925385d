#include "sqs/errors.h"

#include <fmt/format.h>

namespace skafu::sqs {

AwsError queue_does_not_exist() {
    return {"QueueDoesNotExist", "The specified queue does not exist."};
}

AwsError invalid_parameter(std::string why) {
    return {"InvalidParameterValue", std::move(why)};
}

AwsError invalid_value(std::string_view value, std::string_view parameter, std::string_view why) {
    return invalid_parameter(
        fmt::format("Value {} for parameter {} is invalid. Reason: {}", value, parameter, why));
}

AwsError missing_parameter(std::string_view name) {
    return {"MissingParameter", fmt::format("The request must contain the parameter {}.", name)};
}

AwsError invalid_attribute_name(std::string_view name) {
    return {"InvalidAttributeName", fmt::format("Unknown Attribute {}.", name)};
}

AwsError invalid_attribute_value(std::string_view name) {
    return {"InvalidAttributeValue", fmt::format("Invalid value for the parameter {}.", name)};
}

AwsError receipt_handle_is_invalid(std::string_view handle) {
    return {"ReceiptHandleIsInvalid",
            fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle),
            404};
}

const std::map<std::string, std::string, std::less<>>& query_error_codes() {
    static const std::map<std::string, std::string, std::less<>> kCodes = [] {
        std::map<std::string, std::string, std::less<>> codes = {
            {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"},
            {"QueueNameExists", "QueueAlreadyExists"}};
        for (const char* same :
             {"InvalidParameterValue", "MissingParameter", "InvalidAttributeName",
              "InvalidAttributeValue", "ReceiptHandleIsInvalid", "InvalidMessageContents",
              "OverLimit", "ResourceNotFoundException"}) {
            codes.emplace(same, same);
        }
        for (const std::string prefixed :
             {"BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest",
              "InvalidBatchEntryId", "MessageNotInflight", "PurgeQueueInProgress",
              "QueueDeletedRecently", "TooManyEntriesInBatchRequest", "UnsupportedOperation"}) {
            codes.emplace(prefixed, "AWS.SimpleQueueService." + prefixed);
        }
        return codes;
    }();
    return kCodes;
}

std::string query_error_code(const std::string& code) {
    const auto found = query_error_codes().find(code);
    return found == query_error_codes().end() ? code : found->second;
}

}  // namespace skafu::sqs

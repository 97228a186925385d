#include "sqs/errors.h"

#include <fmt/format.h>

namespace skafu::sqs {

AwsError queue_does_not_exist() {
    return {"QueueDoesNotExist", "The specified queue does not exist."};
}

AwsError invalid_parameter(std::string why) {
    return {"InvalidParameterValue", std::move(why)};
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

std::string query_error_code(std::string_view code) {
    if (code == "QueueDoesNotExist") return "AWS.SimpleQueueService.NonExistentQueue";
    if (code == "QueueNameExists") return "QueueAlreadyExists";
    for (const std::string_view prefixed :
         {"BatchEntryIdsNotDistinct", "BatchRequestTooLong", "EmptyBatchRequest",
          "InvalidBatchEntryId", "MessageNotInflight", "PurgeQueueInProgress",
          "QueueDeletedRecently", "TooManyEntriesInBatchRequest", "UnsupportedOperation"}) {
        if (code == prefixed) return "AWS.SimpleQueueService." + std::string(code);
    }
    return std::string(code);
}

}  // namespace skafu::sqs

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/aws_error.h"

/// The errors of SQS by their names in the JSON protocol ("Common error types", SQS API
/// Reference); query_error_code() gives the older names, which the query protocol sends and the
/// JSON protocol repeats in `x-amzn-query-error`.
namespace skafu::sqs {

AwsError queue_does_not_exist();
AwsError invalid_parameter(std::string why);
/// "Value … for parameter … is invalid. Reason: …"
AwsError invalid_value(std::string_view value, std::string_view parameter, std::string_view why);
AwsError missing_parameter(std::string_view name);
AwsError invalid_attribute_name(std::string_view name);
AwsError invalid_attribute_value(std::string_view name);
AwsError receipt_handle_is_invalid(std::string_view handle);

/// From each code to the query protocol's ("QueueDoesNotExist" to
/// "AWS.SimpleQueueService.NonExistentQueue").
const std::map<std::string, std::string, std::less<>>& query_error_codes();
/// The same for one code; codes that are not SQS's stay as they are.
std::string query_error_code(const std::string& code);

}  // namespace skafu::sqs

#pragma once

#include <string>
#include <string_view>

#include "core/aws_error.h"

/// The errors of SQS by their names in the JSON protocol ("Common error types", SQS API
/// Reference); query_error_code() gives the older names, which the query protocol sends and the
/// JSON protocol repeats in `x-amzn-query-error`.
namespace skafu::sqs {

AwsError queue_does_not_exist();
AwsError invalid_parameter(std::string why);
AwsError missing_parameter(std::string_view name);
AwsError invalid_attribute_name(std::string_view name);
AwsError invalid_attribute_value(std::string_view name);
AwsError receipt_handle_is_invalid(std::string_view handle);

/// The query protocol's code of an error ("QueueDoesNotExist" gives
/// "AWS.SimpleQueueService.NonExistentQueue"); other codes stay as they are.
std::string query_error_code(std::string_view code);

}  // namespace skafu::sqs

#pragma once

#include <string>
#include <string_view>

#include "core/json.h"
#include "sqs/queue.h"

namespace skafu::sqs {

/// Throws InvalidParameterValue unless SQS takes the name ("CreateQueue", QueueName).
void check_queue_name(std::string_view name, const Json& attributes);

/// Checks attributes as CreateQueue and SetQueueAttributes do (InvalidAttributeName,
/// InvalidAttributeValue); gives them as SQS keeps them, all values texts.
Json checked_attributes(const Json& attributes, std::string_view queue_name);

/// The attributes of a new queue: `given` over SQS's defaults.
Json with_defaults(const Json& given);

/// The name of the first attribute whose value differs, empty where `given` agrees with `kept`.
std::string first_difference(const Json& kept, const Json& given);

/// What the kept attributes mean.
QueueSettings to_settings(const Json& attributes);

}  // namespace skafu::sqs

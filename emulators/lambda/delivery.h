#pragma once

#include <string>

#include "core/cloud.h"

namespace skafu::lambda {

/// Sends one message to the resource that an ARN names: a queue, a topic, a function or an event
/// bus. `attributes` go along as message attributes where there are such. Throws AwsError.
/// `detail_type` is for event buses alone.
Task<void> deliver(Cloud& cloud, std::string arn, Json message, Json attributes,
                   std::string detail_type, Caller caller, ActivityId cause);

}  // namespace skafu::lambda

#pragma once

#include "eventbridge/operations.h"

namespace skafu::eventbridge {

/// "connection/NAME/id" or "api-destination/NAME/id" of an ARN -> NAME. Throws AwsError for what
/// is no ARN.
std::string name_in_arn(const std::string& text);

/// Both throw AwsError ResourceNotFoundException where there is none.
const Json& require_destination(EventBridge& events, const Scope& scope, const std::string& name);
const Json& connection_of(EventBridge& events, const Scope& scope, const std::string& arn);

/// Adds ResolveApiDestination, which is ours: for a delivery to {"Arn"} it waits until the
/// destination's InvocationRateLimitPerSecond allows one more, and gives the destination with the
/// Headers, Query and Body that its connection adds.
void add_api_destination_resolution(Service& service, EventBridge& events);

}  // namespace skafu::eventbridge

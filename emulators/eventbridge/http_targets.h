#pragma once

#include "eventbridge/targets.h"

namespace skafu::eventbridge {

/// Sends an event to an API destination: its endpoint with the path, query and header parameters
/// of the target, authorised as its connection says. Throws AwsError where it is refused.
Task<void> deliver_to_api_destination(Cloud& cloud, Outgoing outgoing);

/// Sends an event to a stage of a REST API served here.
Task<void> deliver_to_api_gateway(Cloud& cloud, Outgoing outgoing);

}  // namespace skafu::eventbridge

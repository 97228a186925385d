#pragma once

#include "core/http.h"
#include "eventbridge/targets.h"

namespace skafu::eventbridge {

/// Sends an event to a stage of a REST API served here, or to an API destination (its endpoint
/// with the path, query and header parameters of the target, authorised as its connection says),
/// and gives the answer. Throws AwsError where it is refused.
Task<HttpResponse> invoke_http(Cloud& cloud, Outgoing outgoing);

}  // namespace skafu::eventbridge

#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// AWS::Serverless::WebSocketApi -> WebSocket API, routes with their integrations and permissions,
/// stage. Throws SamProblem.
void translate_websocket_api(Context& context, Source source);

}  // namespace skafu::cloudformation::sam

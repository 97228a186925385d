#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

/// The HttpApi event of a function: permission and integration. Throws SamProblem.
void translate_http_api_event(const EventSource& event);

/// AWS::Serverless::HttpApi -> HTTP API, stage, and what goes with them. Throws SamProblem.
void translate_http_api(Context& context, Source source);

}  // namespace skafu::cloudformation::sam

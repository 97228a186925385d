#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

/// The HttpApi event of a function. Throws SamProblem.
void translate_http_api_event(const EventSource& event);

}  // namespace skafu::cloudformation::sam

#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

/// What an event's own Auth says about its method: authorizer, scopes, API key. Throws SamProblem.
void add_method_auth(const EventSource& event, const Json& api, Json& method);

/// The API's Auth: security definitions and default authorizer in its body, the permissions of
/// Lambda authorizers. Throws SamProblem.
void add_api_auth(Context& context, const Source& source, Json& body);

}  // namespace skafu::cloudformation::sam

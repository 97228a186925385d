#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

inline constexpr std::string_view kImplicitHttpApi = "ServerlessHttpApi";

/// Gives each AWS::Serverless::HttpApi without a body an empty one, makes ServerlessHttpApi for the
/// HttpApi events that name no API, and the paths of all events. Throws SamProblem.
void add_implicit_http_api(Context& context);

/// The HttpApi event of a function: permission and integration. Throws SamProblem.
void translate_http_api_event(const EventSource& event);

/// AWS::Serverless::HttpApi -> HTTP API and stage. Throws SamProblem.
void translate_http_api(Context& context, Source source);

}  // namespace skafu::cloudformation::sam

#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

inline constexpr std::string_view kImplicitRestApi = "ServerlessRestApi";
/// Marks an API whose body the translator makes: events write their paths into it.
inline constexpr std::string_view kManaged = "__MANAGE_SWAGGER";

/// Gives each AWS::Serverless::Api without a body an empty one that events fill.
void add_default_bodies(Context& context);

/// Makes ServerlessRestApi for the Api events that name no API, and the paths of all events in
/// the bodies that the translator manages. Throws SamProblem.
void add_implicit_api(Context& context);

/// The key of a method in an API's body: lower case, "any" in API Gateway's own word.
std::string method_key(std::string method);

}  // namespace skafu::cloudformation::sam

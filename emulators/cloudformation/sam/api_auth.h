#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

/// What an event's own Auth says about its method: authorizer, scopes, API key, IAM credentials.
/// Throws SamProblem.
void add_method_auth(const EventSource& event, const Json& api, Json& method);

/// The API's Auth: security definitions and default authorizer in its body, the permissions of
/// Lambda authorizers, the resource policy. Throws SamProblem.
void add_api_auth(Context& context, const Source& source, Json& body);

/// Puts a security definition where the body's version has them.
void add_security_scheme(Json& body, const std::string& name, Json scheme);

/// "x-amazon-apigateway-authorizer" of a Lambda authorizer: its URI.
Json authorizer_uri(const std::string& partition, const Json& function_arn);

/// Lets API Gateway call the function of a Lambda authorizer.
void add_authorizer_permission(Context& context, const Source& source, const std::string& name,
                               const Json& function_arn, const std::string& partition);

}  // namespace skafu::cloudformation::sam

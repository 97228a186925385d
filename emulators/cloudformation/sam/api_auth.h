#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

/// With whose rights API Gateway calls the function, where AWS_IAM guards the method.
void add_credentials(const EventSource& event, const Json& api, Json& integration);

/// What an event's own Auth says about its method: authorizer, scopes, API key, resource policy.
/// `api` are the properties of the API, `stage` is its stage. Throws SamProblem.
void add_method_auth(const EventSource& event, const Json& api, const std::string& api_id,
                     const std::string& stage, Json& body);

/// The API's Auth: security definitions, default authorizer, API keys and resource policy in its
/// body. `auth` is resolved. Throws SamProblem.
void add_api_auth(const Context& context, const Source& source, const Json& auth, Json& body);

/// Lets API Gateway call the functions of the Lambda authorizers of a REST API.
void add_authorizer_permissions(Context& context, const Source& source, const Json& auth);

/// "x-amazon-apigateway-authorizer" of a Lambda authorizer: its URI.
Json authorizer_uri(const std::string& partition, const Json& function_arn);

/// Lets API Gateway call the function of a Lambda authorizer.
void add_authorizer_permission(Context& context, const Source& source, const std::string& id,
                               const Json& function_arn, const std::string& partition);

}  // namespace skafu::cloudformation::sam

#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// The Auth of an HTTP API in its document: security schemes and the default authorizer.
/// Throws SamProblem.
/// Source: "HttpApiAuth" of the AWS SAM specification.
void add_http_api_auth(const Context& context, const Source& source, const Json& auth, Json& body);

/// Lets API Gateway call the functions of the Lambda authorizers that ask for it.
void add_http_authorizer_permissions(Context& context, const Source& source, const Json& auth);

}  // namespace skafu::cloudformation::sam

#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// Adds what a ResourcePolicy says to the methods of one path of an API. Throws SamProblem.
/// Source: "ResourcePolicyStatement" of the AWS SAM specification.
void add_resource_policy(const Json& policy, const std::string& path, const Json& stage,
                         Json& body);

/// Adds the CustomStatements of a ResourcePolicy, if there are some.
void add_custom_statements(const Json& policy, Json& body);

}  // namespace skafu::cloudformation::sam

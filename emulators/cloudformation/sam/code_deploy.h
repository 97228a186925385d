#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// Notes the DeploymentPreference of a function and gives its alias the policy to be shifted by
/// CodeDeploy. `alias_id` is empty where the function has no alias. Throws SamProblem.
void note_deployment_preference(Context& context, const Source& source,
                                const std::string& alias_id);

/// Adds the CodeDeploy application, role and groups of the preferences that were noted.
/// Throws SamProblem.
/// Source: "Deploying serverless applications gradually with AWS SAM".
void add_code_deploy(Context& context);

}  // namespace skafu::cloudformation::sam

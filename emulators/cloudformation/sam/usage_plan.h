#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// Auth.UsagePlan of a REST API: usage plan, API key, and the key's place in the plan, for the
/// API alone or shared by all. Throws SamProblem.
void add_usage_plan(Context& context, const Source& source, const Json& auth,
                    const std::string& stage);

}  // namespace skafu::cloudformation::sam

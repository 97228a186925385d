#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// AWS::Serverless::CapacityProvider -> AWS::Lambda::CapacityProvider, and the role with which it
/// runs instances unless one is given. Throws SamProblem.
void translate_capacity_provider(Context& context, Source source);

}  // namespace skafu::cloudformation::sam

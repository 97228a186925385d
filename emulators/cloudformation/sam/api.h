#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// AWS::Serverless::Api -> REST API, deployment, stage, and what goes with them. Throws SamProblem.
void translate_api(Context& context, Source source);

}  // namespace skafu::cloudformation::sam

#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// AWS::Serverless::Api -> REST API, deployment, stage. Throws SamProblem.
void translate_api(Context& context, Source source);

/// The id of an API's stage: api and stage name, or api alone where the name is no plain text.
std::string stage_id(const std::string& api, const Json& stage_name);

}  // namespace skafu::cloudformation::sam

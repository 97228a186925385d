#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// The attribute Connectors of a resource becomes connectors of their own. Throws SamProblem.
void expand_embedded_connectors(Context& context);

/// AWS::Serverless::Connector -> the policy or permission that lets the source reach the
/// destination. Looks at what all other resources have become. Throws SamProblem.
/// Source: "Managing resource permissions with AWS SAM connectors".
void translate_connectors(Context& context);

}  // namespace skafu::cloudformation::sam

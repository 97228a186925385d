#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// AWS::Serverless::SimpleTable -> AWS::DynamoDB::Table. Throws SamProblem.
void translate_simple_table(Context& context, Source source);

/// AWS::Serverless::LayerVersion -> AWS::Lambda::LayerVersion with a digest in its id.
void translate_layer(Context& context, Source source);

/// AWS::Serverless::Application -> AWS::CloudFormation::Stack.
void translate_application(Context& context, Source source);

}  // namespace skafu::cloudformation::sam

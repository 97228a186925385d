#pragma once

#include "core/cloud.h"

namespace skafu::cloudwatch {

/// CloudFormation's AWS::CloudWatch types.
void add_resource_types(Cloud& cloud);

}  // namespace skafu::cloudwatch

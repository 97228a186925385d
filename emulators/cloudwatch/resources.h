#pragma once

#include "core/cloud.h"

namespace skafu::cloudwatch {

namespace resources {
/// CloudFormation's AWS::CloudWatch types.
void add_types(Cloud& cloud);
}  // namespace resources

}  // namespace skafu::cloudwatch

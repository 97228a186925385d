#pragma once

#include "core/cloud.h"

namespace skafu::secretsmanager {

namespace resources {
/// CloudFormation's AWS::SecretsManager types.
void add_types(Cloud& cloud);
}  // namespace resources

}  // namespace skafu::secretsmanager

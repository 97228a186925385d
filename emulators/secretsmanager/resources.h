#pragma once

#include "core/cloud.h"

namespace skafu::secretsmanager {

/// CloudFormation's AWS::SecretsManager types.
void add_resource_types(Cloud& cloud);

}  // namespace skafu::secretsmanager

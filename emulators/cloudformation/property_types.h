#pragma once

#include "core/json.h"

namespace skafu::cloudformation {

/// Gives numbers and booleans their types where a template has them as text, as a parameter's
/// value always is: CloudFormation converts by the resource's schema. Free-form documents
/// (policies, patterns, bodies) stay as they are.
void convert_scalars(Json& properties);

}  // namespace skafu::cloudformation

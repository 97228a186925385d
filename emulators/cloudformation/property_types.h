#pragma once

#include <string>

#include "core/json.h"

namespace skafu::cloudformation {

/// Gives numbers and booleans their types where a template has them as text, as a parameter's
/// value always is: CloudFormation converts by the resource's schema. Free-form documents
/// (policies, patterns, bodies) stay as they are.
void convert_scalars(Json& properties);

/// The first property that a resource of `type` lacks although AWS requires it, or "".
std::string missing_property(const std::string& type, const Json& properties);

}  // namespace skafu::cloudformation

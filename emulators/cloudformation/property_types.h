#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace skafu::cloudformation {

/// A property that CloudFormation's schema of a type does not have.
struct UnknownProperty {
    std::string path;  ///< of the map that holds it: "" or "/KeySchema/0"
    std::string name;
    std::string meant;  ///< the known one that it looks like; may be empty
};

/// Gives numbers and booleans their types where a template has them as text, as a parameter's
/// value always is: CloudFormation converts by the resource's schema. Free-form documents
/// (policies, patterns, bodies) stay as they are.
void convert_scalars(const std::string& type, Json& properties);

/// The first property that a resource of `type` lacks although AWS requires it, or "".
std::string missing_property(const std::string& type, const Json& properties);

/// All properties, also inside others, that `type` does not have. Of a type whose schema is not
/// known, and inside functions of CloudFormation, none.
std::vector<UnknownProperty> unknown_properties(const std::string& type, const Json& properties);

/// How CloudFormation refuses an unknown property.
std::string refusal(const std::string& logical_id, const UnknownProperty& unknown);

}  // namespace skafu::cloudformation

#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::stepfunctions {

/// Replaces each `${name}` that `substitutions` names, as text: before the text is parsed, so
/// that `"Seconds": ${N}` becomes JSON (CloudFormation, "DefinitionSubstitutions").
std::string substitute(std::string_view text, const Json& substitutions);

/// The JSON text of a definition that may be written as YAML. Throws AwsError InvalidDefinition.
std::string definition_as_json(const std::string& text);

}  // namespace skafu::stepfunctions

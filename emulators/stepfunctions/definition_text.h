#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::stepfunctions {

/// Replaces each `${name}` that `substitutions` names, as text: before the text is parsed, so
/// that `"Seconds": ${N}` becomes JSON (CloudFormation, "DefinitionSubstitutions").
std::string substitute(std::string_view text, const Json& substitutions);

/// The JSON text of a definition that may be written as YAML. Throws AwsError InvalidDefinition.
std::string definition_as_json(const std::string& text);

/// A place in a text; both count from 1.
struct TextPlace {
    std::size_t line = 1;
    std::size_t column = 1;
};

/// Where a diagnostic's location ("/States/Pay/Choices[0]/Next") lies in the text of a definition,
/// JSON or YAML; or what of it there is. Nothing where the text cannot be read.
std::optional<TextPlace> find_place(const std::string& text, std::string_view location);

}  // namespace skafu::stepfunctions

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu::apigateway {

/// One patch operation, checked: op is one of AWS's six.
struct PatchOperation {
    std::string op;
    std::string path;
    bool has_path = false;
    Json value;  ///< a string, or null

    /// The path's tokens, with ~1 and ~0 undone: "/a/b~1c" -> {"a", "b/c"}.
    std::vector<std::string> tokens() const;
    std::string text() const { return value.is_string() ? value.get<std::string>() : ""; }
};

/// The patchOperations of an Update call. Throws ValidationException as AWS words it, where
/// `input_name` is the name of the operation's input ("updateStageInput").
std::vector<PatchOperation> patch_operations(const Json& input, std::string_view input_name);

/// Sets or removes what the operation's path names in `document`, making objects on the way.
void apply_plainly(Json& document, const PatchOperation& operation);

}  // namespace skafu::apigateway

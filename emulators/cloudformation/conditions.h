#pragma once

#include <map>
#include <string>

#include "cloudformation/intrinsics.h"

namespace skafu::cloudformation {

/// Evaluates the section Conditions; `scope` gives parameters and mappings. Throws AwsError
/// ValidationError for unknown names and cycles.
std::map<std::string, bool> evaluate_conditions(const Json& section, Names scope);

/// The template with each Fn::If replaced by its chosen branch, and without the resources and
/// outputs whose Condition does not hold.
Json without_untaken(const Json& document, const std::map<std::string, bool>& conditions);

}  // namespace skafu::cloudformation

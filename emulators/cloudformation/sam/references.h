#pragma once

#include <map>
#include <string>

#include "core/json.h"

namespace skafu::cloudformation::sam {

/// Replaces references to F.Version, A.Stage, a layer's id and the like by the generated ids:
/// in Ref, Fn::GetAtt, Fn::Sub and DependsOn. A key of `references` is "owner.name", or "owner."
/// where the owner itself has another id now.
Json with_generated_references(const Json& document,
                               const std::map<std::string, std::string>& references);

}  // namespace skafu::cloudformation::sam

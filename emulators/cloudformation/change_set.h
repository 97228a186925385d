#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/resource.h"

namespace skafu::cloudformation {

/// Stands in a change set for what is known only when the resources are there.
inline constexpr std::string_view kKnownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// The names of the properties that `after` adds, changes or leaves out.
std::vector<std::string> changed_properties(const Json& before, const Json& after);

/// Whether a change of this property makes a new resource in place of the old one.
bool replaces(const ResourceType& type, const std::string& property);

/// The changes from the resources of a stack to those of a template: what DescribeChangeSet lists.
/// `before` and `after` map logical ids to {ResourceType, Properties, PhysicalResourceId}; `after`
/// may have ReplacedBy, the names of the changed properties that replace the resource.
Json changes_between(const std::map<std::string, Json>& before,
                     const std::map<std::string, Json>& after);

}  // namespace skafu::cloudformation

#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"

namespace skafu::cloudformation {

/// The changes from the resources of a stack to those of a template: what DescribeChangeSet lists.
/// `before` and `after` map logical ids to {ResourceType, Properties, PhysicalResourceId}.
Json changes_between(const std::map<std::string, Json>& before,
                     const std::map<std::string, Json>& after);

}  // namespace skafu::cloudformation

#pragma once

#include "core/json.h"

namespace skafu::cloudformation::sam {

/// What a connector from one type of resource to another grants; null where there is none:
/// {"kind": "role" | "topic" | "queue" | "function", "of_source": whose policy it is,
///  "depended_by": who has to wait for it, "combinations": the only sets of permissions,
///  "access": {"Read" | "Write": statements, or what a permission of Lambda says}}.
Json connector_profile(const std::string& source_type, const std::string& destination_type);

}  // namespace skafu::cloudformation::sam

#pragma once

#include "core/json.h"

namespace skafu::cloudformation::sam {

/// The policy templates by name: {"Parameters": [names], "Statement": [statements in short form]}.
const Json& policy_templates();

}  // namespace skafu::cloudformation::sam

#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace skafu::eventbridge::testing {

/// The cases of a recording file (one JSON object a line); empty, with a line printed, where
/// the recordings are not at hand. SKAFU_CONFORMANCE names their folder.
std::vector<Json> recordings(const std::string& file);

}  // namespace skafu::eventbridge::testing

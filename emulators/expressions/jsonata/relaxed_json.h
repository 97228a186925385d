#pragma once

#include <string_view>

#include "core/json.h"

namespace skafu::jsonata {

/// Parses a JSON text as JavaScript does: a lone surrogate (\ud800), which is no Unicode text, is
/// kept as three bytes. Throws JsonError.
Json parse_relaxed_json(std::string_view text);

}  // namespace skafu::jsonata

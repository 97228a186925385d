#pragma once

#include <cstddef>
#include <string_view>

namespace skafu::eventbridge {

/// Whether text matches a wildcard pattern (`*`, with `\*` and `\\` as literals).
bool wildcard_matches(std::string_view pattern, std::string_view text);

/// How many prefixes of a wildcard pattern one value can stand in at once, at worst: the value
/// that spells the pattern's literals with nothing for the stars. AWS refuses a rule in which
/// that is too many.
std::size_t worst_case_prefixes(std::string_view pattern);

}  // namespace skafu::eventbridge

#pragma once

#include <string>
#include <string_view>

namespace skafu::eventbridge {

/// Each character's lower form of its upper form: equal for all texts that AWS may call equal
/// but for case. Per character, independent of any locale; lengths in bytes may change.
std::string fold_case(std::string_view text);

/// Whether `value` is `pattern` but for the case of single characters.
bool equals_ignoring_case(std::string_view pattern, std::string_view value);

/// Whether `value` begins (or ends) with `pattern` but for case.
bool has_prefix_ignoring_case(std::string_view pattern, std::string_view value);
bool has_suffix_ignoring_case(std::string_view pattern, std::string_view value);

}  // namespace skafu::eventbridge

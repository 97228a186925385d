#pragma once

#include <string>
#include <string_view>

namespace skafu::eventbridge {

/// A form that is the same for all texts which AWS may call equal but for case: the lower form of
/// the upper form of the lower form, character by character. Lengths in bytes may change.
std::string fold_case(std::string_view text);

/// Whether `value` is `pattern` but for the case of single characters: as AWS's rule engine has
/// it, each character of the pattern stands for its lower and its upper form, of which the upper
/// one may be several characters (ß for SS, but not SS for ß).
bool equals_ignoring_case(std::string_view pattern, std::string_view value);

/// Whether `value` begins (or ends) with `pattern` but for case.
bool has_prefix_ignoring_case(std::string_view pattern, std::string_view value);
bool has_suffix_ignoring_case(std::string_view pattern, std::string_view value);

}  // namespace skafu::eventbridge

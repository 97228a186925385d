#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skafu {

/// U+FFFD, which stands for what is no character.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// A character of UTF-8, or what of one there is before it goes wrong.
struct Utf8Character {
    std::size_t bytes;
    char32_t code;
    bool whole;
};

/// Reads the character at the start of `text`, which is not empty.
/// Source: Unicode Standard, table 3-7 (well-formed byte sequences) and "maximal subpart".
Utf8Character read_utf8(std::string_view text);

/// Whether the bytes are well-formed UTF-8.
bool is_utf8(std::string_view text);

/// The text with U+FFFD for each part that could have begun a character and did not become one.
std::string repaired_utf8(std::string text);

/// Appends one code point as UTF-8; a surrogate as the three bytes that would stand for it.
void append_utf8(std::string& out, char32_t code);

}  // namespace skafu

#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu {

/// One of the ten ASCII digits, whatever the locale.
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A string as it is, any other value as compact JSON text: how AWS shows a value within a text.
std::string plain_text(const Json& value);

/// Whether it is a string with nothing in it.
inline bool is_empty_text(const Json& value) {
    return value.is_string() && value.get_ref<const std::string&>().empty();
}

/// ASCII letters made small; other bytes stay.
std::string lower_case(std::string_view text);

}  // namespace skafu

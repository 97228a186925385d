#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Texts as JSONata sees them: code points for lengths and positions, UTF-16 for order. Lone
/// surrogates, which JavaScript allows, are kept as three bytes each.
namespace skafu::jsonata::text {

/// The code point at `at`, which moves behind it. Invalid bytes count as one point each.
char32_t next_point(std::string_view text, std::size_t& at);
std::u32string points_of(std::string_view text);
std::string from_points(std::u32string_view points);
bool is_ascii(std::string_view text);

std::size_t point_count(std::string_view text);
/// The byte offset of the point of this number; the size where there are fewer.
std::size_t offset_of_point(std::string_view text, std::size_t number);
/// Length in UTF-16 code units.
std::size_t unit_count(std::string_view text);

/// Order by UTF-16 code units: negative, zero or positive.
int compare(std::string_view a, std::string_view b);
/// A surrogate that is not part of a pair.
bool has_lone_surrogate(std::string_view text);
bool is_surrogate(char32_t point);

/// As JavaScript writes a number.
std::string from_number(double number);
/// A fraction rounded to 15 significant digits, as $string shows it.
double rounded(double number);
/// The whole text as a number in decimal notation, rounded correctly.
double to_number(std::string_view digits);

}  // namespace skafu::jsonata::text

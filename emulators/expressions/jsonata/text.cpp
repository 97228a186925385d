#include "expressions/jsonata/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/utf8.h"

namespace skafu::jsonata::text {
namespace {

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// Where code points and code units differ in order: surrogates sort below U+E000.
std::uint32_t order_of(char32_t point) {
    return point >= 0x10000 ? 0xD800 + (point - 0x10000) / 0x400 : point;
}

std::string digits_with_point(std::string digits, int exponent) {
    const int count = static_cast<int>(digits.size());
    if (exponent >= 21 || exponent < -6) {
        std::string out(1, digits[0]);
        if (count > 1) out += "." + digits.substr(1);
        return out + "e" + (exponent < 0 ? "-" : "+") + std::to_string(std::abs(exponent));
    }
    if (exponent < 0)
        return "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    if (exponent + 1 >= count) {
        return digits + std::string(static_cast<std::size_t>(exponent + 1 - count), '0');
    }
    return digits.insert(static_cast<std::size_t>(exponent) + 1, ".");
}

}  // namespace

char32_t next_point(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    ++at;
    if (first < 0xC2) return first;
    const int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : 0;
    if (more == 0 || at + static_cast<std::size_t>(more) > text.size()) return first;
    char32_t point = first & (0x3F >> more);
    for (int i = 0; i < more; ++i) {
        if (!is_continuation(text[at + static_cast<std::size_t>(i)])) return first;
        point = (point << 6) | (byte(at + static_cast<std::size_t>(i)) & 0x3F);
    }
    at += static_cast<std::size_t>(more);
    return point;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t point_count(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::size_t offset_of_point(std::string_view text, std::size_t number) {
    std::size_t at = 0;
    for (; number > 0 && at < text.size(); --number) next_point(text, at);
    return at;
}

std::size_t unit_count(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        if (!is_continuation(c)) units += static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
    }
    return units;
}

int compare(std::string_view a, std::string_view b) {
    const std::size_t common = std::min(a.size(), b.size());
    const auto [at, other] =
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
    std::size_t start = static_cast<std::size_t>(at - a.begin());
    if (start == common) return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
    if (static_cast<unsigned char>(*at) < 0xEE || static_cast<unsigned char>(*other) < 0xEE) {
        while (start > 0 && is_continuation(a[start])) --start;
    }
    std::size_t from_a = start;
    std::size_t from_b = start;
    const char32_t point_a = next_point(a, from_a);
    const char32_t point_b = next_point(b, from_b);
    if (order_of(point_a) != order_of(point_b))
        return order_of(point_a) < order_of(point_b) ? -1 : 1;
    return point_a < point_b ? -1 : 1;
}

bool is_surrogate(char32_t point) {
    return point >= 0xD800 && point <= 0xDFFF;
}

bool has_lone_surrogate(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (is_surrogate(next_point(text, at))) return true;
    }
    return false;
}

std::string from_number(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    char buffer[40];
    if (number == std::trunc(number) && std::fabs(number) < 1e15) {
        const auto end =
            std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(number));
        return std::string(buffer, end.ptr);
    }
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(number),
                                   std::chars_format::scientific);
    const std::string_view shown(buffer, static_cast<std::size_t>(end.ptr - buffer));
    const std::size_t e = shown.find('e');
    std::string digits(1, shown[0]);
    if (e > 2) digits.append(shown.substr(2, e - 2));
    int exponent = 0;
    const std::size_t sign = shown[e + 1] == '+' ? 2 : 1;
    std::from_chars(shown.data() + e + sign, shown.data() + shown.size(), exponent);
    return (number < 0 ? "-" : "") + digits_with_point(std::move(digits), exponent);
}

double rounded(double number) {
    if (number == std::trunc(number)) return number;
    char buffer[40];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific, 14);
    return to_number({buffer, static_cast<std::size_t>(end.ptr - buffer)});
}

double to_number(std::string_view digits) {
    double number = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (end.ec != std::errc::result_out_of_range) return number;
    const std::size_t e = digits.find_first_of("eE");
    const bool small = e != std::string_view::npos && digits.substr(e + 1, 1) == "-";
    const double magnitude = small ? 0.0 : std::numeric_limits<double>::infinity();
    return digits.starts_with('-') ? -magnitude : magnitude;
}

std::u32string points_of(std::string_view text) {
    std::u32string out;
    for (std::size_t at = 0; at < text.size();) out += next_point(text, at);
    return out;
}

std::string from_points(std::u32string_view points) {
    std::string out;
    for (const char32_t point : points) append_utf8(out, point);
    return out;
}

}  // namespace skafu::jsonata::text

#include "eventbridge/scalar.h"

#include <charconv>
#include <cmath>

#include "core/utf8.h"

namespace skafu::eventbridge {
namespace {

/// A decimal number as significant digits (no zeros at either end) and a power of ten.
struct Decimal {
    bool negative = false;
    std::string digits;
    long exponent = 0;  // value = 0.digits * 10^exponent
    bool operator==(const Decimal&) const = default;
};

Decimal decimal_of(std::string_view text) {
    Decimal result;
    std::size_t at = 0;
    if (at < text.size() && text[at] == '-') {
        result.negative = true;
        ++at;
    }
    long point = 0;
    bool seen_point = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.') {
            seen_point = true;
        } else if (c >= '0' && c <= '9') {
            if (c == '0' && result.digits.empty()) {
                if (seen_point) --point;
                continue;
            }
            result.digits.push_back(c);
            if (!seen_point) ++point;
        } else {
            break;
        }
    }
    long exponent = 0;
    if (at < text.size()) {
        ++at;
        if (at < text.size() && text[at] == '+') ++at;
        const char* first = text.data() + at;
        if (std::from_chars(first, text.data() + text.size(), exponent).ec != std::errc()) {
            exponent =
                first < text.data() + text.size() && *first == '-' ? -1'000'000'000 : 1'000'000'000;
        }
    }
    while (!result.digits.empty() && result.digits.back() == '0') result.digits.pop_back();
    if (result.digits.empty()) return {};
    result.exponent = point + exponent;
    return result;
}

/// True for spellings that every double reads back exactly: at most 15 digits, no exponent.
bool is_plainly_exact(std::string_view source) {
    if (source.size() > 16) return false;
    for (const char c : source) {
        if (c == 'e' || c == 'E') return false;
    }
    return source.size() <= 15 || source[0] == '-';
}

unsigned hex4(std::string_view text) {
    unsigned value = 0;
    for (const char c : text) {
        value <<= 4;
        if (c >= '0' && c <= '9') {
            value |= static_cast<unsigned>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value |= static_cast<unsigned>(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            value |= static_cast<unsigned>(c - 'A' + 10);
        } else {
            return 0x10000;
        }
    }
    return value;
}

/// Reads \uXXXX (and the second half of a pair) at `at`, which stands on the 'u'.
bool append_unicode_escape(std::string_view inside, std::size_t& at, std::string& out) {
    if (inside.size() - at < 5) return false;
    char32_t code = hex4(inside.substr(at + 1, 4));
    if (code > 0xFFFF) return false;
    at += 5;
    if (code >= 0xD800 && code < 0xDC00 && inside.size() - at >= 6 && inside[at] == '\\' &&
        inside[at + 1] == 'u') {
        const char32_t low = hex4(inside.substr(at + 2, 4));
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            at += 6;
        }
    }
    append_utf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
    return true;
}

}  // namespace

Scalar number_scalar(std::string_view source) {
    double value = 0;
    const auto read = std::from_chars(source.data(), source.data() + source.size(), value);
    if (is_plainly_exact(source)) return {ScalarKind::number, value == 0 ? 0.0 : value, source};
    const Decimal exact = decimal_of(source);
    if (exact.digits.empty()) return {ScalarKind::number, 0.0, source};
    if (read.ec == std::errc() && std::isfinite(value)) {
        char shortest[40];
        const auto written = std::to_chars(shortest, shortest + sizeof shortest, value);
        const std::string_view text(shortest, static_cast<std::size_t>(written.ptr - shortest));
        if (decimal_of(text) == exact) return {ScalarKind::number, value, source};
    }
    return {ScalarKind::opaque_number, 0, source};
}

bool append_unescaped(std::string_view inside, std::string& out) {
    std::size_t at = 0;
    while (at < inside.size()) {
        const std::size_t slash = inside.find('\\', at);
        out.append(inside.substr(at, slash - at));
        if (slash == std::string_view::npos) return true;
        at = slash + 1;
        if (at == inside.size()) return false;
        switch (inside[at]) {
            case '"':
                out.push_back('"');
                break;
            case '\\':
                out.push_back('\\');
                break;
            case '/':
                out.push_back('/');
                break;
            case 'b':
                out.push_back('\b');
                break;
            case 'f':
                out.push_back('\f');
                break;
            case 'n':
                out.push_back('\n');
                break;
            case 'r':
                out.push_back('\r');
                break;
            case 't':
                out.push_back('\t');
                break;
            case 'u':
                if (!append_unicode_escape(inside, at, out)) return false;
                continue;
            default:
                return false;
        }
        ++at;
    }
    return true;
}

}  // namespace skafu::eventbridge

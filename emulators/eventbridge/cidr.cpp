#include "eventbridge/cidr.h"

#include <arpa/inet.h>
#include <charconv>
#include <cstdint>
#include <vector>

#include "eventbridge/pattern_reader.h"

namespace skafu::eventbridge {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::string_view kDigits = "0123456789ABCDEF";
constexpr std::size_t kLongestV4 = 15;
constexpr std::size_t kLongestV6 = 45;

bool is_digit_of_block(char c) {
    return kDigits.find(c) != std::string_view::npos;
}

/// Digits and dots with three dots between digits: what AWS takes for an IPv4 address at all.
bool looks_like_v4(std::string_view text) {
    std::size_t dots = 0;
    bool has_digit = false;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            has_digit = true;
        } else if (c == '.' && has_digit) {
            ++dots;
            has_digit = false;
        } else {
            return false;
        }
    }
    return dots == 3 && has_digit;
}

bool looks_like_v6(std::string_view text) {
    return text.find(':') != std::string_view::npos &&
           text.find_first_not_of("0123456789abcdefABCDEF:") == std::string_view::npos;
}

/// Four decimal numbers; leading zeros do not make them octal.
Bytes parse_dotted(std::string_view text) {
    if (text.size() > kLongestV4) return {};
    Bytes bytes;
    unsigned value = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i == text.size() || text[i] == '.') {
            if (value > 255) return {};
            bytes.push_back(static_cast<std::uint8_t>(value));
            value = 0;
        } else {
            value = value * 10 + static_cast<unsigned>(text[i] - '0');
        }
    }
    return bytes;
}

Bytes parse_colons(std::string_view text) {
    if (text.size() > kLongestV6) return {};
    Bytes bytes(16);
    if (inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) != 1) return {};
    const Bytes mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
        bytes.erase(bytes.begin(), bytes.begin() + 12);
    }
    return bytes;
}

/// The bytes of an address; none for anything else.
Bytes parse_address(std::string_view text) {
    if (looks_like_v4(text)) return parse_dotted(text);
    if (looks_like_v6(text)) return parse_colons(text);
    return {};
}

std::string hex_digits(const Bytes& bytes) {
    std::string digits;
    for (const std::uint8_t byte : bytes) {
        digits += kDigits[byte >> 4];
        digits += kDigits[byte & 15];
    }
    return digits;
}

/// Whether `text` stays on the edge of a block from `at` on, or leaves it to the inside: behind
/// `first` upwards (`sign` 1), before `last` downwards (`sign` -1).
bool inside_of_edge(std::string_view edge, std::string_view text, std::size_t at, int sign) {
    for (; at < edge.size(); ++at) {
        if (at == text.size() || !is_digit_of_block(text[at])) return false;
        const int beyond = (text[at] - edge[at]) * sign;
        if (beyond != 0) return beyond > 0;
    }
    return true;
}

bool lies_between(std::string_view first, std::string_view last, std::string_view text) {
    std::size_t fork = 0;
    while (fork < first.size() && first[fork] == last[fork]) {
        if (fork == text.size() || text[fork] != first[fork]) return false;
        ++fork;
    }
    if (fork == first.size()) return true;
    if (fork == text.size() || !is_digit_of_block(text[fork])) return false;
    if (text[fork] == first[fork]) return inside_of_edge(first, text, fork + 1, 1);
    if (text[fork] == last[fork]) return inside_of_edge(last, text, fork + 1, -1);
    return first[fork] < text[fork] && text[fork] < last[fork];
}

}  // namespace

std::optional<std::string> address_digits(std::string_view text) {
    const Bytes bytes = parse_address(text);
    if (bytes.empty()) return std::nullopt;
    return hex_digits(bytes);
}

bool AddressBlock::contains(const Scalar& value) const {
    switch (value.kind) {
        case ScalarKind::string: {
            const std::optional<std::string> digits = address_digits(value.text);
            return digits && lies_between(first, last, *digits);
        }
        case ScalarKind::number:
        case ScalarKind::opaque_number:
            return lies_between(first, last, value.text);
        case ScalarKind::boolean_true:
        case ScalarKind::boolean_false:
        case ScalarKind::null:
            return false;
    }
    return false;
}

AddressBlock parse_cidr(const std::string& text) {
    std::string_view given = text;
    while (given.ends_with('/')) given.remove_suffix(1);
    const std::size_t slash = given.find('/');
    if (slash == std::string_view::npos || given.find('/', slash + 1) != std::string_view::npos) {
        throw PatternError("Malformed CIDR, one '/' required");
    }
    std::string_view mask = given.substr(slash + 1);
    if (mask.starts_with('+')) mask.remove_prefix(1);
    int bits = 0;
    const auto read = std::from_chars(mask.data(), mask.data() + mask.size(), bits);
    if (read.ec != std::errc() || read.ptr != mask.data() + mask.size()) {
        throw PatternError("Malformed CIDR, mask bits must be an integer");
    }
    if (bits < 0) throw PatternError("Malformed CIDR, mask bits must not be negative");
    const std::string host(given.substr(0, slash));
    Bytes bytes = parse_address(host);
    if (bytes.empty()) {
        const bool is_likely = looks_like_v4(host) || looks_like_v6(host);
        throw PatternError((is_likely ? "Invalid IP address: " : "Nonstandard IP address: ") +
                           host);
    }
    const int limit = bytes.size() == 4 ? 32 : 128;
    if (bits >= limit) {
        throw PatternError(std::string(limit == 32 ? "IPv4" : "IPv6") + " mask bits must be < " +
                           std::to_string(limit));
    }
    Bytes top = bytes;
    for (int bit = bits; bit < limit; ++bit) {
        const auto mark = static_cast<std::uint8_t>(0x80 >> (bit % 8));
        bytes[static_cast<std::size_t>(bit / 8)] &= static_cast<std::uint8_t>(~mark);
        top[static_cast<std::size_t>(bit / 8)] |= mark;
    }
    return {hex_digits(bytes), hex_digits(top)};
}

}  // namespace skafu::eventbridge

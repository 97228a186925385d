#include "eventbridge/cidr.h"

#include <arpa/inet.h>
#include <charconv>
#include <cstring>

#include "eventbridge/pattern_reader.h"

namespace skafu::eventbridge {
namespace {

bool same_prefix(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b,
                 int bits) {
    const auto whole = static_cast<std::size_t>(bits / 8);
    if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
    const int rest = bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xFF << (8 - rest));
    return (a[whole] & mask) == (b[whole] & mask);
}

/// Four decimal numbers; leading zeros do not make them octal.
bool parse_dotted(std::string_view text, IpAddress& address) {
    std::size_t part = 0;
    unsigned value = 0;
    std::size_t digits = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i == text.size() || text[i] == '.') {
            if (digits == 0 || value > 255 || part == 4) return false;
            address.bytes[part++] = static_cast<std::uint8_t>(value);
            value = 0;
            digits = 0;
        } else {
            if (text[i] < '0' || text[i] > '9' || ++digits > 3) return false;
            value = value * 10 + static_cast<unsigned>(text[i] - '0');
        }
    }
    return part == 4;
}

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
    if (text.size() < 2 || text.size() > 45) return std::nullopt;
    IpAddress address;
    if (text.find(':') != std::string_view::npos) {
        const std::string terminated(text);
        address.is_v6 = true;
        if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
    } else if (!parse_dotted(text, address)) {
        return std::nullopt;
    }
    return address;
}

bool CidrBlock::contains(std::string_view text) const {
    const std::optional<IpAddress> address = parse_ip_address(text);
    if (!address) return false;
    if (mask_bits == 0) return true;
    return address->is_v6 == base.is_v6 && same_prefix(address->bytes, base.bytes, mask_bits);
}

CidrBlock parse_cidr(const std::string& text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos || text.find('/', slash + 1) != std::string::npos ||
        slash + 1 == text.size()) {
        throw PatternError("Malformed CIDR, one '/' required");
    }
    CidrBlock block;
    const char* last = text.data() + text.size();
    const auto bits = std::from_chars(text.data() + slash + 1, last, block.mask_bits);
    if (bits.ec != std::errc() || bits.ptr != last) {
        throw PatternError("Malformed CIDR, mask bits must be an integer");
    }
    const std::string host = text.substr(0, slash);
    const std::optional<IpAddress> base = parse_ip_address(host);
    if (!base) throw PatternError("Nonstandard IP address: " + host);
    block.base = *base;
    const int limit = base->is_v6 ? 128 : 32;
    if (block.mask_bits >= limit) {
        throw PatternError(std::string(base->is_v6 ? "IPv6" : "IPv4") + " mask bits must be < " +
                           std::to_string(limit));
    }
    if (block.mask_bits < 0) throw PatternError("Malformed CIDR, mask bits must be >= 0");
    return block;
}

}  // namespace skafu::eventbridge

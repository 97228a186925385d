#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skafu::eventbridge {

/// An IP address; the first 4 bytes of `bytes` for version 4.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    bool is_v6 = false;
    bool operator==(const IpAddress&) const = default;
};

/// A block of addresses.
struct CidrBlock {
    IpAddress base{};
    int mask_bits = 0;

    /// Whether `text` is an address inside the block. A mask of 0 takes both families, as
    /// AWS's rule engine does.
    bool contains(std::string_view text) const;
    bool operator==(const CidrBlock&) const = default;
};

/// An address in dotted (v4) or colon (v6, any spelling) form; nullopt for anything else.
std::optional<IpAddress> parse_ip_address(std::string_view text);

/// A block such as 10.0.0.0/8. Throws PatternError with AWS's reason.
CidrBlock parse_cidr(const std::string& text);

}  // namespace skafu::eventbridge

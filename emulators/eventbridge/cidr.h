#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventbridge/scalar.h"

namespace skafu::eventbridge {

/// A block of addresses, as AWS's rule engine keeps it: the first and the last address as
/// hexadecimal digits, 8 for version 4 and 32 for version 6. A value lies in the block by the
/// first digits that tell it apart, so the other family, and even a number's digits, may fall in.
struct AddressBlock {
    std::string first;
    std::string last;

    /// Whether a value lies inside: text by its address, a number by its spelling.
    bool contains(const Scalar& value) const;
    bool operator==(const AddressBlock&) const = default;
};

/// The hexadecimal digits of an address in dotted (v4) or colon (v6, any spelling) form; nullopt
/// for anything else. An IPv4 address in IPv6 form (::ffff:1.2.3.4 by digits) is the IPv4 one.
std::optional<std::string> address_digits(std::string_view text);

/// A block such as 10.0.0.0/8. Throws PatternError with AWS's reason.
AddressBlock parse_cidr(const std::string& text);

}  // namespace skafu::eventbridge

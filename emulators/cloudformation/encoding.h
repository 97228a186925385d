#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skafu::cloudformation {

std::string base64_text(std::string_view bytes);

/// SHA-1 in lower-case hexadecimal: the digest of the logical ids that SAM makes.
std::string sha1_hex(std::string_view bytes);

/// SHA-256 in lower-case hexadecimal.
std::string sha256_hex(std::string_view bytes);

/// The blocks of Fn::Cidr: `count` networks of 2^`bits` addresses inside an IPv4 `block`; empty
/// where the arguments do not fit.
std::vector<std::string> cidr_blocks(const std::string& block, const std::string& count,
                                     const std::string& bits);

}  // namespace skafu::cloudformation

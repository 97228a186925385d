#pragma once

#include <string>
#include <vector>

namespace skafu::cloudformation {

/// The blocks of Fn::Cidr: `count` networks of 2^`bits` addresses inside an IPv4 `block`; empty
/// where the arguments do not fit.
std::vector<std::string> cidr_blocks(const std::string& block, const std::string& count,
                                     const std::string& bits);

}  // namespace skafu::cloudformation

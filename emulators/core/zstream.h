#pragma once

#include <string>
#include <string_view>

namespace skafu {

/// The bytes as one gzip member (RFC 1952).
std::string gzip(std::string_view bytes);

/// The content of one or more gzip members. Throws std::runtime_error for anything else, and for
/// more than `most` bytes.
std::string gunzip(std::string_view bytes, std::size_t most);

}  // namespace skafu

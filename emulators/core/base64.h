#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skafu {

/// Base64 of the bytes (RFC 4648 section 4), padded.
std::string base64_encode(std::string_view bytes);

/// Base64url of the bytes (RFC 4648 section 5), without padding.
std::string base64url_encode(std::string_view bytes);

/// The bytes of a text in either alphabet, padding optional; nothing for any other text.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace skafu

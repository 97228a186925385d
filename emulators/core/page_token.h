#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skafu {

/// The opaque token of the page that starts behind a key.
std::string page_token(std::string_view key);

/// The key of such a token; nullopt for what page_token never gave.
std::optional<std::string> key_of_page_token(std::string_view token);

}  // namespace skafu

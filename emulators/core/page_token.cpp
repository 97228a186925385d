#include "core/page_token.h"

#include "core/base64.h"

namespace skafu {
namespace {

constexpr std::string_view kPageMark = "after:";  // tells our tokens from what clients make up

}  // namespace

std::string page_token(std::string_view key) {
    return base64url_encode(fmt::format("{}{}", kPageMark, key));
}

std::optional<std::string> key_of_page_token(std::string_view token) {
    const std::optional<std::string> text = base64_decode(token);
    if (!text || !text->starts_with(kPageMark)) return std::nullopt;
    return text->substr(kPageMark.size());
}

}  // namespace skafu

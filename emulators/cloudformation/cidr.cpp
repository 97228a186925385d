#include "cloudformation/cidr.h"

#include <charconv>

namespace skafu::cloudformation {
namespace {

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t limit) {
    std::uint32_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || value > limit) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::uint32_t> address(std::string_view text) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const std::size_t dot = i < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos) return std::nullopt;
        const std::optional<std::uint32_t> part = number(text.substr(0, dot), 255);
        if (!part) return std::nullopt;
        value = value << 8 | *part;
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return value;
}

}  // namespace

std::vector<std::string> cidr_blocks(const std::string& block, const std::string& count,
                                     const std::string& bits) {
    const std::size_t slash = block.find('/');
    if (slash == std::string::npos) return {};
    const std::optional<std::uint32_t> base = address(std::string_view(block).substr(0, slash));
    const std::optional<std::uint32_t> prefix =
        number(std::string_view(block).substr(slash + 1), 32);
    const std::optional<std::uint32_t> wanted = number(count, 256);
    const std::optional<std::uint32_t> size = number(bits, 31);
    if (!base || !prefix || !wanted || !size || 32 - *size < *prefix) return {};
    const std::uint64_t room = 1ULL << (32 - *size - *prefix);
    if (*wanted == 0 || *wanted > room) return {};
    std::vector<std::string> blocks;
    for (std::uint32_t i = 0; i < *wanted; ++i) {
        const std::uint32_t at = *base + (i << *size);
        blocks.push_back(fmt::format("{}.{}.{}.{}/{}", at >> 24, at >> 16 & 255, at >> 8 & 255,
                                     at & 255, 32 - *size));
    }
    return blocks;
}

}  // namespace skafu::cloudformation

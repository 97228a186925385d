#include "core/utf8.h"

#include <cstdint>
#include <cstring>

namespace skafu {
namespace {

bool is_continuation(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

/// Where the first byte at or after `at` stands that is not ASCII, or a few bytes before it.
std::size_t skip_ascii(std::string_view text, std::size_t at) {
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    std::uint64_t words[4];
    for (; text.size() - at >= sizeof words; at += sizeof words) {
        std::memcpy(words, text.data() + at, sizeof words);
        if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) != 0) break;
    }
    for (; text.size() - at >= sizeof words[0]; at += sizeof words[0]) {
        std::memcpy(words, text.data() + at, sizeof words[0]);
        if ((words[0] & kHighBits) != 0) break;
    }
    return at;
}

}  // namespace

Utf8Character read_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {1, first, true};
    std::size_t length = 0;
    unsigned char least = 0x80;
    unsigned char most = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        if (first == 0xE0) least = 0xA0;
        if (first == 0xED) most = 0x9F;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        if (first == 0xF0) least = 0x90;
        if (first == 0xF4) most = 0x8F;
    } else {
        return {1, 0, false};
    }
    char32_t code = first & (0x7F >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (i == text.size()) return {i, 0, false};
        const unsigned char next = byte(i);
        const bool fits = i == 1 ? next >= least && next <= most : is_continuation(next);
        if (!fits) return {i, 0, false};
        code = (code << 6) | (next & 0x3F);
    }
    return {length, code, true};
}

bool is_utf8(std::string_view text) {
    std::size_t at = skip_ascii(text, 0);
    while (at < text.size()) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            ++at;
            continue;
        }
        const Utf8Character character = read_utf8(text.substr(at));
        if (!character.whole) return false;
        at = skip_ascii(text, at + character.bytes);
    }
    return true;
}

std::string repaired_utf8(std::string text) {
    if (is_utf8(text)) return text;
    std::string repaired;
    for (std::string_view rest = text; !rest.empty();) {
        const Utf8Character character = read_utf8(rest);
        repaired += character.whole ? rest.substr(0, character.bytes) : kReplacementCharacter;
        rest.remove_prefix(character.bytes);
    }
    return repaired;
}

void append_utf8(std::string& out, char32_t code) {
    const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
        return;
    }
    if (code < 0x800) {
        put(0xC0 | (code >> 6));
    } else {
        if (code < 0x10000) {
            put(0xE0 | (code >> 12));
        } else {
            put(0xF0 | (code >> 18));
            put(0x80 | ((code >> 12) & 0x3F));
        }
        put(0x80 | ((code >> 6) & 0x3F));
    }
    put(0x80 | (code & 0x3F));
}

}  // namespace skafu

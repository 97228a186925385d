#include <array>

#include "dynamodb/item_codec.h"

namespace skafu::dynamodb {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<signed char, 256> reverse_alphabet() {
    std::array<signed char, 256> reverse{};
    reverse.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        reverse[static_cast<unsigned char>(kAlphabet[i])] = static_cast<signed char>(i);
    }
    return reverse;
}
constexpr std::array<signed char, 256> kReverse = reverse_alphabet();

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
    std::size_t at = 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    for (; at + 3 <= bytes.size(); at += 3) {
        const unsigned group = (static_cast<unsigned>(byte(at)) << 16) |
                               (static_cast<unsigned>(byte(at + 1)) << 8) | byte(at + 2);
        out.push_back(kAlphabet[group >> 18]);
        out.push_back(kAlphabet[(group >> 12) & 63]);
        out.push_back(kAlphabet[(group >> 6) & 63]);
        out.push_back(kAlphabet[group & 63]);
    }
    const std::size_t left = bytes.size() - at;
    if (left == 0) return;
    const unsigned group = (static_cast<unsigned>(byte(at)) << 16) |
                           (left == 2 ? static_cast<unsigned>(byte(at + 1)) << 8 : 0);
    out.push_back(kAlphabet[group >> 18]);
    out.push_back(kAlphabet[(group >> 12) & 63]);
    out.push_back(left == 2 ? kAlphabet[(group >> 6) & 63] : '=');
    out.push_back('=');
}

bool decode_base64(std::string_view text, std::string& out) {
    out.clear();
    if (text.size() % 4 != 0) return false;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const bool last = at + 4 == text.size();
        int padding = 0;
        if (last && text[at + 3] == '=') padding = text[at + 2] == '=' ? 2 : 1;
        unsigned group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padded = static_cast<int>(i) >= 4 - padding;
            const int digit = padded ? 0 : kReverse[static_cast<unsigned char>(text[at + i])];
            if (digit < 0) return false;
            group = (group << 6) | static_cast<unsigned>(digit);
        }
        out.push_back(static_cast<char>(group >> 16));
        if (padding < 2) out.push_back(static_cast<char>((group >> 8) & 0xFF));
        if (padding < 1) out.push_back(static_cast<char>(group & 0xFF));
    }
    return true;
}

}  // namespace skafu::dynamodb

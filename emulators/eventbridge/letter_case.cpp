#include "eventbridge/letter_case.h"

#include <clocale>
#include <cwctype>

#include "eventbridge/scalar.h"

namespace skafu::eventbridge {
namespace {

/// The case tables of Unicode without any language's rules.
locale_t unicode_locale() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

char32_t lower(char32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    const locale_t locale = unicode_locale();
    return locale == nullptr ? c : towlower_l(static_cast<wint_t>(c), locale);
}

char32_t upper(char32_t c) {
    if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
    const locale_t locale = unicode_locale();
    return locale == nullptr ? c : towupper_l(static_cast<wint_t>(c), locale);
}

/// Takes one code point off the front; a byte that begins none stands for itself.
char32_t take(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC0 || text.size() < length) {
        text.remove_prefix(1);
        return lead;
    }
    char32_t code = length == 4 ? lead & 0x07 : length == 3 ? lead & 0x0F : lead & 0x1F;
    for (std::size_t i = 1; i < length; ++i) {
        code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
    }
    text.remove_prefix(length);
    return code;
}

bool same_letter(char32_t wanted, char32_t got) {
    return got == wanted || got == lower(wanted) || got == upper(wanted);
}

std::size_t code_points(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1U : 0U;
    return count;
}

}  // namespace

std::string fold_case(std::string_view text) {
    std::string folded;
    folded.reserve(text.size());
    while (!text.empty()) append_utf8(lower(upper(take(text))), folded);
    return folded;
}

bool has_prefix_ignoring_case(std::string_view pattern, std::string_view value) {
    while (!pattern.empty()) {
        if (value.empty() || !same_letter(take(pattern), take(value))) return false;
    }
    return true;
}

bool equals_ignoring_case(std::string_view pattern, std::string_view value) {
    return code_points(pattern) == code_points(value) && has_prefix_ignoring_case(pattern, value);
}

bool has_suffix_ignoring_case(std::string_view pattern, std::string_view value) {
    const std::size_t wanted = code_points(pattern);
    std::size_t extra = code_points(value);
    if (extra < wanted) return false;
    for (extra -= wanted; extra > 0; --extra) take(value);
    return has_prefix_ignoring_case(pattern, value);
}

}  // namespace skafu::eventbridge

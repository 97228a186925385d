#include "eventbridge/letter_case.h"

#include <algorithm>
#include <array>
#include <clocale>
#include <cwctype>

#include "core/utf8.h"

namespace skafu::eventbridge {
namespace {

/// The case tables of Unicode without any language's rules.
locale_t unicode_locale() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

char32_t simple_lower(char32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    const locale_t locale = unicode_locale();
    return locale == nullptr ? c : towlower_l(static_cast<wint_t>(c), locale);
}

char32_t simple_upper(char32_t c) {
    if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
    const locale_t locale = unicode_locale();
    return locale == nullptr ? c : towupper_l(static_cast<wint_t>(c), locale);
}

/// A letter whose upper form is several letters (Unicode's SpecialCasing.txt).
struct LongUpper {
    char32_t letter;
    std::array<char32_t, 3> upper;
};

constexpr LongUpper kLongUppers[] = {
    {0x00DF, {0x0053, 0x0053, 0}},      {0x0149, {0x02BC, 0x004E, 0}},
    {0x01F0, {0x004A, 0x030C, 0}},      {0x0390, {0x0399, 0x0308, 0x0301}},
    {0x03B0, {0x03A5, 0x0308, 0x0301}}, {0x0587, {0x0535, 0x0552, 0}},
    {0x1E96, {0x0048, 0x0331, 0}},      {0x1E97, {0x0054, 0x0308, 0}},
    {0x1E98, {0x0057, 0x030A, 0}},      {0x1E99, {0x0059, 0x030A, 0}},
    {0x1E9A, {0x0041, 0x02BE, 0}},      {0x1F50, {0x03A5, 0x0313, 0}},
    {0x1F52, {0x03A5, 0x0313, 0x0300}}, {0x1F54, {0x03A5, 0x0313, 0x0301}},
    {0x1F56, {0x03A5, 0x0313, 0x0342}}, {0x1FB2, {0x1FBA, 0x0399, 0}},
    {0x1FB3, {0x0391, 0x0399, 0}},      {0x1FB4, {0x0386, 0x0399, 0}},
    {0x1FB6, {0x0391, 0x0342, 0}},      {0x1FB7, {0x0391, 0x0342, 0x0399}},
    {0x1FBC, {0x0391, 0x0399, 0}},      {0x1FC2, {0x1FCA, 0x0399, 0}},
    {0x1FC3, {0x0397, 0x0399, 0}},      {0x1FC4, {0x0389, 0x0399, 0}},
    {0x1FC6, {0x0397, 0x0342, 0}},      {0x1FC7, {0x0397, 0x0342, 0x0399}},
    {0x1FCC, {0x0397, 0x0399, 0}},      {0x1FD2, {0x0399, 0x0308, 0x0300}},
    {0x1FD3, {0x0399, 0x0308, 0x0301}}, {0x1FD6, {0x0399, 0x0342, 0}},
    {0x1FD7, {0x0399, 0x0308, 0x0342}}, {0x1FE2, {0x03A5, 0x0308, 0x0300}},
    {0x1FE3, {0x03A5, 0x0308, 0x0301}}, {0x1FE4, {0x03A1, 0x0313, 0}},
    {0x1FE6, {0x03A5, 0x0342, 0}},      {0x1FE7, {0x03A5, 0x0308, 0x0342}},
    {0x1FF2, {0x1FFA, 0x0399, 0}},      {0x1FF3, {0x03A9, 0x0399, 0}},
    {0x1FF4, {0x038F, 0x0399, 0}},      {0x1FF6, {0x03A9, 0x0342, 0}},
    {0x1FF7, {0x03A9, 0x0342, 0x0399}}, {0x1FFC, {0x03A9, 0x0399, 0}},
    {0xFB00, {0x0046, 0x0046, 0}},      {0xFB01, {0x0046, 0x0049, 0}},
    {0xFB02, {0x0046, 0x004C, 0}},      {0xFB03, {0x0046, 0x0046, 0x0049}},
    {0xFB04, {0x0046, 0x0046, 0x004C}}, {0xFB05, {0x0053, 0x0054, 0}},
    {0xFB06, {0x0053, 0x0054, 0}},      {0xFB13, {0x0544, 0x0546, 0}},
    {0xFB14, {0x0544, 0x0535, 0}},      {0xFB15, {0x0544, 0x053B, 0}},
    {0xFB16, {0x054E, 0x0546, 0}},      {0xFB17, {0x0544, 0x053D, 0}},
};

/// Greek vowels with a iota below: 0x1F80 to 0x1FAF, small and capital by turns of eight.
bool has_iota_below(char32_t c) {
    return c >= 0x1F80 && c <= 0x1FAF;
}

void append_upper(char32_t c, std::string& out) {
    if (has_iota_below(c)) {
        constexpr std::array<char32_t, 3> kCapitals = {0x1F08, 0x1F28, 0x1F68};
        append_utf8(out, kCapitals[(c - 0x1F80) / 16] + (c & 7));
        append_utf8(out, 0x0399);
        return;
    }
    const auto* found = std::lower_bound(
        std::begin(kLongUppers), std::end(kLongUppers), c,
        [](const LongUpper& entry, char32_t letter) { return entry.letter < letter; });
    if (found == std::end(kLongUppers) || found->letter != c) {
        append_utf8(out, simple_upper(c));
        return;
    }
    for (const char32_t letter : found->upper) {
        if (letter != 0) append_utf8(out, letter);
    }
}

void append_lower(char32_t c, std::string& out) {
    constexpr char32_t kCapitalIWithDot = 0x130;
    if (c == kCapitalIWithDot) {
        out += "i\u0307";
    } else {
        append_utf8(out, simple_lower(c));
    }
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

/// What AWS's engine makes of a character beyond the first plane: it goes by UTF-16 units, and
/// half a pair becomes a question mark.
constexpr std::string_view kBrokenPair = "??";
constexpr char32_t kLastOfFirstPlane = 0xFFFF;

/// The two forms that a letter of a pattern may have in a value.
struct Forms {
    std::string lower;
    std::string upper;

    explicit Forms(char32_t letter) {
        if (letter > kLastOfFirstPlane) {
            lower = upper = kBrokenPair;
        } else {
            append_lower(letter, lower);
            append_upper(letter, upper);
        }
    }
};

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool same_ascii(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

/// Takes a pattern off the front of a value; false where it does not stand there.
bool take_prefix(std::string_view pattern, std::string_view& value) {
    while (!pattern.empty()) {
        const Forms forms(take(pattern));
        if (value.starts_with(forms.lower)) {
            value.remove_prefix(forms.lower.size());
        } else if (value.starts_with(forms.upper)) {
            value.remove_prefix(forms.upper.size());
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string fold_case(std::string_view text) {
    std::string folded;
    folded.reserve(text.size());
    if (is_ascii(text)) {
        std::transform(text.begin(), text.end(), std::back_inserter(folded), ascii_lower);
        return folded;
    }
    std::string lower;
    std::string upper;
    while (!text.empty()) {
        const char32_t letter = take(text);
        if (letter > kLastOfFirstPlane) {
            folded += kBrokenPair;
            continue;
        }
        lower.clear();
        upper.clear();
        append_lower(letter, lower);
        for (std::string_view rest = lower; !rest.empty();) append_upper(take(rest), upper);
        for (std::string_view rest = upper; !rest.empty();) append_lower(take(rest), folded);
    }
    return folded;
}

bool has_prefix_ignoring_case(std::string_view pattern, std::string_view value) {
    if (is_ascii(pattern)) return same_ascii(pattern, value.substr(0, pattern.size()));
    return take_prefix(pattern, value);
}

bool equals_ignoring_case(std::string_view pattern, std::string_view value) {
    if (is_ascii(pattern)) return same_ascii(pattern, value);
    return take_prefix(pattern, value) && value.empty();
}

bool has_suffix_ignoring_case(std::string_view pattern, std::string_view value) {
    if (is_ascii(pattern)) {
        return value.size() >= pattern.size() &&
               same_ascii(pattern, value.substr(value.size() - pattern.size()));
    }
    while (!pattern.empty()) {
        std::size_t last = pattern.size() - 1;
        while (last > 0 && (static_cast<unsigned char>(pattern[last]) & 0xC0) == 0x80) --last;
        std::string_view letter = pattern.substr(last);
        const Forms forms(take(letter));
        if (value.ends_with(forms.lower)) {
            value.remove_suffix(forms.lower.size());
        } else if (value.ends_with(forms.upper)) {
            value.remove_suffix(forms.upper.size());
        } else {
            return false;
        }
        pattern.remove_suffix(pattern.size() - last);
    }
    return true;
}

}  // namespace skafu::eventbridge

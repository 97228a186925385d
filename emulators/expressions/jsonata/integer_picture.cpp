#include "expressions/jsonata/integer_picture.h"

#include <array>
#include <cmath>
#include <numeric>

#include "core/text.h"
#include "expressions/jsonata/jsonata.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr double kLargestRoman = 1e6;

/// The zeros of the decimal digits of all scripts in Unicode's basic plane.
constexpr char32_t kZeros[] = {0x30,   0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6,
                               0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0,
                               0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
                               0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900,
                               0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

struct Numeral {
    double value;
    std::string_view text;
};
constexpr Numeral kRoman[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"},
                              {90, "xc"},  {50, "l"},   {40, "xl"}, {10, "x"},   {9, "ix"},
                              {5, "v"},    {4, "iv"},   {1, "i"}};

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return text;
}

std::string to_roman(double number) {
    if (number > kLargestRoman) throw JsonataError("U1001").message("The number is too large");
    std::string out;
    for (const Numeral& numeral : kRoman) {
        for (; number >= numeral.value; number -= numeral.value) out += numeral.text;
    }
    return out;
}

double from_roman(std::string_view text) {
    double sum = 0;
    double most = 1;
    for (std::size_t i = text.size(); i-- > 0;) {
        double value = NAN;
        for (const Numeral& numeral : kRoman) {
            if (numeral.text == text.substr(i, 1)) value = numeral.value;
        }
        if (value < most) {
            sum -= value;
        } else {
            most = value;
            sum += value;
        }
    }
    return sum;
}

std::string to_letters(double number, char first) {
    std::string out;
    while (number > 0) {
        out.insert(out.begin(),
                   static_cast<char>(first + static_cast<int>(std::fmod(number - 1, 26))));
        number = std::floor((number - 1) / 26);
    }
    return out;
}

double from_letters(std::string_view text, char first) {
    double number = 0;
    for (const char c : text) number = number * 26 + (c - first + 1);
    return number;
}

/// The zero of the script whose digit this is; 0 where it is none.
char32_t zero_of(char32_t point) {
    for (const char32_t zero : kZeros) {
        if (point >= zero && point <= zero + 9) return zero;
    }
    return 0;
}

}  // namespace

IntegerPicture::IntegerPicture(std::string_view picture) {
    const std::size_t semicolon = picture.rfind(';');
    const std::string_view primary = picture.substr(0, semicolon);
    if (semicolon != std::string_view::npos)
        ordinal_ = picture.substr(semicolon + 1).starts_with('o');
    token_ = std::string(primary);
    if (primary == "A" || primary == "a")
        primary_ = Primary::letters;
    else if (primary == "I" || primary == "i")
        primary_ = Primary::roman;
    else if (primary == "W" || primary == "Ww" || primary == "w")
        primary_ = Primary::words;
    else
        read_digits(primary);
    if (primary == "A" || primary == "I" || primary == "W") case_ = Case::upper;
    if (primary == "Ww") case_ = Case::title;
}

void IntegerPicture::read_digits(std::string_view picture) {
    const std::u32string points = text::points_of(picture);
    char32_t zero = 0;
    int position = 0;
    for (auto at = points.rbegin(); at != points.rend(); ++at) {
        if (const char32_t found = zero_of(*at); found != 0) {
            if (zero != 0 && zero != found) throw JsonataError("D3131");
            zero = found;
            ++mandatory_digits_;
            ++position;
        } else if (*at == U'#') {
            ++optional_digits_;
            ++position;
        } else {
            separators_.push_back({position, *at});
        }
    }
    if (mandatory_digits_ == 0) {
        primary_ = Primary::sequence;
        return;
    }
    zero_ = zero;
    regular_ = regular_interval();
}

/// The distance of the separators where they are all equal and evenly spaced, else 0.
int IntegerPicture::regular_interval() const {
    if (separators_.empty()) return 0;
    int factor = 0;
    for (const Separator& separator : separators_) {
        if (separator.character != separators_.front().character) return 0;
        factor = std::gcd(factor, separator.position);
    }
    for (std::size_t i = 1; i <= separators_.size(); ++i) {
        const int wanted = static_cast<int>(i) * factor;
        bool found = false;
        for (const Separator& separator : separators_) found |= separator.position == wanted;
        if (!found) return 0;
    }
    return factor;
}

std::string IntegerPicture::separator() const {
    return separators_.empty()
               ? ""
               : text::from_points(std::u32string(1, separators_.front().character));
}

std::string IntegerPicture::format(double number) const {
    const bool negative = number < 0;
    number = std::fabs(number);
    std::string out;
    switch (primary_) {
        case Primary::letters:
            out = to_letters(number, case_ == Case::upper ? 'A' : 'a');
            break;
        case Primary::roman:
            out = to_roman(number);
            if (case_ == Case::upper) out = upper(out);
            break;
        case Primary::words:
            out = number_to_words(number, ordinal_);
            if (case_ == Case::upper) out = upper(out);
            if (case_ == Case::lower) out = lower_case(out);
            break;
        case Primary::decimal:
            out = format_decimal(number);
            break;
        case Primary::sequence:
            throw JsonataError("D3130").value(token_);
    }
    return negative ? "-" + out : out;
}

void IntegerPicture::insert_separators(std::u32string& digits) const {
    if (regular_ > 0) {
        const auto interval = static_cast<std::size_t>(regular_);
        for (std::size_t at = digits.size(); at > interval;) {
            at -= interval;
            digits.insert(at, 1, separators_.front().character);
        }
        return;
    }
    // From the left, so that the positions to the right stay as they are.
    for (auto at = separators_.rbegin(); at != separators_.rend(); ++at) {
        const auto position = static_cast<std::size_t>(at->position);
        if (position <= digits.size()) digits.insert(digits.size() - position, 1, at->character);
    }
}

std::string IntegerPicture::format_decimal(double number) const {
    std::u32string digits = text::points_of(text::from_number(number));
    const auto wanted = static_cast<std::size_t>(std::clamp(mandatory_digits_, 0, 1000));
    if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), U'0');
    for (char32_t& digit : digits) digit += zero_ - U'0';
    insert_separators(digits);
    std::string out = text::from_points(digits);
    if (!ordinal_) return out;
    const char32_t last = digits.back();
    const bool teen = digits.size() > 1 && digits[digits.size() - 2] == U'1';
    if (teen || last < U'1' || last > U'3') return out + "th";
    return out + (last == U'1' ? "st" : last == U'2' ? "nd" : "rd");
}

double IntegerPicture::parse(std::string_view text) const {
    switch (primary_) {
        case Primary::letters:
            return from_letters(text, case_ == Case::upper ? 'A' : 'a');
        case Primary::roman:
            return from_roman(lower_case(text));
        case Primary::words:
            return words_to_number(lower_case(text));
        case Primary::decimal:
            return parse_decimal(text);
        case Primary::sequence:
            break;
    }
    throw JsonataError("D3130").value(token_);
}

double IntegerPicture::parse_decimal(std::string_view text) const {
    std::u32string points = text::points_of(text);
    if (ordinal_) points.resize(points.size() - std::min<std::size_t>(points.size(), 2));
    std::string digits;
    for (const char32_t point : points) {
        // Of evenly spaced separators only commas are passed over, as in the reference.
        bool separates = regular_ > 0 && point == U',';
        for (const Separator& separator : separators_) {
            separates |= regular_ == 0 && separator.character == point;
        }
        if (separates) continue;
        const char32_t digit = point - zero_ + U'0';
        const bool sign = digits.empty() && (point == U'-' || point == U'+');
        if ((digit < U'0' || digit > U'9') && !sign) break;
        if (point != U'+') digits += static_cast<char>(sign ? U'-' : digit);
    }
    return digits.empty() || digits == "-" ? NAN : text::to_number(digits);
}

std::string IntegerPicture::pattern() const {
    const bool is_upper = case_ == Case::upper;
    switch (primary_) {
        case Primary::letters:
            return is_upper ? "[A-Z]+" : "[a-z]+";
        case Primary::roman:
            return is_upper ? "[MDCLXVI]+" : "[mdclxvi]+";
        case Primary::words:
            return number_word_pattern();
        case Primary::decimal: {
            std::string out = "[0-9]";
            out += parse_width_ > 0 ? "{" + std::to_string(parse_width_) + "}" : "+";
            return ordinal_ ? out + "(?:th|st|nd|rd)" : out;
        }
        case Primary::sequence:
            break;
    }
    throw JsonataError("D3130").value(token_);
}

}  // namespace skafu::jsonata

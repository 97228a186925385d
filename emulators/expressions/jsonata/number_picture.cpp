#include "expressions/jsonata/number_picture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/number_functions.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr std::size_t kNone = std::u32string_view::npos;

bool contains_twice(std::u32string_view text, std::u32string_view part) {
    return text.find(part) != text.rfind(part);
}

/// The distance of evenly spaced separators, else 0.
std::size_t regular_distance(const std::vector<std::size_t>& groups) {
    if (groups.empty()) return 0;
    std::size_t factor = 0;
    for (const std::size_t group : groups) factor = std::gcd(factor, group);
    for (std::size_t i = 1; i <= groups.size(); ++i) {
        if (std::find(groups.begin(), groups.end(), i * factor) == groups.end()) return 0;
    }
    return factor;
}

}  // namespace

void NumberSymbols::set(std::string_view name, std::u32string value) {
    if (name == "minus-sign") minus_sign = value;
    if (name == "percent") percent = value;
    if (name == "per-mille") per_mille = value;
    if (value.empty()) return;
    if (name == "decimal-separator") decimal_separator = value[0];
    if (name == "grouping-separator") grouping_separator = value[0];
    if (name == "exponent-separator") exponent_separator = value[0];
    if (name == "zero-digit") zero_digit = value[0];
    if (name == "digit") digit = value[0];
    if (name == "pattern-separator") pattern_separator = value[0];
}

bool NumberSymbols::is_active(char32_t c) const {
    return is_digit(c) || c == decimal_separator || c == exponent_separator ||
           c == grouping_separator || c == digit || c == pattern_separator;
}

NumberPicture::NumberPicture(std::u32string_view picture, NumberSymbols symbols)
    : symbols_(std::move(symbols)) {
    const std::size_t cut = picture.find(symbols_.pattern_separator);
    if (contains_twice(picture, std::u32string(1, symbols_.pattern_separator))) {
        throw JsonataError("D3080");
    }
    parts_.push_back(analyse(picture.substr(0, cut)));
    if (cut != kNone) {
        parts_.push_back(analyse(picture.substr(cut + 1)));
    } else {
        parts_.push_back(parts_[0]);
        parts_[1].prefix = symbols_.minus_sign + parts_[1].prefix;
    }
}

NumberPicture::Part NumberPicture::analyse(std::u32string_view picture) const {
    Part part;
    split(picture, part);
    const std::size_t affixes = part.prefix.size() + part.suffix.size();
    check(picture, picture.substr(part.prefix.size(), picture.size() - affixes), part);
    measure(part);
    if (picture.find(symbols_.percent) != kNone)
        part.factor = 100;
    else if (picture.find(symbols_.per_mille) != kNone)
        part.factor = 1000;
    part.has_decimal_separator = picture.find(symbols_.decimal_separator) != kNone;
    return part;
}

/// XPath Functions and Operators 4.7.3: prefix, integer, fraction, exponent and suffix.
void NumberPicture::split(std::u32string_view picture, Part& part) const {
    const auto bounds = [&](char32_t c) {
        return symbols_.is_active(c) && c != symbols_.exponent_separator;
    };
    const auto first = std::find_if(picture.begin(), picture.end(), bounds);
    const auto last = std::find_if(picture.rbegin(), picture.rend(), bounds);
    std::u32string_view active = picture;
    if (first != picture.end()) {
        const auto start = static_cast<std::size_t>(first - picture.begin());
        const auto behind = static_cast<std::size_t>(last - picture.rbegin());
        part.prefix = picture.substr(0, start);
        part.suffix = picture.substr(picture.size() - behind);
        active = picture.substr(start, picture.size() - behind - start);
    }
    const std::size_t exponent = active.find(symbols_.exponent_separator);
    std::u32string_view mantissa = active.substr(0, exponent);
    if (exponent != kNone) part.exponent = active.substr(exponent + 1);
    const bool at_end = !part.suffix.empty() && part.suffix[0] == symbols_.exponent_separator;
    part.has_exponent = exponent != kNone || at_end;
    const std::size_t point = mantissa.find(symbols_.decimal_separator);
    part.integer = mantissa.substr(0, point);
    if (point != kNone) part.fraction = mantissa.substr(point + 1);
}

std::size_t NumberPicture::digits(std::u32string_view text) const {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [&](char32_t c) { return symbols_.is_digit(c); }));
}

std::size_t NumberPicture::places(std::u32string_view text) const {
    return digits(text) +
           static_cast<std::size_t>(std::count(text.begin(), text.end(), symbols_.digit));
}

/// The rules of 4.7.3. Where several are broken, the reference names the last.
void NumberPicture::check(std::u32string_view picture, std::u32string_view active,
                          const Part& part) const {
    const char32_t separator = symbols_.grouping_separator;
    const std::u32string two_separators(2, separator);
    const std::size_t point = picture.find(symbols_.decimal_separator);
    const bool percent = picture.find(symbols_.percent) != kNone;
    const bool per_mille = picture.find(symbols_.per_mille) != kNone;
    const char* error = nullptr;
    if (contains_twice(picture, std::u32string(1, symbols_.decimal_separator))) error = "D3081";
    if (contains_twice(picture, symbols_.percent)) error = "D3082";
    if (contains_twice(picture, symbols_.per_mille)) error = "D3083";
    if (percent && per_mille) error = "D3084";
    if (places(part.integer) + places(part.fraction) == 0) error = "D3085";
    const auto passive = [&](char32_t c) { return !symbols_.is_active(c); };
    if (std::any_of(active.begin(), active.end(), passive)) error = "D3086";
    const auto at = [&](std::size_t i) { return i < picture.size() ? picture[i] : U'\0'; };
    if (point != kNone) {
        const bool before = point > 0 && at(point - 1) == separator;
        if (before || at(point + 1) == separator) error = "D3087";
    } else if (!part.integer.empty() && part.integer.back() == separator) {
        error = "D3088";
    }
    if (picture.find(two_separators) != kNone) error = "D3089";
    const std::size_t optional = part.integer.find(symbols_.digit);
    if (optional != kNone && digits(part.integer.substr(0, optional)) > 0) error = "D3090";
    const std::size_t last_optional = part.fraction.rfind(symbols_.digit);
    if (last_optional != kNone && digits(part.fraction.substr(last_optional)) > 0) error = "D3091";
    if (part.has_exponent && !part.exponent.empty() && (percent || per_mille)) error = "D3092";
    const bool only_digits = digits(part.exponent) == part.exponent.size();
    if (part.has_exponent && (part.exponent.empty() || !only_digits)) error = "D3093";
    if (error != nullptr) throw JsonataError(error);
}

/// 4.7.4: the sizes and grouping positions.
void NumberPicture::measure(Part& part) const {
    for (std::size_t i = 0; i < part.integer.size(); ++i) {
        if (part.integer[i] == symbols_.grouping_separator) {
            part.integer_groups.push_back(places(part.integer.substr(i)));
        }
    }
    for (std::size_t i = 0; i < part.fraction.size(); ++i) {
        if (part.fraction[i] == symbols_.grouping_separator) {
            part.fraction_groups.push_back(places(part.fraction.substr(0, i)));
        }
    }
    part.regular_group = regular_distance(part.integer_groups);
    part.least_integer = digits(part.integer);
    part.scale = part.least_integer;
    part.least_fraction = digits(part.fraction);
    part.most_fraction = places(part.fraction);
    if (part.least_integer == 0 && part.most_fraction == 0) {
        if (part.has_exponent)
            part.least_fraction = part.most_fraction = 1;
        else
            part.least_integer = 1;
    }
    const bool optional_integer = part.integer.find(symbols_.digit) != std::u32string::npos;
    if (part.has_exponent && part.least_integer == 0 && optional_integer) part.least_integer = 1;
    if (part.least_integer == 0 && part.least_fraction == 0) part.least_fraction = 1;
    if (part.has_exponent) part.least_exponent = digits(part.exponent);
}

/// The digits of a number's magnitude in the script of the zero digit, with a "." in them.
std::u32string NumberPicture::shown(double number, std::size_t decimals) const {
    const std::string text =
        fmt::format("{:.{}f}", std::fabs(number), std::min<std::size_t>(decimals, 100));
    std::u32string out;
    for (const char c : text) {
        const auto point = static_cast<char32_t>(c);
        out += point == U'.' ? point : point - U'0' + symbols_.zero_digit;
    }
    return out;
}

void NumberPicture::group(const Part& part, std::u32string& integer,
                          std::u32string& fraction) const {
    const char32_t separator = symbols_.grouping_separator;
    if (part.regular_group > 0) {
        for (std::size_t at = integer.size(); at > part.regular_group;) {
            at -= part.regular_group;
            integer.insert(at, 1, separator);
        }
    } else {
        const std::size_t size = integer.size();
        std::size_t added = 0;
        for (const std::size_t position : part.integer_groups) {
            if (position < size) integer.insert(size - position + added++, 1, separator);
        }
    }
    std::size_t added = 0;
    for (const std::size_t position : part.fraction_groups) {
        if (position + added < fraction.size()) fraction.insert(position + added++, 1, separator);
    }
}

std::u32string NumberPicture::mantissa(const Part& part, double number) const {
    const double rounded = round_half_even(number, static_cast<int>(part.most_fraction));
    const std::u32string all = shown(rounded, part.most_fraction);
    const std::size_t point = all.find(U'.');
    std::u32string integer = all.substr(0, point);
    std::u32string fraction = point == std::u32string::npos ? U"" : all.substr(point + 1);
    const char32_t zero = symbols_.zero_digit;
    integer.erase(0, std::min(integer.find_first_not_of(zero), integer.size()));
    while (!fraction.empty() && fraction.back() == zero) fraction.pop_back();
    if (integer.size() < part.least_integer) {
        integer.insert(0, part.least_integer - integer.size(), zero);
    }
    if (fraction.size() < part.least_fraction) fraction.resize(part.least_fraction, zero);
    group(part, integer, fraction);
    if (part.has_decimal_separator && !fraction.empty()) {
        return integer + symbols_.decimal_separator + fraction;
    }
    return integer + fraction;
}

std::u32string NumberPicture::format(double number) const {
    const Part& part = number >= 0 ? parts_[0] : parts_[1];
    double value = number * part.factor;
    int exponent = 0;
    if (part.least_exponent > 0 && value != 0 && std::isfinite(value)) {
        const double most = std::pow(10, static_cast<double>(part.scale));
        const double least = std::pow(10, static_cast<double>(part.scale) - 1);
        for (; std::fabs(value) < least; --exponent) value *= 10;
        for (; std::fabs(value) > most; ++exponent) value /= 10;
    }
    std::u32string out = mantissa(part, value);
    if (part.least_exponent > 0) {
        std::u32string digits = shown(exponent, 0);
        if (digits.size() < part.least_exponent) {
            digits.insert(0, part.least_exponent - digits.size(), symbols_.zero_digit);
        }
        out += symbols_.exponent_separator;
        if (exponent < 0) out += symbols_.minus_sign;
        out += digits;
    }
    return part.prefix + out + part.suffix;
}

namespace {

Value format_number(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_number() || !arguments[1].is_string()) return Value();
    NumberSymbols symbols;
    if (arguments[2].is_object()) {
        const Members members(arguments[2]);
        for (std::size_t i = 0; i < members.size(); ++i) {
            const Value symbol = members.value(i);
            if (symbol.is_string()) symbols.set(members.key(i), text::points_of(symbol.text()));
        }
    }
    const NumberPicture picture(text::points_of(arguments[1].text()), std::move(symbols));
    return evaluator.text(text::from_points(picture.format(arguments[0].number())));
}

}  // namespace

std::vector<BuiltinRow> formatting_functions() {
    return {{"formatNumber", "<n-so?:s>", 3, format_number}};
}

}  // namespace skafu::jsonata

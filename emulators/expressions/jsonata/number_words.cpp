#include <array>
#include <cmath>
#include <unordered_map>

#include "core/text.h"
#include "expressions/jsonata/integer_picture.h"

namespace skafu::jsonata {
namespace {

constexpr std::array<std::string_view, 20> kFew = {
    "Zero",     "One",     "Two",     "Three",     "Four",     "Five",    "Six",
    "Seven",    "Eight",   "Nine",    "Ten",       "Eleven",   "Twelve",  "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"};
constexpr std::array<std::string_view, 20> kOrdinals = {
    "Zeroth",     "First",     "Second",    "Third",       "Fourth",     "Fifth",     "Sixth",
    "Seventh",    "Eighth",    "Ninth",     "Tenth",       "Eleventh",   "Twelfth",   "Thirteenth",
    "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth"};
constexpr std::array<std::string_view, 8> kTens = {"Twenty", "Thirty",  "Forty",  "Fifty",
                                                   "Sixty",  "Seventy", "Eighty", "Ninety"};
constexpr std::array<std::string_view, 4> kMagnitudes = {"Thousand", "Million", "Billion",
                                                         "Trillion"};

enum class Place { first, after };  // a part after another is joined to it

std::string words(double number, Place place, bool ordinal) {
    std::string out;
    if (number <= 19) {
        const auto small = static_cast<std::size_t>(number);
        out = place == Place::after ? " and " : "";
        return out.append(ordinal ? kOrdinals[small] : kFew[small]);
    }
    if (number < 100) {
        const auto tens = static_cast<std::size_t>(number / 10);
        const double rest = std::fmod(number, 10);
        out = place == Place::after ? " and " : "";
        out += kTens[tens - 2];
        if (rest > 0) return out + "-" + words(rest, Place::first, ordinal);
        if (ordinal) out.replace(out.size() - 1, 1, "ieth");
        return out;
    }
    double rest = 0;
    out = place == Place::after ? ", " : "";
    if (number < 1000) {
        out.append(kFew[static_cast<std::size_t>(number / 100)]).append(" Hundred");
        rest = std::fmod(number, 100);
    } else {
        const auto power = static_cast<std::size_t>(std::log10(number) / 3);
        const std::size_t magnitude = std::min(power, kMagnitudes.size());
        const double factor = std::pow(10, static_cast<double>(magnitude) * 3);
        const double count = std::floor(number / factor);
        rest = number - count * factor;
        out += words(count, Place::first, false) + " ";
        out += kMagnitudes[magnitude - 1];
    }
    if (rest > 0) return out + words(rest, Place::after, ordinal);
    return ordinal ? out + "th" : out;
}

std::unordered_map<std::string, double> make_values() {
    std::unordered_map<std::string, double> values;
    for (std::size_t i = 0; i < kFew.size(); ++i) {
        values[lower_case(kFew[i])] = static_cast<double>(i);
        values[lower_case(kOrdinals[i])] = static_cast<double>(i);
    }
    for (std::size_t i = 0; i < kTens.size(); ++i) {
        std::string word = lower_case(kTens[i]);
        const double value = static_cast<double>(i + 2) * 10;
        values[word] = value;
        word.replace(word.size() - 1, 1, "ieth");
        values[word] = value;
    }
    values["hundred"] = 100;
    values["hundredth"] = 100;
    for (std::size_t i = 0; i < kMagnitudes.size(); ++i) {
        const double value = std::pow(10, static_cast<double>(i + 1) * 3);
        values[lower_case(kMagnitudes[i])] = value;
        values[lower_case(kMagnitudes[i]) + "th"] = value;
    }
    return values;
}

const std::unordered_map<std::string, double>& values() {
    static const std::unordered_map<std::string, double> made = make_values();
    return made;
}

/// Cuts at ", ", " and ", blanks and hyphens.
std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> parts(1);
    for (std::size_t at = 0; at < text.size();) {
        std::size_t separator = 0;
        if (text.substr(at, 2) == ", ")
            separator = 2;
        else if (text.substr(at, 5) == " and ")
            separator = 5;
        else if (std::string_view(" \t\n\r\\-").find(text[at]) != std::string_view::npos)
            separator = 1;
        if (separator == 0) {
            parts.back() += text[at++];
        } else {
            parts.emplace_back();
            at += separator;
        }
    }
    return parts;
}

}  // namespace

std::string number_to_words(double number, bool ordinal) {
    return words(number, Place::first, ordinal);
}

double words_to_number(std::string_view text) {
    std::vector<double> segments = {0};
    for (const std::string& word : split_words(text)) {
        const auto found = values().find(word);
        const double value = found == values().end() ? NAN : found->second;
        if (!(value < 100)) {
            segments.back() *= value;
        } else if (segments.back() >= 1000) {
            segments.push_back(value);
        } else {
            segments.back() += value;
        }
    }
    double sum = 0;
    for (const double segment : segments) sum += segment;
    return sum;
}

const std::string& number_word_pattern() {
    static const std::string pattern = [] {
        std::string out = "(?:";
        for (const auto& [word, value] : values()) out += word + "|";
        return out + "and|[\\-, ])+";
    }();
    return pattern;
}

}  // namespace skafu::jsonata

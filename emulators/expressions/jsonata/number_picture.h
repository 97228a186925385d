#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::jsonata {

/// The characters of a number's picture and of the number that is written by it.
struct NumberSymbols {
    char32_t decimal_separator = U'.';
    char32_t grouping_separator = U',';
    char32_t exponent_separator = U'e';
    char32_t zero_digit = U'0';
    char32_t digit = U'#';
    char32_t pattern_separator = U';';
    std::u32string minus_sign = U"-";
    std::u32string percent = U"%";
    std::u32string per_mille = U"\u2030";

    /// Sets a symbol by its name in XPath ("decimal-separator"); others are ignored.
    void set(std::string_view name, std::u32string value);
    bool is_digit(char32_t c) const { return c >= zero_digit && c < zero_digit + 10; }
    bool is_active(char32_t c) const;
};

/// How a number is written: the picture of XPath's fn:format-number.
class NumberPicture {
  public:
    /// Throws JsonataError D3080 to D3093 for a picture that breaks a rule of the specification.
    NumberPicture(std::u32string_view picture, NumberSymbols symbols);

    std::u32string format(double number) const;

  private:
    struct Part {
        std::u32string prefix;
        std::u32string suffix;
        std::u32string integer;
        std::u32string fraction;
        std::u32string exponent;
        bool has_exponent = false;
        bool has_decimal_separator = false;
        double factor = 1;                         // of percent or per mille
        std::vector<std::size_t> integer_groups;   // digits to the right of each separator
        std::vector<std::size_t> fraction_groups;  // digits to the left
        std::size_t regular_group = 0;
        std::size_t least_integer = 0;
        std::size_t scale = 0;
        std::size_t least_fraction = 0;
        std::size_t most_fraction = 0;
        std::size_t least_exponent = 0;
    };

    Part analyse(std::u32string_view picture) const;
    void split(std::u32string_view picture, Part& part) const;
    void check(std::u32string_view picture, std::u32string_view active, const Part& part) const;
    void measure(Part& part) const;
    std::size_t digits(std::u32string_view text) const;
    std::size_t places(std::u32string_view text) const;
    std::u32string shown(double number, std::size_t decimals) const;
    std::u32string mantissa(const Part& part, double number) const;
    void group(const Part& part, std::u32string& integer, std::u32string& fraction) const;

    NumberSymbols symbols_;
    std::vector<Part> parts_;
};

}  // namespace skafu::jsonata

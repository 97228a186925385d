#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skafu::jsonata {

/// How an integer is written: the picture of XPath's fn:format-integer.
class IntegerPicture {
  public:
    IntegerPicture() = default;
    /// Throws JsonataError D3131 where digits of two scripts are mixed.
    explicit IntegerPicture(std::string_view picture);

    /// Throws JsonataError D3130 for a numbering sequence that is not supported.
    std::string format(double number) const;
    /// NaN where the text is no such number. Throws JsonataError D3130 as format() does.
    double parse(std::string_view text) const;
    /// A regular expression for what parse() takes.
    std::string pattern() const;

    bool has_separator() const { return regular_ > 0; }
    std::string separator() const;
    int digits() const { return mandatory_digits_; }
    int all_digits() const { return mandatory_digits_ + optional_digits_; }
    void set_digits(int count) { mandatory_digits_ = count; }
    /// The text to parse is exactly as wide as the picture.
    void fix_width() { parse_width_ = mandatory_digits_; }

  private:
    enum class Primary { decimal, letters, roman, words, sequence };
    enum class Case { lower, upper, title };
    struct Separator {
        int position;  // digits to its right
        char32_t character;
    };

    void read_digits(std::string_view picture);
    int regular_interval() const;
    std::string format_decimal(double number) const;
    void insert_separators(std::u32string& digits) const;
    double parse_decimal(std::string_view text) const;

    Primary primary_ = Primary::decimal;
    Case case_ = Case::lower;
    bool ordinal_ = false;
    char32_t zero_ = U'0';
    int mandatory_digits_ = 0;
    int optional_digits_ = 0;
    int regular_ = 0;  // distance of equal separators at equal distances
    int parse_width_ = 0;
    std::vector<Separator> separators_;
    std::string token_;
};

/// "forty-two", "forty-second": English words in title case.
std::string number_to_words(double number, bool ordinal);
/// The number that English words in lower case say; NaN for others.
double words_to_number(std::string_view text);
/// The words that numbers are made of, as alternatives of a regular expression.
const std::string& number_word_pattern();

}  // namespace skafu::jsonata

#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace skafu::eventbridge {

/// Why a pattern is refused, in AWS's words, with the place where AWS adds one.
class PatternError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A pull reader of pattern text. AWS reports the column where its parser stands when it
/// refuses, so this one stands at the same places: it reads a field's value token together
/// with the field's name, and a string only up to its opening quote until text() is asked for.
class PatternReader {
  public:
    enum class Token {
        none,
        start_object,
        end_object,
        start_array,
        end_array,
        field_name,
        string,
        number,
        boolean_true,
        boolean_false,
        null,
    };

    explicit PatternReader(std::string_view text) : input_(text) {}

    /// The next token; none at the end of input. Throws PatternError for what is not JSON.
    Token next();
    Token token() const { return token_; }

    /// The current token's text: a decoded name or string, a number's spelling, a mark.
    std::string text();

    /// `reason` with the line that says where the reader stands.
    PatternError refuse(const std::string& reason) const;

  private:
    struct Level {
        bool is_array;
        bool has_entries;
        std::size_t start;  // of the opening mark
        std::size_t start_line;
        std::size_t start_line_begin;
    };

    Token value_token(char c);
    Token close(char c);
    Token open(Token token);
    Token number(std::size_t start);
    Token word(std::string_view expected, Token token);
    void field_name(char quote);
    void skip_spaces();
    char next_char_within_entries();
    void finish_string();
    void skip_escape();
    std::string read_string(const char* what, const char* at_end);
    [[noreturn]] void unexpected(char32_t c, const std::string& why) const;
    [[noreturn]] void odd_value(char c);
    [[noreturn]] void invalid_token(std::string seen);
    void require_digits(const char* why);
    char32_t whole_code_point();
    std::string place(std::size_t at, std::size_t line, std::size_t line_begin) const;

    std::string_view input_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::size_t line_begin_ = 0;
    Token token_ = Token::none;
    Token pending_ = Token::none;  // the value read together with a field's name
    bool string_open_ = false;     // at_ stands behind the opening quote of a string
    std::string name_;
    std::string string_text_;
    std::string number_text_;
    std::vector<Level> levels_;
};

}  // namespace skafu::eventbridge

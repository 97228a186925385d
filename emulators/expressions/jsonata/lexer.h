#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "expressions/jsonata/jsonata.h"

namespace skafu::jsonata {

enum class TokenType { end, name, variable, op, string, number, value, regex };

struct Token {
    TokenType type = TokenType::end;
    std::string text;   // name, operator, string; pattern of a regex; "true", "false", "null"
    std::string flags;  // of a regex: i, m
    double number = 0;
    std::size_t position = 0;  // UTF-16 units to just behind the token

    bool is(std::string_view op) const { return type == TokenType::op && text == op; }
    /// The token as an error shows it.
    std::string shown() const;
};

/// Cuts an expression into tokens.
class Lexer {
  public:
    explicit Lexer(std::string_view source) : source_(source) {}

    /// Whether a "/" here divides or opens a regular expression depends on what was before.
    enum class Place { operand, infix };

    /// The next token; type end behind the last. Throws JsonataError S01…, S03….
    Token next(Place place);

    std::size_t position() { return units_to(at_); }

  private:
    void skip_blanks();
    Token made(TokenType type, std::string text);
    Token regex();
    Token string_literal(char quote);
    void escape(std::string& out);
    char32_t unicode_escape();
    bool number(Token& token);
    Token quoted_name();
    Token name();
    std::string_view operator_here() const;
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
    }
    std::size_t units_to(std::size_t at);

    std::string_view source_;
    std::size_t at_ = 0;
    std::size_t counted_to_ = 0;
    std::size_t counted_units_ = 0;
};

}  // namespace skafu::jsonata

#include "expressions/jsonata/lexer.h"

#include <array>
#include <cctype>
#include <cmath>

#include "core/text.h"
#include "core/utf8.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr std::string_view kBlanks = " \t\n\r\v";
constexpr std::string_view kSingle = ".[]{}(),@#;:?+-*/%|=<>^&!~";
constexpr std::array<std::string_view, 9> kDouble = {
    "..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"};

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const int lower = std::tolower(static_cast<unsigned char>(c));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::string Token::shown() const {
    if (type == TokenType::end) return "(end)";
    return type == TokenType::number ? text::from_number(number) : text;
}

std::size_t Lexer::units_to(std::size_t at) {
    if (at > counted_to_) {
        counted_units_ += text::unit_count(source_.substr(counted_to_, at - counted_to_));
        counted_to_ = at;
    }
    return counted_units_;
}

Token Lexer::made(TokenType type, std::string text) {
    Token token;
    token.type = type;
    token.text = std::move(text);
    token.position = units_to(at_);
    return token;
}

void Lexer::skip_blanks() {
    for (;;) {
        while (at_ < source_.size() && kBlanks.find(source_[at_]) != std::string_view::npos) ++at_;
        if (peek() != '/' || peek(1) != '*') return;
        const std::size_t close = source_.find("*/", at_ + 2);
        if (close == std::string_view::npos) throw JsonataError("S0106").at(units_to(at_));
        at_ = close + 2;
    }
}

std::string_view Lexer::operator_here() const {
    const std::string_view rest = source_.substr(at_);
    for (const std::string_view op : kDouble) {
        if (rest.starts_with(op)) return op;
    }
    return kSingle.find(rest[0]) == std::string_view::npos ? std::string_view() : rest.substr(0, 1);
}

Token Lexer::next(Place place) {
    skip_blanks();
    if (at_ >= source_.size()) return made(TokenType::end, {});
    const char c = source_[at_];
    if (c == '/' && place == Place::operand) {
        ++at_;
        return regex();
    }
    if (const std::string_view op = operator_here(); !op.empty()) {
        at_ += op.size();
        return made(TokenType::op, std::string(op));
    }
    if (c == '"' || c == '\'') return string_literal(c);
    Token token;
    if (number(token)) return token;
    return c == '`' ? quoted_name() : name();
}

Token Lexer::regex() {
    const std::size_t start = at_;
    int depth = 0;
    for (; at_ < source_.size(); ++at_) {
        const char c = source_[at_];
        std::size_t backslashes = 0;
        while (backslashes < at_ && source_[at_ - backslashes - 1] == '\\') ++backslashes;
        if (c == '/' && depth == 0 && backslashes % 2 == 0) break;
        const bool escaped = backslashes > 0;
        if ((c == '(' || c == '[' || c == '{') && !escaped) ++depth;
        if ((c == ')' || c == ']' || c == '}') && !escaped) --depth;
    }
    if (at_ >= source_.size()) throw JsonataError("S0302").at(units_to(at_));
    if (at_ == start) throw JsonataError("S0301").at(units_to(at_));
    std::string pattern(source_.substr(start, at_ - start));
    ++at_;
    std::string flags;
    while (peek() == 'i' || peek() == 'm') flags += source_[at_++];
    Token token = made(TokenType::regex, std::move(pattern));
    token.flags = std::move(flags);
    return token;
}

char32_t Lexer::unicode_escape() {
    char32_t unit = 0;
    for (std::size_t i = 1; i <= 4; ++i) {
        const int digit = hex_value(peek(i));
        if (digit < 0) throw JsonataError("S0104").at(units_to(at_));
        unit = unit * 16 + static_cast<char32_t>(digit);
    }
    at_ += 4;
    return unit;
}

/// at_ is on the character behind the backslash, and stays on the last of the escape.
void Lexer::escape(std::string& out) {
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    const char c = peek();
    if (const std::size_t known = kFrom.find(c); known != std::string_view::npos && c != '\0') {
        out += kTo[known];
        return;
    }
    if (c != 'u') throw JsonataError("S0103").at(units_to(at_)).token(std::string(1, c));
    char32_t unit = unicode_escape();
    if (unit >= 0xD800 && unit < 0xDC00 && peek(1) == '\\' && peek(2) == 'u') {
        const std::size_t back = at_;
        at_ += 2;
        const char32_t low = unicode_escape();
        if (low >= 0xDC00 && low < 0xE000)
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        else
            at_ = back;
    }
    append_utf8(out, unit);
}

Token Lexer::string_literal(char quote) {
    ++at_;
    std::string out;
    for (; at_ < source_.size(); ++at_) {
        const char c = source_[at_];
        if (c == quote) {
            ++at_;
            return made(TokenType::string, std::move(out));
        }
        if (c == '\\') {
            ++at_;
            escape(out);
        } else {
            out += c;
        }
    }
    throw JsonataError("S0101").at(units_to(source_.size()));
}

bool Lexer::number(Token& token) {
    std::size_t end = at_;
    const auto digits = [&] {
        const std::size_t from = end;
        while (end < source_.size() && is_digit(source_[end])) ++end;
        return end > from;
    };
    const auto here = [&](std::size_t at) { return at < source_.size() ? source_[at] : '\0'; };
    if (!is_digit(here(end))) return false;
    if (here(end) == '0')
        ++end;
    else
        digits();
    if (here(end) == '.' && is_digit(here(end + 1))) {
        ++end;
        digits();
    }
    if (here(end) == 'e' || here(end) == 'E') {
        const std::size_t mantissa_end = end;
        end += here(end + 1) == '+' || here(end + 1) == '-' ? 2 : 1;
        if (!digits()) end = mantissa_end;
    }
    const std::string_view shown = source_.substr(at_, end - at_);
    const double value = text::to_number(shown);
    if (!std::isfinite(value)) {
        throw JsonataError("S0102").at(units_to(at_)).token(std::string(shown));
    }
    at_ = end;
    token = made(TokenType::number, {});
    token.number = value;
    return true;
}

Token Lexer::quoted_name() {
    const std::size_t close = source_.find('`', at_ + 1);
    if (close == std::string_view::npos) throw JsonataError("S0105").at(units_to(source_.size()));
    std::string name(source_.substr(at_ + 1, close - at_ - 1));
    at_ = close + 1;
    return made(TokenType::name, std::move(name));
}

Token Lexer::name() {
    const std::size_t start = at_;
    while (at_ < source_.size() && kBlanks.find(source_[at_]) == std::string_view::npos &&
           kSingle.find(source_[at_]) == std::string_view::npos) {
        ++at_;
    }
    std::string name(source_.substr(start, at_ - start));
    if (name.starts_with('$')) return made(TokenType::variable, name.substr(1));
    if (name == "or" || name == "in" || name == "and") return made(TokenType::op, std::move(name));
    if (name == "true" || name == "false" || name == "null") {
        return made(TokenType::value, std::move(name));
    }
    return made(TokenType::name, std::move(name));
}

}  // namespace skafu::jsonata

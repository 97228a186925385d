#include <array>
#include <charconv>

#include "core/text.h"
#include "expressions/vtl/parser.h"
#include "expressions/vtl/vtl.h"

namespace skafu::vtl {
namespace {

using Kind = Expression::Kind;

Expression binary(Kind kind, Expression left, Expression right) {
    Expression result;
    result.kind = kind;
    result.parts.push_back(std::move(left));
    result.parts.push_back(std::move(right));
    return result;
}

Expression literal(Value value) {
    Expression result;
    result.literal = std::move(value);
    return result;
}

}  // namespace

Expression Parser::disjunction() {
    const DepthGuard guard = enter();
    Expression left = conjunction();
    for (blanks(); take("||") || take_word("or"); blanks()) {
        left = binary(Kind::Or, std::move(left), conjunction());
    }
    return left;
}

Expression Parser::conjunction() {
    Expression left = equality();
    for (blanks(); take("&&") || take_word("and"); blanks()) {
        left = binary(Kind::And, std::move(left), equality());
    }
    return left;
}

Expression Parser::equality() {
    Expression left = relation();
    for (;;) {
        blanks();
        if (take("==") || take_word("eq")) {
            left = binary(Kind::Equal, std::move(left), relation());
        } else if (take("!=") || take_word("ne")) {
            left = binary(Kind::NotEqual, std::move(left), relation());
        } else {
            return left;
        }
    }
}

Expression Parser::relation() {
    Expression left = sum();
    for (;;) {
        blanks();
        if (take("<=") || take_word("le")) {
            left = binary(Kind::LessEqual, std::move(left), sum());
        } else if (take(">=") || take_word("ge")) {
            left = binary(Kind::GreaterEqual, std::move(left), sum());
        } else if (take("<") || take_word("lt")) {
            left = binary(Kind::Less, std::move(left), sum());
        } else if (take(">") || take_word("gt")) {
            left = binary(Kind::Greater, std::move(left), sum());
        } else {
            return left;
        }
    }
}

Expression Parser::sum() {
    Expression left = product();
    for (;;) {
        blanks();
        if (take("+"))
            left = binary(Kind::Add, std::move(left), product());
        else if (take("-"))
            left = binary(Kind::Subtract, std::move(left), product());
        else
            return left;
    }
}

Expression Parser::product() {
    Expression left = unary();
    for (;;) {
        blanks();
        if (take("*"))
            left = binary(Kind::Multiply, std::move(left), unary());
        else if (take("/"))
            left = binary(Kind::Divide, std::move(left), unary());
        else if (take("%"))
            left = binary(Kind::Modulo, std::move(left), unary());
        else
            return left;
    }
}

Expression Parser::unary() {
    const DepthGuard guard = enter();
    blanks();
    if ((peek() == '!' && peek(1) != '=' && take("!")) || take_word("not")) {
        Expression result;
        result.kind = Kind::Not;
        result.parts.push_back(unary());
        return result;
    }
    if (peek() == '-' && !is_digit(peek(1)) && peek(1) != '.') {
        take("-");
        return binary(Kind::Subtract, literal(0), unary());
    }
    return primary();
}

Expression Parser::primary() {
    const char c = peek();
    if (c == '$') {
        auto reference = try_reference();
        if (!reference) fail("A reference is expected");
        Expression result;
        result.kind = Kind::Reference;
        result.reference = std::move(*reference);
        return result;
    }
    if (c == '"' || c == '\'') return quoted();
    if (c == '[') return list_or_range();
    if (c == '{') return map();
    if (is_digit(c) || c == '-' || c == '.') return number();
    if (take("(")) {
        Expression inner = expression();
        expect(')');
        return inner;
    }
    if (take_word("true")) return literal(true);
    if (take_word("false")) return literal(false);
    fail("An expression is expected");
}

Expression Parser::number() {
    const std::size_t start = at_;
    take("-");
    while (is_digit(peek())) ++at_;
    bool real = false;
    if (peek() == '.' && is_digit(peek(1))) {
        real = true;
        ++at_;
        while (is_digit(peek())) ++at_;
    }
    const std::size_t digits = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(digits))) {
        real = true;
        at_ += digits;
        while (is_digit(peek())) ++at_;
    }
    const std::string_view text = text_.substr(start, at_ - start);
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    if (!real && std::from_chars(text.data(), end, whole).ptr == end &&
        std::from_chars(text.data(), end, whole).ec == std::errc()) {
        return literal(whole);
    }
    double value = 0;
    const auto parsed = std::from_chars(text.data(), end, value);
    if (text.empty() || parsed.ptr != end) fail("A number is expected");
    return literal(value);
}

/// A string: literal in single quotes, a template in double quotes. Two quotes stand for one;
/// a backslash is no escape.
Expression Parser::quoted() {
    const char quote = text_[at_++];
    std::string text;
    for (;;) {
        const std::size_t end = text_.find(quote, at_);
        if (end == std::string_view::npos) fail("A string is not closed");
        text += text_.substr(at_, end - at_);
        at_ = end + 1;
        if (peek() != quote) break;
        text += quote;
        ++at_;
    }
    if (quote == '\'' || text.find_first_of("$#") == std::string::npos) return literal(text);
    const DepthGuard guard = enter();
    Parser inner(text, script_, depth_);
    Expression result;
    result.kind = Kind::Text;
    result.text = inner.parse();
    return result;
}

Expression Parser::list_or_range() {
    expect('[');
    Expression result;
    result.kind = Kind::List;
    blanks();
    if (take("]")) return result;
    result.parts.push_back(expression());
    blanks();
    if (take("..")) {
        result.kind = Kind::Range;
        result.parts.push_back(expression());
    } else {
        while (take(",")) {
            result.parts.push_back(expression());
            blanks();
        }
    }
    expect(']');
    return result;
}

Expression Parser::map() {
    expect('{');
    Expression result;
    result.kind = Kind::Map;
    blanks();
    if (take("}")) return result;
    do {
        result.parts.push_back(expression());
        expect(':');
        result.parts.push_back(expression());
        blanks();
    } while (take(","));
    expect('}');
    return result;
}

std::vector<Expression> Parser::arguments() {
    std::vector<Expression> result;
    blanks();
    if (take(")")) return result;
    do {
        result.push_back(expression());
        blanks();
    } while (take(","));
    expect(')');
    return result;
}

}  // namespace skafu::vtl

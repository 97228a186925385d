#include <array>

#include "expressions/jsonpath/parser.h"

namespace skafu::jsonpath {
namespace {

bool can_start_number(char c) {
    return c == '-' || (c >= '0' && c <= '9');
}

}  // namespace

Filter Parser::disjunction() {
    if (++depth_ > kMaxNesting) fail("The filter is nested too deeply");
    Filter first = conjunction();
    blanks();
    if (text_.substr(at_).starts_with("||")) {
        Filter any;
        any.kind = Filter::Kind::Or;
        any.parts.push_back(std::move(first));
        while (take("||")) {
            any.parts.push_back(conjunction());
            blanks();
        }
        first = std::move(any);
    }
    --depth_;
    return first;
}

Filter Parser::conjunction() {
    Filter first = negation();
    blanks();
    if (!text_.substr(at_).starts_with("&&")) return first;
    Filter all;
    all.kind = Filter::Kind::And;
    all.parts.push_back(std::move(first));
    while (take("&&")) {
        all.parts.push_back(negation());
        blanks();
    }
    return all;
}

Filter Parser::negation() {
    blanks();
    if (peek() == '!' && !text_.substr(at_).starts_with("!=")) {
        ++at_;
        if (++depth_ > kMaxNesting) fail("The filter is nested too deeply");
        Filter inverse;
        inverse.kind = Filter::Kind::Not;
        inverse.parts.push_back(negation());
        --depth_;
        return inverse;
    }
    if (take('(')) {
        Filter inner = disjunction();
        blanks();
        expect(')');
        return inner;
    }
    return comparison();
}

Filter Parser::comparison() {
    Filter result;
    blanks();
    result.left = operand();
    blanks();
    result.comparison = comparator();
    if (result.comparison == Comparison::Exists) return result;
    blanks();
    result.right = operand();
    return result;
}

Comparison Parser::comparator() {
    static constexpr std::array<std::pair<std::string_view, Comparison>, 9> kSigns{{
        {"==", Comparison::Equal},
        {"!=", Comparison::NotEqual},
        {"<>", Comparison::NotEqual},
        {"<=", Comparison::LessEqual},
        {">=", Comparison::GreaterEqual},
        {"=~", Comparison::Matches},
        {"<", Comparison::Less},
        {">", Comparison::Greater},
        {"=", Comparison::Equal},
    }};
    static constexpr std::array<std::pair<std::string_view, Comparison>, 8> kWords{{
        {"in", Comparison::In},
        {"nin", Comparison::NotIn},
        {"subsetof", Comparison::SubsetOf},
        {"anyof", Comparison::AnyOf},
        {"noneof", Comparison::NoneOf},
        {"contains", Comparison::Contains},
        {"size", Comparison::Size},
        {"empty", Comparison::Empty},
    }};
    for (const auto& [sign, comparison] : kSigns) {
        if (take(sign)) return comparison;
    }
    for (const auto& [word, comparison] : kWords) {
        if (take_word(word)) return comparison;
    }
    return Comparison::Exists;
}

Operand Parser::operand() {
    Operand result;
    if (peek() == '@') {
        result.kind = Operand::Kind::Item;
        result.path = path_from_root('@');
    } else if (peek() == '$') {
        result.kind = Operand::Kind::Document;
        result.path = path_from_root('$');
    } else if (peek() == '/') {
        result.regex = regex();
    } else {
        result.literal = literal();
    }
    return result;
}

Json Parser::literal() {
    if (peek() == '\'' || peek() == '"') return Json(quoted());
    if (take_word("true")) return Json(true);
    if (take_word("false")) return Json(false);
    if (take_word("null")) return Json(nullptr);
    if (peek() == '[') {
        ++at_;
        if (++depth_ > kMaxNesting) fail("The filter is nested too deeply");
        Json list = Json::array();
        blanks();
        while (!take(']')) {
            list.push_back(literal());
            blanks();
            if (peek() != ']') expect(',');
            blanks();
        }
        --depth_;
        return list;
    }
    const std::size_t start = at_;
    if (can_start_number(peek())) {
        ++at_;
        constexpr std::string_view kNumber = "0123456789.eE+-";
        while (!at_end() && kNumber.find(peek()) != std::string_view::npos) ++at_;
        try {
            return parse_json(text_.substr(start, at_ - start));
        } catch (const JsonError&) {
            at_ = start;
        }
    }
    fail("Expected a literal, '@' or '$' in the filter");
}

std::string Parser::regex() {
    expect('/');
    std::string pattern;
    while (!at_end() && peek() != '/') {
        if (peek() == '\\' && at_ + 1 < text_.size()) {
            if (text_[at_ + 1] != '/') pattern += '\\';
            ++at_;
        }
        pattern += peek();
        ++at_;
    }
    expect('/');
    std::string flags;
    while (peek() == 'i' || peek() == 's' || peek() == 'm') {
        flags += peek();
        ++at_;
    }
    return flags.empty() ? pattern : "(?" + flags + ")" + pattern;
}

}  // namespace skafu::jsonpath

#include "dynamodb/lexer.h"

#include "core/text.h"

namespace skafu::dynamodb {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
    return is_letter(c) || is_digit(c) || c == '_';
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t end_of_word(std::string_view text, std::size_t at) {
    while (at < text.size() && is_word(text[at])) ++at;
    return at;
}

std::size_t end_of_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

/// Length of the character that starts at `at`: a foreign one is reported whole.
std::size_t end_of_character(std::string_view text, std::size_t at) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    return at;
}

Token read_token(std::string_view text, std::size_t at) {
    const char c = text[at];
    if (is_letter(c)) return {Token::Kind::kIdentifier, at, end_of_word(text, at)};
    if (is_digit(c)) return {Token::Kind::kInteger, at, end_of_digits(text, at)};
    if (c == '#' || c == ':') {
        const std::size_t end = end_of_word(text, at + 1);
        if (end == at + 1) return {Token::Kind::kInvalid, at, end};
        return {c == '#' ? Token::Kind::kName : Token::Kind::kValue, at, end};
    }
    const std::string_view two = text.substr(at, 2);
    if (two == "<>" || two == "<=" || two == ">=") return {Token::Kind::kSign, at, at + 2};
    if (std::string_view("=<>()[].,+-").find(c) != std::string_view::npos) {
        return {Token::Kind::kSign, at, at + 1};
    }
    return {Token::Kind::kInvalid, at, end_of_character(text, at)};
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
    std::vector<Token> tokens;
    std::vector<std::size_t> open;
    std::size_t at = 0;
    while (true) {
        while (at < text.size() && is_space(text[at])) ++at;
        if (at == text.size()) break;
        const Token token = read_token(text, at);
        at = token.end;
        if (text[token.begin] == '(') open.push_back(tokens.size());
        if (text[token.begin] == ')' && !open.empty()) {
            tokens[open.back()].partner = tokens.size();
            open.pop_back();
        }
        tokens.push_back(token);
    }
    tokens.push_back({Token::Kind::kEnd, text.size(), text.size()});
    return tokens;
}

}  // namespace skafu::dynamodb

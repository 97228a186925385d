#include "dynamodb/partiql_lexer.h"

#include <cctype>

#include "core/aws_error.h"
#include "core/text.h"

namespace skafu::dynamodb {
namespace {

using Sort = PartiqlToken::Kind;

bool is_name_start(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}
bool is_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
}
[[noreturn]] void reject_character(std::size_t at) {
    throw AwsError::validation(
        "Statement wasn't well formed, can't be processed: unexpected "
        "character at position " +
        std::to_string(at + 1));
}

/// A text between quotes, in which a doubled quote stands for one.
PartiqlToken read_quoted(std::string_view text, std::size_t& at) {
    const char quote = text[at];
    PartiqlToken token{quote == '"' ? Sort::kQuoted : Sort::kString, "", at};
    for (++at; at < text.size(); ++at) {
        if (text[at] != quote) {
            token.text.push_back(text[at]);
        } else if (at + 1 < text.size() && text[at + 1] == quote) {
            token.text.push_back(quote);
            ++at;
        } else {
            ++at;
            return token;
        }
    }
    reject_character(token.at);
}

PartiqlToken read_number(std::string_view text, std::size_t& at) {
    const std::size_t begin = at;
    if (text[at] == '-' || text[at] == '+') ++at;
    const auto digits = [&] {
        while (at < text.size() && is_digit(text[at])) ++at;
    };
    digits();
    if (at < text.size() && text[at] == '.') {
        ++at;
        digits();
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        digits();
    }
    return {Sort::kNumber, std::string(text.substr(begin, at - begin)), begin};
}

/// Whether a minus here starts a number: not after a value.
bool may_start_number(const std::vector<PartiqlToken>& tokens) {
    if (tokens.empty()) return true;
    const PartiqlToken& last = tokens.back();
    return last.kind == Sort::kSign && last.text != ")" && last.text != "]";
}

}  // namespace

std::vector<PartiqlToken> tokenize_partiql(std::string_view text) {
    std::vector<PartiqlToken> tokens;
    std::size_t at = 0;
    while (at < text.size()) {
        const char c = text[at];
        const bool number_follows = at + 1 < text.size() && is_digit(text[at + 1]);
        if (std::isspace(static_cast<unsigned char>(c))) {
            ++at;
        } else if (c == '\'' || c == '"') {
            tokens.push_back(read_quoted(text, at));
        } else if (is_digit(c) || (c == '-' && number_follows && may_start_number(tokens))) {
            tokens.push_back(read_number(text, at));
        } else if (is_name_start(c)) {
            const std::size_t begin = at;
            while (at < text.size() && is_name(text[at])) ++at;
            tokens.push_back({Sort::kWord, std::string(text.substr(begin, at - begin)), begin});
        } else if (c == '?') {
            tokens.push_back({Sort::kParameter, "?", at++});
        } else {
            const std::string_view two = text.substr(at, 2);
            if (two == "<<" || two == ">>" || two == "<=" || two == ">=" || two == "<>" ||
                two == "!=") {
                tokens.push_back({Sort::kSign, std::string(two), at});
                at += 2;
            } else if (std::string_view("=<>()[]{},.:*+-;").find(c) != std::string_view::npos) {
                tokens.push_back({Sort::kSign, std::string(1, c), at++});
            } else {
                reject_character(at);
            }
        }
    }
    tokens.push_back({Sort::kEnd, "", text.size()});
    return tokens;
}

}  // namespace skafu::dynamodb

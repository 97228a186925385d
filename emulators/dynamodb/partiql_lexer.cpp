#include "dynamodb/partiql_lexer.h"

#include <cctype>
#include <cstdint>
#include <limits>

#include "core/aws_error.h"

namespace skafu::dynamodb {
namespace {

using PartiqlKind = PartiqlToken::Kind;

bool starts_name(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
    return starts_name(c) || (c >= '0' && c <= '9');
}
bool is_digit_at(std::string_view text, std::size_t at) {
    return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<PartiqlToken> run() {
        while (skip_blanks(), at_ < text_.size()) {
            const std::size_t begin = at_;
            PartiqlToken token = read();
            token.line = line_;
            token.column = column_;
            token.length = move_position(begin);
            tokens_.push_back(std::move(token));
        }
        PartiqlToken end;
        end.line = line_;
        end.column = column_;
        tokens_.push_back(std::move(end));
        return std::move(tokens_);
    }

  private:
    /// Advances line and column over what was read since `begin`; gives its characters.
    std::size_t move_position(std::size_t begin) {
        std::size_t characters = 0;
        for (std::size_t i = begin; i < at_; ++i) {
            if ((static_cast<unsigned char>(text_[i]) & 0xC0) == 0x80) continue;
            ++characters;
            ++column_;
            if (text_[i] == '\n') {
                ++line_;
                column_ = 1;
            }
        }
        return characters;
    }

    void skip_blanks() {
        const std::size_t begin = at_;
        while (at_ < text_.size()) {
            if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
                ++at_;
            } else if (text_.substr(at_, 2) == "--") {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (text_.substr(at_, 2) == "/*") {
                const std::size_t end = text_.find("*/", at_ + 2);
                if (end == std::string_view::npos) reject_statement("");
                at_ = end + 2;
            } else {
                break;
            }
        }
        move_position(begin);
    }

    PartiqlToken read() {
        const char c = text_[at_];
        if (c == '\'' || c == '"') return read_quoted();
        if (is_digit_at(text_, at_) || (c == '.' && is_digit_at(text_, at_ + 1) && !after_name())) {
            return read_number();
        }
        PartiqlToken token;
        if (starts_name(c)) {
            const std::size_t begin = at_;
            while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
            token.kind = PartiqlKind::kWord;
            token.text = text_.substr(begin, at_ - begin);
            return token;
        }
        token.kind = c == '?' ? PartiqlKind::kParameter : PartiqlKind::kSign;
        const std::string_view two = text_.substr(at_, 2);
        const bool is_pair =
            two == "<<" || two == ">>" || two == "<=" || two == ">=" || two == "<>" || two == "!=";
        if (!is_pair && std::string_view("?=<>()[]{},.:*+-;").find(c) == std::string_view::npos) {
            reject_statement("");
        }
        token.text = text_.substr(at_, is_pair ? 2 : 1);
        at_ += token.text.size();
        return token;
    }

    /// Whether a dot here goes on with a path, rather than starting a number.
    bool after_name() const {
        if (tokens_.empty()) return false;
        const PartiqlToken& last = tokens_.back();
        return last.kind == PartiqlKind::kWord || last.kind == PartiqlKind::kQuoted ||
               last.text == "]";
    }

    /// A text between quotes, in which a doubled quote stands for one.
    PartiqlToken read_quoted() {
        const char quote = text_[at_];
        PartiqlToken token;
        token.kind = quote == '"' ? PartiqlKind::kQuoted : PartiqlKind::kString;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] != quote) {
                token.text.push_back(text_[at_]);
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
                token.text.push_back(quote);
                ++at_;
            } else {
                ++at_;
                return token;
            }
        }
        reject_statement("");
    }

    std::size_t skip_digits() {
        const std::size_t begin = at_;
        while (is_digit_at(text_, at_)) ++at_;
        return at_ - begin;
    }

    /// A number whose exponent and scale fit 32 bits, as those of Java's BigDecimal.
    PartiqlToken read_number() {
        PartiqlToken token;
        token.kind = PartiqlKind::kNumber;
        const std::size_t begin = at_;
        skip_digits();
        std::int64_t scale = 0;
        if (at_ < text_.size() && text_[at_] == '.') {
            ++at_;
            scale = static_cast<std::int64_t>(skip_digits());
        }
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) read_exponent(scale);
        token.text = text_.substr(begin, at_ - begin);
        return token;
    }

    void read_exponent(std::int64_t scale) {
        const std::size_t before = at_;
        ++at_;
        const bool negative = at_ < text_.size() && text_[at_] == '-';
        if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
        const std::size_t digits = at_;
        if (skip_digits() == 0) {
            at_ = before;
            return;
        }
        constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
        std::int64_t exponent = 0;
        for (std::size_t i = digits; i < at_ && exponent <= kMost; ++i) {
            exponent = exponent * 10 + (text_[i] - '0');
        }
        if (negative) exponent = -exponent;
        if (exponent > kMost || exponent < -kMost || scale - exponent > kMost) reject_statement("");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::size_t column_ = 1;
    std::vector<PartiqlToken> tokens_;
};

}  // namespace

std::string PartiqlToken::position() const {
    return std::to_string(line) + ":" + std::to_string(column) + ":" + std::to_string(length);
}

std::vector<PartiqlToken> tokenize_partiql(std::string_view statement) {
    return Lexer(statement).run();
}

void reject_statement(std::string_view why) {
    throw AwsError::validation("Statement wasn't well formed, can't be processed: " +
                               std::string(why));
}

}  // namespace skafu::dynamodb

#include "eventbridge/pattern_reader.h"

#include <fmt/format.h>

#include "core/text.h"
#include "core/utf8.h"
#include "eventbridge/scalar.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMaxPatternDepth = 1000;
constexpr std::size_t kMaxSnippet = 500;
constexpr const char* kValues =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

bool is_identifier_part(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// AWS counts in UTF-16 units.
std::size_t utf16_length(std::string_view text) {
    std::size_t length = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) length += byte >= 0xF0 ? 2 : 1;
    }
    return length;
}

/// How AWS's parser shows a character: it goes by UTF-16 units, and half a pair is a question mark.
std::string described(char32_t c) {
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) {
        return fmt::format("(CTRL-CHAR, code {})", static_cast<unsigned>(c));
    }
    std::string shown;
    if (c > 0xFFFF) {
        c = 0xD800 + ((c - 0x10000) >> 10);
        shown = "?";
    } else {
        append_utf8(shown, c);
    }
    const auto code = static_cast<unsigned>(c);
    return code > 0xFF ? fmt::format("'{}' (code {} / {:#x})", shown, code, code)
                       : fmt::format("'{}' (code {})", shown, code);
}

/// The source in quotes, up to AWS's limit; control characters but line ends are escaped.
std::string quoted_source(std::string_view source) {
    std::string shown = "\"";
    std::size_t units = 0;
    for (const char c : source) {
        const std::size_t width = utf16_length({&c, 1});  // 0 for the rest of a character
        if (width > 0 && units >= kMaxSnippet) break;
        units += width;
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\r') || byte == 0x7F) {
            shown += fmt::format("\\u{:04X}", byte);
        } else {
            shown += c;
        }
    }
    shown += '"';
    const std::size_t all = utf16_length(source);
    if (all > kMaxSnippet) shown += fmt::format("[truncated {} chars]", all - kMaxSnippet);
    return shown;
}

bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::string PatternReader::place(std::size_t at, std::size_t line, std::size_t line_begin) const {
    return fmt::format("[Source: (String){}; line: {}, column: {}]", quoted_source(input_), line,
                       utf16_length(input_.substr(line_begin, at - line_begin)) + 1);
}

PatternError PatternReader::refuse(const std::string& reason) const {
    return PatternError(reason + "\n at " + place(at_, line_, line_begin_));
}

/// The character before the reader, which first moves behind all of it.
char32_t PatternReader::whole_code_point() {
    while (at_ < input_.size() && (static_cast<unsigned char>(input_[at_]) & 0xC0) == 0x80) ++at_;
    std::size_t first = at_ - 1;
    while (first > 0 && (static_cast<unsigned char>(input_[first]) & 0xC0) == 0x80) --first;
    const auto lead = static_cast<unsigned char>(input_[first]);
    if (lead < 0x80) return lead;
    char32_t code = lead >= 0xF0 ? lead & 0x07 : lead >= 0xE0 ? lead & 0x0F : lead & 0x1F;
    for (std::size_t i = first + 1; i < at_; ++i) {
        code = (code << 6) | (static_cast<unsigned char>(input_[i]) & 0x3F);
    }
    return code;
}

void PatternReader::unexpected(char32_t c, const std::string& why) const {
    throw refuse(fmt::format("Unexpected character ({}){}", described(c), why));
}

void PatternReader::invalid_token(std::string seen) {
    while (at_ < input_.size() && is_identifier_part(input_[at_]) && seen.size() < 256) {
        seen.push_back(input_[at_++]);
    }
    throw refuse(fmt::format("Unrecognized token '{}': was expecting {}", seen, kValues));
}

void PatternReader::odd_value(char c) {
    if (c == 'N' && input_.substr(at_ - 1, 3) == "NaN") {
        at_ += 2;
        throw refuse(
            "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to "
            "allow");
    }
    if (c == 'I' && input_.substr(at_ - 1, 8) == "Infinity") {
        at_ += 7;
        throw refuse(
            "Non-standard token 'Infinity': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to "
            "allow");
    }
    if (c == '+') {
        if (at_ < input_.size()) ++at_;
        unexpected('+',
                   " in numeric value: JSON spec does not allow numbers to have plus signs: enable "
                   "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow");
    }
    if (is_identifier_part(c) && !is_digit(c)) invalid_token(std::string(1, c));
    unexpected(whole_code_point(), std::string(": expected a valid value ") + kValues);
}

void PatternReader::skip_spaces() {
    while (at_ < input_.size()) {
        const char c = input_[at_];
        if (c == '\n' || c == '\r') {
            if (c == '\r' && at_ + 1 < input_.size() && input_[at_ + 1] == '\n') ++at_;
            ++line_;
            line_begin_ = at_ + 1;
        } else if (c != ' ' && c != '\t') {
            if (static_cast<unsigned char>(c) < 0x20) {
                ++at_;
                throw refuse(
                    fmt::format("Illegal character ({}): only regular white space (\\r, \\n, \\t) "
                                "is allowed between tokens",
                                described(static_cast<unsigned char>(c))));
            }
            return;
        }
        ++at_;
    }
}

/// The next mark inside an object or array, behind any white space.
char PatternReader::next_char_within_entries() {
    skip_spaces();
    if (at_ < input_.size()) return input_[at_++];
    throw refuse(fmt::format("Unexpected end-of-input within/between {} entries",
                             levels_.back().is_array ? "Array" : "Object"));
}

PatternReader::Token PatternReader::next() {
    if (pending_ != Token::none) {
        token_ = pending_;
        pending_ = Token::none;
        return token_;
    }
    finish_string();
    skip_spaces();
    if (at_ == input_.size()) {
        if (levels_.empty()) return token_ = Token::none;
        const Level& level = levels_.back();
        throw refuse(fmt::format(
            "Unexpected end-of-input: expected close marker for {} (start marker at {})",
            level.is_array ? "Array" : "Object",
            place(level.start, level.start_line, level.start_line_begin)));
    }
    char c = input_[at_++];
    if (c == ']' || c == '}') return close(c);
    if (levels_.empty()) return token_ = value_token(c);
    if (levels_.back().has_entries) {
        if (c != ',') {
            unexpected(whole_code_point(),
                       fmt::format(": was expecting comma to separate {} entries",
                                   levels_.back().is_array ? "Array" : "Object"));
        }
        c = next_char_within_entries();
    }
    levels_.back().has_entries = true;
    if (levels_.back().is_array) return token_ = value_token(c);
    field_name(c);
    pending_ = value_token(next_char_within_entries());
    return token_ = Token::field_name;
}

PatternReader::Token PatternReader::close(char c) {
    if (levels_.empty() || levels_.back().is_array != (c == ']')) {
        if (levels_.empty()) odd_value(c);
        const Level& level = levels_.back();
        throw refuse(
            fmt::format("Unexpected close marker '{}': expected '{}' (for {} starting at {})", c,
                        level.is_array ? ']' : '}', level.is_array ? "Array" : "Object",
                        place(level.start, level.start_line, level.start_line_begin)));
    }
    levels_.pop_back();
    return token_ = c == ']' ? Token::end_array : Token::end_object;
}

PatternReader::Token PatternReader::open(Token token) {
    if (levels_.size() == kMaxPatternDepth) {
        throw refuse(
            fmt::format("Document nesting depth ({}) exceeds the maximum allowed ({}, from "
                        "`StreamReadConstraints.getMaxNestingDepth()`)",
                        kMaxPatternDepth + 1, kMaxPatternDepth));
    }
    levels_.push_back({token == Token::start_array, false, at_ - 1, line_, line_begin_});
    return token;
}

void PatternReader::field_name(char quote) {
    if (quote != '"') {
        unexpected(whole_code_point(), ": was expecting double-quote to start field name");
    }
    name_ = read_string("name", " in field name");
    const char colon = next_char_within_entries();
    if (colon != ':') {
        unexpected(whole_code_point(), ": was expecting a colon to separate field name and value");
    }
}

PatternReader::Token PatternReader::value_token(char c) {
    switch (c) {
        case '"':
            string_open_ = true;
            return Token::string;
        case '{':
            return open(Token::start_object);
        case '[':
            return open(Token::start_array);
        case 't':
            return word("true", Token::boolean_true);
        case 'f':
            return word("false", Token::boolean_false);
        case 'n':
            return word("null", Token::null);
        default:
            break;
    }
    if (c == '-' || is_digit(c)) return number(at_ - 1);
    odd_value(c);
}

PatternReader::Token PatternReader::word(std::string_view expected, Token token) {
    std::size_t matched = 1;
    while (matched < expected.size() && at_ < input_.size() && input_[at_] == expected[matched]) {
        ++matched;
        ++at_;
    }
    const bool ends_here = at_ == input_.size() || !is_identifier_part(input_[at_]);
    if (matched == expected.size() && ends_here) return token;
    invalid_token(std::string(expected.substr(0, matched)));
}

void PatternReader::require_digits(const char* why) {
    if (at_ == input_.size()) throw refuse("Unexpected end-of-input in a Number value");
    if (!is_digit(input_[at_])) {
        ++at_;
        unexpected(whole_code_point(), fmt::format(" in numeric value: {}", why));
    }
    while (at_ < input_.size() && is_digit(input_[at_])) ++at_;
}

PatternReader::Token PatternReader::number(std::size_t start) {
    at_ = start;
    if (input_[at_] == '-') ++at_;
    if (at_ + 1 < input_.size() && input_[at_] == '0' && is_digit(input_[at_ + 1])) {
        ++at_;
        throw refuse("Invalid numeric value: Leading zeroes not allowed");
    }
    require_digits("expected digit (0-9) to follow minus sign, for valid numeric value");
    if (at_ < input_.size() && input_[at_] == '.') {
        ++at_;
        require_digits("Decimal point not followed by a digit");
    }
    if (at_ < input_.size() && (input_[at_] == 'e' || input_[at_] == 'E')) {
        ++at_;
        if (at_ < input_.size() && (input_[at_] == '+' || input_[at_] == '-')) ++at_;
        require_digits("Exponent indicator not followed by a digit");
    }
    number_text_ = std::string(input_.substr(start, at_ - start));
    return Token::number;
}

/// Moves to behind an escape, from behind its backslash.
void PatternReader::skip_escape() {
    const auto take = [this] {
        if (at_ == input_.size())
            throw refuse("Unexpected end-of-input in character escape sequence");
        return input_[at_++];
    };
    const char kind = take();
    if (kind != 'u') {
        if (std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos) return;
        throw refuse(
            fmt::format("Unrecognized character escape {}", described(whole_code_point())));
    }
    for (int i = 0; i < 4; ++i) {
        if (is_hex_digit(take())) continue;
        unexpected(whole_code_point(), ": expected a hex-digit for character escape sequence");
    }
}

/// Reads the inside of a string, from behind its opening quote to behind the closing one.
std::string PatternReader::read_string(const char* what, const char* at_end) {
    const std::size_t start = at_;
    while (true) {
        if (at_ == input_.size()) throw refuse(std::string("Unexpected end-of-input") + at_end);
        const char c = input_[at_++];
        if (c == '"') break;
        if (c == '\\') {
            skip_escape();
        } else if (static_cast<unsigned char>(c) < 0x20) {
            throw refuse(
                fmt::format("Illegal unquoted character ({}): has to be escaped using backslash to "
                            "be included in {}",
                            described(static_cast<unsigned char>(c)), what));
        }
    }
    std::string decoded;
    append_unescaped(input_.substr(start, at_ - 1 - start), decoded);
    return decoded;
}

void PatternReader::finish_string() {
    if (!string_open_) return;
    string_open_ = false;
    string_text_ = read_string("string value", ": was expecting closing quote for a string value");
}

std::string PatternReader::text() {
    switch (token_) {
        case Token::string:
            finish_string();
            return string_text_;
        case Token::number:
            return number_text_;
        case Token::field_name:
            return name_;
        case Token::start_object:
            return "{";
        case Token::end_object:
            return "}";
        case Token::start_array:
            return "[";
        case Token::end_array:
            return "]";
        case Token::boolean_true:
            return "true";
        case Token::boolean_false:
            return "false";
        case Token::null:
            return "null";
        case Token::none:
            break;
    }
    return {};
}

}  // namespace skafu::eventbridge

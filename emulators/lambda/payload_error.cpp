#include "lambda/payload_error.h"

#include <algorithm>
#include <vector>

#include "core/json.h"

namespace skafu::lambda {
namespace {

constexpr std::string_view kValues =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$';
}

/// "" where the text is UTF-8.
std::string utf8_fault(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const int more = first < 0x80                     ? 0
                         : first >= 0xc2 && first <= 0xdf ? 1
                         : (first & 0xf0) == 0xe0         ? 2
                         : first >= 0xf0 && first <= 0xf4 ? 3
                                                          : -1;
        if (more < 0) return fmt::format("Invalid UTF-8 start byte 0x{:x}", first);
        for (int n = 0; n < more; ++n) {
            const auto next = ++i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
            if ((next & 0xc0) != 0x80) {
                return fmt::format("Invalid UTF-8 middle byte 0x{:x}", next);
            }
        }
        ++i;
    }
    return {};
}

/// Reads as far as the payload is JSON and tells what stands there instead of what should.
class PayloadReader {
  public:
    explicit PayloadReader(std::string_view text) : text_(text) {}

    std::string run() {
        for (Expected expected = Expected::value; why_.empty();) {
            skip_space();
            if (at_ == text_.size()) return at_end(expected);
            expected = take(expected);
        }
        return why_;
    }

  private:
    enum class Expected { value, value_or_end, key, key_or_end, colon, comma, nothing };
    struct Open {
        char bracket;
        std::size_t at;
    };

    Expected take(Expected expected) {
        const char c = text_[at_];
        switch (expected) {
            case Expected::value_or_end:
                if (c == ']') return close();
                [[fallthrough]];
            case Expected::value:
                return take_value(c);
            case Expected::key_or_end:
                if (c == '}') return close();
                [[fallthrough]];
            case Expected::key:
                if (c != '"') return unexpected("was expecting double-quote to start field name");
                return take_string() ? Expected::colon : expected;
            case Expected::colon:
                if (c != ':') {
                    return unexpected("was expecting a colon to separate field name and value");
                }
                ++at_;
                return Expected::value;
            case Expected::comma:
                return take_comma(c);
            case Expected::nothing:
                return unexpected("Expected end of input");
        }
        return expected;
    }

    Expected take_value(char c) {
        if (c == '{' || c == '[') {
            open_.push_back({c, at_++});
            return c == '{' ? Expected::key_or_end : Expected::value_or_end;
        }
        if (c == '"') return take_string() ? after_value() : Expected::value;
        if (is_word(c) || c == '-') return take_word();
        return unexpected(fmt::format("expected a valid value {}", kValues));
    }

    Expected take_word() {
        const std::size_t from = at_;
        while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '-' ||
                                      text_[at_] == '+' || text_[at_] == '.')) {
            ++at_;
        }
        const std::string_view word = text_.substr(from, at_ - from);
        try {
            parse_json(word);
            return after_value();
        } catch (const JsonError&) {
            why_ = fmt::format("Unrecognized token '{}': was expecting {}{}", word, kValues,
                               place(at_));
            return Expected::value;
        }
    }

    Expected take_comma(char c) {
        const bool in_object = open_.back().bracket == '{';
        if (c == ',') {
            ++at_;
            return in_object ? Expected::key : Expected::value;
        }
        if (c == (in_object ? '}' : ']')) return close();
        return unexpected(fmt::format("was expecting comma to separate {} entries",
                                      in_object ? "Object" : "Array"));
    }

    bool take_string() {
        const std::size_t from = at_++;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (static_cast<unsigned char>(text_[at_]) < 0x20) {
                why_ = fmt::format(
                    "Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using "
                    "backslash to be included in string value{}",
                    static_cast<int>(text_[at_]), place(at_ + 1));
                return false;
            }
            at_ += text_[at_] == '\\' ? 2 : 1;
        }
        if (at_ >= text_.size()) {
            why_ = "Unexpected end-of-input: was expecting closing quote for a string value" +
                   place(text_.size());
            return false;
        }
        ++at_;
        try {
            parse_json(text_.substr(from, at_ - from));
        } catch (const JsonError&) {
            const std::string fault = utf8_fault(text_.substr(from, at_ - from));
            why_ = (fault.empty() ? "Unrecognized character escape" : fault) + place(at_);
            return false;
        }
        return true;
    }

    Expected close() {
        ++at_;
        open_.pop_back();
        return after_value();
    }
    Expected after_value() const { return open_.empty() ? Expected::nothing : Expected::comma; }

    Expected unexpected(std::string_view wanted) {
        const char c = text_[at_];
        why_ = fmt::format("Unexpected character ('{}' (code {})): {}{}", c,
                           static_cast<int>(static_cast<unsigned char>(c)), wanted, place(at_ + 1));
        return Expected::nothing;
    }

    std::string at_end(Expected expected) const {
        if (open_.empty()) {
            return expected == Expected::nothing
                       ? std::string()
                       : "No content to map due to end-of-input" + place(at_);
        }
        const bool inside = expected != Expected::value && expected != Expected::colon;
        if (!inside) return "Unexpected end-of-input within/between Object entries" + place(at_);
        const Open& last = open_.back();
        return fmt::format(
            "Unexpected end-of-input: expected close marker for {} (start marker{}){}",
            last.bracket == '{' ? "Object" : "Array", place(last.at).substr(1), place(at_));
    }

    /// Behind the first `count` bytes.
    std::string place(std::size_t count) const {
        constexpr std::size_t kShown = 500;
        const std::string_view before = text_.substr(0, count);
        const auto lines = std::count(before.begin(), before.end(), '\n');
        const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
        std::string source = fmt::format("\"{}\"", text_.substr(0, kShown));
        if (text_.size() > kShown) {
            source += fmt::format("[truncated {} bytes]", text_.size() - kShown);
        }
        return fmt::format("\n at [Source: (byte[]){}; line: {}, column: {}]", source, lines + 1,
                           count - start + 1);
    }

    void skip_space() {
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Open> open_;
    std::string why_;
};

}  // namespace

std::string payload_error(std::string_view payload) {
    return PayloadReader(payload).run();
}

}  // namespace skafu::lambda

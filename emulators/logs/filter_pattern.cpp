#include "logs/filter_pattern.h"

#include "core/aws_error.h"
#include "logs/filter_condition.h"

namespace skafu::logs {

class FilterPattern::Matcher {
  public:
    virtual ~Matcher() = default;
    virtual bool matches(std::string_view message) const = 0;
};

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

struct Term {
    std::string text;
    std::unique_ptr<re2::RE2> regex;

    bool is_in(std::string_view message) const {
        if (regex) return re2::RE2::PartialMatch(message, *regex);
        return message.find(text) != std::string_view::npos;
    }
};

/// `ERROR "not found" -debug ?a ?b`
class Terms : public FilterPattern::Matcher {
  public:
    explicit Terms(std::string_view pattern) {
        for (std::string_view rest = trimmed(pattern); !rest.empty(); rest = trimmed(rest)) {
            std::vector<Term>* kind = &required_;
            if (rest.front() == '-') kind = &excluded_;
            if (rest.front() == '?') kind = &optional_;
            if (kind != &required_) rest.remove_prefix(1);
            kind->push_back(take_term(rest));
        }
    }

    bool matches(std::string_view message) const override {
        const auto is_in = [&](const Term& term) { return term.is_in(message); };
        if (std::any_of(excluded_.begin(), excluded_.end(), is_in)) return false;
        if (!std::all_of(required_.begin(), required_.end(), is_in)) return false;
        if (optional_.empty() || !required_.empty()) return true;
        return std::any_of(optional_.begin(), optional_.end(), is_in);
    }

  private:
    static Term take_term(std::string_view& rest) {
        Term term;
        if (rest.empty()) ConditionParser::fail();
        const char quote = rest.front();
        if (quote == '"' || quote == '%') {
            const std::size_t end = rest.find(quote, 1);
            if (end == std::string_view::npos) ConditionParser::fail();
            term.text = rest.substr(1, end - 1);
            rest.remove_prefix(end + 1);
            if (quote == '%') {
                term.regex = std::make_unique<re2::RE2>(term.text, re2::RE2::Quiet);
                if (!term.regex->ok()) ConditionParser::fail();
            }
            return term;
        }
        const std::size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
        term.text = rest.substr(0, end);
        rest.remove_prefix(end);
        return term;
    }

    std::vector<Term> required_;
    std::vector<Term> excluded_;
    std::vector<Term> optional_;
};

/// `{ $.level = "ERROR" && $.code >= 500 }`
class JsonExpression : public FilterPattern::Matcher {
  public:
    explicit JsonExpression(std::string_view inner) {
        ConditionParser parser(inner);
        condition_ = parser.condition();
        if (!parser.at_end()) ConditionParser::fail();
    }

    bool matches(std::string_view message) const override {
        const std::string_view text = trimmed(message);
        if (text.empty() || (text.front() != '{' && text.front() != '[')) return false;
        try {
            return condition_.holds(parse_json(text));
        } catch (const JsonError&) {
            return false;  // not a JSON event
        }
    }

  private:
    Condition condition_;
};

/// The fields of a line: words, `"quoted texts"` and `[bracketed ones]`.
std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields;
    for (std::string_view rest = trimmed(line); !rest.empty(); rest = trimmed(rest)) {
        const char open = rest.front();
        const char close = open == '[' ? ']' : open;
        std::size_t end = std::string_view::npos;
        if (open == '"' || open == '[') end = rest.find(close, 1);
        if (end != std::string_view::npos) {
            fields.emplace_back(rest.substr(1, end - 1));
            rest.remove_prefix(end + 1);
            continue;
        }
        end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
        fields.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    return fields;
}

/// `[ip, user, ..., status = 4*, bytes]`
class SpaceDelimited : public FilterPattern::Matcher {
  public:
    explicit SpaceDelimited(std::string_view inner) {
        ConditionParser parser(inner);
        if (parser.at_end()) return;
        do {
            add_field(parser);
        } while (parser.take(","));
        if (!parser.at_end()) ConditionParser::fail();
    }

    bool matches(std::string_view message) const override {
        const std::vector<std::string> values = fields_of(message);
        if (values.size() < names_.size()) return false;
        if (!ellipsis_ && values.size() != names_.size()) return false;
        const std::size_t skipped = values.size() - names_.size();
        Json named = Json::object();
        for (std::size_t i = 0; i < names_.size(); ++i) {
            const std::size_t at = ellipsis_ && i >= *ellipsis_ ? i + skipped : i;
            named[names_[i]] = values[at];
        }
        return std::all_of(conditions_.begin(), conditions_.end(),
                           [&](const Condition& condition) { return condition.holds(named); });
    }

  private:
    void add_field(ConditionParser& parser) {
        if (parser.take("...")) {
            if (ellipsis_) ConditionParser::fail();
            ellipsis_ = names_.size();
            return;
        }
        parser.skip_space();
        const std::size_t start = parser.position();
        while (parser.take("(")) {
        }
        names_.push_back(parser.name());
        if (parser.at_end() || parser.next_is(",")) return;
        parser.seek(start);
        conditions_.push_back(parser.condition());
    }

    std::vector<std::string> names_;
    std::vector<Condition> conditions_;
    std::optional<std::size_t> ellipsis_;
};

std::unique_ptr<FilterPattern::Matcher> compile(std::string_view pattern) {
    const std::string_view text = trimmed(pattern);
    if (text.empty()) return nullptr;
    const std::string_view inner = text.substr(1, text.size() < 2 ? 0 : text.size() - 2);
    if (text.front() == '{') {
        if (text.back() != '}') ConditionParser::fail();
        return std::make_unique<JsonExpression>(inner);
    }
    if (text.front() == '[') {
        if (text.back() != ']') ConditionParser::fail();
        return std::make_unique<SpaceDelimited>(inner);
    }
    return std::make_unique<Terms>(text);
}

}  // namespace

FilterPattern::FilterPattern(std::string_view pattern) : matcher_(compile(pattern)) {}
FilterPattern::~FilterPattern() = default;
FilterPattern::FilterPattern(FilterPattern&&) noexcept = default;
FilterPattern& FilterPattern::operator=(FilterPattern&&) noexcept = default;

bool FilterPattern::matches(std::string_view message) const {
    return !matcher_ || matcher_->matches(message);
}

}  // namespace skafu::logs

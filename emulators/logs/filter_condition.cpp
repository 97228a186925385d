#include "logs/filter_condition.h"

#include <charconv>

#include "core/aws_error.h"
#include "core/text.h"

namespace skafu::logs {

namespace {

constexpr int kMaxDepth = 50;

std::optional<double> as_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// All values that a selector finds, from step `at` on.
void select(const Json& value, const std::vector<SelectorStep>& steps, std::size_t at,
            std::vector<const Json*>& found) {
    if (at == steps.size()) {
        found.push_back(&value);
        return;
    }
    const SelectorStep& step = steps[at];
    if (step.each) {
        if (!value.is_array()) return;
        for (const Json& element : value) select(element, steps, at + 1, found);
    } else if (step.index) {
        if (value.is_array() && *step.index < value.size()) {
            select(value[*step.index], steps, at + 1, found);
        }
    } else if (const Json* member = find_member(value, step.name)) {
        select(*member, steps, at + 1, found);
    }
}

bool is_equal(const Json& value, const Operand& operand) {
    if (operand.regex) return re2::RE2::PartialMatch(plain_text(value), *operand.regex);
    if (operand.number && value.is_number()) return value.get<double>() == *operand.number;
    if (value.is_structured()) return false;
    return matches_glob(operand.text, plain_text(value));
}

bool is_ordered(const Json& value, Relation relation, const Operand& operand) {
    std::optional<double> left;
    if (value.is_number()) left = value.get<double>();
    if (value.is_string()) left = as_number(value.get_ref<const std::string&>());
    if (!left || !operand.number) return false;
    switch (relation) {
        case Relation::less:
            return *left < *operand.number;
        case Relation::at_most:
            return *left <= *operand.number;
        case Relation::greater:
            return *left > *operand.number;
        default:
            return *left >= *operand.number;
    }
}

bool relates(const Json& value, Relation relation, const Operand& operand) {
    switch (relation) {
        case Relation::equal:
            return is_equal(value, operand);
        case Relation::unequal:
            return !is_equal(value, operand);
        case Relation::is_null:
            return value.is_null();
        case Relation::is_true:
            return value == true;
        case Relation::is_false:
            return value == false;
        case Relation::exists:
            return true;
        case Relation::not_exists:
            return false;
        default:
            return is_ordered(value, relation, operand);
    }
}

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '@' ||
           c == '#' || c == ':';
}

}  // namespace

bool matches_glob(std::string_view glob, std::string_view text) {
    std::size_t g = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob.size() && glob[g] == text[t]) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*') ++g;
    return g == glob.size();
}

bool Condition::holds(const Json& value) const {
    const auto part_holds = [&](const Condition& part) { return part.holds(value); };
    if (kind == Kind::all_of) return std::all_of(parts.begin(), parts.end(), part_holds);
    if (kind == Kind::any_of) return std::any_of(parts.begin(), parts.end(), part_holds);
    std::vector<const Json*> found;
    select(value, selector, 0, found);
    if (relation == Relation::not_exists) return found.empty();
    return std::any_of(found.begin(), found.end(),
                       [&](const Json* each) { return relates(*each, relation, operand); });
}

void ConditionParser::fail() {
    throw AwsError("InvalidParameterException", "Invalid filter pattern");
}

void ConditionParser::skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
}

bool ConditionParser::at_end() {
    skip_space();
    return at_ == text_.size();
}

bool ConditionParser::next_is(std::string_view token) {
    skip_space();
    return text_.substr(at_, token.size()) == token;
}

bool ConditionParser::take(std::string_view token) {
    if (!next_is(token)) return false;
    at_ += token.size();
    return true;
}

Condition ConditionParser::condition() {
    if (++depth_ > kMaxDepth) fail();
    Condition any;
    any.kind = Condition::Kind::any_of;
    do {
        any.parts.push_back(conjunction());
    } while (take("||"));
    --depth_;
    if (any.parts.size() > 1) return any;
    Condition only = std::move(any.parts.front());
    return only;
}

Condition ConditionParser::conjunction() {
    Condition all;
    all.kind = Condition::Kind::all_of;
    do {
        all.parts.push_back(primary());
    } while (take("&&"));
    if (all.parts.size() > 1) return all;
    Condition only = std::move(all.parts.front());
    return only;
}

Condition ConditionParser::primary() {
    if (take("(")) {
        Condition inner = condition();
        if (!take(")")) fail();
        return inner;
    }
    Condition comparison;
    comparison.selector = selector();
    comparison.relation = relation();
    if (comparison.relation <= Relation::at_least) comparison.operand = operand();
    return comparison;
}

std::string ConditionParser::name() {
    skip_space();
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    if (at_ == start) fail();
    return std::string(text_.substr(start, at_ - start));
}

std::vector<SelectorStep> ConditionParser::selector() {
    std::vector<SelectorStep> steps;
    if (!take("$")) {
        SelectorStep step;
        step.name = name();
        steps.push_back(std::move(step));
        return steps;
    }
    while (at_ < text_.size()) {
        SelectorStep step;
        if (text_[at_] == '.') {
            ++at_;
            step.name = name();
        } else if (text_[at_] == '[') {
            ++at_;
            step = bracket_step();
        } else {
            break;
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

SelectorStep ConditionParser::bracket_step() {
    SelectorStep step;
    if (take("*")) {
        step.each = true;
    } else if (next_is("\"") || next_is("'")) {
        step.name = quoted();
    } else {
        const std::string digits = name();
        std::size_t index = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (error != std::errc() || end != digits.data() + digits.size()) fail();
        step.index = index;
    }
    if (!take("]")) fail();
    return step;
}

Relation ConditionParser::relation() {
    if (take("!=")) return Relation::unequal;
    if (take("<=")) return Relation::at_most;
    if (take(">=")) return Relation::at_least;
    if (take("=")) return Relation::equal;
    if (take("<")) return Relation::less;
    if (take(">")) return Relation::greater;
    return word_relation();
}

Relation ConditionParser::word_relation() {
    if (take("NOT EXISTS")) return Relation::not_exists;
    if (take("EXISTS")) return Relation::exists;
    if (!take("IS")) fail();
    if (take("NULL")) return Relation::is_null;
    if (take("TRUE")) return Relation::is_true;
    if (take("FALSE")) return Relation::is_false;
    fail();
}

Operand ConditionParser::operand() {
    Operand operand;
    skip_space();
    if (at_ == text_.size()) fail();
    if (text_[at_] == '"' || text_[at_] == '\'') {
        operand.text = quoted();
        return operand;
    }
    if (text_[at_] == '%') {
        const std::size_t end = text_.find('%', at_ + 1);
        if (end == std::string_view::npos) fail();
        operand.regex = std::make_unique<re2::RE2>(
            std::string(text_.substr(at_ + 1, end - at_ - 1)), re2::RE2::Quiet);
        if (!operand.regex->ok()) fail();
        at_ = end + 1;
        return operand;
    }
    operand.text = word();
    operand.number = as_number(operand.text);
    return operand;
}

std::string ConditionParser::quoted() {
    skip_space();
    const char quote = text_[at_++];
    std::string value;
    while (at_ < text_.size() && text_[at_] != quote) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        value.push_back(text_[at_++]);
    }
    if (at_ == text_.size()) fail();
    ++at_;
    return value;
}

std::string ConditionParser::word() {
    const std::size_t start = at_;
    constexpr std::string_view kEnds = " \t\n)}],&|";
    while (at_ < text_.size() && kEnds.find(text_[at_]) == std::string_view::npos) ++at_;
    if (at_ == start) fail();
    return std::string(text_.substr(start, at_ - start));
}

}  // namespace skafu::logs

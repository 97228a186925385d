#include "logs/insights_expression.h"

#include <charconv>
#include <cmath>

#include "core/aws_error.h"
#include "core/clock.h"
#include "core/http.h"

namespace skafu::logs {

namespace {

constexpr int kMaxExpressionDepth = 100;

bool is_word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '@' || c == '.';
}

Json number_json(double number) {
    if (std::trunc(number) == number && std::abs(number) < 9e15) {
        return static_cast<std::int64_t>(number);
    }
    return number;
}

}  // namespace

std::optional<double> number_of(const Json& value) {
    if (value.is_number()) return value.get<double>();
    if (!value.is_string()) return std::nullopt;
    const std::string& text = value.get_ref<const std::string&>();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::string shown(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
    if (value.is_number()) return to_text(number_json(value.get<double>()));
    return to_text(value);
}

// ---- Words -------------------------------------------------------------------------------------

void InsightsLexer::skip_space() {
    while (at_ < text_.size()) {
        if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
            ++at_;
        } else if (text_[at_] == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else {
            return;
        }
    }
}

bool InsightsLexer::at_end() {
    skip_space();
    return at_ == text_.size();
}

char InsightsLexer::peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
}

bool InsightsLexer::next_is(std::string_view token) {
    skip_space();
    return text_.substr(at_, token.size()) == token;
}

bool InsightsLexer::take(std::string_view token) {
    if (!next_is(token)) return false;
    at_ += token.size();
    return true;
}

bool InsightsLexer::next_is_word(std::string_view word) {
    skip_space();
    if (!iequals(text_.substr(at_, word.size()), word)) return false;
    const std::size_t end = at_ + word.size();
    return end >= text_.size() || !is_word_character(text_[end]);
}

bool InsightsLexer::take_word(std::string_view word) {
    if (!next_is_word(word)) return false;
    at_ += word.size();
    return true;
}

std::string InsightsLexer::name() {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '`') {
        const std::size_t end = text_.find('`', at_ + 1);
        if (end == std::string_view::npos) fail("a closing `");
        const std::string name(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return name;
    }
    const std::size_t start = at_;
    while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
}

std::string InsightsLexer::quoted() {
    skip_space();
    const char quote = text_[at_++];
    std::string value;
    while (at_ < text_.size() && text_[at_] != quote) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        value.push_back(text_[at_++]);
    }
    if (at_ == text_.size()) fail("a closing quotation mark");
    ++at_;
    return value;
}

std::string InsightsLexer::regex() {
    skip_space();
    ++at_;
    std::string pattern;
    while (at_ < text_.size() && text_[at_] != '/') {
        if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') ++at_;
        pattern.push_back(text_[at_++]);
    }
    if (at_ == text_.size()) fail("a closing /");
    ++at_;
    return pattern;
}

Json InsightsLexer::number() {
    skip_space();
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) fail("a number");
    at_ = static_cast<std::size_t>(end - text_.data());
    return number_json(value);
}

std::string_view InsightsLexer::since(std::size_t from) const {
    std::string_view part = text_.substr(from, at_ - from);
    while (!part.empty() && std::isspace(static_cast<unsigned char>(part.front()))) {
        part.remove_prefix(1);
    }
    while (!part.empty() && std::isspace(static_cast<unsigned char>(part.back()))) {
        part.remove_suffix(1);
    }
    return part;
}

void InsightsLexer::fail(std::string_view what) const {
    throw AwsError("MalformedQueryException",
                   fmt::format("unexpected symbol found {} at line 1 and position {}: expected {}",
                               text_.substr(std::min(at_, text_.size()), 1), at_ + 1, what));
}

std::shared_ptr<re2::RE2> compile_regex(const InsightsLexer& lexer, std::string pattern) {
    // RE2 spells named groups as Python does.
    for (std::size_t at = 0; (at = pattern.find("(?<", at)) != std::string::npos; at += 4) {
        const char after = at + 3 < pattern.size() ? pattern[at + 3] : '=';
        if (after != '=' && after != '!') pattern.insert(at + 2, "P");
    }
    auto regex = std::make_shared<re2::RE2>(pattern, re2::RE2::Quiet);
    if (!regex->ok()) lexer.fail("a regular expression");
    return regex;
}

// ---- Parsing -----------------------------------------------------------------------------------

namespace {

class Parser {
  public:
    explicit Parser(InsightsLexer& lexer) : lexer_(lexer) {}

    Expression alternatives() {
        if (++depth_ > kMaxExpressionDepth) lexer_.fail("a simpler expression");
        Expression left = conjunction();
        while (lexer_.take_word("or")) left = binary("or", std::move(left), conjunction());
        --depth_;
        return left;
    }

  private:
    static Expression binary(std::string name, Expression left, Expression right) {
        Expression made;
        made.kind = Expression::Kind::binary;
        made.name = std::move(name);
        made.parts.push_back(std::move(left));
        made.parts.push_back(std::move(right));
        return made;
    }

    static Expression negation(Expression inner) {
        Expression made;
        made.kind = Expression::Kind::negation;
        made.parts.push_back(std::move(inner));
        return made;
    }

    Expression conjunction() {
        Expression left = unary_not();
        while (lexer_.take_word("and")) left = binary("and", std::move(left), unary_not());
        return left;
    }

    Expression unary_not() {
        if (lexer_.take_word("not")) return negation(unary_not());
        return comparison();
    }

    Expression comparison() {
        Expression left = sum();
        if (lexer_.take_word("not")) return negation(membership(std::move(left)));
        if (lexer_.next_is_word("like") || lexer_.next_is_word("in") || lexer_.next_is("=~")) {
            return membership(std::move(left));
        }
        for (const char* relation : {"!=", "<=", ">=", "=", "<", ">"}) {
            if (lexer_.take(relation)) return binary(relation, std::move(left), sum());
        }
        return left;
    }

    /// `like "text"`, `like /regex/`, `=~ /regex/`, `in ["a", "b"]`
    Expression membership(Expression left) {
        Expression made;
        made.parts.push_back(std::move(left));
        if (lexer_.take_word("in")) {
            made.kind = Expression::Kind::in;
            if (!lexer_.take("[")) lexer_.fail("[");
            do {
                made.parts.push_back(sum());
            } while (lexer_.take(","));
            if (!lexer_.take("]")) lexer_.fail("]");
            return made;
        }
        if (!lexer_.take_word("like") && !lexer_.take("=~")) lexer_.fail("like or in");
        made.kind = Expression::Kind::like;
        if (lexer_.peek() == '/') {
            made.regex = compile_regex(lexer_, lexer_.regex());
        } else {
            made.constant = lexer_.quoted();
        }
        return made;
    }

    Expression sum() {
        Expression left = product();
        while (lexer_.next_is("+") || lexer_.next_is("-")) {
            const std::string name = lexer_.take("+") ? "+" : (lexer_.take("-"), "-");
            left = binary(name, std::move(left), product());
        }
        return left;
    }

    Expression product() {
        Expression left = primary();
        for (;;) {
            std::string name;
            for (const char* each : {"*", "/", "%", "^"}) {
                if (lexer_.take(each)) {
                    name = each;
                    break;
                }
            }
            if (name.empty()) return left;
            left = binary(name, std::move(left), primary());
        }
    }

    Expression primary() {
        Expression made;
        const char next = lexer_.peek();
        if (lexer_.take("(")) {
            made = alternatives();
            if (!lexer_.take(")")) lexer_.fail(")");
            return made;
        }
        if (next == '"' || next == '\'') {
            made.constant = lexer_.quoted();
            return made;
        }
        if (std::isdigit(static_cast<unsigned char>(next)) || next == '-') {
            made.constant = lexer_.number();
            return made;
        }
        made.name = lexer_.name();
        if (made.name.empty()) lexer_.fail("a field");
        made.kind = Expression::Kind::field;
        if (!lexer_.take("(")) return made;
        made.kind = Expression::Kind::call;
        if (lexer_.take(")")) return made;
        do {
            made.parts.push_back(argument(made.name));
        } while (lexer_.take(","));
        if (!lexer_.take(")")) lexer_.fail(")");
        return made;
    }

    /// count(*), and bin(5m), whose argument is a period.
    Expression argument(const std::string& function) {
        Expression made;
        if (lexer_.take("*")) {
            made.constant = "*";
            return made;
        }
        if (function != "bin" || !std::isdigit(static_cast<unsigned char>(lexer_.peek()))) {
            return alternatives();
        }
        const Json count = lexer_.number();
        made.constant = shown(count) + lexer_.name();
        return made;
    }

    InsightsLexer& lexer_;
    int depth_ = 0;
};

// ---- Evaluation --------------------------------------------------------------------------------

bool truth(const Json& value) {
    if (value.is_boolean()) return value.get<bool>();
    const std::optional<double> number = number_of(value);
    return number ? *number != 0 : value.is_string() && !value.get<std::string>().empty();
}

Json compare(const std::string& relation, const Json& left, const Json& right) {
    if (left.is_null() || right.is_null()) return relation == "!=" && left != right;
    const std::optional<double> a = number_of(left);
    const std::optional<double> b = number_of(right);
    int order = 0;
    if (a && b) {
        order = *a < *b ? -1 : *a > *b ? 1 : 0;
    } else {
        order = shown(left).compare(shown(right));
    }
    if (relation == "=") return order == 0;
    if (relation == "!=") return order != 0;
    if (relation == "<") return order < 0;
    if (relation == "<=") return order <= 0;
    if (relation == ">") return order > 0;
    return order >= 0;
}

Json calculate(const std::string& name, const Json& left, const Json& right) {
    const std::optional<double> a = number_of(left);
    const std::optional<double> b = number_of(right);
    if (!a || !b) return Json();
    if (name == "+") return number_json(*a + *b);
    if (name == "-") return number_json(*a - *b);
    if (name == "*") return number_json(*a * *b);
    if (name == "^") return number_json(std::pow(*a, *b));
    if (*b == 0) return Json();
    return number_json(name == "/" ? *a / *b : std::fmod(*a, *b));
}

/// "5m" in milliseconds.
std::int64_t period_of(const std::string& text) {
    const std::int64_t count = std::max<std::int64_t>(1, std::atoll(text.c_str()));
    const std::size_t at = text.find_first_not_of("0123456789");
    const std::string unit = at == std::string::npos ? "s" : text.substr(at);
    if (unit.starts_with("ms")) return count;
    if (unit.starts_with("s")) return count * 1000;
    if (unit.starts_with("h")) return count * 3'600'000;
    if (unit.starts_with("d")) return count * 86'400'000;
    if (unit.starts_with("w")) return count * 604'800'000;
    return count * 60'000;
}

std::string lower_or_upper(std::string text, bool upper) {
    for (char& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        c = static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
    }
    return text;
}

Json call_text_function(const std::string& name, const std::vector<Json>& arguments) {
    const std::string text = arguments[0].is_null() ? "" : shown(arguments[0]);
    if (name == "strlen") return text.size();
    if (name == "toupper" || name == "upper") return lower_or_upper(text, true);
    if (name == "tolower" || name == "lower") return lower_or_upper(text, false);
    if (name == "trim" || name == "ltrim" || name == "rtrim") {
        std::size_t from = name == "rtrim" ? 0 : text.find_first_not_of(" \t\n");
        if (from == std::string::npos) return "";
        const std::size_t to = name == "ltrim" ? text.size() : text.find_last_not_of(" \t\n") + 1;
        return text.substr(from, to - from);
    }
    if (name == "concat") {
        std::string all;
        for (const Json& each : arguments) all += each.is_null() ? "" : shown(each);
        return all;
    }
    if (arguments.size() < 2) return Json();
    if (name == "strcontains") {
        return text.find(shown(arguments[1])) == std::string::npos ? 0 : 1;
    }
    if (name == "substr") {
        const auto from = static_cast<std::size_t>(number_of(arguments[1]).value_or(0));
        const double size = arguments.size() > 2 ? number_of(arguments[2]).value_or(0) : 1e9;
        return from >= text.size() ? "" : text.substr(from, static_cast<std::size_t>(size));
    }
    if (name == "replace" && arguments.size() > 2) {
        const std::string from = shown(arguments[1]);
        const std::string to = shown(arguments[2]);
        std::string out = text;
        for (std::size_t at = 0; !from.empty() && (at = out.find(from, at)) != std::string::npos;
             at += to.size()) {
            out.replace(at, from.size(), to);
        }
        return out;
    }
    return Json();
}

Json call_function(const std::string& written, const std::vector<Json>& arguments, const Row& row) {
    const std::string name = lower_or_upper(written, false);
    if (arguments.empty()) return Json();
    if (name == "bin") {
        const std::int64_t period = period_of(shown(arguments[0]));
        const std::int64_t time = row.value("@timestamp", std::int64_t{0});
        return time / period * period;
    }
    if (name == "ispresent") return !arguments[0].is_null();
    if (name == "isempty") return arguments[0].is_null() || shown(arguments[0]).empty();
    if (name == "isblank") {
        return arguments[0].is_null() ||
               shown(arguments[0]).find_first_not_of(" \t\n") == std::string::npos;
    }
    if (name == "coalesce") {
        for (const Json& each : arguments) {
            if (!each.is_null()) return each;
        }
        return Json();
    }
    const std::optional<double> number = number_of(arguments[0]);
    if (name == "abs") return number ? number_json(std::abs(*number)) : Json();
    if (name == "ceil") return number ? number_json(std::ceil(*number)) : Json();
    if (name == "floor") return number ? number_json(std::floor(*number)) : Json();
    if (name == "sqrt") return number ? number_json(std::sqrt(*number)) : Json();
    if (name == "log") return number ? number_json(std::log(*number)) : Json();
    if (name == "frommillis" || name == "tomillis") return arguments[0];
    if (name == "greatest" || name == "least") {
        Json best = arguments[0];
        for (const Json& each : arguments) {
            if (compare(name == "greatest" ? ">" : "<", each, best) == true) best = each;
        }
        return best;
    }
    return call_text_function(name, arguments);
}

}  // namespace

Expression parse_expression(InsightsLexer& lexer) {
    lexer.skip_space();
    const std::size_t start = lexer.position();
    Expression expression = Parser(lexer).alternatives();
    expression.text = lexer.since(start);
    return expression;
}

bool Expression::holds(const Row& row) const {
    return truth(value(row));
}

Json Expression::value(const Row& row) const {
    switch (kind) {
        case Kind::constant:
            return constant;
        case Kind::field: {
            const Json* found = find_member(row, name);
            return found == nullptr ? Json() : *found;
        }
        case Kind::negation:
            return !parts[0].holds(row);
        case Kind::like: {
            const Json subject = parts[0].value(row);
            if (subject.is_null()) return false;
            const std::string text = shown(subject);
            if (regex) return re2::RE2::PartialMatch(text, *regex);
            return text.find(constant.get_ref<const std::string&>()) != std::string::npos;
        }
        case Kind::in: {
            const Json subject = parts[0].value(row);
            return std::any_of(parts.begin() + 1, parts.end(), [&](const Expression& each) {
                return compare("=", subject, each.value(row)) == true;
            });
        }
        case Kind::call: {
            std::vector<Json> arguments;
            for (const Expression& each : parts) arguments.push_back(each.value(row));
            return call_function(name, arguments, row);
        }
        case Kind::binary:
            break;
    }
    if (name == "and") return parts[0].holds(row) && parts[1].holds(row);
    if (name == "or") return parts[0].holds(row) || parts[1].holds(row);
    const Json left = parts[0].value(row);
    const Json right = parts[1].value(row);
    if (name.size() == 1 && std::string_view("+-*/%^").find(name[0]) != std::string_view::npos) {
        return calculate(name, left, right);
    }
    return compare(name, left, right);
}

}  // namespace skafu::logs

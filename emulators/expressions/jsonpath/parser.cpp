#include "expressions/jsonpath/parser.h"

#include <array>
#include <charconv>

namespace skafu::jsonpath {
namespace {

constexpr std::string_view kEndOfName = ".[]() ,)&|=<>!~'\"";

/// Counts nesting for the life of one parse function.
class Nesting {
  public:
    explicit Nesting(int& depth) : depth_(depth) { ++depth_; }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;

  private:
    int& depth_;
};

bool is_definite_step(const Step& step, bool is_last) {
    switch (step.kind) {
        case Step::Kind::Name:
        case Step::Kind::Index:
            return true;
        case Step::Kind::Names:
            return is_last;
        default:
            return false;
    }
}

void classify(const std::vector<Step>& steps, bool& definite, bool& reference) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step& step = steps[i];
        if (step.kind == Step::Kind::Function) {
            definite = true;  // a function makes one value of whatever came before
            reference = false;
            return;
        }
        if (step.kind != Step::Kind::Name && step.kind != Step::Kind::Index) reference = false;
        if (!is_definite_step(step, i + 1 == steps.size())) definite = false;
    }
}

}  // namespace

bool Parser::take(char c) {
    if (peek() != c || at_end()) return false;
    ++at_;
    return true;
}

bool Parser::take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
}

bool Parser::take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    const std::size_t after = at_ + word.size();
    const bool ends =
        after >= text_.size() || !std::isalnum(static_cast<unsigned char>(text_[after]));
    if (ends) at_ = after;
    return ends;
}

void Parser::expect(char c) {
    if (!take(c)) fail(std::string("Expected '") + c + "'");
}

void Parser::blanks() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n')) ++at_;
}

void Parser::fail(const std::string& why) const {
    throw JsonPathError(why, at_);
}

JsonPath Parser::path() {
    if (text_.empty()) fail("Path can not be empty");
    JsonPath result = path_from_root('$');
    if (!at_end()) fail("Could not parse token at position " + std::to_string(at_));
    return result;
}

JsonPath Parser::path_from_root(char root) {
    const Nesting nesting(depth_);
    if (depth_ > kMaxNesting) fail("The path is nested too deeply");
    const std::size_t start = at_;
    if (!take(root)) fail("Path must start with '$'");
    JsonPath result;
    if (root == '$' && dialect_ == Dialect::States) {
        if (take('$')) {
            result.root_ = Root::Context;
        } else if (!at_end() && kEndOfName.find(peek()) == std::string_view::npos) {
            result.root_ = Root::Variable;
            result.variable_ = name();
        }
    }
    std::vector<Step> list;
    steps(list);
    classify(list, result.definite_, result.reference_);
    result.steps_ = std::make_shared<const std::vector<Step>>(std::move(list));
    result.text_ = std::string(text_.substr(start, at_ - start));
    return result;
}

void Parser::steps(std::vector<Step>& into) {
    while (!at_end()) {
        if (!into.empty() && into.back().kind == Step::Kind::Function) return;
        if (peek() == '.') {
            dotted(into);
        } else if (peek() == '[') {
            into.push_back(bracket());
        } else {
            return;
        }
    }
}

void Parser::dotted(std::vector<Step>& into) {
    expect('.');
    if (take('.')) {
        Step descend;
        descend.kind = Step::Kind::Descend;
        into.push_back(std::move(descend));
        if (at_end()) fail("Path must not end with a '.' or '..'");
        if (peek() == '[') {
            into.push_back(bracket());
            return;
        }
    }
    if (at_end()) fail("Path must not end with a '.' or '..'");
    Step step;
    if (take('*')) {
        step.kind = Step::Kind::Wildcard;
        into.push_back(std::move(step));
        return;
    }
    step.name = name();
    if (peek() == '(') {
        into.push_back(function(step.name));
    } else {
        into.push_back(std::move(step));
    }
}

std::string Parser::name() {
    const std::size_t start = at_;
    while (!at_end() && kEndOfName.find(peek()) == std::string_view::npos) ++at_;
    if (at_ == start) fail("Could not parse a property name at position " + std::to_string(at_));
    return std::string(text_.substr(start, at_ - start));
}

Step Parser::bracket() {
    expect('[');
    blanks();
    Step step;
    if (peek() == '\'' || peek() == '"') {
        step = quoted_names();
    } else if (take('*')) {
        step.kind = Step::Kind::Wildcard;
    } else if (take('?')) {
        blanks();
        expect('(');
        step.kind = Step::Kind::Filter;
        step.filter = std::make_shared<const Filter>(disjunction());
        blanks();
        expect(')');
    } else {
        step = numbers();
    }
    blanks();
    expect(']');
    return step;
}

Step Parser::quoted_names() {
    Step step;
    step.name = quoted();
    blanks();
    if (peek() != ',') return step;
    step.kind = Step::Kind::Names;
    step.names.push_back(std::move(step.name));
    while (take(',')) {
        blanks();
        step.names.push_back(quoted());
        blanks();
    }
    return step;
}

Step Parser::numbers() {
    Step step;
    std::optional<std::int64_t> first;
    if (peek() != ':') first = integer();
    blanks();
    if (take(':')) {
        step.kind = Step::Kind::Slice;
        step.from = first;
        blanks();
        if (peek() != ']' && peek() != ':') step.to = integer();
        blanks();
        if (take(':')) {
            blanks();
            if (peek() != ']') step.stride = integer();
            if (step.stride < 1) fail("The step of a slice must be positive");
        }
        return step;
    }
    step.kind = Step::Kind::Index;
    step.indexes.push_back(*first);
    while (take(',')) {
        blanks();
        step.kind = Step::Kind::Indexes;
        step.indexes.push_back(integer());
        blanks();
    }
    return step;
}

std::int64_t Parser::integer() {
    std::int64_t value = 0;
    const char* const from = text_.data() + at_;
    const auto [end, error] = std::from_chars(from, text_.data() + text_.size(), value);
    if (error != std::errc() || end == from) fail("Expected a number or a quoted name in brackets");
    at_ += static_cast<std::size_t>(end - from);
    return value;
}

std::string Parser::quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("Expected a quoted name");
    ++at_;
    std::string value;
    while (!at_end() && peek() != quote) {
        // Only the quote and the backslash are escaped; AWS keeps any other backslash.
        const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (peek() == '\\' && (next == quote || next == '\\')) ++at_;
        value += peek();
        ++at_;
    }
    expect(quote);
    return value;
}

Step Parser::function(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, Function>, 13> kFunctions{{
        {"length", Function::Length},
        {"size", Function::Length},
        {"min", Function::Min},
        {"max", Function::Max},
        {"avg", Function::Avg},
        {"sum", Function::Sum},
        {"stddev", Function::Stddev},
        {"keys", Function::Keys},
        {"first", Function::First},
        {"last", Function::Last},
        {"index", Function::Index},
        {"concat", Function::Concat},
        {"append", Function::Append},
    }};
    Step step;
    step.kind = Step::Kind::Function;
    step.name = std::string(name);
    const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found == kFunctions.end()) fail("Function with name: " + step.name + " does not exist.");
    step.function = found->second;
    expect('(');
    blanks();
    while (!take(')')) {
        if (peek() == '$') {
            step.arguments.emplace_back(path_from_root('$'));
        } else {
            step.arguments.emplace_back(literal());
        }
        blanks();
        if (peek() != ')') expect(',');
        blanks();
    }
    return step;
}

}  // namespace skafu::jsonpath

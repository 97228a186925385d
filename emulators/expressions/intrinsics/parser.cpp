#include "expressions/intrinsics/node.h"

namespace skafu::intrinsics {
namespace {

constexpr std::string_view kPrefix = "States.";
constexpr int kMaxDepth = 32;

/// A recursive-descent parser of one call.
class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Node whole() {
        blanks();
        Node call = parse_call();
        blanks();
        if (at_ != text_.size()) fail("Unexpected text after the call");
        return call;
    }

  private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    [[noreturn]] void fail(const std::string& why) const {
        throw SyntaxError(why + " at position " + std::to_string(at_));
    }

    void blanks() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
    }

    Node parse_call() {
        if (++depth_ > kMaxDepth) fail("Calls are nested too deeply");
        const std::size_t start = at_;
        if (!text_.substr(at_).starts_with(kPrefix)) fail("Expected a function of States");
        at_ += kPrefix.size();
        const std::size_t name_at = at_;
        while (std::isalnum(static_cast<unsigned char>(peek()))) ++at_;
        const std::string_view name = text_.substr(name_at, at_ - name_at);
        Node call;
        call.kind = Node::Kind::Call;
        call.function = find_function(name);
        if (call.function == nullptr) {
            throw SyntaxError("Unknown intrinsic function States." + std::string(name),
                              nearest_function(name));
        }
        blanks();
        if (peek() != '(') fail("Expected '('");
        ++at_;
        parse_arguments(call);
        call.text = std::string(text_.substr(start, at_ - start));
        const std::size_t count = call.arguments.size();
        if (count < call.function->min_arguments || count > call.function->max_arguments) {
            throw SyntaxError("Invalid number of arguments for States." + std::string(name));
        }
        --depth_;
        return call;
    }

    void parse_arguments(Node& call) {
        blanks();
        if (peek() == ')') {
            ++at_;
            return;
        }
        while (true) {
            blanks();
            call.arguments.push_back(parse_argument());
            blanks();
            if (peek() == ')') {
                ++at_;
                return;
            }
            if (peek() != ',') fail("Expected ',' or ')'");
            ++at_;
        }
    }

    Node parse_argument() {
        if (peek() == '\'') return parse_string();
        if (peek() == '$') return parse_path();
        if (text_.substr(at_).starts_with(kPrefix)) return parse_call();
        Node node;
        const std::size_t end = std::min(text_.find_first_of(",) \t\n", at_), text_.size());
        const std::string_view word = text_.substr(at_, end - at_);
        if (word != "true" && word != "false" && word != "null" &&
            word.find_first_not_of("0123456789.eE+-") != std::string_view::npos) {
            fail("Expected a path, a string in single quotes, a number or a call");
        }
        try {
            node.literal = parse_json(word);
        } catch (const JsonError&) {
            fail("Malformed number");
        }
        at_ = end;
        return node;
    }

    Node parse_string() {
        ++at_;
        Node node;
        std::string value;
        while (peek() != '\'') {
            if (at_ >= text_.size()) fail("Unterminated string");
            if (peek() != '\\') {
                value += peek();
                node.raw += peek();
                ++at_;
                continue;
            }
            node.raw += peek();
            ++at_;
            switch (peek()) {
                case '\'':
                case '{':
                case '}':
                case '\\':
                    value += peek();
                    break;
                case 'n':
                    value += '\n';
                    break;
                case 'r':
                    value += '\r';
                    break;
                case 't':
                    value += '\t';
                    break;
                default:
                    fail("Illegal escape");
            }
            node.raw += peek();
            ++at_;
        }
        ++at_;
        node.literal = std::move(value);
        return node;
    }

    /// A path ends at a comma or a closing parenthesis outside its own brackets and quotes.
    Node parse_path() {
        const std::size_t start = at_;
        int depth = 0;
        char quote = '\0';
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (quote != '\0') {
                if (c == '\\')
                    ++at_;
                else if (c == quote)
                    quote = '\0';
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '[' || c == '(') {
                ++depth;
            } else if (c == ']' || (c == ')' && depth > 0)) {
                --depth;
            } else if (depth == 0 && (c == ',' || c == ')' || c == ' ')) {
                break;
            }
        }
        Node node;
        node.kind = Node::Kind::Path;
        const std::size_t end = std::min(at_, text_.size());
        try {
            node.path = jsonpath::JsonPath::compile(text_.substr(start, end - start),
                                                    jsonpath::Dialect::States);
        } catch (const jsonpath::JsonPathError& error) {
            throw SyntaxError(error.what());
        }
        return node;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

void visit_paths(const Node& node, const std::function<void(const jsonpath::JsonPath&)>& visit) {
    if (node.kind == Node::Kind::Path) visit(*node.path);
    for (const Node& argument : node.arguments) visit_paths(argument, visit);
}

Json evaluate_node(const Node& node, Scope& scope);

Json evaluate_argument(const Node& call, const Node& argument, Scope& scope) {
    if (argument.kind == Node::Kind::Literal) return argument.literal;
    if (argument.kind == Node::Kind::Call) return evaluate_node(argument, scope);
    const Json& root = scope.root_of(*argument.path);
    Json value;
    if (argument.path->try_read(root, value)) return value;
    throw Failure("States.Runtime",
                  "The function '" + call.text +
                      "' had the following error: The JsonPath argument for the field '" +
                      argument.path->text() + "' could not be found in the input '" +
                      to_text(root) + "'");
}

Json evaluate_node(const Node& node, Scope& scope) {
    Arguments arguments{node, {}, scope};
    arguments.values.reserve(node.arguments.size());
    for (const Node& argument : node.arguments) {
        arguments.values.push_back(evaluate_argument(node, argument, scope));
    }
    return node.function->run(arguments);
}

}  // namespace

bool looks_like_call(std::string_view text) {
    return text.starts_with(kPrefix);
}

Call Call::compile(std::string_view text) {
    return Call(std::make_shared<const Node>(Parser(text).whole()));
}

Json Call::evaluate(Scope& scope) const {
    return evaluate_node(*root_, scope);
}

void Call::for_each_path(const std::function<void(const jsonpath::JsonPath&)>& visit) const {
    visit_paths(*root_, visit);
}

}  // namespace skafu::intrinsics

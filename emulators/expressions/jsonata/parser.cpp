#include <array>
#include <optional>

#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/lexer.h"
#include "expressions/jsonata/node.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr std::uint32_t kTallest = 1500;

struct Operator {
    std::string_view text;
    int power;  // 0: no infix operator
    Op op = Op::none;
};

// Binding powers of the JSONata grammar.
constexpr Operator kOperators[] = {
    {".", 75},
    {"[", 80},
    {"{", 70},
    {"(", 80},
    {"@", 80},
    {"#", 80},
    {"?", 20},
    {"+", 50, Op::add},
    {"-", 50, Op::subtract},
    {"*", 60, Op::multiply},
    {"/", 60, Op::divide},
    {"%", 60, Op::remainder},
    {"=", 40, Op::equal},
    {"<", 40, Op::less},
    {">", 40, Op::greater},
    {"!=", 40, Op::not_equal},
    {"<=", 40, Op::less_equal},
    {">=", 40, Op::greater_equal},
    {"^", 40},
    {":=", 10},
    {"~>", 40},
    {"?:", 40},
    {"??", 40},
    {"and", 30, Op::logical_and},
    {"or", 25, Op::logical_or},
    {"in", 40, Op::in},
    {"&", 50, Op::concat},
};

const Operator* find_operator(const Token& token) {
    if (token.type != TokenType::op) return nullptr;
    for (const Operator& op : kOperators) {
        if (op.text == token.text) return &op;
    }
    return nullptr;
}

/// Top-down operator precedence (V. Pratt). Every token is looked at once.
class Parser {
  public:
    Parser(Program& program, std::string_view source) : program_(program), lexer_(source) {
        advance(Lexer::Place::operand);
    }

    Node* whole() {
        Node* node = expression(0);
        if (token_.type != TokenType::end) {
            throw JsonataError("S0201").at(token_.position).token(token_.shown());
        }
        return node;
    }

  private:
    void advance(Lexer::Place place) {
        token_ = lexer_.next(place);
        if (token_.is("!") || token_.is("~")) {
            throw JsonataError("S0204").at(token_.position).token(token_.text);
        }
    }

    void expect(std::string_view op, Lexer::Place place = Lexer::Place::operand) {
        if (!token_.is(op)) {
            throw JsonataError(token_.type == TokenType::end ? "S0203" : "S0202")
                .at(token_.position)
                .token(token_.shown())
                .value(std::string(op));
        }
        advance(place);
    }

    Node* expression(int power);
    Node* operand(const Token& token);
    Node* operand_operator(const Token& token);
    Node* operator_of(const Token& token, const Operator& op, Node* left);
    Node* call(std::size_t position, Node* procedure);
    void make_lambda(Node* node);
    std::unique_ptr<Signature> signature();
    Node* block(std::size_t position);
    Node* array(std::size_t position);
    Node* filter(std::size_t position, Node* left);
    Node* order(std::size_t position, Node* left);
    Pairs pairs();
    Node* bind(std::size_t position, Node* left);
    Node* variable_bind(NodeType type, const Token& token, Node* left);
    Node* condition(std::size_t position, Node* left);
    Node* transform(std::size_t position);
    Node* two_sided(NodeType type, std::size_t position, Node* left, int power);
    void measure(Node* node) const;

    Program& program_;
    Lexer lexer_;
    Token token_;
    std::uint32_t depth_ = 0;
};

void Parser::measure(Node* node) const {
    std::uint32_t tallest = 0;
    const auto look = [&](const Node* child) {
        if (child != nullptr) tallest = std::max(tallest, child->height);
    };
    look(node->first);
    look(node->second);
    look(node->third);
    for (const Node* item : node->items) look(item);
    for (const auto& [key, value] : node->pairs) {
        look(key);
        look(value);
    }
    for (const SortTerm& term : node->terms) look(term.expression);
    node->height = tallest + 1;
    if (node->height > kTallest) {
        throw JsonataError("U1001").message("The expression is nested too deeply");
    }
}

Node* Parser::expression(int power) {
    if (++depth_ > kTallest) {
        throw JsonataError("U1001").message("The expression is nested too deeply");
    }
    Token token = std::move(token_);
    advance(Lexer::Place::infix);
    Node* left = operand(token);
    measure(left);
    for (const Operator* op = find_operator(token_); op != nullptr && power < op->power;
         op = find_operator(token_)) {
        token = std::move(token_);
        advance(Lexer::Place::operand);
        left = operator_of(token, *op, left);
        measure(left);
    }
    --depth_;
    return left;
}

Node* Parser::operand(const Token& token) {
    const auto leaf = [&](NodeType type) {
        Node* node = program_.make(type, token.position);
        node->text = token.text;
        return node;
    };
    switch (token.type) {
        case TokenType::end:
            return leaf(NodeType::end);
        case TokenType::name:
            return leaf(NodeType::name);
        case TokenType::string:
            return leaf(NodeType::string);
        case TokenType::value:
            return leaf(NodeType::value);
        case TokenType::variable: {
            Node* node = leaf(NodeType::variable);
            node->builtin = find_builtin(node->text, program_.dialect);
            return node;
        }
        case TokenType::number: {
            Node* node = leaf(NodeType::number);
            node->number = token.number;
            return node;
        }
        case TokenType::regex: {
            Node* node = leaf(NodeType::regex);
            node->regex = std::make_unique<Regex>(token.text, token.flags, token.position);
            return node;
        }
        case TokenType::op:
            break;
    }
    return operand_operator(token);
}

Node* Parser::operand_operator(const Token& token) {
    const std::string_view op = token.text;
    if (op == "and" || op == "or" || op == "in") {
        Node* node = program_.make(NodeType::word, token.position);
        node->text = token.text;
        return node;
    }
    if (op == "-") {
        Node* node = program_.make(NodeType::negate, token.position);
        node->first = expression(70);
        return node;
    }
    if (op == "*") return program_.make(NodeType::wildcard, token.position);
    if (op == "**") return program_.make(NodeType::descendant, token.position);
    if (op == "%") return program_.make(NodeType::parent, token.position);
    if (op == "(") return block(token.position);
    if (op == "[") return array(token.position);
    if (op == "{") {
        Node* node = program_.make(NodeType::object, token.position);
        node->pairs = pairs();
        return node;
    }
    if (op == "|") return transform(token.position);
    throw JsonataError("S0211").at(token.position).token(token.text);
}

Node* Parser::two_sided(NodeType type, std::size_t position, Node* left, int power) {
    Node* node = program_.make(type, position);
    node->first = left;
    node->second = expression(power);
    return node;
}

Node* Parser::operator_of(const Token& token, const Operator& op, Node* left) {
    const std::size_t position = token.position;
    if (op.op != Op::none) {
        Node* node = two_sided(NodeType::binary, position, left, op.power);
        node->op = op.op;
        node->text = token.text;
        return node;
    }
    if (op.text == ".") return two_sided(NodeType::dot, position, left, op.power);
    if (op.text == "~>") return two_sided(NodeType::apply, position, left, op.power);
    if (op.text == "?:") return two_sided(NodeType::elvis, position, left, 0);
    if (op.text == "??") return two_sided(NodeType::coalesce, position, left, 0);
    if (op.text == "(") return call(position, left);
    if (op.text == "[") return filter(position, left);
    if (op.text == "^") return order(position, left);
    if (op.text == "?") return condition(position, left);
    if (op.text == ":=") return bind(position, left);
    if (op.text == "@") return variable_bind(NodeType::focus, token, left);
    if (op.text == "#") return variable_bind(NodeType::index, token, left);
    Node* node = program_.make(NodeType::group_by, position);
    node->first = left;
    node->pairs = pairs();
    return node;
}

Node* Parser::call(std::size_t position, Node* procedure) {
    Node* node = program_.make(NodeType::function, position);
    node->first = procedure;
    if (!token_.is(")")) {
        for (;;) {
            if (token_.is("?")) {
                node->type = NodeType::partial;
                node->items.push_back(program_.make(NodeType::placeholder, token_.position));
                advance(Lexer::Place::operand);
            } else {
                node->items.push_back(expression(0));
            }
            if (!token_.is(",")) break;
            advance(Lexer::Place::operand);
        }
    }
    expect(")", Lexer::Place::infix);
    const bool lambda = procedure->type == NodeType::name &&
                        (procedure->text == "function" || procedure->text == "λ");
    if (lambda) make_lambda(node);
    return node;
}

void Parser::make_lambda(Node* node) {
    for (std::size_t i = 0; i < node->items.size(); ++i) {
        const Node& parameter = *node->items[i];
        if (parameter.type != NodeType::variable) {
            throw JsonataError("S0208").at(parameter.position).token(parameter.text).value(i + 1);
        }
    }
    node->type = NodeType::lambda;
    if (token_.is("<")) node->signature = signature();
    expect("{");
    node->first = expression(0);
    expect("}");
}

std::unique_ptr<Signature> Parser::signature() {
    const std::size_t position = token_.position;
    std::string text = "<";
    for (int depth = 1; depth > 0 && !token_.is("{") && token_.type != TokenType::end;) {
        advance(Lexer::Place::operand);
        if (token_.is(">")) --depth;
        if (token_.is("<")) ++depth;
        text += token_.shown();
    }
    expect(">");
    return std::make_unique<Signature>(Signature::parse(text, position));
}

Node* Parser::block(std::size_t position) {
    Node* node = program_.make(NodeType::block, position);
    while (!token_.is(")")) {
        node->items.push_back(expression(0));
        if (!token_.is(";")) break;
        advance(Lexer::Place::operand);
    }
    expect(")", Lexer::Place::infix);
    return node;
}

Node* Parser::array(std::size_t position) {
    Node* node = program_.make(NodeType::array, position);
    if (!token_.is("]")) {
        for (;;) {
            Node* item = expression(0);
            if (token_.is("..")) {
                Node* range = program_.make(NodeType::binary, token_.position);
                range->op = Op::range;
                range->text = "..";
                range->first = item;
                advance(Lexer::Place::operand);
                range->second = expression(0);
                item = range;
            }
            node->items.push_back(item);
            if (!token_.is(",")) break;
            advance(Lexer::Place::operand);
        }
    }
    expect("]", Lexer::Place::infix);
    return node;
}

Node* Parser::filter(std::size_t position, Node* left) {
    if (token_.is("]")) {
        Node* step = left;
        while (step->type == NodeType::filter) step = step->first;
        step->keep_array = true;
        advance(Lexer::Place::operand);
        return left;
    }
    Node* node = two_sided(NodeType::filter, position, left, 0);
    expect("]", Lexer::Place::infix);
    return node;
}

Node* Parser::order(std::size_t position, Node* left) {
    expect("(");
    Node* node = program_.make(NodeType::order_by, position);
    node->first = left;
    for (;;) {
        SortTerm term;
        if (token_.is("<") || token_.is(">")) {
            term.descending = token_.is(">");
            advance(Lexer::Place::operand);
        }
        term.expression = expression(0);
        node->terms.push_back(term);
        if (!token_.is(",")) break;
        advance(Lexer::Place::operand);
    }
    expect(")");
    return node;
}

Pairs Parser::pairs() {
    Pairs pairs;
    if (!token_.is("}")) {
        for (;;) {
            Node* key = expression(0);
            expect(":");
            pairs.emplace_back(key, expression(0));
            if (!token_.is(",")) break;
            advance(Lexer::Place::operand);
        }
    }
    expect("}", Lexer::Place::infix);
    return pairs;
}

Node* Parser::bind(std::size_t position, Node* left) {
    if (left->type != NodeType::variable) {
        throw JsonataError("S0212").at(left->position).token(left->text);
    }
    return two_sided(NodeType::bind, position, left, 9);
}

Node* Parser::variable_bind(NodeType type, const Token& token, Node* left) {
    Node* node = two_sided(type, token.position, left, 80);
    if (node->second->type != NodeType::variable) {
        throw JsonataError("S0214").at(node->second->position).token(token.text);
    }
    return node;
}

Node* Parser::condition(std::size_t position, Node* left) {
    Node* node = two_sided(NodeType::condition, position, left, 0);
    if (token_.is(":")) {
        advance(Lexer::Place::operand);
        node->third = expression(0);
    }
    return node;
}

Node* Parser::transform(std::size_t position) {
    Node* node = program_.make(NodeType::transform, position);
    node->first = expression(0);
    expect("|");
    node->second = expression(0);
    if (token_.is(",")) {
        advance(Lexer::Place::operand);
        node->third = expression(0);
    }
    expect("|");
    return node;
}

}  // namespace

std::shared_ptr<const Program> make_program(std::string_view source, Dialect dialect) {
    auto program = std::make_shared<Program>();
    program->dialect = dialect;
    Parser parser(*program, source);
    Node* root = resolve(*program, parser.whole());
    if (root->type == NodeType::parent || !root->seeking_parent.empty()) {
        throw JsonataError("S0217").at(root->position);
    }
    program->root = root;
    prepare(*program);
    return program;
}

}  // namespace skafu::jsonata

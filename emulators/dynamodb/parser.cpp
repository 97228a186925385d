#include <array>
#include <cctype>
#include <list>
#include <optional>
#include <unordered_map>

#include "core/aws_error.h"
#include "dynamodb/expression.h"
#include "dynamodb/lexer.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kMaxExpressionBytes = 4096;
constexpr std::size_t kMaxOperators = 300;
constexpr std::size_t kMaxPathSteps = 32;
constexpr std::size_t kMaxInOperands = 100;

struct FunctionRule {
    std::string_view name;
    std::size_t operands;
    bool is_condition;  // stands alone in a condition
    bool in_update;     // belongs to SET
};
constexpr std::array<FunctionRule, 8> kFunctions = {{
    {"attribute_exists", 1, true, false},
    {"attribute_not_exists", 1, true, false},
    {"attribute_type", 2, true, false},
    {"begins_with", 2, true, false},
    {"contains", 2, true, false},
    {"size", 1, false, false},
    {"if_not_exists", 2, false, true},
    {"list_append", 2, false, true},
}};

const FunctionRule* find_function(std::string_view name) {
    for (const FunctionRule& rule : kFunctions) {
        if (rule.name == name) return &rule;
    }
    return nullptr;
}

bool same_word(std::string_view a, std::string_view upper) {
    if (a.size() != upper.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::toupper(static_cast<unsigned char>(a[i])) != upper[i]) return false;
    }
    return true;
}

/// Recursive descent for operands, an explicit stack for conditions: deep parentheses cost
/// neither stack nor time. Errors of meaning wait until the syntax is known to be right.
class Parser {
  public:
    Parser(ExpressionKind kind, std::string_view text)
        : text_(text), tokens_(tokenize(text)), out_(std::make_shared<Expression>()) {
        out_->kind = kind;
    }

    std::shared_ptr<const Expression> parse() {
        switch (out_->kind) {
            case ExpressionKind::kProjection:
                parse_projection();
                break;
            case ExpressionKind::kUpdate:
                parse_update();
                break;
            default:
                parse_condition();
                break;
        }
        if (operators_ > kMaxOperators) {
            reject("The expression contains too many operators; operator count: " +
                   std::to_string(operators_));
        }
        if (!fault_.empty()) reject(fault_);
        return out_;
    }

  private:
    /// The order in which AWS reports faults of a text whose syntax is right.
    enum Rank { kParentheses, kFunctionName, kReserved, kRange, kUse };

    [[noreturn]] void reject(const std::string& why) const { reject_expression(out_->kind, why); }

    void note(Rank rank, std::string why) {
        if (!fault_.empty() && fault_rank_ <= rank) return;
        fault_rank_ = rank;
        fault_ = std::move(why);
    }

    const Token& token() const { return tokens_[at_]; }
    std::string_view text_of(const Token& token) const {
        return text_.substr(token.begin, token.end - token.begin);
    }
    bool is_sign(std::string_view sign) const { return is_sign_at(at_, sign); }
    bool is_sign_at(std::size_t at, std::string_view sign) const {
        return tokens_[at].kind == Token::Kind::kSign && text_of(tokens_[at]) == sign;
    }
    bool is_keyword(std::string_view upper) const {
        return token().kind == Token::Kind::kIdentifier && same_word(text_of(token()), upper);
    }

    [[noreturn]] void syntax_error() const {
        const Token& here = token();
        const std::size_t first = at_ > 0 ? at_ - 1 : at_;
        const std::size_t last = here.kind == Token::Kind::kEnd ? at_ : at_ + 1;
        const std::size_t begin = tokens_[first].begin;
        const std::string_view near = text_.substr(begin, tokens_[last].end - begin);
        const std::string_view shown =
            here.kind == Token::Kind::kEnd ? std::string_view("<EOF>") : text_of(here);
        reject("Syntax error; token: \"" + std::string(shown) + "\", near: \"" + std::string(near) +
               "\"");
    }

    void expect(std::string_view sign) {
        if (!is_sign(sign)) syntax_error();
        ++at_;
    }

    std::size_t reference(std::vector<std::string>& known) {
        const std::string_view name = text_of(token());
        ++at_;
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (known[i] == name) return i;
        }
        known.emplace_back(name);
        return known.size() - 1;
    }

    PathStep parse_name_step() {
        PathStep step;
        if (token().kind == Token::Kind::kName) {
            step.kind = PathStep::Kind::kPlaceholder;
            step.index = reference(out_->names);
            return step;
        }
        if (token().kind != Token::Kind::kIdentifier) syntax_error();
        step.name = text_of(token());
        if (is_reserved_word(step.name)) {
            note(kReserved, "Attribute name is a reserved keyword; reserved keyword: " + step.name);
        }
        ++at_;
        return step;
    }

    PathStep parse_index_step() {
        ++at_;
        if (token().kind != Token::Kind::kInteger) syntax_error();
        const std::string digits(text_of(token()));
        PathStep step;
        step.kind = PathStep::Kind::kIndex;
        std::size_t significant = digits.find_first_not_of('0');
        if (significant == std::string::npos) significant = digits.size() - 1;
        const std::string value = digits.substr(significant);
        if (value.size() > 10 || std::stoull(value) > 2147483647ULL) {
            note(kRange, "List index is not within the allowable range; index: [" + digits + "]");
        } else {
            step.index = std::stoull(value);
        }
        ++at_;
        expect("]");
        return step;
    }

    Path parse_path() {
        Path path;
        path.push_back(parse_name_step());
        while (true) {
            if (is_sign(".")) {
                ++at_;
                path.push_back(parse_name_step());
            } else if (is_sign("[")) {
                path.push_back(parse_index_step());
            } else {
                break;
            }
        }
        if (path.size() > kMaxPathSteps) {
            note(kRange, "The document path has too many nesting levels; nesting levels: " +
                             std::to_string(path.size()));
        }
        return path;
    }

    Operand parse_function() {
        Operand call;
        call.kind = Operand::Kind::kFunction;
        call.function = text_of(token());
        at_ += 2;
        do {
            if (!call.arguments.empty()) ++at_;
            call.arguments.push_back(parse_operand());
        } while (is_sign(","));
        expect(")");
        check_function(call);
        return call;
    }

    void check_function(const Operand& call) {
        const FunctionRule* rule = find_function(call.function);
        if (rule == nullptr) {
            note(kFunctionName, "Invalid function name; function: " + call.function);
            return;
        }
        const bool update = out_->kind == ExpressionKind::kUpdate;
        if (update != rule->in_update) {
            note(kFunctionName, std::string("The function is not allowed in ") +
                                    (update ? "an update" : "a condition") +
                                    " expression; function: " + call.function);
            return;
        }
        if (call.arguments.size() != rule->operands) {
            note(kUse,
                 "Incorrect number of operands for operator or function; operator or "
                 "function: " +
                     call.function +
                     ", number of operands: " + std::to_string(call.arguments.size()));
            return;
        }
        const Operand& first = call.arguments.front();
        const bool needs_path = rule->name == "attribute_exists" ||
                                rule->name == "attribute_not_exists" ||
                                rule->name == "attribute_type" || rule->name == "if_not_exists";
        if (needs_path && first.kind != Operand::Kind::kPath) {
            note(kUse, "Operator or function requires a document path; operator or function: " +
                           call.function);
        }
        for (const Operand& argument : call.arguments) check_nested(call, argument);
    }

    /// Which function may stand inside which: only if_not_exists inside the two of SET, and size
    /// inside none.
    void check_nested(const Operand& call, const Operand& argument) {
        if (argument.kind != Operand::Kind::kFunction) return;
        if (argument.function == "if_not_exists") return;
        if (argument.function == "list_append" && call.function == "if_not_exists") return;
        if (find_function(argument.function) == nullptr) return;
        note(kUse, "The function is not allowed to be used this way in an expression; function: " +
                       argument.function);
    }

    Operand parse_operand() {
        if (token().kind == Token::Kind::kValue) {
            Operand operand;
            operand.kind = Operand::Kind::kValue;
            operand.value = reference(out_->values);
            return operand;
        }
        if (is_sign("(")) return parse_parenthesized_operand();
        if (token().kind == Token::Kind::kIdentifier && is_sign_at(at_ + 1, "(")) {
            return parse_function();
        }
        Operand operand;
        operand.path = parse_path();
        return operand;
    }

    Operand parse_parenthesized_operand() {
        std::size_t pairs = 0;
        for (; is_sign("("); ++at_) ++pairs;
        if (pairs > 1) note(kParentheses, "The expression has redundant parentheses");
        Operand operand = out_->kind == ExpressionKind::kUpdate ? parse_sum() : parse_operand();
        for (; pairs > 0; --pairs) expect(")");
        return operand;
    }

    Operand parse_sum() {
        Operand left = parse_operand();
        if (!is_sign("+") && !is_sign("-")) return left;
        Operand sum;
        sum.kind = is_sign("+") ? Operand::Kind::kPlus : Operand::Kind::kMinus;
        ++at_;
        ++operators_;
        sum.arguments.push_back(std::move(left));
        sum.arguments.push_back(parse_operand());
        return sum;
    }

    // ---- conditions ----

    struct Pending {
        enum class Kind { kParenthesis, kNot, kAnd, kOr };
        Kind kind;
    };
    struct Parsed {
        std::size_t node;
        bool wrapped;  // stands in parentheses of its own
    };

    void parse_condition() {
        bool operand_next = true;
        while (true) {
            if (operand_next) {
                if (is_sign("(") && !is_operand_group()) {
                    pending_.push_back({Pending::Kind::kParenthesis});
                    ++open_parentheses_;
                    ++at_;
                } else if (is_keyword("NOT")) {
                    pending_.push_back({Pending::Kind::kNot});
                    ++operators_;
                    ++at_;
                } else {
                    parsed_.push_back({parse_predicate(), false});
                    operand_next = false;
                }
            } else if (is_keyword("AND") || is_keyword("OR")) {
                const Pending::Kind op =
                    is_keyword("AND") ? Pending::Kind::kAnd : Pending::Kind::kOr;
                reduce_down_to(op);
                pending_.push_back({op});
                ++operators_;
                ++at_;
                operand_next = true;
            } else if (is_sign(")") && has_open_parenthesis()) {
                close_parenthesis();
            } else {
                break;
            }
        }
        if (token().kind != Token::Kind::kEnd || has_open_parenthesis()) syntax_error();
        reduce_down_to(Pending::Kind::kParenthesis);
        put_root_last(parsed_.back().node);
    }

    /// Whether the parenthesis at hand encloses an operand, as in "(a) = :b".
    bool is_operand_group() const {
        const std::size_t partner = token().partner;
        if (partner == 0) return false;
        const Token& after = tokens_[partner + 1];
        const std::string_view text = text_of(after);
        if (after.kind == Token::Kind::kIdentifier) {
            return same_word(text, "BETWEEN") || same_word(text, "IN");
        }
        return after.kind == Token::Kind::kSign && comparator(text).has_value();
    }

    bool has_open_parenthesis() const { return open_parentheses_ > 0; }

    void close_parenthesis() {
        reduce_down_to(Pending::Kind::kParenthesis);
        pending_.pop_back();
        --open_parentheses_;
        if (parsed_.back().wrapped) {
            note(kParentheses, "The expression has redundant parentheses");
        }
        parsed_.back().wrapped = true;
        ++at_;
    }

    /// Builds the nodes of all waiting operators that bind at least as tightly as `op`.
    void reduce_down_to(Pending::Kind op) {
        const auto strength = [](Pending::Kind kind) {
            switch (kind) {
                case Pending::Kind::kNot:
                    return 3;
                case Pending::Kind::kAnd:
                    return 2;
                case Pending::Kind::kOr:
                    return 1;
                case Pending::Kind::kParenthesis:
                    return 0;
            }
            return 0;
        };
        while (!pending_.empty() && pending_.back().kind != Pending::Kind::kParenthesis &&
               strength(pending_.back().kind) >= strength(op)) {
            reduce_one();
        }
    }

    void reduce_one() {
        const Pending::Kind op = pending_.back().kind;
        pending_.pop_back();
        ConditionNode node;
        node.right = parsed_.back().node;
        parsed_.pop_back();
        if (op == Pending::Kind::kNot) {
            node.op = Operator::kNot;
            node.left = node.right;
        } else {
            node.op = op == Pending::Kind::kAnd ? Operator::kAnd : Operator::kOr;
            node.left = parsed_.back().node;
            parsed_.pop_back();
        }
        parsed_.push_back({add_node(std::move(node)), false});
    }

    std::size_t add_node(ConditionNode node) {
        out_->nodes.push_back(std::move(node));
        return out_->nodes.size() - 1;
    }

    /// Nodes are added after their children, so the root is the last one already.
    void put_root_last(std::size_t root) {
        if (root + 1 != out_->nodes.size()) syntax_error();
    }

    static std::optional<Operator> comparator(std::string_view sign) {
        if (sign == "=") return Operator::kEq;
        if (sign == "<>") return Operator::kNe;
        if (sign == "<") return Operator::kLt;
        if (sign == "<=") return Operator::kLe;
        if (sign == ">") return Operator::kGt;
        if (sign == ">=") return Operator::kGe;
        return std::nullopt;
    }

    std::size_t parse_predicate() {
        ConditionNode node;
        node.operands.push_back(parse_operand());
        const std::optional<Operator> sign =
            token().kind == Token::Kind::kSign ? comparator(text_of(token())) : std::nullopt;
        if (sign) {
            node.op = *sign;
            ++at_;
            ++operators_;
            node.operands.push_back(parse_operand());
        } else if (is_keyword("BETWEEN")) {
            parse_between(node);
        } else if (is_keyword("IN")) {
            parse_in(node);
        } else if (node.operands.front().kind == Operand::Kind::kFunction) {
            Operand call = std::move(node.operands.front());
            node.op = Operator::kFunction;
            node.function = std::move(call.function);
            node.operands = std::move(call.arguments);
            const FunctionRule* rule = find_function(node.function);
            if (rule != nullptr && !rule->is_condition) reject_use(node.function);
            return add_node(std::move(node));
        } else {
            syntax_error();
        }
        for (const Operand& operand : node.operands) check_comparand(operand);
        return add_node(std::move(node));
    }

    void reject_use(const std::string& function) {
        note(kUse, "The function is not allowed to be used this way in an expression; function: " +
                       function);
    }

    void check_comparand(const Operand& operand) {
        if (operand.kind != Operand::Kind::kFunction) return;
        const FunctionRule* rule = find_function(operand.function);
        if (rule != nullptr && rule->is_condition) reject_use(operand.function);
    }

    void parse_between(ConditionNode& node) {
        node.op = Operator::kBetween;
        ++at_;
        ++operators_;
        node.operands.push_back(parse_operand());
        if (!is_keyword("AND")) syntax_error();
        ++at_;
        node.operands.push_back(parse_operand());
    }

    void parse_in(ConditionNode& node) {
        node.op = Operator::kIn;
        ++at_;
        ++operators_;
        expect("(");
        node.operands.push_back(parse_operand());
        while (is_sign(",")) {
            ++at_;
            node.operands.push_back(parse_operand());
        }
        expect(")");
        if (node.operands.size() > kMaxInOperands) {
            note(kUse,
                 "Incorrect number of operands for operator or function; operator or "
                 "function: IN, number of operands: " +
                     std::to_string(node.operands.size()));
        }
    }

    // ---- projections and updates ----

    void parse_projection() {
        out_->paths.push_back(parse_path());
        while (is_sign(",")) {
            ++at_;
            out_->paths.push_back(parse_path());
        }
        if (token().kind != Token::Kind::kEnd) syntax_error();
    }

    void parse_update() {
        std::array<bool, 4> seen{};
        do {
            const std::optional<UpdateAction::Kind> section = section_keyword();
            if (!section) syntax_error();
            bool& used = seen[static_cast<std::size_t>(*section)];
            if (used) {
                std::string name(text_of(token()));
                for (char& c : name) c = static_cast<char>(std::toupper(c));
                note(kUse,
                     "The \"" + name + "\" section can only be used once in an update expression;");
            }
            used = true;
            ++at_;
            parse_action(*section);
            while (is_sign(",")) {
                ++at_;
                parse_action(*section);
            }
        } while (token().kind != Token::Kind::kEnd);
    }

    std::optional<UpdateAction::Kind> section_keyword() const {
        if (is_keyword("SET")) return UpdateAction::Kind::kSet;
        if (is_keyword("REMOVE")) return UpdateAction::Kind::kRemove;
        if (is_keyword("ADD")) return UpdateAction::Kind::kAdd;
        if (is_keyword("DELETE")) return UpdateAction::Kind::kDelete;
        return std::nullopt;
    }

    void parse_action(UpdateAction::Kind kind) {
        UpdateAction action;
        action.kind = kind;
        action.path = parse_path();
        if (kind == UpdateAction::Kind::kSet) {
            expect("=");
            action.value = parse_sum();
        } else if (kind != UpdateAction::Kind::kRemove) {
            if (token().kind != Token::Kind::kValue) syntax_error();
            action.value = parse_operand();
        }
        out_->actions.push_back(std::move(action));
    }

    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t operators_ = 0;
    std::size_t open_parentheses_ = 0;
    std::shared_ptr<Expression> out_;
    std::vector<Pending> pending_;
    std::vector<Parsed> parsed_;
    std::string fault_;
    Rank fault_rank_ = kUse;
};

/// The expressions parsed last, by kind and text; the oldest go first.
class ExpressionCache {
  public:
    std::shared_ptr<const Expression> find(const std::string& key) {
        const auto found = known_.find(key);
        return found == known_.end() ? nullptr : found->second;
    }
    void add(std::string key, std::shared_ptr<const Expression> expression) {
        if (order_.size() == kCapacity) {
            known_.erase(order_.front());
            order_.pop_front();
        }
        order_.push_back(key);
        known_.emplace(std::move(key), std::move(expression));
    }

  private:
    static constexpr std::size_t kCapacity = 1000;
    std::unordered_map<std::string, std::shared_ptr<const Expression>> known_;
    std::list<std::string> order_;
};

}  // namespace

std::shared_ptr<const Expression> parse_expression(ExpressionKind kind, std::string_view text) {
    static thread_local ExpressionCache cache;
    std::string key(1, static_cast<char>('0' + static_cast<int>(kind)));
    key.append(text.substr(0, kMaxExpressionBytes + 1));
    if (auto known = cache.find(key)) return known;
    if (text.empty()) reject_expression(kind, "The expression can not be empty;");
    if (text.size() > kMaxExpressionBytes) {
        reject_expression(kind,
                          "Expression size has exceeded the maximum allowed size; expression "
                          "size: " +
                              std::to_string(text.size()));
    }
    std::shared_ptr<const Expression> expression = Parser(kind, text).parse();
    cache.add(std::move(key), expression);
    return expression;
}

}  // namespace skafu::dynamodb

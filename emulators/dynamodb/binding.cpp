#include <algorithm>

#include "core/aws_error.h"
#include "core/base64.h"
#include "dynamodb/expression.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/path_tree.h"

namespace skafu::dynamodb {
namespace {

/// A type's name in the errors of update sections.
std::string_view long_type_name(Type type) {
    static constexpr std::string_view kNames[] = {
        "STRING",     "NUMBER",  "BINARY", "STRING_SET", "NUMBER_SET",
        "BINARY_SET", "BOOLEAN", "NULL",   "LIST",       "MAP"};
    return kNames[static_cast<std::size_t>(type)];
}

/// A value as the errors of BETWEEN show it: "AttributeValue: {N:2}".
std::string shown_value(const Value& value) {
    std::string text = "AttributeValue: {";
    text += type_name(value.type());
    text += ":";
    if (const auto* number = value.get_if<Number>()) {
        number->append_text(text);
    } else if (value.is(Type::kString)) {
        text += value.bytes();
    } else {
        text += base64_encode(value.bytes());
    }
    return text + "}";
}

/// Whether a text is the sign and then letters, digits and underscores.
bool is_placeholder(std::string_view text, char sign) {
    return text.size() > 1 && text[0] == sign &&
           std::all_of(text.begin() + 1, text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

/// The checks that need names and values.
class StaticChecks {
  public:
    explicit StaticChecks(const BoundExpression& bound) : bound_(bound) {}

    void run() const {
        for (const ConditionNode& node : bound_->nodes) check_node(node);
        if (!bound_->paths.empty()) {
            PathTree tree;
            for (const Path& path : bound_->paths) tree.add(bound_, path);
        }
        if (!bound_->actions.empty()) {
            for (const UpdateAction& action : bound_->actions) check_action(action);
            PathTree tree;
            for (const UpdateAction& action : bound_->actions) tree.add(bound_, action.path);
        }
    }

  private:
    [[noreturn]] void reject(const std::string& why) const { reject_expression(bound_->kind, why); }
    [[noreturn]] void reject_type(std::string_view label, std::string_view op,
                                  std::string_view type) const {
        reject("Incorrect operand type for operator or function; " + std::string(label) + ": " +
               std::string(op) + ", operand type: " + std::string(type));
    }

    const Value* constant(const Operand& operand) const {
        return operand.kind == Operand::Kind::kValue ? bound_.values[operand.value] : nullptr;
    }

    void check_node(const ConditionNode& node) const {
        for (const Operand& operand : node.operands) check_operand(operand);
        switch (node.op) {
            case Operator::kAnd:
            case Operator::kOr:
            case Operator::kNot:
                return;
            case Operator::kFunction:
                check_function(node);
                break;
            case Operator::kBetween:
                check_between(node);
                break;
            case Operator::kLt:
            case Operator::kLe:
            case Operator::kGt:
            case Operator::kGe:
                check_ordered(node);
                break;
            default:
                break;
        }
        check_distinct(node);
    }

    void check_ordered(const ConditionNode& node) const {
        for (const Operand& operand : node.operands) {
            const Value* value = constant(operand);
            if (value != nullptr && !is_ordered(value->type())) {
                const bool of_key = bound_->kind == ExpressionKind::kKeyCondition;
                reject_type(of_key ? "operator or function" : "operator", operator_text(node.op),
                            type_name(value->type()));
            }
        }
    }

    void check_between(const ConditionNode& node) const {
        check_ordered(node);
        const Value* low = constant(node.operands[1]);
        const Value* high = constant(node.operands[2]);
        if (low == nullptr || high == nullptr) return;
        const std::string bounds = "; lower bound operand: " + shown_value(*low) +
                                   ", upper bound operand: " + shown_value(*high);
        if (low->type() != high->type()) {
            reject("The BETWEEN operator requires same data type for lower and upper bounds" +
                   bounds);
        }
        if (compare(*low, *high) > 0) {
            reject(
                "The BETWEEN operator requires upper bound to be greater than or equal to "
                "lower bound" +
                bounds);
        }
    }

    void check_function(const ConditionNode& node) const {
        if (node.function == "begins_with") {
            for (const Operand& operand : node.operands) {
                const Value* value = constant(operand);
                if (value != nullptr && !value->is(Type::kString) && !value->is(Type::kBinary)) {
                    reject_type("operator or function", node.function, type_name(value->type()));
                }
            }
        } else if (node.function == "contains") {
            const Value* value = constant(node.operands.front());
            if (value != nullptr && (value->is(Type::kNumber) || value->is(Type::kBoolean) ||
                                     value->is(Type::kNull) || value->is(Type::kMap))) {
                reject_type("operator or function", node.function, type_name(value->type()));
            }
        } else if (node.function == "attribute_type") {
            check_attribute_type(node);
        }
    }

    void check_attribute_type(const ConditionNode& node) const {
        const Value* value = constant(node.operands[1]);
        if (value == nullptr) {
            reject(
                "Operator or function requires a constant; operator or function: "
                "attribute_type");
        }
        if (!value->is(Type::kString)) {
            reject_type("operator or function", node.function, type_name(value->type()));
        }
        for (int type = 0; type <= static_cast<int>(Type::kMap); ++type) {
            if (value->bytes() == type_name(static_cast<Type>(type))) return;
        }
        reject("Invalid attribute type name found; type: " + value->bytes() +
               ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
    }

    void check_distinct(const ConditionNode& node) const {
        if (node.operands.front().kind != Operand::Kind::kPath) return;
        const std::string first = bound_.path_text(node.operands.front().path);
        for (std::size_t i = 1; i < node.operands.size(); ++i) {
            if (node.operands[i].kind != Operand::Kind::kPath) continue;
            if (bound_.path_text(node.operands[i].path) != first) continue;
            const std::string op = node.op == Operator::kFunction
                                       ? node.function
                                       : std::string(operator_text(node.op));
            reject(
                "The first operand must be distinct from the remaining operands for this "
                "operator or function; operator: " +
                op + ", first operand: " + first);
        }
    }

    void check_operand(const Operand& operand) const {
        for (const Operand& argument : operand.arguments) check_operand(argument);
        if (operand.kind == Operand::Kind::kFunction) {
            for (const Operand& argument : operand.arguments) {
                check_argument(operand.function, argument);
            }
        } else if (operand.kind == Operand::Kind::kPlus || operand.kind == Operand::Kind::kMinus) {
            check_sum(operand);
        }
    }

    void check_argument(const std::string& function, const Operand& argument) const {
        const Value* value = constant(argument);
        if (value == nullptr) return;
        const bool wrong =
            function == "size"
                ? value->is(Type::kNumber) || value->is(Type::kBoolean) || value->is(Type::kNull)
                : function == "list_append" && !value->is(Type::kList);
        if (wrong) reject_type("operator or function", function, type_name(value->type()));
    }

    void check_sum(const Operand& sum) const {
        const std::string_view op = sum.kind == Operand::Kind::kPlus ? "+" : "-";
        for (const Operand& argument : sum.arguments) {
            const Value* value = constant(argument);
            if (value != nullptr && !value->is(Type::kNumber)) {
                reject_type("operator or function", op, type_name(value->type()));
            }
            if (argument.kind == Operand::Kind::kFunction && argument.function == "list_append") {
                reject_type("operator or function", op, "L");
            }
        }
    }

    void check_action(const UpdateAction& action) const {
        check_operand(action.value);
        const Value* value = constant(action.value);
        if (value == nullptr) return;
        if (action.kind == UpdateAction::Kind::kAdd && !value->is(Type::kNumber) &&
            !is_set(value->type())) {
            reject_type("operator", "ADD", long_type_name(value->type()));
        }
        if (action.kind == UpdateAction::Kind::kDelete && !is_set(value->type())) {
            reject_type("operator", "DELETE", long_type_name(value->type()));
        }
    }

    const BoundExpression& bound_;
};

}  // namespace

std::string_view parameter_name(ExpressionKind kind) {
    static constexpr std::string_view kNames[] = {"ConditionExpression", "FilterExpression",
                                                  "ProjectionExpression", "UpdateExpression",
                                                  "KeyConditionExpression"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string_view operator_text(Operator op) {
    static constexpr std::string_view kTexts[] = {"AND", "OR", "NOT", "=",       "<>", "<",
                                                  "<=",  ">",  ">=",  "BETWEEN", "IN", "function"};
    return kTexts[static_cast<std::size_t>(op)];
}

void reject_expression(ExpressionKind kind, const std::string& why) {
    throw AwsError::validation("Invalid " + std::string(parameter_name(kind)) + ": " + why);
}

void Substitutions::set_names(std::vector<std::pair<std::string, std::string>> names) {
    if (names.empty()) {
        throw AwsError::validation("ExpressionAttributeNames must not be empty");
    }
    for (const auto& [placeholder, name] : names) {
        if (!is_placeholder(placeholder, '#')) {
            throw AwsError::validation(
                "ExpressionAttributeNames contains invalid key: Syntax error; key: \"" +
                placeholder + "\"");
        }
        check_attribute_name(name);
    }
    names_ = std::move(names);
    names_used_.assign(names_.size(), false);
    has_names_ = true;
}

void Substitutions::set_values(Map values) {
    if (values.empty()) {
        throw AwsError::validation("ExpressionAttributeValues must not be empty");
    }
    for (const auto& [placeholder, value] : values) {
        if (!is_placeholder(placeholder, ':')) {
            throw AwsError::validation(
                "ExpressionAttributeValues contains invalid key: Syntax error; key: \"" +
                placeholder + "\"");
        }
    }
    values_ = std::move(values);
    values_used_.assign(values_.size(), false);
    has_values_ = true;
}

const std::string* Substitutions::name(std::string_view placeholder) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (names_[i].first != placeholder) continue;
        names_used_[i] = true;
        return &names_[i].second;
    }
    return nullptr;
}

const Value* Substitutions::value(std::string_view placeholder) {
    const auto found = values_.find(placeholder);
    if (found == values_.end()) return nullptr;
    values_used_[static_cast<std::size_t>(found - values_.begin())] = true;
    return &found->second;
}

void Substitutions::check_used(const std::vector<ExpressionKind>& expressions,
                               std::string_view missing) const {
    if (!has_names_ && !has_values_) return;
    const bool only_projection =
        std::all_of(expressions.begin(), expressions.end(),
                    [](ExpressionKind kind) { return kind == ExpressionKind::kProjection; });
    if (has_names_ && expressions.empty()) {
        throw AwsError::validation(
            "ExpressionAttributeNames can only be specified when using expressions");
    }
    if (has_values_ && only_projection) {
        throw AwsError::validation(
            "ExpressionAttributeValues can only be specified when using expressions" +
            (missing.empty() ? "" : ": " + std::string(missing)));
    }
    const auto check = [](std::string_view parameter, const auto& entries,
                          const std::vector<bool>& used) {
        std::string unused;
        std::size_t i = 0;
        for (const auto& entry : entries) {
            if (!used[i++]) unused += (unused.empty() ? "" : ", ") + entry.first;
        }
        if (unused.empty()) return;
        throw AwsError::validation("Value provided in " + std::string(parameter) +
                                   " unused in expressions: keys: {" + unused + "}");
    };
    check("ExpressionAttributeNames", names_, names_used_);
    check("ExpressionAttributeValues", values_, values_used_);
}

std::string BoundExpression::path_text(const Path& path) const {
    std::string text = "[";
    for (const PathStep& step : path) {
        if (text.size() > 1) text += ", ";
        if (step.kind == PathStep::Kind::kIndex) {
            text += "[" + std::to_string(step.index) + "]";
        } else {
            text += step_name(step);
        }
    }
    return text + "]";
}

BoundExpression bind_expression(ExpressionKind kind, std::string_view text,
                                Substitutions& substitutions) {
    BoundExpression bound;
    bound.expression = parse_expression(kind, text);
    for (const std::string& placeholder : bound->names) {
        const std::string* name = substitutions.name(placeholder);
        if (name == nullptr) {
            reject_expression(kind,
                              "An expression attribute name used in the document path is not "
                              "defined; attribute name: " +
                                  placeholder);
        }
        bound.names.push_back(name);
    }
    for (const std::string& placeholder : bound->values) {
        const Value* value = substitutions.value(placeholder);
        if (value == nullptr) {
            reject_expression(kind,
                              "An expression attribute value used in expression is not defined; "
                              "attribute value: " +
                                  placeholder);
        }
        bound.values.push_back(value);
    }
    StaticChecks(bound).run();
    return bound;
}

}  // namespace skafu::dynamodb

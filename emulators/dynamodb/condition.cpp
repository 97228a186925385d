#include "dynamodb/condition.h"

#include <algorithm>

namespace skafu::dynamodb {
namespace {

class Evaluator {
  public:
    Evaluator(const BoundExpression& bound, const Item& item) : bound_(bound), item_(item) {}

    bool holds(std::size_t at) const {
        const ConditionNode& node = bound_->nodes[at];
        switch (node.op) {
            case Operator::kAnd:
                return holds(node.left) && holds(node.right);
            case Operator::kOr:
                return holds(node.left) || holds(node.right);
            case Operator::kNot:
                return !holds(node.left);
            case Operator::kBetween:
                return between(node);
            case Operator::kIn:
                return in(node);
            case Operator::kFunction:
                return function(node);
            default:
                return comparison(node);
        }
    }

  private:
    /// The operand's value, or nullptr where it has none; `scratch` holds what is computed.
    const Value* value_of(const Operand& operand, Value& scratch) const {
        switch (operand.kind) {
            case Operand::Kind::kValue:
                return bound_.values[operand.value];
            case Operand::Kind::kPath:
                return find_path(bound_, operand.path, item_);
            case Operand::Kind::kFunction:
                break;
            default:
                return nullptr;
        }
        const Value* argument = value_of(operand.arguments.front(), scratch);
        if (argument == nullptr) return nullptr;
        long long size = 0;
        switch (argument->type()) {
            case Type::kString:
            case Type::kBinary:
                size = static_cast<long long>(argument->bytes().size());
                break;
            case Type::kStringSet:
            case Type::kNumberSet:
            case Type::kBinarySet:
                size = static_cast<long long>(set_size(*argument));
                break;
            case Type::kList:
                size = static_cast<long long>(argument->as<List>().size());
                break;
            case Type::kMap:
                size = static_cast<long long>(argument->as<Map>().size());
                break;
            default:
                return nullptr;
        }
        scratch = Value(Number(size));
        return &scratch;
    }

    bool comparison(const ConditionNode& node) const {
        Value left_scratch;
        Value right_scratch;
        const Value* left = value_of(node.operands[0], left_scratch);
        const Value* right = value_of(node.operands[1], right_scratch);
        if (left == nullptr || right == nullptr) return node.op == Operator::kNe;
        if (node.op == Operator::kEq) return *left == *right;
        if (node.op == Operator::kNe) return !(*left == *right);
        if (left->type() != right->type() || !is_ordered(left->type())) return false;
        const int order = compare(*left, *right);
        switch (node.op) {
            case Operator::kLt:
                return order < 0;
            case Operator::kLe:
                return order <= 0;
            case Operator::kGt:
                return order > 0;
            default:
                return order >= 0;
        }
    }

    bool between(const ConditionNode& node) const {
        Value scratch[3];
        const Value* value = value_of(node.operands[0], scratch[0]);
        const Value* low = value_of(node.operands[1], scratch[1]);
        const Value* high = value_of(node.operands[2], scratch[2]);
        if (value == nullptr || low == nullptr || high == nullptr) return false;
        if (value->type() != low->type() || value->type() != high->type()) return false;
        if (!is_ordered(value->type())) return false;
        return compare(*low, *value) <= 0 && compare(*value, *high) <= 0;
    }

    bool in(const ConditionNode& node) const {
        Value scratch;
        Value other_scratch;
        const Value* value = value_of(node.operands[0], scratch);
        if (value == nullptr) return false;
        for (std::size_t i = 1; i < node.operands.size(); ++i) {
            const Value* other = value_of(node.operands[i], other_scratch);
            if (other != nullptr && *value == *other) return true;
        }
        return false;
    }

    bool function(const ConditionNode& node) const {
        Value scratch[2];
        const Value* first = value_of(node.operands[0], scratch[0]);
        if (node.function == "attribute_exists") return first != nullptr;
        if (node.function == "attribute_not_exists") return first == nullptr;
        const Value* second = value_of(node.operands[1], scratch[1]);
        if (first == nullptr || second == nullptr) return false;
        if (node.function == "attribute_type") {
            return type_name(first->type()) == second->bytes();
        }
        if (node.function == "begins_with") return value_begins_with(*first, *second);
        return value_contains(*first, *second);
    }

    const BoundExpression& bound_;
    const Item& item_;
};

void collect_attributes(const BoundExpression& bound, const Operand& operand,
                        std::vector<std::string>& names) {
    if (operand.kind == Operand::Kind::kPath) names.emplace_back(bound.top_name(operand.path));
    for (const Operand& argument : operand.arguments) collect_attributes(bound, argument, names);
}

}  // namespace

const Value* find_path(const BoundExpression& bound, const Path& path, const Item& item) {
    const Value* value = find_attribute(item, bound.top_name(path));
    for (std::size_t i = 1; i < path.size() && value != nullptr; ++i) {
        const PathStep& step = path[i];
        if (step.kind == PathStep::Kind::kIndex) {
            const List* list = value->get_if<List>();
            value = list != nullptr && step.index < list->size() ? &(*list)[step.index] : nullptr;
        } else {
            const Map* map = value->get_if<Map>();
            value = map != nullptr ? find_attribute(*map, bound.step_name(step)) : nullptr;
        }
    }
    return value;
}

bool evaluate_condition(const BoundExpression& condition, const Item& item) {
    return Evaluator(condition, item).holds(condition->nodes.size() - 1);
}

std::vector<std::string> attributes_of(const BoundExpression& condition) {
    std::vector<std::string> names;
    for (const ConditionNode& node : condition->nodes) {
        for (const Operand& operand : node.operands) collect_attributes(condition, operand, names);
    }
    return names;
}

bool value_contains(const Value& container, const Value& part) {
    if (container.is(Type::kString) || container.is(Type::kBinary)) {
        return container.type() == part.type() &&
               container.bytes().find(part.bytes()) != std::string::npos;
    }
    if (is_set(container.type())) return set_contains(container, part);
    const List* list = container.get_if<List>();
    return list != nullptr && std::find(list->begin(), list->end(), part) != list->end();
}

bool value_begins_with(const Value& value, const Value& prefix) {
    if (value.type() != prefix.type()) return false;
    if (!value.is(Type::kString) && !value.is(Type::kBinary)) return false;
    return value.bytes().starts_with(prefix.bytes());
}

}  // namespace skafu::dynamodb

#include "dynamodb/key_range.h"

#include <algorithm>

#include "core/aws_error.h"
#include "dynamodb/reject.h"

namespace skafu::dynamodb {
namespace {

using Op = KeyComparison::Op;

[[noreturn]] void reject_operator(const std::string& op) {
    reject_expression(ExpressionKind::kKeyCondition,
                      "Invalid operator used in KeyConditionExpression: " + op);
}

Op comparison_of(Operator op) {
    switch (op) {
        case Operator::kEq:
            return Op::kEq;
        case Operator::kLt:
            return Op::kLt;
        case Operator::kLe:
            return Op::kLe;
        case Operator::kGt:
            return Op::kGt;
        case Operator::kGe:
            return Op::kGe;
        case Operator::kBetween:
            return Op::kBetween;
        default:
            reject("Invalid operator used in KeyConditionExpression: " +
                   std::string(operator_text(op)));
    }
}

Op mirrored(Op op) {
    switch (op) {
        case Op::kLt:
            return Op::kGt;
        case Op::kLe:
            return Op::kGe;
        case Op::kGt:
            return Op::kLt;
        case Op::kGe:
            return Op::kLe;
        default:
            return op;
    }
}

std::string attribute_of(const BoundExpression& bound, const Operand& operand) {
    if (operand.kind == Operand::Kind::kFunction) reject_operator(operand.function);
    if (operand.kind != Operand::Kind::kPath) {
        reject_expression(
            ExpressionKind::kKeyCondition,
            "Invalid condition in KeyConditionExpression: no key attribute specified");
    }
    if (operand.path.size() > 1) {
        reject_expression(ExpressionKind::kKeyCondition,
                          "KeyConditionExpressions cannot have conditions on nested attributes");
    }
    return std::string(bound.top_name(operand.path));
}

const Value& value_of(const BoundExpression& bound, const Operand& operand) {
    if (operand.kind == Operand::Kind::kFunction) reject_operator(operand.function);
    if (operand.kind != Operand::Kind::kValue) {
        reject_expression(ExpressionKind::kKeyCondition,
                          "Invalid condition in KeyConditionExpression: Multiple attribute names "
                          "used in one condition");
    }
    return *bound.values[operand.value];
}

KeyComparison read_comparison(const BoundExpression& bound, const ConditionNode& node) {
    KeyComparison comparison;
    if (node.op == Operator::kFunction) {
        if (node.function != "begins_with") reject_operator(node.function);
        comparison.op = Op::kBeginsWith;
    } else {
        if (node.op == Operator::kNe || node.op == Operator::kIn) {
            reject_operator(std::string(operator_text(node.op)));
        }
        comparison.op = comparison_of(node.op);
    }
    std::vector<const Operand*> operands;
    for (const Operand& operand : node.operands) operands.push_back(&operand);
    const bool reversed = operands.size() == 2 && comparison.op != Op::kBeginsWith &&
                          operands[0]->kind == Operand::Kind::kValue &&
                          operands[1]->kind == Operand::Kind::kPath;
    if (reversed) {
        std::swap(operands[0], operands[1]);
        comparison.op = mirrored(comparison.op);
    }
    comparison.attribute = attribute_of(bound, *operands[0]);
    for (std::size_t i = 1; i < operands.size(); ++i) {
        comparison.values.push_back(value_of(bound, *operands[i]));
    }
    return comparison;
}

/// Matches the comparisons with the attributes of a key schema, in its order.
class RangeBuilder {
  public:
    RangeBuilder(std::uint32_t space, const KeySchema& keys,
                 const std::vector<KeyComparison>& comparisons)
        : keys_(keys), comparisons_(comparisons), key_(space) {}

    KeyRange build() {
        check_names();
        std::vector<const Value*> values;
        for (const KeyAttribute& attribute : keys_.hash) {
            const KeyComparison* comparison = find(attribute.name);
            if (comparison == nullptr) {
                reject("Query condition missed key schema element: " + attribute.name);
            }
            if (comparison->op != Op::kEq) {
                reject(keys_.hash.size() > 1
                           ? "Query key condition not supported: HASH attribute " + attribute.name +
                                 " needs an equality condition"
                           : "Query key condition not supported");
            }
            check_values(*comparison, attribute, 2048);
            values.push_back(&comparison->values.front());
        }
        key_.add_partition(values);
        KeyRange range;
        range.partition = key_.bytes();
        return add_range_attributes(std::move(range));
    }

  private:
    KeyRange add_range_attributes(KeyRange range) {
        bool open = false;  // an attribute without equality came before
        for (const KeyAttribute& attribute : keys_.range) {
            const KeyComparison* comparison = find(attribute.name);
            if (comparison == nullptr) {
                open = true;
                continue;
            }
            if (open) reject_gap(attribute.name);
            check_values(*comparison, attribute, 1024);
            if (comparison->op != Op::kEq) {
                narrow(range, *comparison);
                open = true;
                continue;
            }
            key_.add(comparison->values.front());
        }
        if (range.begin.empty()) {
            range.begin = key_.bytes();
            range.end = after_prefix(range.begin);
        }
        return range;
    }

    /// A condition on a sort attribute needs equality on all those before it.
    [[noreturn]] void reject_gap(const std::string& present) const {
        std::string missing;
        for (const KeyAttribute& attribute : keys_.range) {
            if (attribute.name == present) break;
            const KeyComparison* comparison = find(attribute.name);
            if (comparison != nullptr && comparison->op == Op::kEq) continue;
            missing += (missing.empty() ? "" : ", ") + attribute.name;
        }
        reject("RANGE key attributes " + missing +
               " must have equality conditions specified in the query because a condition is "
               "present on key attribute " +
               present);
    }

    void narrow(KeyRange& range, const KeyComparison& comparison) {
        const std::string prefix = key_.bytes();
        const auto key_with = [&](const Value& value) {
            KeyBytes key = key_;
            key.add(value);
            return key.take();
        };
        const Value& value = comparison.values.front();
        range.begin = prefix;
        range.end = after_prefix(prefix);
        switch (comparison.op) {
            case Op::kLt:
                range.end = key_with(value);
                break;
            case Op::kLe:
                range.end = after_prefix(key_with(value));
                break;
            case Op::kGt:
                range.begin = after_prefix(key_with(value));
                break;
            case Op::kGe:
                range.begin = key_with(value);
                break;
            case Op::kBetween:
                range.begin = key_with(value);
                range.end = after_prefix(key_with(comparison.values[1]));
                break;
            case Op::kBeginsWith: {
                KeyBytes key = key_;
                key.add_prefix(value);
                range.begin = key.take();
                range.end = after_prefix(range.begin);
                break;
            }
            case Op::kEq:
                break;
        }
    }

    const KeyComparison* find(std::string_view attribute) const {
        for (const KeyComparison& comparison : comparisons_) {
            if (comparison.attribute == attribute) return &comparison;
        }
        return nullptr;
    }

    void check_names() const {
        for (std::size_t i = 0; i < comparisons_.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (comparisons_[i].attribute == comparisons_[j].attribute) {
                    reject(
                        "Invalid KeyConditionExpression: KeyConditionExpressions must only "
                        "contain one condition per key");
                }
            }
        }
        for (const KeyComparison& comparison : comparisons_) {
            if (keys_.has(comparison.attribute)) continue;
            reject("Query condition missed key schema element: " + missing_attribute());
        }
    }

    std::string missing_attribute() const {
        for (const auto* attributes : {&keys_.hash, &keys_.range}) {
            for (const KeyAttribute& attribute : *attributes) {
                if (find(attribute.name) == nullptr) return attribute.name;
            }
        }
        return keys_.hash.front().name;
    }

    void check_values(const KeyComparison& comparison, const KeyAttribute& attribute,
                      std::size_t limit) const {
        for (const Value& value : comparison.values) {
            if (value.type() != attribute.type) {
                reject(
                    "One or more parameter values were invalid: Condition parameter type does "
                    "not match schema type");
            }
            if (value.is(Type::kNumber)) {
                if (comparison.op == Op::kBeginsWith) {
                    reject(
                        "One or more parameter values were invalid: begins_with / BEGINS_WITH "
                        "does not support the type N");
                }
                continue;
            }
            if (value.bytes().empty() && comparison.op != Op::kBeginsWith) {
                reject(
                    "One or more parameter values are not valid. The AttributeValue for a key "
                    "attribute cannot contain an empty " +
                    std::string(value.is(Type::kString) ? "string" : "binary") +
                    " value. Key: " + attribute.name);
            }
            if (value.bytes().size() > limit) {
                reject(limit == 2048
                           ? "One or more parameter values were invalid: Size of hashkey has "
                             "exceeded the maximum size limit of2048 bytes"
                           : "One or more parameter values were invalid: Aggregated size of all "
                             "range keys has exceeded the size limit of 1024 bytes");
            }
        }
    }

    const KeySchema& keys_;
    const std::vector<KeyComparison>& comparisons_;
    KeyBytes key_;
};

}  // namespace

std::vector<KeyComparison> key_comparisons(const BoundExpression& expression) {
    std::vector<KeyComparison> comparisons;
    for (const ConditionNode& node : expression->nodes) {
        if (node.op == Operator::kAnd) continue;
        if (node.op == Operator::kOr || node.op == Operator::kNot) {
            reject_operator(std::string(operator_text(node.op)));
        }
        comparisons.push_back(read_comparison(expression, node));
    }
    return comparisons;
}

std::vector<KeyComparison> key_comparisons(std::vector<LegacyCondition> conditions) {
    std::vector<KeyComparison> comparisons;
    for (LegacyCondition& condition : conditions) {
        KeyComparison comparison;
        switch (condition.op) {
            case LegacyOperator::kEq:
                comparison.op = Op::kEq;
                break;
            case LegacyOperator::kLt:
                comparison.op = Op::kLt;
                break;
            case LegacyOperator::kLe:
                comparison.op = Op::kLe;
                break;
            case LegacyOperator::kGt:
                comparison.op = Op::kGt;
                break;
            case LegacyOperator::kGe:
                comparison.op = Op::kGe;
                break;
            case LegacyOperator::kBetween:
                comparison.op = Op::kBetween;
                break;
            case LegacyOperator::kBeginsWith:
                comparison.op = Op::kBeginsWith;
                break;
            default:
                reject(
                    "Attempted conditional constraint is not an indexable operation: the "
                    "ComparisonOperator is not supported");
        }
        comparison.attribute = std::move(condition.attribute);
        comparison.values = std::move(condition.values);
        comparisons.push_back(std::move(comparison));
    }
    return comparisons;
}

KeyRange key_range(std::uint32_t space, const KeySchema& keys,
                   const std::vector<KeyComparison>& comparisons, bool from_expression) {
    if (comparisons.size() > std::max<std::size_t>(2, keys.size()) || comparisons.empty()) {
        reject(std::string(from_expression ? "Invalid KeyConditionExpression: " : "") +
               "Conditions can be of length 1 or 2 only");
    }
    return RangeBuilder(space, keys, comparisons).build();
}

}  // namespace skafu::dynamodb

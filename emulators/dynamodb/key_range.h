#pragma once

#include <string>
#include <vector>

#include "dynamodb/expression.h"
#include "dynamodb/legacy.h"
#include "dynamodb/table.h"

namespace skafu::dynamodb {

/// The rows that a key condition means: begin <= key < end.
struct KeyRange {
    std::string begin;
    std::string end;
    std::string partition;  ///< what every key of the partition begins with
};

/// One comparison of a key condition, from an expression or from legacy KeyConditions.
struct KeyComparison {
    enum class Op { kEq, kLt, kLe, kGt, kGe, kBetween, kBeginsWith };
    std::string attribute;
    Op op = Op::kEq;
    std::vector<Value> values;
};

/// Reads the comparisons. Throws AwsError for operators that a key condition may not have.
std::vector<KeyComparison> key_comparisons(const BoundExpression& expression);
std::vector<KeyComparison> key_comparisons(std::vector<LegacyCondition> conditions);

/// The range that the comparisons select in a table or index. Throws AwsError where they do not
/// fit its key schema. Source: Developer Guide, "Key condition expressions".
KeyRange key_range(std::uint32_t space, const KeySchema& keys,
                   const std::vector<KeyComparison>& comparisons, bool from_expression);

}  // namespace skafu::dynamodb

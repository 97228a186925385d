#pragma once

#include <string>
#include <vector>

#include "dynamodb/expression.h"

namespace skafu::dynamodb {

/// Whether the item meets a condition or filter expression. A missing item is an empty one.
bool evaluate_condition(const BoundExpression& condition, const Item& item);

/// The value that an operand has for an item, or nullptr; computed values (size) live in
/// `scratch`.
const Value* find_path(const BoundExpression& bound, const Path& path, const Item& item);

/// The top-level attributes that a condition looks at.
std::vector<std::string> attributes_of(const BoundExpression& condition);

/// `contains` of an item's value: substring, or member of a set or list.
bool value_contains(const Value& container, const Value& part);
bool value_begins_with(const Value& value, const Value& prefix);

}  // namespace skafu::dynamodb

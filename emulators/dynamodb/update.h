#pragma once

#include "dynamodb/expression.h"

namespace skafu::dynamodb {

/// The item after an update expression. All right-hand sides read `old`; `item_exists` tells a
/// missing item (whose attributes are its key's) from a present one. Throws AwsError with AWS's
/// texts for operands of wrong types and paths that lead nowhere.
Item apply_update(const BoundExpression& update, const Item& old, const Item& start,
                  bool item_exists);

/// Whether the update has actions that create an item where there was none.
bool update_creates(const BoundExpression& update);

}  // namespace skafu::dynamodb

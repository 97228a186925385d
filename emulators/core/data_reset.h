#pragma once

#include <functional>

#include "core/cloud.h"

namespace skafu {

/// Gives a service the operation ResetData, ours and never on the wire: what its resources hold
/// goes (messages, items, objects, executions, users), the resources stay. `clear` gets the scope,
/// or nullptr for all of them. Call it before the service is added.
void add_data_reset(Service& service, std::function<void(const Scope*)> clear);

/// Asks every service that has data to drop it: that of one scope, or all when nullptr.
void reset_data(Cloud& cloud, const Scope* scope);

}  // namespace skafu

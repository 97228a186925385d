#pragma once

#include <functional>

#include "core/cloud.h"

namespace skafu {

/// Gives a service the operation EndLongPolls, ours and never on the wire: those that wait for
/// something to come are answered now, with nothing. Call it before the service is added.
void add_long_polls(Service& service, std::function<void()> end_all);

/// Answers all long polls of all services: the house is about to close.
void end_long_polls(Cloud& cloud);

}  // namespace skafu

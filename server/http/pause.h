#pragma once

#include <chrono>

#include "core/task.h"

namespace skafu::server {

/// Waits in real time, whatever the house's clock does: for other processes, before they are asked
/// again.
Task<void> pause(std::chrono::milliseconds time);

}  // namespace skafu::server

#pragma once

#include <cstdint>

namespace skafu {

/// Milliseconds of real time since some fixed moment, for limits on how long a computation may
/// take. Never part of a result: for that there is Clock.
std::uint64_t stopwatch_millis();

}  // namespace skafu

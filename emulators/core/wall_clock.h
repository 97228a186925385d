#pragma once

#include <cstdint>

namespace skafu {

/// The operating system's time in milliseconds since 1970. Only for what other processes see of
/// it (a function's deadline); everything else asks Clock.
std::int64_t wall_clock_millis();

}  // namespace skafu

#include "core/stopwatch.h"

#include <chrono>

namespace skafu {

std::uint64_t stopwatch_millis() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace skafu

#include "core/wall_clock.h"

#include <chrono>

namespace skafu {

std::int64_t wall_clock_millis() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace skafu

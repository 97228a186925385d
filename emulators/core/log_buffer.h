#pragma once

#include <functional>

/// Gathers the lines of the log, so that many of them go out in one write.
namespace skafu::log {

/// From now on lines below `warn` wait for flush(), which `ask` is to bring about soon; it is
/// called from the thread that writes the first of them. An empty `ask` ends that: lines go out as
/// they come.
void gather(std::function<void()> ask);

/// Writes out what waits.
void flush();

}  // namespace skafu::log

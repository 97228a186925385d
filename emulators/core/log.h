#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

/// Logging. The level is checked before anything is formatted.
namespace skafu::log {

enum class Level { trace, debug, info, warn, error, off };

/// Sets up the process-wide log: everything goes to standard error.
/// `format` is "text" or "json". Throws std::invalid_argument for an unknown name.
void configure(std::string_view level, std::string_view format);
bool enabled(Level level);
void write(Level level, std::string_view message);

template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::debug)) write(Level::debug, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::info)) write(Level::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::warn)) write(Level::warn, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::error)) write(Level::error, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace skafu::log

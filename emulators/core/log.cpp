#include "core/log.h"

#include <array>
#include <atomic>
#include <stdexcept>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/wall_clock.h"

namespace skafu::log {
namespace {

struct LevelName {
    std::string_view name;
    std::string_view color;  // of a terminal
};
constexpr std::array<LevelName, 6> kLevels = {{{"trace", "\x1b[37m"},
                                               {"debug", "\x1b[36m"},
                                               {"info", "\x1b[32m"},
                                               {"warn", "\x1b[33m"},
                                               {"error", "\x1b[31m"},
                                               {"off", ""}}};

struct State {
    std::atomic<Level> level = Level::info;
    std::atomic<bool> json_lines = false;
    const bool colors = isatty(STDERR_FILENO) == 1;
};

State& state() {
    static State one;
    return one;
}

/// The time at which people read the log: that of the world, whatever our clock says.
std::string real_time() {
    return iso8601_millis(TimePoint(std::chrono::milliseconds(wall_clock_millis())));
}

std::string line_of(Level level, std::string_view message) {
    const LevelName& shown = kLevels[static_cast<std::size_t>(level)];
    const std::string time = real_time();
    if (state().json_lines) {
        return fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"message\":{}}}\n", time,
                           shown.name, to_text(Json(std::string(message))));
    }
    const bool colors = state().colors;
    return fmt::format("{} {}{:<5}{} {}\n", time.substr(11, 12), colors ? shown.color : "",
                       shown.name, colors ? "\x1b[m" : "", message);
}

}  // namespace

void configure(std::string_view level, std::string_view format) {
    if (format != "text" && format != "json") {
        throw std::invalid_argument("unknown log format: use text or json");
    }
    const auto* const found =
        std::find_if(kLevels.begin(), kLevels.end(),
                     [level](const LevelName& one) { return one.name == level; });
    if (found == kLevels.end()) {
        throw std::invalid_argument(
            "unknown log level: use trace, debug, info, warn, error or off");
    }
    state().level = static_cast<Level>(found - kLevels.begin());
    state().json_lines = format == "json";
}

bool enabled(Level level) {
    return level >= state().level && level != Level::off;
}

void write(Level level, std::string_view message) {
    if (!enabled(level)) return;
    // One call for the whole line: those of several threads do not mix.
    const std::string line = line_of(level, message);
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
        if (written <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace skafu::log

#include "core/log.h"

#include <array>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log_buffer.h"
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

    std::mutex mutex;  // of what follows
    std::function<void()> ask;
    std::string waiting;
};

constexpr std::size_t kMostWaiting = 64 * 1024;

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

/// One call for whole lines: those of several threads do not mix.
void write_out(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

void gather(std::function<void()> ask) {
    flush();
    const std::lock_guard lock(state().mutex);
    state().ask = std::move(ask);
}

void flush() {
    const std::lock_guard lock(state().mutex);
    write_out(state().waiting);
    state().waiting.clear();
}

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
    const std::string line = line_of(level, message);
    const std::lock_guard lock(state().mutex);
    if (!state().ask) return write_out(line);
    const bool is_first = state().waiting.empty();
    state().waiting += line;
    if (level >= Level::warn || state().waiting.size() > kMostWaiting) {
        write_out(state().waiting);
        state().waiting.clear();
    } else if (is_first) {
        state().ask();
    }
}

}  // namespace skafu::log

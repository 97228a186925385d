#include "core/log.h"

#include <stdexcept>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "core/json.h"

namespace skafu::log {
namespace {

bool json_lines = false;

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::trace:
            return spdlog::level::trace;
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
        case Level::off:
            return spdlog::level::off;
    }
    return spdlog::level::info;
}

}  // namespace

void configure(std::string_view level, std::string_view format) {
    if (format != "text" && format != "json") {
        throw std::invalid_argument("unknown log format: use text or json");
    }
    const std::string name = level == "error" ? "err" : std::string(level);
    const spdlog::level::level_enum parsed = spdlog::level::from_str(name);
    if (parsed == spdlog::level::off && level != "off") {
        throw std::invalid_argument(
            "unknown log level: use trace, debug, info, warn, error or off");
    }
    json_lines = format == "json";
    auto logger = spdlog::get("skafu");
    if (!logger) logger = spdlog::stderr_color_mt("skafu");
    logger->set_level(parsed);
    logger->flush_on(spdlog::level::info);
    logger->set_pattern(json_lines ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                   : "%H:%M:%S.%e %^%-5l%$ %v",
                        spdlog::pattern_time_type::utc);
    spdlog::set_default_logger(logger);
}

bool enabled(Level level) {
    return spdlog::default_logger_raw()->should_log(to_spdlog(level));
}

void write(Level level, std::string_view message) {
    if (json_lines) {
        spdlog::log(to_spdlog(level), "\"message\":{}", to_text(Json(std::string(message))));
        return;
    }
    spdlog::log(to_spdlog(level), "{}", message);
}

}  // namespace skafu::log

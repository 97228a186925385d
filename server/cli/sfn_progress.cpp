#include "cli/sfn_progress.h"

#include <string_view>

#include <fmt/format.h>

#include "core/clock.h"

namespace skafu::server {
namespace {

constexpr const char* kGreen = "32";
constexpr const char* kRed = "31";
constexpr const char* kYellow = "33";
constexpr const char* kBlue = "34";
constexpr std::size_t kMostOfACause = 300;

/// "2.5 s", "12 ms"
std::string duration_text(double seconds) {
    return seconds < 1 ? fmt::format("{:.0f} ms", seconds * 1000)
                       : fmt::format("{:.3f} s", seconds);
}

/// A step with the iteration it is in, and its depth as blanks: "  Send [3]".
std::string place_of(const Json& steps, const Json& step) {
    std::string blanks;
    for (const Json* at = find_member(step, "parent"); at != nullptr;
         at = find_member(steps[at->get<std::size_t>()], "parent")) {
        blanks += "  ";
    }
    std::string name = blanks + string_member(step, "name");
    if (const Json* iteration = find_member(step, "iteration")) {
        name += fmt::format(" [{}]", iteration->get<std::int64_t>());
    }
    return name;
}

/// "Error: cause" on one line, cut where it is long.
std::string fault_text(const Json& details) {
    std::string text = string_member(details, "error");
    std::string cause = string_member(details, "cause");
    if (cause.size() > kMostOfACause) cause = cause.substr(0, kMostOfACause) + " ...";
    if (!text.empty() && !cause.empty()) text += ": ";
    text += cause;
    for (char& c : text) {
        if (c == '\n') c = ' ';
    }
    return text;
}

const Json& details_of(const Json& event) {
    static const Json kNone = Json::object();
    for (const auto& [name, member] : event.items()) {
        if (name.ends_with("EventDetails")) return member;
    }
    return kNone;
}

bool begins_attempt(std::string_view type) {
    return type.ends_with("Scheduled") || type == "ParallelStateStarted" ||
           type == "MapStateStarted";
}

}  // namespace

std::string SfnProgress::text(double time, const char* symbol, const char* word, const char* colour,
                              const std::string& what) const {
    if (look_ == Look::plain) return fmt::format("{:9.3f} s  {:<8}  {}\n", time, word, what);
    return fmt::format("\x1b[2m{:9.3f} s\x1b[0m  \x1b[{}m{} {:<8}\x1b[0m  {}\n", time, colour,
                       symbol, word, what);
}

std::string SfnProgress::line(const Json& event, const Json& steps, double time) {
    const std::string type = string_member(event, "type");
    const Json* number = find_member(event, "step");
    if (number == nullptr) return {};
    const auto index = number->get<std::size_t>();
    const Json& step = steps[index];
    const std::string place = place_of(steps, step);
    if (type.ends_with("StateEntered")) {
        return text(time, "\u25b6", "entered", kBlue,
                    place + " (" + string_member(step, "type") + ")");
    }
    if (type.ends_with("StateExited")) {
        const double lasted = step.value("durationMs", 0.0) / 1000;
        return text(time, "\u2714", "exited", kGreen, place + " after " + duration_text(lasted));
    }
    if (begins_attempt(type)) {
        const std::int64_t attempt = attempts_[index]++;
        if (attempt == 0) return {};
        return text(time, "\u21bb", "retry", kYellow,
                    fmt::format("{}, attempt {}", place, attempt + 1));
    }
    const bool is_failure = type.ends_with("Failed") || type.ends_with("TimedOut");
    if (!is_failure || type.starts_with("MapIteration") || type == "EvaluationFailed") {
        return type.ends_with("StateAborted") ? text(time, "\u25a0", "aborted", kRed, place)
                                              : std::string();
    }
    const std::string fault = fault_text(details_of(event));
    return text(time, "\u2718", "failed", kRed, place + (fault.empty() ? "" : ": " + fault));
}

std::string SfnProgress::lines(const Json& drawing) {
    std::string text;
    for (const Json& event : drawing["events"]) {
        const double time = event.value("timestamp", 0.0);
        last_event_ = event.value("id", std::int64_t{0});
        if (last_event_ == 1) start_ = time;
        text += line(event, drawing["steps"], time - start_);
    }
    return text;
}

std::string SfnProgress::end(const Json& drawing) const {
    const std::string status = string_member(drawing, "status");
    const bool is_good = status == "SUCCEEDED";
    const double stop =
        epoch_seconds(parse_iso8601(string_member(drawing, "stopDate", "1970-01-01T00:00:00Z")));
    std::string result;
    const std::string words = status + " after " + duration_text(stop - start_);
    const std::string fault = fault_text(drawing);
    if (look_ == Look::terminal) {
        result = fmt::format("\x1b[1;{}m{}\x1b[0m", is_good ? kGreen : kRed, words);
    } else {
        result = words;
    }
    if (!fault.empty()) result += ": " + fault;
    result += '\n';
    if (const Json* output = find_member(drawing, "output")) {
        result += to_pretty_text(parse_json(output->get<std::string>())) + '\n';
    }
    return result;
}

}  // namespace skafu::server

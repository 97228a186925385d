#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include "cli/events.h"
#include "cli/events_client.h"
#include "cli/interrupt.h"
#include "cli/replay_sink.h"
#include "cli/replay_source.h"
#include "core/clock.h"
#include "core/digest.h"
#include "eventbridge/rule_matcher.h"

namespace skafu::server {
namespace {

constexpr std::string_view kStoreMarker = "event-store";

/// What makes two replays the same one, so that the second goes on where the first was.
std::string identity_of(const ReplayOptions& options) {
    Json told = Json::array({options.bus, options.pattern, options.map_time, options.replay_name,
                             options.rules, options.table, options.aggregate, options.from,
                             options.to, options.endpoint});
    for (const std::string& file : options.files) {
        told.push_back(std::filesystem::weakly_canonical(file).string());
    }
    constexpr std::size_t kEnough = 32;
    return digest::hex(digest::sha256(to_text(told))).substr(0, kEnough);
}

/// Whether a file of a folder holds events: not what a replay keeps there, and not what CloudWatch
/// Logs leaves to see whether it may export.
bool is_export(const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    return !name.starts_with('.') && !name.ends_with(".replay") && name != "aws-logs-write-test";
}

/// The files given, and those within the folders given: by name, in which the exports of Firehose
/// and CloudWatch Logs carry the time.
std::vector<std::string> files_of(const std::vector<std::string>& given) {
    namespace fs = std::filesystem;
    std::vector<std::string> files;
    for (const std::string& path : given) {
        if (!fs::is_directory(path)) {
            files.push_back(path);
            continue;
        }
        std::vector<std::string> inside;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
            if (entry.is_regular_file() && is_export(entry.path())) {
                inside.push_back(entry.path().string());
            }
        }
        std::sort(inside.begin(), inside.end());
        files.insert(files.end(), inside.begin(), inside.end());
    }
    return files;
}

std::optional<double> given_time(const std::string& text, const char* option) {
    if (text.empty()) return std::nullopt;
    const std::optional<double> seconds = seconds_of(text);
    if (!seconds) throw std::runtime_error(std::string(option) + " takes an ISO 8601 time");
    return seconds;
}

std::string member_text(eventbridge::EventTape& tape, std::string_view name) {
    const std::size_t at = tape.member(0, name);
    const bool is_text = at != 0 && tape[at].kind == eventbridge::EventTape::Kind::string;
    return is_text ? std::string(tape.text(tape[at])) : std::string();
}

/// A line on the terminal that says how far a replay is.
class Progress {
  public:
    void show(double share, std::uint64_t sent) {
        if (!is_terminal_) return;
        const double now = seconds();
        if (now - shown_ < 0.2) return;
        shown_ = now;
        constexpr int kWidth = 30;
        const int filled = static_cast<int>(share * kWidth);
        const double left = share > 0 ? now * (1 - share) / share : 0;
        std::fprintf(stderr, "\r[%.*s%*s] %3.0f%%  %llu events  %.0f/s  %.0f s left  ", filled,
                     "##############################", kWidth - filled, "", share * 100,
                     static_cast<unsigned long long>(sent),
                     static_cast<double>(sent) / std::max(now, 0.001), left);
    }
    void clear() const {
        if (is_terminal_) std::fprintf(stderr, "\r\033[K");
    }
    double seconds() const { return std::chrono::duration<double>(watch_.elapsed()).count(); }

  private:
    bool is_terminal_ = isatty(STDERR_FILENO) == 1;
    Stopwatch watch_;
    double shown_ = 0;
};

class Replayer {
  public:
    explicit Replayer(const ReplayOptions& options)
        : options_(options),
          source_(options),
          from_(given_time(options.from, "--from")),
          to_(given_time(options.to, "--to")) {
        if (options.files.empty() && options.table.empty()) {
            throw std::runtime_error("there is nothing to replay: name files, or a --table");
        }
        if (!options.pattern.empty()) {
            filter_.emplace();
            filter_->put(0, eventbridge::parse_pattern(options.pattern));
        }
        if (options.speed != "max") {
            factor_ = std::strtod(options.speed.c_str(), nullptr);
            if (factor_ <= 0) throw std::runtime_error("--speed takes 1x, 10x or max");
        }
        if (options.endpoint.empty()) {
            sink_ = make_server_sink(options, identity_of(options));
            return;
        }
        if (!options.rules.empty()) throw std::runtime_error("--rule needs a skafu-local");
        const std::string log =
            (options.files.empty() ? options.table : options.files.front()) + ".replay";
        if (options.restart) std::filesystem::remove(log);
        sink_ = make_bus_sink(options, identity_of(options), log);
    }

    int run() {
        const std::uint64_t earlier = sink_->totals().earlier;
        if (earlier > 0) {
            std::fprintf(stderr, "Going on behind %llu events.\n",
                         static_cast<unsigned long long>(earlier));
        }
        catch_interrupts();
        try {
            source_.read({[this](RecordedEvent event, const std::string& place, double share) {
                              return visit(std::move(event), place, share);
                          },
                          [this](const std::string& place, const std::string& why) {
                              take_bad(place, why);
                          }});
            sink_->flush();
            if (!interrupted()) sink_->finish();
        } catch (...) {
            summary();
            throw;
        }
        summary();
        if (interrupted()) {
            std::fprintf(stderr, "Interrupted: the same command goes on from here.\n");
            return kInterruptedStatus;
        }
        return sink_->totals().refused == 0 && bad_ == 0 ? 0 : 1;
    }

  private:
    bool visit(RecordedEvent event, const std::string& place, double share) {
        const std::uint64_t position = position_++;
        progress_.show(share, sink_->totals().sent);
        if (sink_->is_done(position, event)) return !interrupted();
        if (!tape_.read(event.event)) throw std::runtime_error(place + ": not JSON");
        const std::string time_text = member_text(tape_, "time");
        const std::optional<double> time = seconds_of(time_text);
        if (!is_wanted(time)) {
            ++left_out_;
            sink_->skip(position);
            return !interrupted();
        }
        pace(time);
        if (interrupted()) return false;
        std::string marker = options_.replay_name;
        if (marker.empty() && event.stored) marker = kStoreMarker;
        sink_->put({position, place, std::move(event), std::move(marker)});
        return true;
    }

    bool is_wanted(const std::optional<double>& time) {
        if (from_ && (!time || *time < *from_)) return false;
        if (to_ && (!time || *time >= *to_)) return false;
        return !filter_ || !filter_->match(tape_).empty();
    }

    /// Waits until an event is due at the speed that was asked for.
    void pace(const std::optional<double>& time) {
        if (factor_ <= 0 || !time) return;
        if (!first_) {
            first_ = *time;
            started_ = progress_.seconds();
        }
        const double due = started_ + (*time - *first_) / factor_;
        constexpr double kSoon = 0.02;
        if (due <= progress_.seconds() + kSoon) return;
        sink_->flush();
        constexpr double kStep = 0.1;  // of waiting, before it looks for an interruption
        while (!interrupted() && progress_.seconds() < due) {
            std::this_thread::sleep_for(
                std::chrono::duration<double>(std::min(kStep, due - progress_.seconds())));
        }
    }

    void take_bad(const std::string& place, const std::string& why) {
        progress_.clear();
        std::fprintf(stderr, "%s: %s\n", place.c_str(), why.c_str());
        ++bad_;
        if (options_.skip_bad) return;
        sink_->flush();
        throw std::runtime_error("stopped at a bad line (--skip-bad goes on)");
    }

    void summary() const {
        progress_.clear();
        const ReplaySink::Totals totals = sink_->totals();
        const double seconds = progress_.seconds();
        std::fprintf(stderr, "%llu events sent in %.1f s (%.0f/s)",
                     static_cast<unsigned long long>(totals.sent), seconds,
                     static_cast<double>(totals.sent) / std::max(seconds, 0.001));
        const auto also = [](std::uint64_t count, const char* what) {
            if (count == 0) return;
            std::fprintf(stderr, ", %llu %s", static_cast<unsigned long long>(count), what);
        };
        also(totals.earlier, "sent earlier");
        also(left_out_, "left out");
        also(totals.refused, "refused");
        also(bad_, "bad lines");
        also(source_.other_items(), "items without an event");
        also(totals.in_doubt, options_.in_doubt == InDoubt::send ? "that may be there twice"
                                                                 : "in doubt and left out");
        std::fprintf(stderr, "\n");
    }

    const ReplayOptions& options_;
    ReplaySource source_;
    std::unique_ptr<ReplaySink> sink_;
    std::optional<eventbridge::RuleMatcher> filter_;
    std::optional<double> from_;
    std::optional<double> to_;
    double factor_ = 0;  // 0 = as fast as it goes
    std::optional<double> first_;
    double started_ = 0;
    eventbridge::EventTape tape_;
    Progress progress_;
    std::uint64_t position_ = 0;
    std::uint64_t left_out_ = 0;
    std::uint64_t bad_ = 0;
};

/// What the rules of the running server have counted.
Json rule_counts(const ReplayOptions& options) {
    if (!options.endpoint.empty()) return Json::array();
    EventsClient client(options.url, options.region);
    return client.admin("GET", "/rules").at("rules");
}

/// Throws std::runtime_error where a rule that is to get the events is on no bus.
void check_rules(const ReplayOptions& options, const Json& known) {
    for (const std::string& name : options.rules) {
        const bool is_known = std::any_of(known.begin(), known.end(), [&](const Json& rule) {
            return string_member(rule, "rule") == name;
        });
        if (!is_known) throw std::runtime_error("Rule " + name + " is on no bus.");
    }
}

/// Gives deliveries that are under way a moment to end.
void await_deliveries(const ReplayOptions& options) {
    if (!options.endpoint.empty()) return;
    EventsClient client(options.url, options.region);
    try {
        client.admin("POST", "/await", R"({"until":"idle","timeout":"3s"})");
    } catch (const EventsClient::Refusal&) {
        // Still busy, perhaps with something else: the counts are those of now.
    }
}

void print_difference(const Json& before, const Json& after) {
    std::map<std::string, const Json*> earlier;
    for (const Json& rule : before) earlier[string_member(rule, "arn")] = &rule;
    for (const Json& rule : after) {
        const auto found = earlier.find(string_member(rule, "arn"));
        const auto grown = [&](const char* what) {
            const auto now = rule.at(what).get<std::uint64_t>();
            if (found == earlier.end()) return now;
            return now - std::min(now, found->second->at(what).get<std::uint64_t>());
        };
        if (grown("matched") == 0) continue;
        std::printf("%-40s matched %llu, delivered %llu", string_member(rule, "rule").c_str(),
                    static_cast<unsigned long long>(grown("matched")),
                    static_cast<unsigned long long>(grown("delivered")));
        if (grown("failed") > 0) {
            std::printf(", failed %llu", static_cast<unsigned long long>(grown("failed")));
        }
        std::printf("\n");
    }
}

}  // namespace

int replay_events(const ReplayOptions& given) {
    ReplayOptions options = given;
    options.files = files_of(given.files);
    Replayer replayer(options);
    const Json before = rule_counts(options);
    check_rules(options, before);
    const int status = replayer.run();
    await_deliveries(options);
    print_difference(before, rule_counts(options));
    return status;
}

}  // namespace skafu::server

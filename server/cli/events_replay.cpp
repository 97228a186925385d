#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "cli/event_files.h"
#include "cli/events.h"
#include "cli/events_client.h"
#include "core/clock.h"
#include "eventbridge/reference_matcher.h"

namespace skafu::server {
namespace {

constexpr std::size_t kEntriesPerRequest = 10;
constexpr std::size_t kRequestsAtOnce = 8;
constexpr std::size_t kMostRequestBytes = 240 * 1024;

/// Seconds since the epoch of "2026-01-31T12:00:00Z", as far as it can be read.
std::optional<double> seconds_of(const std::string& time) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    double second = 0;
    if (std::sscanf(time.c_str(), "%4d-%2u-%2uT%2d:%2d:%lf", &year, &month, &day, &hour, &minute,
                    &second) != 6) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date = std::chrono::year(year) / month / day;
    if (!date.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return static_cast<double>(days) * 86400 + hour * 3600 + minute * 60 + second;
}

/// Sends recorded events on, in order, and remembers beside each file how far it got.
class Replayer {
  public:
    explicit Replayer(const ReplayOptions& options)
        : options_(options),
          client_(options.endpoint.empty() ? options.url : options.endpoint,
                  options.endpoint.empty() ? "" : options.region) {
        if (!options.pattern.empty()) filter_ = eventbridge::parse_pattern(options.pattern);
        if (options.speed != "max") {
            factor_ = std::strtod(options.speed.c_str(), nullptr);
            if (factor_ <= 0) throw std::runtime_error("--speed takes 1x, 10x or max");
        }
    }

    void replay(const std::string& file) {
        state_file_ = file + ".replay";
        std::uint64_t skip = 0;
        if (options_.restart) std::filesystem::remove(state_file_);
        if (std::ifstream state(state_file_); state >> skip) {
            std::fprintf(stderr, "%s: going on behind %llu events\n", file.c_str(),
                         static_cast<unsigned long long>(skip));
        }
        std::uint64_t position = 0;
        done_ = skip;
        const auto visit = [&](Json recorded, const EventPlace& place) {
            if (++position <= skip) return true;
            add(recorded);
            progress(place.share_read);
            return true;
        };
        read_events(file, visit, [&](const EventPlace& place, const std::string& why) {
            std::fprintf(stderr, "\n%s:%llu: %s\n", file.c_str(),
                         static_cast<unsigned long long>(place.line), why.c_str());
            ++bad_;
            if (!options_.skip_bad) {
                flush();
                throw std::runtime_error("stopped at a bad line (--skip-bad goes on)");
            }
        });
        flush();
        std::filesystem::remove(state_file_);
    }

    int finish() {
        const double seconds = std::chrono::duration<double>(watch_.elapsed()).count();
        std::fprintf(stderr, "\r%llu events sent in %.1f s (%.0f/s)",
                     static_cast<unsigned long long>(sent_), seconds,
                     static_cast<double>(sent_) / std::max(seconds, 0.001));
        if (filtered_ > 0) {
            std::fprintf(stderr, ", %llu left out", static_cast<unsigned long long>(filtered_));
        }
        if (failed_ > 0) {
            std::fprintf(stderr, ", %llu refused", static_cast<unsigned long long>(failed_));
        }
        if (bad_ > 0) {
            std::fprintf(stderr, ", %llu bad lines", static_cast<unsigned long long>(bad_));
        }
        std::fprintf(stderr, "\n");
        return failed_ == 0 && bad_ == 0 ? 0 : 1;
    }

    /// What the rules have counted, for the difference that a replay makes.
    Json counts() {
        if (!options_.endpoint.empty()) return Json::array();
        return client_.admin("GET", "/rules")["rules"];
    }

  private:
    void add(const Json& recorded) {
        const Json& event = recorded["event"];
        const std::string text = to_text(event);
        if (filter_) {
            eventbridge::EventTape tape;
            tape.read(text);
            if (!eventbridge::matches(*filter_, eventbridge::event_leaves(tape))) {
                ++filtered_;
                ++held_;
                return;
            }
        }
        pace(string_member(event, "time"));
        std::string detail = to_text(event.value("detail", Json::object()));
        if (entries_.size() == kEntriesPerRequest || bytes_ + detail.size() > kMostRequestBytes) {
            close_request();
        }
        bytes_ += detail.size();
        Json entry = {{"Source", string_member(event, "source")},
                      {"DetailType", string_member(event, "detail-type")},
                      {"Resources", event.value("resources", Json::array())}};
        const std::string bus =
            options_.bus.empty() ? string_member(recorded, "bus") : options_.bus;
        if (!bus.empty()) entry["EventBusName"] = bus;
        const auto time = seconds_of(string_member(event, "time"));
        if (!options_.map_time && time) entry["Time"] = *time;
        entry["Detail"] = std::move(detail);
        entries_.push_back(std::move(entry));
        ++held_;
    }

    /// Waits until an event is due at the speed that was asked for.
    void pace(const std::string& time) {
        if (factor_ <= 0) return;
        const auto seconds = seconds_of(time);
        if (!seconds) return;
        if (!first_) first_ = *seconds;
        const double due = (*seconds - *first_) / factor_;
        const double now = std::chrono::duration<double>(watch_.elapsed()).count();
        if (due <= now + 0.02) return;
        flush();
        std::this_thread::sleep_for(std::chrono::duration<double>(due - now));
    }

    void close_request() {
        if (!entries_.empty()) {
            requests_.push_back(to_text(Json{{"Entries", entries_}}));
            entries_ = Json::array();
            bytes_ = 0;
        }
        if (requests_.size() >= kRequestsAtOnce) send();
    }

    void flush() {
        close_request();
        send();
    }

    void send() {
        if (!requests_.empty()) {
            for (const Json& answer : client_.put_events(requests_)) {
                failed_ += answer["FailedEntryCount"].get<std::uint64_t>();
                sent_ += answer["Entries"].size();
            }
        }
        requests_.clear();
        done_ += held_ - entries_.size();
        held_ = entries_.size();
        std::ofstream(state_file_, std::ios::trunc) << done_;
    }

    void progress(double share) {
        const double seconds = std::chrono::duration<double>(watch_.elapsed()).count();
        if (seconds - shown_ < 0.5) return;
        shown_ = seconds;
        std::fprintf(stderr, "\r%3.0f%%  %llu events  %.0f/s ", share * 100,
                     static_cast<unsigned long long>(sent_), static_cast<double>(sent_) / seconds);
    }

    const ReplayOptions& options_;
    EventsClient client_;
    std::optional<eventbridge::Pattern> filter_;
    double factor_ = 0;  // 0 = as fast as it goes
    std::optional<double> first_;
    Stopwatch watch_;
    double shown_ = 0;
    std::string state_file_;
    Json entries_ = Json::array();
    std::size_t bytes_ = 0;
    std::vector<std::string> requests_;
    std::uint64_t held_ = 0;  // events read and not yet sent
    std::uint64_t done_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t filtered_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t bad_ = 0;
};

void print_difference(const Json& before, const Json& after) {
    for (const Json& rule : after) {
        std::uint64_t matched = rule["matched"].get<std::uint64_t>();
        std::uint64_t delivered = rule["delivered"].get<std::uint64_t>();
        for (const Json& earlier : before) {
            if (earlier["arn"] != rule["arn"]) continue;
            matched -= earlier["matched"].get<std::uint64_t>();
            delivered -= earlier["delivered"].get<std::uint64_t>();
        }
        if (matched == 0) continue;
        std::printf("%-40s matched %llu, delivered %llu\n", string_member(rule, "rule").c_str(),
                    static_cast<unsigned long long>(matched),
                    static_cast<unsigned long long>(delivered));
    }
}

}  // namespace

int replay_events(const ReplayOptions& options) {
    Replayer replayer(options);
    const Json before = replayer.counts();
    for (const std::string& file : options.files) replayer.replay(file);
    const int status = replayer.finish();
    print_difference(before, replayer.counts());
    return status;
}

}  // namespace skafu::server

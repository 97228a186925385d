#include <cstdio>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cli/events_client.h"
#include "cli/replay_sink.h"
#include "eventbridge/flat_table.h"

namespace skafu::server {
namespace {

constexpr std::size_t kEventsPerBatch = 250;
constexpr std::size_t kBytesPerBatch = 1024 * 1024;
constexpr int kMostAttempts = 5;

std::string fingerprint_of(const std::string& event) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx",
                  static_cast<unsigned long long>(eventbridge::text_hash(event)));
    return text;
}

/// Puts batches, one after the other; while one is under way the next is made.
class ServerSink final : public ReplaySink {
  public:
    ServerSink(const ReplayOptions& options, const std::string& identity)
        : options_(options),
          client_(options.url, options.region),
          path_("/events/replays/" + identity) {
        if (options.restart) client_.admin("DELETE", path_);
        try {
            take(client_.admin("GET", path_));
            totals_.earlier = totals_.sent;
            resume_ = from_ = next_ = stands_at_;
            resume_fingerprint_ = fingerprint_;
        } catch (const EventsClient::Refusal& refusal) {
            if (refusal.status() != 404 && refusal.status() != 400) throw;
        }
    }

    ~ServerSink() override {
        if (under_way_.valid()) under_way_.wait();
    }

    bool is_done(std::uint64_t position, const RecordedEvent& recorded) override {
        if (position >= resume_) return false;
        const bool is_last = position + 1 == resume_;
        if (is_last && !resume_fingerprint_.empty() &&
            resume_fingerprint_ != fingerprint_of(recorded.event)) {
            throw std::runtime_error(
                "this is not the recording that was interrupted (--restart begins anew)");
        }
        return true;
    }

    void put(ReplayedEvent event) override {
        const RecordedEvent& recorded = event.recorded;
        const std::string& bus = options_.bus.empty() ? recorded.bus : options_.bus;
        if (!events_.empty()) events_ += ',';
        events_.append(R"({"position":)").append(std::to_string(event.position));
        if (!bus.empty()) events_.append(R"(,"bus":)").append(to_text(Json(bus)));
        if (!event.marker.empty()) {
            events_.append(R"(,"replayName":)").append(to_text(Json(event.marker)));
        }
        events_.append(R"(,"event":)").append(recorded.event).append("}");
        places_.emplace_back(event.position, std::move(event.place));
        next_ = event.position + 1;
        fingerprint_ = fingerprint_of(recorded.event);
        if (places_.size() >= kEventsPerBatch || events_.size() >= kBytesPerBatch) send();
    }

    void skip(std::uint64_t position) override {
        next_ = position + 1;
        fingerprint_.clear();
    }

    void flush() override {
        send();
        collect();
    }

    void finish() override { client_.admin("DELETE", path_); }

    Totals totals() const override {
        Totals totals = totals_;
        totals.sent -= totals.earlier;
        return totals;
    }

  private:
    using Places = std::vector<std::pair<std::uint64_t, std::string>>;

    /// What the server says of the replay.
    void take(const Json& state) {
        stands_at_ = state.at("position").get<std::uint64_t>();
        totals_.sent = state.at("accepted").get<std::uint64_t>();
        totals_.refused = state.at("refused").get<std::uint64_t>();
        totals_.matched = state.at("matched").get<std::uint64_t>();
        fingerprint_ = string_member(state, "fingerprint");
    }

    void send() {
        if (next_ == from_) return;
        std::string body = R"({"position":)" + std::to_string(from_) + R"(,"next":)" +
                           std::to_string(next_) + R"(,"fingerprint":")" + fingerprint_ + "\"";
        if (options_.map_time) body += R"(,"mapTime":true)";
        if (options_.skip_bad) body += R"(,"mayRefuse":true)";
        if (!options_.rules.empty()) body += R"(,"rules":)" + to_text(Json(options_.rules));
        body.append(R"(,"events":[)").append(events_).append("]}");
        collect();
        sent_places_ = std::move(places_);
        sent_next_ = next_;
        places_.clear();
        events_.clear();
        from_ = next_;
        under_way_ =
            std::async(std::launch::async, [this, body = std::move(body)] { return post(body); });
    }

    /// A batch that gets no answer is sent again: the server knows what it has.
    Json post(const std::string& body) {
        for (int attempt = 1;; ++attempt) {
            try {
                return client_.admin("POST", path_, body);
            } catch (const EventsClient::Refusal& refusal) {
                if (refusal.status() < 500 || attempt == kMostAttempts) throw;
            } catch (const std::runtime_error&) {
                if (attempt == kMostAttempts) throw;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(100 << attempt));
        }
    }

    void collect() {
        if (!under_way_.valid()) return;
        const std::string made = fingerprint_;  // of the batch that is being made
        const Json state = under_way_.get();
        take(state);
        fingerprint_ = made;
        const Json& problems = state.at("problems");
        for (const Json& problem : problems) tell(problem);
        if (stands_at_ != sent_next_) {
            throw std::runtime_error("stopped at an event that cannot be put (--skip-bad goes on)");
        }
    }

    void tell(const Json& problem) {
        const auto position = problem.at("position").get<std::uint64_t>();
        const std::string message = string_member(problem, "message");
        for (const auto& [at, place] : sent_places_) {
            if (at == position) {
                std::fprintf(stderr, "\n%s: %s\n", place.c_str(), message.c_str());
            }
        }
    }

    const ReplayOptions& options_;
    EventsClient client_;
    std::string path_;
    std::uint64_t resume_ = 0;
    std::string resume_fingerprint_;

    std::string events_;  // of the batch that is being made: [from_, next_)
    Places places_;
    std::uint64_t from_ = 0;
    std::uint64_t next_ = 0;
    std::string fingerprint_;  // of its last event

    std::future<Json> under_way_;
    Places sent_places_;
    std::uint64_t sent_next_ = 0;
    std::uint64_t stands_at_ = 0;
    Totals totals_;
};

}  // namespace

std::unique_ptr<ReplaySink> make_server_sink(const ReplayOptions& options,
                                             const std::string& identity) {
    return std::make_unique<ServerSink>(options, identity);
}

}  // namespace skafu::server

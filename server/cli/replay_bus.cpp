#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cli/replay_log.h"
#include "cli/replay_sink.h"
#include "core/entropy.h"
#include "core/sigv4.h"
#include "http/transport.h"

namespace skafu::server {
namespace {

constexpr std::size_t kEntriesPerRequest = 10;
constexpr std::size_t kMostRequestBytes = 240 * 1024;
constexpr double kMostAtOnce = 8;
constexpr Duration kRequestTimeout = std::chrono::seconds(60);
constexpr Duration kFirstPause = std::chrono::milliseconds(50);
constexpr Duration kLongestPause = std::chrono::seconds(5);
/// How often in a row a request may get no answer, or one that is the bus's own fault.
constexpr int kMostFaults = 8;

struct Entry {
    std::uint64_t position = 0;
    std::string place;
    std::string json;
    bool may_be_there = false;  // a request with it got no answer
};

bool is_throttling(std::string_view code) {
    return code.find("Throttl") != std::string_view::npos ||
           code.find("TooManyRequests") != std::string_view::npos ||
           code.find("LimitExceeded") != std::string_view::npos || code == "SlowDown";
}

bool is_passing_fault(std::string_view code) {
    return code.find("Internal") != std::string_view::npos ||
           code.find("Unavailable") != std::string_view::npos;
}

/// The error code of an answer: "com.amazonaws…#ThrottlingException" or plain.
std::string error_code(const Json& body) {
    std::string code = string_member(body, "__type");
    return code.substr(code.find('#') + 1);
}

/// Sends entries to a bus, several requests at once, as many as it lets through: each throttled
/// request halves their number, and each answered one raises it a little.
class BusSink final : public ReplaySink {
  public:
    BusSink(const ReplayOptions& options, const std::string& identity, const std::string& log_file)
        : options_(options),
          url_(options.endpoint),
          transport_(make_transport(io_)),
          log_(log_file, identity) {
        while (url_.ends_with('/')) url_.pop_back();
        totals_.earlier = log_.earlier();
    }

    bool is_done(std::uint64_t position, const RecordedEvent&) override {
        if (log_.is_done(position)) return true;
        if (!log_.is_in_doubt(position)) return false;
        ++totals_.in_doubt;
        if (options_.in_doubt == InDoubt::send) return false;
        log_.done({position});
        return true;
    }

    void skip(std::uint64_t position) override { log_.skip(position); }

    void put(ReplayedEvent event) override {
        Entry entry = entry_of(event);
        const bool is_full =
            entries_.size() == kEntriesPerRequest || bytes_ + entry.json.size() > kMostRequestBytes;
        if (is_full) send();
        bytes_ += entry.json.size();
        entries_.push_back(std::move(entry));
    }

    void flush() override {
        send();
        wait_until([this] { return under_way_ == 0; });
    }

    void finish() override { log_.remove(); }
    Totals totals() const override { return totals_; }

  private:
    Entry entry_of(const ReplayedEvent& event) const {
        const Json recorded = parse_json(event.recorded.event);
        const Json* detail = find_member(recorded, "detail");
        Json resources = recorded.value("resources", Json::array());
        if (!resources.is_array()) resources = Json::array();
        if (!event.marker.empty()) resources.push_back("replay/" + event.marker);
        Json entry = {{"Source", string_member(recorded, "source")},
                      {"DetailType", string_member(recorded, "detail-type")},
                      {"Resources", std::move(resources)},
                      {"Detail", to_text(detail == nullptr ? Json::object() : *detail)}};
        const std::string& bus = options_.bus.empty() ? event.recorded.bus : options_.bus;
        if (!bus.empty()) entry["EventBusName"] = bus;
        const auto time = seconds_of(string_member(recorded, "time"));
        if (!options_.map_time && time) entry["Time"] = *time;
        return Entry{event.position, event.place, to_text(entry), false};
    }

    void send() {
        if (entries_.empty()) return;
        wait_until([this] { return static_cast<double>(under_way_) < std::max(1.0, window_); });
        ReplayLog::Positions positions;
        for (const Entry& entry : entries_) positions.push_back(entry.position);
        log_.sending(positions);
        ++under_way_;
        boost::asio::co_spawn(io_, deliver(std::move(entries_)), [this](std::exception_ptr error) {
            --under_way_;
            if (error && !failure_) failure_ = error;
        });
        entries_.clear();
        bytes_ = 0;
        io_.restart();
        io_.poll();
    }

    template <class Condition>
    void wait_until(const Condition& holds) {
        io_.restart();
        while (!holds() && !failure_) io_.run_one();
        if (!failure_) return;
        while (under_way_ > 0) io_.run_one();  // what they are answered is worth knowing
        std::rethrow_exception(failure_);
    }

    HttpRequest request_for(const std::vector<Entry>& entries) const {
        HttpRequest request;
        request.method = "POST";
        request.body = R"({"Entries":[)";
        for (const Entry& entry : entries) {
            if (&entry != &entries.front()) request.body += ',';
            request.body += entry.json;
        }
        request.body += "]}";
        request.headers.set("Content-Type", "application/x-amz-json-1.1");
        request.headers.set("X-Amz-Target", "AWSEvents.PutEvents");
        sign_v4(request, url_ + "/", credentials_from_environment(), options_.region, "events",
                clock_.now());
        return request;
    }

    /// Sends entries until each is taken or refused for good.
    Task<void> deliver(std::vector<Entry> entries) {
        int faults = 0;
        Duration pause = kFirstPause;
        while (!entries.empty()) {
            HttpResponse response;
            std::string problem;
            try {
                HttpRequest request = request_for(entries);
                response =
                    co_await transport_->fetch(url_ + "/", std::move(request), kRequestTimeout);
            } catch (const std::exception& error) {
                problem = error.what();
            }
            const std::size_t before = entries.size();
            const bool was_throttled = take_answer(response, problem, entries);
            if (entries.empty()) co_return;
            if (was_throttled || entries.size() < before) faults = 0;
            if (!was_throttled && ++faults > kMostFaults) {
                throw std::runtime_error("PutEvents: " + problem + " (run it again to go on)");
            }
            if (was_throttled) window_ = std::max(1.0, window_ / 2);
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
            timer.expires_after(pause / 2 + pause * static_cast<int>(entropy_.below(100)) / 200);
            co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>{});
            pause = std::min(kLongestPause, pause * 2);
        }
    }

    /// Leaves in `entries` what must be sent again. True where that is for being too fast.
    bool take_answer(const HttpResponse& response, std::string& problem,
                     std::vector<Entry>& entries) {
        if (!problem.empty()) {  // no answer: the bus may have them
            for (Entry& entry : entries) doubt(entry);
            return false;
        }
        Json body;
        try {
            body = parse_json(response.body);
        } catch (const JsonError&) {
            body = Json::object();
        }
        if (response.status == 200) return take_results(body, problem, entries);
        const std::string code = error_code(body);
        problem = code + ": " + string_member(body, "message", string_member(body, "Message"));
        if (response.status == 429 || is_throttling(code)) return true;
        if (response.status == 503) return true;
        if (response.status < 500) throw std::runtime_error("PutEvents: " + problem);
        for (Entry& entry : entries) doubt(entry);
        return false;
    }

    bool take_results(const Json& body, std::string& problem, std::vector<Entry>& entries) {
        window_ = std::min(kMostAtOnce, window_ + 1 / std::max(1.0, window_));
        const Json results = body.value("Entries", Json::array());
        ReplayLog::Positions done;
        std::vector<Entry> again;
        bool was_throttled = false;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const Json result = i < results.size() ? results[i] : Json::object();
            const std::string code = string_member(result, "ErrorCode");
            if (is_throttling(code) || is_passing_fault(code)) {
                was_throttled = was_throttled || is_throttling(code);
                problem = code + ": " + string_member(result, "ErrorMessage");
                again.push_back(std::move(entries[i]));
                continue;
            }
            done.push_back(entries[i].position);
            if (code.empty()) {
                ++totals_.sent;
                continue;
            }
            ++totals_.refused;
            std::fprintf(stderr, "\n%s: %s: %s\n", entries[i].place.c_str(), code.c_str(),
                         string_member(result, "ErrorMessage").c_str());
        }
        log_.done(done);
        entries = std::move(again);
        return was_throttled;
    }

    void doubt(Entry& entry) {
        if (!entry.may_be_there) ++totals_.in_doubt;
        entry.may_be_there = true;
    }

    const ReplayOptions& options_;
    std::string url_;
    boost::asio::io_context io_;
    Clock clock_{io_};
    std::unique_ptr<HttpTransport> transport_;
    Entropy entropy_;
    ReplayLog log_;
    double window_ = kMostAtOnce;  // how many requests may be under way
    std::size_t under_way_ = 0;
    std::exception_ptr failure_;
    std::vector<Entry> entries_;  // of the next request
    std::size_t bytes_ = 0;
    Totals totals_;
};

}  // namespace

std::unique_ptr<ReplaySink> make_bus_sink(const ReplayOptions& options, const std::string& identity,
                                          const std::string& log_file) {
    return std::make_unique<BusSink>(options, identity, log_file);
}

}  // namespace skafu::server

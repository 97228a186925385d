#include "fronts/await.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/aws_error.h"

namespace skafu::server {
namespace {

using SteadyTimer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::size_t kShownOpen = 20;

/// A condition that can be asked at any time: empty when it holds, else what is missing.
class Condition {
  public:
    Condition(Cloud& cloud, Json until, Caller caller)
        : cloud_(cloud), until_(std::move(until)), caller_(std::move(caller)) {
        if (until_.is_object()) {
            check_members(until_, {"queue", "count", "execution", "status", "correlationId"});
        }
        const bool known = until_ == "idle" || find_member(until_, "queue") ||
                           find_member(until_, "execution") || find_member(until_, "correlationId");
        if (!known) {
            throw AwsError::validation(
                "until must be \"idle\", {\"queue\", \"count\"}, {\"execution\", \"status\"} or "
                "{\"correlationId\"}");
        }
    }

    Task<std::string> missing() {
        if (until_ == "idle") co_return idle();
        if (find_member(until_, "correlationId")) co_return correlation();
        std::string text;
        if (find_member(until_, "queue"))
            text = co_await queue();
        else
            text = co_await execution();
        co_return text;
    }

    /// When time alone changes what is missing, though no timer is set for it: messages come into
    /// sight without one. TimePoint::max() where that is not so.
    Task<TimePoint> next_change() {
        if (queue_url_.empty()) co_return TimePoint::max();
        Json ask = {{"QueueUrl", queue_url_}};
        const Json answer =
            co_await cloud_.call_json("sqs", "NextVisible", std::move(ask), caller_, 0);
        const Json* at = find_member(answer, "At");
        if (at == nullptr) co_return TimePoint::max();
        co_return TimePoint{std::chrono::milliseconds(at->get<std::int64_t>())};
    }

  private:
    std::string idle() const {
        const std::size_t open = cloud_.journal().open_work();
        return open == 0 ? "" : fmt::format("{} activities are still running", open);
    }

    std::string correlation() const {
        const std::string id = string_member(until_, "correlationId");
        if (cloud_.journal().trees(id).empty()) {
            return fmt::format("nothing with correlation id {} was seen yet", id);
        }
        const std::size_t open = cloud_.journal().open_work(id);
        return open == 0 ? "" : fmt::format("{} activities of {} are still running", open, id);
    }

    Task<std::string> queue() {
        const std::string name = string_member(until_, "queue");
        const Json* wanted = find_member(until_, "count");
        if (wanted != nullptr && !wanted->is_number_integer()) {
            throw AwsError::validation("count must be a number of messages");
        }
        const std::int64_t count = wanted == nullptr ? 1 : wanted->get<std::int64_t>();
        if (queue_url_.empty()) {
            std::string url = name;
            if (!name.starts_with("http") && !name.starts_with("arn:")) {
                Json find = {{"QueueName", name}};
                const Json found =
                    co_await cloud_.call_json("sqs", "GetQueueUrl", std::move(find), caller_, 0);
                url = string_member(found, "QueueUrl");
            }
            queue_url_ = url;
        }
        Json ask = {{"QueueUrl", queue_url_},
                    {"AttributeNames", Json::array({"ApproximateNumberOfMessages"})}};
        const Json answer =
            co_await cloud_.call_json("sqs", "GetQueueAttributes", std::move(ask), caller_, 0);
        const Json* attributes = find_member(answer, "Attributes");
        const std::string have =
            attributes == nullptr ? "0" : string_member(*attributes, "ApproximateNumberOfMessages");
        const std::int64_t held = std::atoll(have.c_str());
        if (count == 0 ? held == 0 : held >= count) co_return "";
        co_return fmt::format("queue {} holds {} of {} messages", name, have, count);
    }

    Task<std::string> execution() {
        const std::string arn = string_member(until_, "execution");
        const std::string wanted = string_member(until_, "status", "SUCCEEDED");
        Json ask = {{"executionArn", arn}};
        const Json answer =
            co_await cloud_.call_json("states", "DescribeExecution", std::move(ask), caller_, 0);
        const std::string have = string_member(answer, "status");
        if (have == wanted) co_return "";
        if (have != "RUNNING" && have != "PENDING_REDRIVE") {
            throw AwsError("ConditionCannotHold",
                           fmt::format("execution {} ended as {}, not {}", arn, have, wanted), 409);
        }
        co_return fmt::format("execution {} is {}", arn, have);
    }

    Cloud& cloud_;
    Json until_;
    std::string queue_url_;  // or its ARN, once it is known
    Caller caller_;
};

/// What still runs, what caused it, and what it may be waiting for.
Json not_in_time(Cloud& cloud, const std::string& missing) {
    Json body = {{"holds", false},
                 {"message", missing},
                 {"open", cloud.journal().open_activities(kShownOpen)}};
    const TimePoint next = cloud.clock().next_due();
    if (next != TimePoint::max()) {
        body["nextTimer"] = iso8601_millis(next);
        body["message"] =
            fmt::format("{}; a timer is due in {:.3f} s (\"advance\": true does not wait for it)",
                        missing, static_cast<double>((next - cloud.clock().now()).count()) / 1e6);
    }
    return body;
}

}  // namespace

void check_members(const Json& body, std::initializer_list<std::string_view> known) {
    if (!body.is_object()) throw AwsError::validation("the body must be a JSON object");
    for (const auto& [name, value] : body.items()) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        throw AwsError::validation(fmt::format("there is no member {}; those there are: {}", name,
                                               fmt::join(known, ", ")));
    }
}

Task<HttpResponse> answer_await(Cloud& cloud, Json wish, Duration patience, Caller caller,
                                std::function<bool()> stopping) {
    const Json* until = find_member(wish, "until");
    Condition condition(cloud, until == nullptr ? Json("idle") : *until, std::move(caller));
    const bool advance = wish.value("advance", false);
    const TimePoint virtual_start = cloud.clock().now();
    const Stopwatch watch;
    SteadyTimer pause(cloud.io());
    // What has just been caused becomes visible within a few turns; then short pauses do, since
    // conditions may hold for reasons (a client's call) that wake nobody here.
    Duration wait{500};
    while (true) {
        co_await cloud.clock().quiet();
        const std::string missing = co_await condition.missing();
        if (missing.empty()) {
            const double advanced = static_cast<double>(
                (cloud.clock().now() - virtual_start - watch.elapsed()).count());
            Json body = {{"holds", true},
                         {"milliseconds", static_cast<double>(watch.elapsed().count()) / 1000.0}};
            if (advance) body["advancedSeconds"] = std::max(0.0, advanced / 1e6);
            co_return json_response(body);
        }
        if (watch.elapsed() >= patience || stopping()) {
            co_return json_response(not_in_time(cloud, missing), 408);
        }
        if (advance) {
            const TimePoint change = co_await condition.next_change();
            if (change < cloud.clock().next_due()) {
                co_await cloud.clock().advance(std::max(Duration(0), change - cloud.clock().now()));
                continue;
            }
            const bool moved = co_await cloud.clock().run_to_next();
            if (moved) continue;
        }
        pause.expires_after(wait);
        co_await pause.async_wait(boost::asio::use_awaitable_t<Executor>());
        wait = std::min<Duration>(wait * 2, std::chrono::milliseconds(10));
    }
}

}  // namespace skafu::server

#include "eventbridge/recorder.h"

#include "core/aws_error.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMostHeard = 100'000;
constexpr std::size_t kMostAtOnce = 5'000;
constexpr Duration kForgotten = std::chrono::minutes(1);

}  // namespace

Recorder::Recorder(Cloud& cloud) : cloud_(cloud) {}

void Recorder::take(const Scope& scope, std::string_view bus, EventTape& tape,
                    const std::shared_ptr<const std::string>& event,
                    const std::vector<std::string>& rules) {
    std::erase_if(listeners_,
                  [](const auto& entry) { return entry.second->unasked.elapsed() > kForgotten; });
    for (auto& [id, listener] : listeners_) {
        if (listener->scope != scope || (!listener->bus.empty() && listener->bus != bus)) continue;
        if (listener->filter && listener->filter->match(tape).empty()) continue;
        if (listener->heard.size() == kMostHeard) {
            ++listener->missed;
            continue;
        }
        listener->heard.push_back(
            {std::string(bus), event, to_text(Json(rules)), rules.size(), cloud_.clock().now()});
        listener->news.notify_all();
    }
}

std::string Recorder::listen(const Scope& scope, std::string bus, const std::string& pattern) {
    auto listener = std::make_shared<Listener>(cloud_);
    listener->scope = scope;
    listener->bus = std::move(bus);
    if (!pattern.empty()) {
        listener->filter.emplace();
        listener->filter->put(0, parse_pattern(pattern));
    }
    std::string id = cloud_.entropy().hex(16);
    listeners_[id] = std::move(listener);
    return id;
}

Task<std::string> Recorder::collect(std::string id, Duration patience) {
    const auto found = listeners_.find(id);
    if (found == listeners_.end()) throw AwsError::not_found("There is no recording " + id + ".");
    const std::shared_ptr<Listener> listener = found->second;
    listener->unasked = Stopwatch();
    if (listener->heard.empty() && patience > Duration(0)) {
        const TimePoint due = cloud_.clock().now() + patience;
        co_await listener->news.wait_until(cloud_.clock(), due, TimerKind::housekeeping);
    }
    listener->unasked = Stopwatch();
    std::string answer = fmt::format(R"({{"missed":{},"events":[)", listener->missed);
    for (std::size_t i = 0; i < kMostAtOnce && !listener->heard.empty(); ++i) {
        const Heard& heard = listener->heard.front();
        if (i > 0) answer += ',';
        answer.append(R"({"bus":)").append(to_text(Json(heard.bus)));
        answer.append(R"(,"recordedAt":")").append(iso8601_millis(heard.time));
        answer.append(R"(","matchedRules":)").append(std::to_string(heard.matched_rules));
        answer.append(R"(,"rules":)").append(heard.rules);
        answer.append(R"(,"event":)").append(*heard.event).append("}");
        listener->heard.pop_front();
    }
    answer += fmt::format(R"(],"waiting":{}}})", listener->heard.size());
    co_return answer;
}

}  // namespace skafu::eventbridge

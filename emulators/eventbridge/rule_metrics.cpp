#include "eventbridge/rule_metrics.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kPeriod = std::chrono::minutes(1);

Task<void> put_metrics(Cloud& cloud, Scope scope, Json data) {
    Caller caller{scope.account, scope.region, "events.amazonaws.com"};
    Json input = {{"Namespace", "AWS/Events"}, {"MetricData", std::move(data)}};
    co_await cloud.call_json("cloudwatch", "PutMetricData", std::move(input), caller, 0);
}

}  // namespace

void RuleMetrics::touch() {
    if (waiting_ || cloud_.find_operation("cloudwatch", "PutMetricData") == nullptr) return;
    waiting_ = true;
    cloud_.clock().after(
        kPeriod, [this] { report(); }, TimerKind::housekeeping);
}

void RuleMetrics::report() {
    waiting_ = false;
    buses_.for_each([this](Bus& bus) {
        Json data = Json::array();
        for (const auto& [name, rule] : bus.rules()) {
            const RuleCounts& now = rule->counts;
            RuleCounts& before = reported_[rule->arn];
            const auto add = [&](const char* metric, std::uint64_t count, std::uint64_t earlier) {
                if (count <= earlier) return;
                Json dimensions = Json::array({{{"Name", "RuleName"}, {"Value", name}}});
                if (bus.name() != "default") {
                    dimensions.push_back({{"Name", "EventBusName"}, {"Value", bus.name()}});
                }
                data.push_back({{"MetricName", metric},
                                {"Dimensions", std::move(dimensions)},
                                {"Value", count - earlier},
                                {"Unit", "Count"}});
            };
            add("TriggeredRules", now.matched, before.matched);
            add("MatchedEvents", now.matched, before.matched);
            add("Invocations", now.invocations(), before.invocations());
            add("InvocationAttempts", now.attempts(), before.attempts());
            add("SuccessfulInvocationAttempts", now.delivered, before.delivered);
            add("FailedInvocations", now.failed, before.failed);
            add("RetryInvocationAttempts", now.retried, before.retried);
            add("InvocationsSentToDlq", now.dead_lettered, before.dead_lettered);
            add("InvocationsFailedToBeSentToDlq", now.dead_letters_refused,
                before.dead_letters_refused);
            add("DeadLetterInvocations", now.dead_lettered, before.dead_lettered);
            before = now;
        }
        if (!data.empty()) cloud_.spawn(put_metrics(cloud_, bus.scope(), std::move(data)));
    });
}

}  // namespace skafu::eventbridge

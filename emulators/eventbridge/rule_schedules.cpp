#include "eventbridge/rule_schedules.h"

#include "eventbridge/schedule_expression.h"

namespace skafu::eventbridge {

RuleSchedules::RuleSchedules(Cloud& cloud, Buses& buses, EventIntake& intake)
    : cloud_(cloud), buses_(buses), intake_(intake) {
    buses_.for_each([this](Bus& bus) {
        for (const auto& [name, rule] : bus.rules()) follow(bus, rule);
    });
}

void RuleSchedules::follow(const Bus& bus, const RulePtr& rule) {
    forget(*rule);
    if (!rule->schedule().empty() && rule->enabled()) {
        set_timer(bus.scope(), *rule, cloud_.clock().now());
    }
}

void RuleSchedules::forget(const Rule& rule) {
    const auto timer = timers_.find(rule.arn);
    if (timer == timers_.end()) return;
    cloud_.clock().cancel(timer->second);
    timers_.erase(timer);
}

void RuleSchedules::set_timer(const Scope& scope, const Rule& rule, TimePoint start) {
    const std::optional<ScheduleExpression> schedule = ScheduleExpression::parse(rule.schedule());
    if (!schedule) return;
    const std::optional<TimePoint> due = schedule->next_after(cloud_.clock().now(), start);
    if (!due) return;
    timers_[rule.arn] = cloud_.clock().at(
        *due,
        [this, scope, bus = rule.bus, name = rule.name, due = *due, start] {
            fire(scope, bus, name, due, start);
        },
        TimerKind::housekeeping);
}

void RuleSchedules::fire(const Scope& scope, const std::string& bus_name, const std::string& name,
                         TimePoint due, TimePoint start) {
    Bus* bus = buses_.find(scope, bus_name);
    const RulePtr rule = bus == nullptr ? nullptr : bus->find_rule(name);
    if (!rule || !rule->enabled()) return;
    timers_.erase(rule->arn);
    set_timer(scope, *rule, start);
    const Activity activity = cloud_.journal().begin(ActivityKind::timer, rule->arn, 0);
    const Json event = {{"version", "0"},
                        {"id", cloud_.entropy().uuid()},
                        {"detail-type", "Scheduled Event"},
                        {"source", "aws.events"},
                        {"account", scope.account},
                        {"time", iso8601_seconds(due)},
                        {"region", scope.region},
                        {"resources", Json::array({rule->arn})},
                        {"detail", Json::object()}};
    intake_.deliver_to_rule(*bus, rule, to_text(event), activity.id());
}

void RuleSchedules::reset(const Scope* scope) {
    std::erase_if(timers_, [&](const auto& entry) {
        const bool concerned =
            scope == nullptr ||
            entry.first.starts_with("arn:aws:events:" + scope->region + ":" + scope->account + ":");
        if (concerned) cloud_.clock().cancel(entry.second);
        return concerned;
    });
}

}  // namespace skafu::eventbridge

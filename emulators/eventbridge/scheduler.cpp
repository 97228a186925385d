#include "eventbridge/scheduler.h"

#include <cctype>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "eventbridge/delivery.h"
#include "eventbridge/schedule_expression.h"
#include "eventbridge/time_zone.h"

namespace skafu::eventbridge {
namespace {

constexpr std::string_view kUniversal = "arn:aws:scheduler:::aws-sdk:";

std::string timer_key(const Scope& scope, const std::string& key) {
    return scope.account + "|" + scope.region + "|" + key;
}

/// "2026-01-31T12:00:00" of an at(...) expression.
std::optional<std::chrono::local_time<Duration>> parse_at(std::string_view text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    char end = 0;
    const std::string terminated(text);
    if (std::sscanf(terminated.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%c", &year, &month, &day, &hour,
                    &minute, &second, &end) != 6) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date = std::chrono::year(year) / month / day;
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return std::chrono::local_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

std::optional<std::string_view> at_expression(std::string_view text) {
    if (!text.starts_with("at(") || !text.ends_with(')')) return std::nullopt;
    return text.substr(3, text.size() - 4);
}

std::optional<TimePoint> date_member(const Json& schedule, const char* name) {
    const Json* value = find_member(schedule, name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return TimePoint(Duration(static_cast<std::int64_t>(value->get<double>() * 1e6)));
}

/// The call of a universal target: arn:aws:scheduler:::aws-sdk:service:apiAction.
Task<void> call_universal(Cloud& cloud, Scope scope, std::string arn, std::string input,
                          ActivityId cause) {
    const std::string_view rest = std::string_view(arn).substr(kUniversal.size());
    const std::size_t colon = rest.find(':');
    const Service* service = cloud.find_service_by_sdk_name(rest.substr(0, colon));
    std::string operation(colon == std::string_view::npos ? "" : rest.substr(colon + 1));
    if (!operation.empty()) {
        operation[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(operation[0])));
    }
    if (service == nullptr || service->find(operation) == nullptr) {
        throw AwsError::unknown_operation(arn + " is not emulated.");
    }
    Call call{service->name, operation, Document::from_text(std::move(input)), {}, cause, {}};
    call.caller = {scope.account, scope.region, "scheduler.amazonaws.com"};
    co_await cloud.call(std::move(call));
}

/// An event bus as a target: PutEvents with the source and type that the target names.
Task<void> put_event(Cloud& cloud, Scope scope, Json target, std::string input, ActivityId cause) {
    const Json names = target.value("EventBridgeParameters", Json::object());
    Json entry = {{"EventBusName", string_member(target, "Arn")},
                  {"Source", string_member(names, "Source")},
                  {"DetailType", string_member(names, "DetailType")},
                  {"Detail", std::move(input)}};
    Json request = {{"Entries", Json::array({std::move(entry)})}};
    Caller caller{scope.account, scope.region, "scheduler.amazonaws.com"};
    co_await cloud.call_json("events", "PutEvents", std::move(request), caller, cause);
}

Task<void> deliver_once(Cloud& cloud, Scope scope, Json schedule, std::string input,
                        ActivityId cause) {
    const Json target = schedule["Target"];
    const std::string arn = string_member(target, "Arn");
    if (arn.starts_with(kUniversal)) {
        co_await call_universal(cloud, scope, arn, input, cause);
        co_return;
    }
    if (arn.find(":event-bus/") != std::string::npos) {
        co_await put_event(cloud, scope, target, input, cause);
        co_return;
    }
    Rule rule;
    rule.name = string_member(schedule, "Name");
    rule.arn = string_member(schedule, "Arn");
    const Target compiled{rule.name, arn, target, {}};
    Outgoing outgoing{rule, compiled, scope, input, input, 0, cause};
    co_await deliver_to_target(cloud, std::move(outgoing));
}

void send_dead_letter(Cloud& cloud, const Scope& scope, const Json& schedule,
                      const DeliveryFailure& failure, int attempts, const std::string& input,
                      ActivityId cause) {
    const Json* config = find_member(schedule["Target"], "DeadLetterConfig");
    const std::string queue = config == nullptr ? "" : string_member(*config, "Arn");
    if (queue.empty()) return;
    Json attributes = Json::object();
    const std::pair<const char*, std::string> values[] = {
        {"SCHEDULE_ARN", string_member(schedule, "Arn")},
        {"TARGET_ARN", string_member(schedule["Target"], "Arn")},
        {"ERROR_CODE", failure.code},
        {"ERROR_MESSAGE", failure.message},
        {"RETRY_ATTEMPTS", std::to_string(attempts)}};
    for (const auto& [name, value] : values) {
        attributes[name] = {{"DataType", "String"}, {"StringValue", value.empty() ? "-" : value}};
    }
    Json message = {{"QueueUrl", queue_url(cloud, queue)},
                    {"MessageBody", input},
                    {"MessageAttributes", std::move(attributes)}};
    Call call{"sqs", "SendMessage", Document(std::move(message)), {}, cause, {}};
    call.caller = {scope.account, scope.region, "scheduler.amazonaws.com"};
    cloud.call_now(std::move(call));
}

}  // namespace

Scheduler::Scheduler(Cloud& cloud)
    : cloud_(cloud),
      schedules_(cloud.database(), "scheduler", "schedule"),
      groups_(cloud.database(), "scheduler", "group") {
    schedules_.for_each_scope([this](const Scope& scope) {
        std::vector<std::string> keys;
        schedules_.for_each(scope, [&](const std::string& key, const Json&) {
            keys.push_back(key);
            return true;
        });
        for (const std::string& key : keys) follow(scope, key);
    });
}

std::string Scheduler::key_of(const Json& input) {
    return string_member(input, "GroupName", "default") + "/" + string_member(input, "Name");
}

void Scheduler::check(const Json& schedule) const {
    const std::string expression = string_member(schedule, "ScheduleExpression");
    const auto at = at_expression(expression);
    const bool is_valid =
        at ? parse_at(*at).has_value() : ScheduleExpression::parse(expression).has_value();
    if (!is_valid) {
        throw AwsError::validation("Invalid Schedule Expression " + expression + ".");
    }
    const std::string zone = string_member(schedule, "ScheduleExpressionTimezone");
    if (!TimeZone::find(zone)) {
        throw AwsError::validation("Invalid ScheduleExpressionTimezone " + zone + ".");
    }
    const std::optional<std::string> problem =
        string_member(schedule["Target"], "Arn").starts_with(kUniversal)
            ? std::nullopt
            : unsupported_target(string_member(schedule["Target"], "Arn"));
    if (problem && !cloud_.settings().lenient) throw AwsError::validation(*problem);
}

std::optional<TimePoint> Scheduler::next_due(const Json& schedule, TimePoint after) const {
    const std::string expression = string_member(schedule, "ScheduleExpression");
    const auto zone = TimeZone::find(string_member(schedule, "ScheduleExpressionTimezone"));
    if (!zone) return std::nullopt;
    const std::optional<TimePoint> start = date_member(schedule, "StartDate");
    const std::optional<TimePoint> end = date_member(schedule, "EndDate");
    std::optional<TimePoint> due;
    if (const auto at = at_expression(expression)) {
        const auto local = parse_at(*at);
        if (local) due = zone->to_utc(*local);
        if (due && *due <= after) return std::nullopt;
        return due;
    }
    const auto parsed = ScheduleExpression::parse(expression);
    if (!parsed) return std::nullopt;
    if (start && after < *start) after = *start - Duration(1);
    if (const CronExpression* cron = parsed->cron()) {
        const auto local = std::chrono::floor<std::chrono::minutes>(zone->to_local(after));
        const auto next = cron->next_after(local);
        if (next) due = zone->to_utc(*next);
    } else {
        due = parsed->next_after(after, start.value_or(*date_member(schedule, "CreationDate")));
    }
    if (due && end && *due > *end) return std::nullopt;
    return due;
}

void Scheduler::follow(const Scope& scope, const std::string& key) {
    forget(scope, key);
    const Json* schedule = schedules_.find(scope, key);
    if (schedule == nullptr || string_member(*schedule, "State") == "DISABLED") return;
    std::optional<TimePoint> due = next_due(*schedule, cloud_.clock().now());
    if (!due) return;
    const TimePoint named = *due;
    const Json* window = find_member(*schedule, "FlexibleTimeWindow");
    const Json* minutes =
        window == nullptr ? nullptr : find_member(*window, "MaximumWindowInMinutes");
    if (minutes != nullptr && string_member(*window, "Mode") == "FLEXIBLE") {
        const auto most = std::chrono::minutes(minutes->get<int>());
        const auto micros = static_cast<std::uint64_t>(Duration(most).count());
        *due += Duration(static_cast<std::int64_t>(cloud_.entropy().below(micros + 1)));
    }
    const bool is_once = string_member(*schedule, "ScheduleExpression").starts_with("at(");
    timers_[timer_key(scope, key)] = cloud_.clock().at(
        *due, [this, scope, key, named] { fire(scope, key, named); },
        is_once ? TimerKind::work : TimerKind::housekeeping);
}

void Scheduler::forget(const Scope& scope, const std::string& key) {
    const auto timer = timers_.find(timer_key(scope, key));
    if (timer == timers_.end()) return;
    cloud_.clock().cancel(timer->second);
    timers_.erase(timer);
}

void Scheduler::fire(const Scope& scope, const std::string& key, TimePoint due) {
    timers_.erase(timer_key(scope, key));
    const Json* found = schedules_.find(scope, key);
    if (found == nullptr) return;
    const Json schedule = *found;
    cloud_.spawn(deliver(scope, schedule, due));
    const bool is_over = !next_due(schedule, cloud_.clock().now());
    if (is_over && string_member(schedule, "ActionAfterCompletion") == "DELETE") {
        schedules_.erase(scope, key);
    } else {
        follow(scope, key);
    }
}

Task<void> Scheduler::deliver(Scope scope, Json schedule, TimePoint due) {
    const std::string arn = string_member(schedule, "Arn");
    Activity activity = cloud_.journal().begin(ActivityKind::timer, arn, 0);
    std::string input = string_member(schedule["Target"], "Input");
    if (input.empty()) {
        const Json event = {{"version", "0"},
                            {"id", cloud_.entropy().uuid()},
                            {"detail-type", "Scheduled Event"},
                            {"source", "aws.scheduler"},
                            {"account", scope.account},
                            {"time", iso8601_seconds(due)},
                            {"region", scope.region},
                            {"resources", Json::array({arn})},
                            {"detail", "{}"}};
        input = to_text(event);
    }
    const Target described{arn, string_member(schedule["Target"], "Arn"), schedule["Target"], {}};
    const RetryPolicy policy = retry_policy(described);
    const TimePoint started = cloud_.clock().now();
    for (int attempt = 0;; ++attempt) {
        std::optional<AwsError> refusal;
        try {
            co_await deliver_once(cloud_, scope, schedule, input, activity.id());
        } catch (const AwsError& error) {
            refusal = error;
        }
        if (!refusal) co_return;
        const DeliveryFailure failure = classify_failure(*refusal);
        const Duration pause = std::chrono::seconds(std::int64_t{1} << std::min(attempt, 9));
        const bool is_old = cloud_.clock().now() + pause - started > policy.age;
        if (!failure.retry || attempt >= policy.attempts || is_old) {
            activity.fail(failure.code, failure.message);
            log::warn("schedule {}: given up after {} retries: {}", arn, attempt, failure.message);
            send_dead_letter(cloud_, scope, schedule, failure, attempt, input, activity.id());
            co_return;
        }
        co_await cloud_.clock().sleep_for(pause);
    }
}

void Scheduler::reset(const Scope* scope) {
    std::erase_if(timers_, [&](const auto& entry) {
        const bool concerned = scope == nullptr || entry.first.starts_with(timer_key(*scope, ""));
        if (concerned) cloud_.clock().cancel(entry.second);
        return concerned;
    });
    schedules_.clear(scope);
    groups_.clear(scope);
}

}  // namespace skafu::eventbridge

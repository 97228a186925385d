#include "eventbridge/scheduler.h"

#include <algorithm>
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

/// "2026-01-31T12:00:00" of an at(...) expression; the seconds may be left out.
std::optional<std::chrono::local_time<Duration>> parse_at(std::string_view text) {
    constexpr std::string_view kForm = "0000-00-00T00:00:00";
    const std::size_t without_seconds = kForm.size() - 3;
    if (text.size() != kForm.size() && text.size() != without_seconds) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
        if (kForm[i] == '0' ? !is_digit : text[i] != kForm[i]) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = 0;
        for (std::size_t i = at; i < std::min(at + length, text.size()); ++i) {
            value = value * 10 + (text[i] - '0');
        }
        return value;
    };
    const std::chrono::year_month_day date =
        std::chrono::year(number(0, 4)) / number(5, 2) / number(8, 2);
    const int hour = number(11, 2);
    const int minute = number(14, 2);
    const int second = number(17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return std::chrono::local_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

std::optional<std::string_view> at_expression(std::string_view text) {
    const bool has_keyword = text.starts_with("at(") || text.starts_with("AT(");
    if (!has_keyword || !text.ends_with(')')) return std::nullopt;
    return text.substr(3, text.size() - 4);
}

std::optional<TimePoint> date_member(const Json& schedule, const char* name) {
    const Json* value = find_member(schedule, name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return TimePoint(Duration(static_cast<std::int64_t>(value->get<double>() * 1e6)));
}

/// "sendMessage" of a universal target is SendMessage.
std::string operation_name(std::string_view api) {
    std::string name(api);
    if (!name.empty()) {
        name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    }
    return name;
}

/// The call of a universal target: arn:aws:scheduler:::aws-sdk:service:apiAction.
Task<void> call_universal(Cloud& cloud, Scope scope, std::string arn, std::string input,
                          ActivityId cause) {
    const std::string_view rest = std::string_view(arn).substr(kUniversal.size());
    const std::size_t colon = rest.find(':');
    const Service* service = cloud.find_service_by_sdk_name(rest.substr(0, colon));
    const std::string operation =
        operation_name(colon == std::string_view::npos ? "" : rest.substr(colon + 1));
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
    const Target compiled{rule.name, arn, target, {}, Arn::parse(arn)};
    Outgoing outgoing{rule, compiled, scope, input, input, 0, cause};
    co_await deliver_to_target(cloud, std::move(outgoing));
}

void check_window(const Json& schedule) {
    const Json& window = *find_member(schedule, "FlexibleTimeWindow");
    const bool is_flexible = string_member(window, "Mode") == "FLEXIBLE";
    if (is_flexible == window.contains("MaximumWindowInMinutes")) {
        const auto start = date_member(schedule, "StartDate");
        const auto end = date_member(schedule, "EndDate");
        if (!start || !end || *start < *end) return;
        throw AwsError::validation("The StartDate you specify must come before the EndDate.");
    }
    throw AwsError::validation(
        is_flexible ? "MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set "
                      "to FLEXIBLE."
                    : "MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is "
                      "set to OFF.");
}

/// Parameters for one kind of target, which Scheduler takes with no other.
void refuse_parameters_of_other_kinds(const Json& target, const Arn& arn) {
    static const std::vector<TargetParameters> kKinds = {
        {"EcsParameters", {"ecs"}},
        {"EventBridgeParameters", {"events"}},
        {"KinesisParameters", {"kinesis"}},
        {"SageMakerPipelineParameters", {"sagemaker"}},
        {"SqsParameters", {"sqs"}}};
    const char* parameters = parameters_of_others(target, kKinds, arn.service);
    if (parameters == nullptr) return;
    throw AwsError::validation(
        fmt::format("Parameters {} not supported for the target.", parameters));
}

void check_group(const Json& target, const Arn& arn) {
    if (arn.service != "sqs") return;
    const Json* parameters = find_member(target, "SqsParameters");
    const bool has_group =
        parameters != nullptr && !string_member(*parameters, "MessageGroupId").empty();
    const bool is_fifo = arn.resource.ends_with(".fifo");
    if (is_fifo && !has_group) {
        throw AwsError::validation("Parameters SqsParameters must be specified.");
    }
    if (!is_fifo && has_group) {
        throw AwsError::validation("Parameters MessageGroupId not valid for the target.");
    }
}

/// Functions, state machines and buses take JSON only (user guide, "Templated targets"). What
/// stands for a context attribute may be a number.
void check_input(const Json& target, const Arn& arn) {
    const bool takes_json =
        arn.service == "lambda" || arn.service == "states" || arn.service == "events";
    std::string input = string_member(target, "Input");
    if (!takes_json || input.empty()) return;
    for (std::size_t at = input.find("<aws.scheduler."); at != std::string::npos;
         at = input.find("<aws.scheduler.", at)) {
        const std::size_t end = input.find('>', at);
        if (end == std::string::npos) break;
        input.replace(at, end + 1 - at, "0");
    }
    try {
        parse_json(input);
    } catch (const JsonError&) {
        throw AwsError::validation("JSON syntax error in input for the target.");
    }
}

/// A target with an ARN of its own, of one of the kinds that Scheduler has templates for.
void check_templated(const Json& target, const Arn& arn, const std::string& region) {
    if (arn.region != region) {
        throw AwsError::validation(
            fmt::format("The target ARN provided does not match the current region {}.", region));
    }
    refuse_parameters_of_other_kinds(target, arn);
    check_group(target, arn);
    check_input(target, arn);
    const bool is_bus = arn.service == "events" && arn.resource_type() == "event-bus";
    if (is_bus && find_member(target, "EventBridgeParameters") == nullptr) {
        throw AwsError::validation("Parameters EventBridgeParameters must be specified.");
    }
}

/// An operation of a service's API: one that changes something, with its input.
void check_universal(const Cloud& cloud, const Json& target, std::string_view called) {
    const std::size_t colon = called.find(':');
    const std::string_view service_name = called.substr(0, colon);
    const std::string_view api = colon == std::string_view::npos ? "" : called.substr(colon + 1);
    const Service* service = cloud.find_service_by_sdk_name(service_name);
    if (service == nullptr) {
        throw AwsError::validation(
            fmt::format("{} is not a supported service for a target.", service_name));
    }
    const bool only_reads =
        api.starts_with("get") || api.starts_with("list") || api.starts_with("describe");
    if (only_reads || service->find(operation_name(api)) == nullptr) {
        throw AwsError::validation(fmt::format("{} API is not supported.", api));
    }
    if (string_member(target, "Input").empty()) {
        throw AwsError::validation(
            "You must provide an input to set this target for your schedule.");
    }
}

/// One due time of a schedule, on its way to the target.
struct Invocation {
    Scope scope;
    std::string execution;
    Json schedule;
    TimePoint due;
    TimePoint started;
    std::string input;
    ActivityId cause = 0;

    Invocation(Scope of, std::string id, const Json& document)
        : scope(std::move(of)),
          execution(std::move(id)),
          schedule(document["Schedule"]),
          due(Duration(document["Due"].get<std::int64_t>())),
          started(Duration(document["Started"].get<std::int64_t>())),
          input(string_member(document, "Input")) {}
};

std::int64_t micros_of(TimePoint time) {
    return time.time_since_epoch().count();
}

/// What a target without an Input gets.
std::string scheduled_event(Cloud& cloud, const Scope& scope, const Json& schedule, TimePoint due) {
    const Json event = {{"version", "0"},
                        {"id", cloud.entropy().uuid()},
                        {"detail-type", "Scheduled Event"},
                        {"source", "aws.scheduler"},
                        {"account", scope.account},
                        {"time", iso8601_seconds(due)},
                        {"region", scope.region},
                        {"resources", Json::array({schedule["Arn"]})},
                        {"detail", "{}"}};
    return to_text(event);
}

/// Why an invocation is not tried again; empty where it is.
std::string_view exhausted_condition(const RetryPolicy& policy, int attempt, Duration age) {
    if (age > policy.age) return "MaximumEventAgeInSeconds";
    return attempt >= policy.attempts ? "MaximumRetryAttempts" : "";
}

/// The target's input with what Scheduler knows of this attempt (user guide, "Adding context
/// attributes").
std::string with_context(const Invocation& invocation, int attempt) {
    const std::pair<const char*, std::string> values[] = {
        {"<aws.scheduler.schedule-arn>", string_member(invocation.schedule, "Arn")},
        {"<aws.scheduler.scheduled-time>", iso8601_seconds(invocation.due)},
        {"<aws.scheduler.execution-id>", invocation.execution},
        {"<aws.scheduler.attempt-number>", std::to_string(attempt)}};
    std::string text = invocation.input;
    for (const auto& [name, value] : values) {
        std::size_t at = text.find(name);
        while (at != std::string::npos) {
            text.replace(at, std::string_view(name).size(), value);
            at = text.find(name, at + value.size());
        }
    }
    return text;
}

/// Dead letters carry the target's own error code (user guide, "Configuring a dead-letter queue").
void send_dead_letter(Cloud& cloud, const Invocation& invocation, const AwsError& error,
                      int attempts, std::string_view exhausted) {
    const Json& schedule = invocation.schedule;
    const Json& target = *find_member(schedule, "Target");
    const std::string queue = dead_letter_queue(target);
    if (queue.empty()) return;
    Json attributes = Json::object();
    const std::pair<const char*, std::string> values[] = {
        {"ERROR_CODE", error.code()},
        {"ERROR_MESSAGE", error.message()},
        {"EXECUTION_ID", invocation.execution},
        {"EXHAUSTED_RETRY_CONDITION", std::string(exhausted)},
        {"IS_PAYLOAD_TRUNCATED", "false"},
        {"RETRY_ATTEMPTS", std::to_string(attempts)},
        {"SCHEDULED_TIME", iso8601_seconds(invocation.due)},
        {"SCHEDULE_ARN", string_member(schedule, "Arn")},
        {"TARGET_ARN", string_member(target, "Arn")}};
    for (const auto& [name, value] : values) {
        if (value.empty()) continue;
        attributes[name] = {{"DataType", "String"}, {"StringValue", value}};
    }
    try {
        Json message = {{"QueueUrl", queue_url(cloud, queue)},
                        {"MessageBody", with_context(invocation, attempts + 1)},
                        {"MessageAttributes", std::move(attributes)}};
        Call call{"sqs", "SendMessage", Document(std::move(message)), {}, invocation.cause, {}};
        call.caller = {invocation.scope.account, invocation.scope.region,
                       "scheduler.amazonaws.com"};
        cloud.call_now(std::move(call));
    } catch (const AwsError& refusal) {
        log::warn("schedule {}: dead-letter queue {} refuses: {}", string_member(schedule, "Arn"),
                  queue, refusal.message());
    }
}

}  // namespace

Scheduler::Scheduler(Cloud& cloud)
    : cloud_(cloud),
      schedules_(cloud.database(), "scheduler", "schedule"),
      groups_(cloud.database(), "scheduler", "group"),
      invocations_(cloud.database(), "scheduler", "invocation") {
    invocations_.for_each_scope([this](const Scope& scope) {
        invocations_.for_each(scope, [&](const std::string& execution, const Json&) {
            cloud_.spawn(run(scope, execution));
            return true;
        });
    });
    schedules_.for_each_scope([this](const Scope& scope) {
        std::vector<std::string> keys;
        schedules_.for_each(scope, [&](const std::string& key, const Json&) {
            keys.push_back(key);
            return true;
        });
        for (const std::string& key : keys) {
            follow(scope, key);
            catch_up(scope, key);
        }
    });
}

/// Delivers what was due only once, while the house was down or when it was killed.
void Scheduler::catch_up(const Scope& scope, const std::string& key) {
    const Json* schedule = schedules_.find(scope, key);
    const std::string expression = string_member(*schedule, "ScheduleExpression");
    const auto at = at_expression(expression);
    if (!at || schedule->contains(kCompleted) || string_member(*schedule, "State") == "DISABLED") {
        return;
    }
    const auto local = parse_at(*at);
    const auto zone = TimeZone::find(string_member(*schedule, "ScheduleExpressionTimezone"));
    if (!local || !zone) return;
    const TimePoint due = zone->to_utc(*local);
    const TimePoint created = *date_member(*schedule, "CreationDate");
    if (due > created && due <= cloud_.clock().now() && !is_under_way(scope, key, due)) {
        fire(scope, key, due);
    }
}

bool Scheduler::is_under_way(const Scope& scope, const std::string& key, TimePoint due) const {
    bool found = false;
    invocations_.for_each(scope, [&](const std::string&, const Json& invocation) {
        found = found || (key_of(invocation["Schedule"]) == key &&
                          invocation["Due"].get<std::int64_t>() == micros_of(due));
        return !found;
    });
    return found;
}

std::string Scheduler::key_of(const Json& input) {
    return string_member(input, "GroupName", "default") + "/" + string_member(input, "Name");
}

void Scheduler::check(const Json& schedule) const {
    const std::string expression = string_member(schedule, "ScheduleExpression");
    const auto at = at_expression(expression);
    const bool is_valid =
        at ? parse_at(*at).has_value()
           : ScheduleExpression::parse(expression, Dialect::scheduler).has_value();
    if (!is_valid) {
        throw AwsError::validation("Invalid Schedule Expression " + expression + ".");
    }
    const std::string zone = string_member(schedule, "ScheduleExpressionTimezone");
    if (!TimeZone::find(zone)) {
        throw AwsError::validation("Invalid ScheduleExpressionTimezone " + zone + ".");
    }
    check_window(schedule);
    check_target(schedule);
}

void Scheduler::check_target(const Json& schedule) const {
    const Json& target = schedule["Target"];
    const std::string text = string_member(target, "Arn");
    const std::string region = Arn::parse(string_member(schedule, "Arn"))->region;
    check_dead_letter_queue(target, region);
    if (text.starts_with(kUniversal)) {
        if (!cloud_.settings().lenient) {
            check_universal(cloud_, target, std::string_view(text).substr(kUniversal.size()));
        }
        return;
    }
    const std::optional<Arn> arn = Arn::parse(text);
    if (arn) check_templated(target, *arn, region);
    const std::optional<std::string> problem = unsupported_target(text);
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
    const auto parsed = ScheduleExpression::parse(expression, Dialect::scheduler);
    if (!parsed) return std::nullopt;
    if (start && after < *start) after = *start - Duration(1);
    if (const CronExpression* cron = parsed->cron()) {
        const auto local = std::chrono::floor<std::chrono::minutes>(zone->to_local(after));
        // A time that the clocks skip in spring is skipped with them; one that they go through
        // twice in autumn counts once (user guide, "Daylight saving time").
        for (auto next = cron->next_after(local); next; next = cron->next_after(*next)) {
            due = zone->to_utc(*next);
            if (zone->to_local(*due) == *next) break;
            due.reset();
        }
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
    // A restart may find the clock before a moment that it was set beyond.
    if (!due || is_under_way(scope, key, *due)) return;
    const TimePoint named = *due;
    const Json* window = find_member(*schedule, "FlexibleTimeWindow");
    const Json* minutes =
        window == nullptr ? nullptr : find_member(*window, "MaximumWindowInMinutes");
    if (minutes != nullptr && string_member(*window, "Mode") == "FLEXIBLE") {
        const auto most = std::chrono::minutes(minutes->get<int>());
        const auto micros = static_cast<std::uint64_t>(Duration(most).count());
        *due += Duration(static_cast<std::int64_t>(cloud_.entropy().below(micros + 1)));
    }
    const std::string expression = string_member(*schedule, "ScheduleExpression");
    const bool is_once = at_expression(expression).has_value();
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
    const std::string execution = cloud_.entropy().hex(16);
    const std::int64_t now = micros_of(cloud_.clock().now());
    std::string input = string_member(schedule["Target"], "Input");
    if (input.empty()) input = scheduled_event(cloud_, scope, schedule, due);
    invocations_.put(scope, execution,
                     {{"Schedule", schedule},
                      {"Due", micros_of(due)},
                      {"Started", now},
                      {"Input", std::move(input)},
                      {"Attempt", 0},
                      {"Next", now}});
    cloud_.spawn(run(scope, execution));
    follow(scope, key);
}

/// Delivers for one due time. A schedule that has no other is complete then.
Task<void> Scheduler::run(Scope scope, std::string execution) {
    co_await deliver(scope, execution);
    const Json* invocation = invocations_.find(scope, execution);
    if (invocation == nullptr) co_return;
    Json schedule = (*invocation)["Schedule"];
    invocations_.erase(scope, execution);
    const std::string key = key_of(schedule);
    const Json* now = schedules_.find(scope, key);
    const bool is_same =
        now != nullptr && (*now)["LastModificationDate"] == schedule["LastModificationDate"];
    if (!is_same || next_due(schedule, cloud_.clock().now())) co_return;
    if (string_member(schedule, "ActionAfterCompletion") == "DELETE") {
        schedules_.erase(scope, key);
    } else {
        schedule[kCompleted] = true;
        schedules_.put(scope, key, std::move(schedule));
    }
}

/// Tries an invocation until its target takes it or its retry policy ends: all of that survives a
/// restart.
Task<void> Scheduler::deliver(Scope scope, std::string execution) {
    const Json* kept = invocations_.find(scope, execution);
    if (kept == nullptr) co_return;
    const Json document = *kept;
    Invocation invocation(scope, execution, document);
    const std::string arn = string_member(invocation.schedule, "Arn");
    const Json& target = invocation.schedule["Target"];
    Activity activity = cloud_.journal().begin(ActivityKind::timer, arn, 0);
    invocation.cause = activity.id();
    const RetryPolicy policy =
        retry_policy({arn, string_member(target, "Arn"), target, {}, std::nullopt});
    TimePoint next(Duration(document["Next"].get<std::int64_t>()));
    for (int attempt = document["Attempt"].get<int>();; ++attempt) {
        if (next > cloud_.clock().now()) co_await cloud_.clock().sleep_until(next);
        std::optional<AwsError> refusal;
        try {
            std::string input = with_context(invocation, attempt + 1);
            co_await deliver_once(cloud_, scope, invocation.schedule, std::move(input),
                                  activity.id());
        } catch (const AwsError& error) {
            refusal = error;
        }
        if (!refusal) co_return;
        const DeliveryFailure failure = classify_failure(*refusal);
        next = cloud_.clock().now() + std::chrono::seconds(std::int64_t{1} << std::min(attempt, 9));
        const std::string_view exhausted =
            exhausted_condition(policy, attempt, next - invocation.started);
        if (!failure.retry || !exhausted.empty()) {
            activity.fail(failure.code, failure.message);
            log::warn("schedule {}: given up after {} retries: {}", arn, attempt, failure.message);
            send_dead_letter(cloud_, invocation, *refusal, attempt,
                             failure.retry ? exhausted : std::string_view());
            co_return;
        }
        if (!keep_retry(scope, execution, attempt + 1, next)) co_return;
    }
}

/// False where the invocation was forgotten by a reset.
bool Scheduler::keep_retry(const Scope& scope, const std::string& execution, int attempt,
                           TimePoint next) {
    const Json* kept = invocations_.find(scope, execution);
    if (kept == nullptr) return false;
    Json changed = *kept;
    changed["Attempt"] = attempt;
    changed["Next"] = micros_of(next);
    invocations_.put(scope, execution, std::move(changed));
    return true;
}

void Scheduler::reset(const Scope* scope) {
    std::erase_if(timers_, [&](const auto& entry) {
        const bool concerned = scope == nullptr || entry.first.starts_with(timer_key(*scope, ""));
        if (concerned) cloud_.clock().cancel(entry.second);
        return concerned;
    });
    schedules_.clear(scope);
    groups_.clear(scope);
    invocations_.clear(scope);
}

}  // namespace skafu::eventbridge

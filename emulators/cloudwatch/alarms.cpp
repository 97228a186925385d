#include "cloudwatch/alarms.h"

#include <charconv>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"

namespace skafu::cloudwatch {
namespace {

constexpr std::string_view kDefined[] = {"AlarmDescription",
                                         "OKActions",
                                         "AlarmActions",
                                         "InsufficientDataActions",
                                         "MetricName",
                                         "Namespace",
                                         "Statistic",
                                         "ExtendedStatistic",
                                         "Dimensions",
                                         "Period",
                                         "Unit",
                                         "EvaluationPeriods",
                                         "DatapointsToAlarm",
                                         "Threshold",
                                         "ComparisonOperator",
                                         "TreatMissingData",
                                         "Metrics",
                                         "ThresholdMetricId"};

bool breaches(const std::string& comparison, double value, double threshold) {
    if (comparison == "GreaterThanThreshold") return value > threshold;
    if (comparison == "GreaterThanOrEqualToThreshold") return value >= threshold;
    if (comparison == "LessThanThreshold") return value < threshold;
    return value <= threshold;
}

Task<void> act(Cloud& cloud, std::string arn, Json alarm, Caller caller, ActivityId cause) {
    caller.principal = "cloudwatch.amazonaws.com";
    Activity delivery = cloud.journal().begin(ActivityKind::delivery, arn, cause);
    const std::string subject =
        fmt::format("{}: \"{}\" in {}", string_member(alarm, "NewStateValue"),
                    string_member(alarm, "AlarmName"), caller.region);
    try {
        if (arn.starts_with("arn:aws:sns:")) {
            Json input = {{"TopicArn", arn}, {"Subject", subject}, {"Message", to_text(alarm)}};
            co_await cloud.call_json("sns", "Publish", std::move(input), caller, delivery.id());
        } else if (arn.starts_with("arn:aws:lambda:")) {
            Json input = {
                {"FunctionName", arn}, {"InvocationType", "Event"}, {"Payload", to_text(alarm)}};
            co_await cloud.call_json("lambda", "Invoke", std::move(input), caller, delivery.id());
        } else {
            delivery.note("not carried out: only topics and functions are");
        }
    } catch (const AwsError& error) {
        delivery.fail(error.code(), error.message());
        log::warn("CloudWatch could not carry out {}: {}", arn, error.what());
    }
}

AwsError unsupported(std::string_view parameter, const std::string& value) {
    return {"InvalidParameterValueException",
            fmt::format("The value {} for parameter {} is not supported.", value, parameter)};
}

bool is_percent(std::string_view text) {
    double percent = -1;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), percent);
    return end.ec == std::errc() && end.ptr == text.data() + text.size() && percent >= 0 &&
           percent <= 100;
}

/// "p99.9", "tm90", "TM(10%:90%)", "IQM" and their like ("CloudWatch statistics definitions").
bool is_extended_statistic(std::string_view text) {
    if (text == "IQM") return true;
    if (text.starts_with('p')) return is_percent(text.substr(1));
    for (const std::string_view kind : {"tm", "wm", "tc", "ts"}) {
        if (text.starts_with(kind)) return is_percent(text.substr(2));
    }
    for (const std::string_view kind : {"TM(", "WM(", "PR(", "TC(", "TS("}) {
        if (!text.starts_with(kind)) continue;
        return text.ends_with(')') && text.find(':') != std::string_view::npos;
    }
    return false;
}

/// What an alarm on one metric has to have; one on metric math names its metrics otherwise
/// ("PutMetricAlarm").
void check_metric(const Json& input) {
    if (find_member(input, "Metrics") != nullptr) {
        if (find_member(input, "MetricName") == nullptr) return;
        throw AwsError("InvalidParameterCombinationException",
                       "The parameters MetricName and Metrics cannot be used together.");
    }
    for (const std::string_view member : {"MetricName", "Namespace", "Period"}) {
        if (find_member(input, member) != nullptr) continue;
        throw AwsError("MissingRequiredParameterException",
                       fmt::format("The parameter {} is required.", member));
    }
    const bool has_statistic = find_member(input, "Statistic") != nullptr;
    const bool has_extended = find_member(input, "ExtendedStatistic") != nullptr;
    if (!has_statistic && !has_extended) {
        throw AwsError("MissingRequiredParameterException",
                       "The parameter Statistic or ExtendedStatistic is required.");
    }
    if (has_statistic && has_extended) {
        throw AwsError("InvalidParameterCombinationException",
                       "The parameters Statistic and ExtendedStatistic cannot be used together.");
    }
}

void check_alarm(const Json& input) {
    check_metric(input);
    const std::int64_t period = input.value("Period", std::int64_t{60});
    if (period != 10 && period != 30 && period % 60 != 0) {
        throw AwsError("ValidationError", "Period must be 10, 30 or a multiple of 60");
    }
    const std::string extended = string_member(input, "ExtendedStatistic");
    if (!extended.empty() && !is_extended_statistic(extended)) {
        throw unsupported("ExtendedStatistic", extended);
    }
    const std::string missing = string_member(input, "TreatMissingData", "missing");
    constexpr std::string_view kWays[] = {"breaching", "notBreaching", "ignore", "missing"};
    if (std::find(std::begin(kWays), std::end(kWays), missing) == std::end(kWays)) {
        throw unsupported("TreatMissingData", missing);
    }
}

}  // namespace

Json Alarms::put(Context& context, const Json& input) {
    check_alarm(input);
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "AlarmName");
    const std::string now = iso8601_millis(cloud_.clock().now());
    Json alarm = {
        {"AlarmName", name},
        {"AlarmArn", make_arn("cloudwatch", scope.region, scope.account, "alarm:" + name)}};
    for (const std::string_view member : kDefined) {
        if (const Json* given = find_member(input, member)) alarm[member] = *given;
    }
    alarm["ActionsEnabled"] = input.value("ActionsEnabled", true);
    alarm["AlarmConfigurationUpdatedTimestamp"] = now;
    const Json* existing = alarms_.find(scope, name);
    if (existing != nullptr) {
        for (const std::string_view member :
             {"StateValue", "StateReason", "StateUpdatedTimestamp"}) {
            alarm[member] = existing->at(std::string(member));
        }
    } else {
        alarm["StateValue"] = "INSUFFICIENT_DATA";
        alarm["StateReason"] = "Unchecked: Initial alarm creation";
        alarm["StateUpdatedTimestamp"] = now;
    }
    alarms_.put(scope, name, std::move(alarm));
    return Json::object();
}

Json Alarms::describe(Context& context, const Json& input) {
    evaluate(context, nullptr);
    const Json names = input.value("AlarmNames", Json::array());
    const std::string prefix = string_member(input, "AlarmNamePrefix");
    const std::string state = string_member(input, "StateValue");
    Json out = Json::array();
    alarms_.for_each(context.caller.scope(), [&](const std::string& name, const Json& alarm) {
        const bool named =
            names.empty() || std::find(names.begin(), names.end(), Json(name)) != names.end();
        if (named && name.starts_with(prefix) &&
            (state.empty() || string_member(alarm, "StateValue") == state)) {
            out.push_back(alarm);
        }
        return true;
    });
    return {{"MetricAlarms", std::move(out)}, {"CompositeAlarms", Json::array()}};
}

Json Alarms::describe_for_metric(Context& context, const Json& input) {
    evaluate(context, nullptr);
    const std::string wanted = MetricId::from_json(input).key();
    Json out = Json::array();
    alarms_.for_each(context.caller.scope(), [&](const std::string&, const Json& alarm) {
        if (MetricId::from_json(alarm).key() == wanted) out.push_back(alarm);
        return true;
    });
    return {{"MetricAlarms", std::move(out)}};
}

Json Alarms::remove(Context& context, const Json& input) {
    for (const Json& name : input.at("AlarmNames")) {
        alarms_.erase(context.caller.scope(), name.get<std::string>());
    }
    return Json::object();
}

Json Alarms::set_state(Context& context, const Json& input) {
    const std::string name = string_member(input, "AlarmName");
    const Json* alarm = alarms_.find(context.caller.scope(), name);
    if (alarm == nullptr) {
        throw AwsError("ResourceNotFound", fmt::format("Unknown alarm: {}", name), 404);
    }
    change_state(context, *alarm,
                 {string_member(input, "StateValue"), string_member(input, "StateReason")});
    return Json::object();
}

Json Alarms::switch_actions(Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    for (const Json& name : input.at("AlarmNames")) {
        const Json* alarm = alarms_.find(scope, name.get<std::string>());
        if (alarm == nullptr) continue;
        Json changed = *alarm;
        changed["ActionsEnabled"] = context.operation == "EnableAlarmActions";
        alarms_.put(scope, name.get<std::string>(), std::move(changed));
    }
    return Json::object();
}

void Alarms::evaluate(Context& context, const MetricId* metric) {
    const Scope scope = context.caller.scope();
    const std::string key = metric == nullptr ? std::string() : metric->key();
    std::vector<Json> concerned;
    alarms_.for_each(scope, [&](const std::string&, const Json& alarm) {
        if (alarm.contains("MetricName") &&
            (metric == nullptr || MetricId::from_json(alarm).key() == key)) {
            concerned.push_back(alarm);
        }
        return true;
    });
    for (Json& alarm : concerned) {
        const Verdict verdict = judge(scope, alarm);
        const bool changed =
            !verdict.state.empty() && verdict.state != string_member(alarm, "StateValue");
        if (changed) change_state(context, std::move(alarm), verdict);
    }
}

/// The state that the last periods call for; an empty one leaves it as it is ("Evaluating an
/// alarm", CloudWatch User Guide).
Alarms::Verdict Alarms::judge(const Scope& scope, const Json& alarm) const {
    const Metric* metric = metrics_.find(scope, MetricId::from_json(alarm));
    if (metric == nullptr) return {};
    const auto period = std::max<std::int64_t>(alarm.value("Period", std::int64_t{60}), 1);
    const auto periods =
        std::max<std::int64_t>(alarm.value("EvaluationPeriods", std::int64_t{1}), 1);
    const auto needed = alarm.value("DatapointsToAlarm", periods);
    const double threshold = alarm.value("Threshold", 0.0);
    const std::string statistic =
        string_member(alarm, "Statistic", string_member(alarm, "ExtendedStatistic", "Average"));
    const std::string comparison = string_member(alarm, "ComparisonOperator");
    const std::string missing = string_member(alarm, "TreatMissingData", "missing");
    const std::int64_t now = epoch_millis(cloud_.clock().now()) / 1000;
    const std::int64_t end = now / period * period + period;
    const auto points = Metrics::by_period(*metric, end - periods * period, end, period);
    std::int64_t breaching =
        missing == "breaching" ? periods - static_cast<std::int64_t>(points.size()) : 0;
    for (const auto& [second, values] : points) {
        const auto value = values.value_of(statistic);
        if (value && breaches(comparison, *value, threshold)) ++breaching;
    }
    if (breaching >= needed) {
        return {"ALARM",
                fmt::format("Threshold Crossed: {} datapoints were breaching the threshold "
                            "({}).",
                            breaching, threshold)};
    }
    if (points.empty() && missing == "ignore") return {};
    if (points.empty() && missing == "missing") {
        return {"INSUFFICIENT_DATA", "Insufficient Data: there are no datapoints."};
    }
    return {"OK", fmt::format("Threshold Crossed: {} datapoints were not breaching the threshold "
                              "({}).",
                              points.size(), threshold)};
}

void Alarms::change_state(Context& context, Json alarm, const Verdict& verdict) {
    const std::string before = string_member(alarm, "StateValue");
    const std::string now = iso8601_millis(cloud_.clock().now());
    alarm["StateValue"] = verdict.state;
    alarm["StateReason"] = verdict.reason;
    alarm["StateUpdatedTimestamp"] = now;
    const std::string name = string_member(alarm, "AlarmName");
    alarms_.put(context.caller.scope(), name, alarm);
    if (before == verdict.state) return;
    Json detail = {
        {"alarmName", name},
        {"state", {{"value", verdict.state}, {"reason", verdict.reason}, {"timestamp", now}}},
        {"previousState", {{"value", before}}},
        {"configuration", {{"description", string_member(alarm, "AlarmDescription")}}}};
    cloud_.emit_event(context.caller, "aws.cloudwatch", "CloudWatch Alarm State Change",
                      std::move(detail), Json::array({alarm["AlarmArn"]}), context.activity.id());
    if (!alarm.value("ActionsEnabled", true)) return;
    const char* member = verdict.state == "ALARM" ? "AlarmActions"
                         : verdict.state == "OK"  ? "OKActions"
                                                  : "InsufficientDataActions";
    Json message = {{"AlarmName", name},
                    {"AlarmDescription", string_member(alarm, "AlarmDescription")},
                    {"AWSAccountId", context.caller.account},
                    {"NewStateValue", verdict.state},
                    {"NewStateReason", verdict.reason},
                    {"StateChangeTime", now},
                    {"Region", context.caller.region},
                    {"AlarmArn", alarm["AlarmArn"]},
                    {"OldStateValue", before},
                    {"Trigger", alarm}};
    const Json actions = alarm.value(member, Json::array());
    for (const Json& action : actions) {
        cloud_.spawn(
            act(cloud_, action.get<std::string>(), message, context.caller, context.activity.id()));
    }
}

}  // namespace skafu::cloudwatch

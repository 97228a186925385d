#include "stepfunctions/execution_metrics.h"

#include "core/log.h"
#include "stepfunctions/execution_views.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::chrono::milliseconds kHandOver(100);

constexpr const char* kCount = "Count";
constexpr const char* kMilliseconds = "Milliseconds";
constexpr const char* kBytes = "Bytes";

struct MetricName {
    const char* name;
    const char* unit;
};
constexpr std::array<MetricName, 14> kExecutionNames{{
    {"ExecutionsStarted", kCount},
    {"ExecutionsSucceeded", kCount},
    {"ExecutionsFailed", kCount},
    {"ExecutionsTimedOut", kCount},
    {"ExecutionsAborted", kCount},
    {"ExecutionTime", kMilliseconds},
    {"ExpressExecutionMemory", kBytes},
    {"ExpressExecutionBilledDuration", kMilliseconds},
    {"ExpressExecutionBilledMemory", kBytes},
    {"ExecutionsRedriven", kCount},
    {"RedrivenExecutionsSucceeded", kCount},
    {"RedrivenExecutionsFailed", kCount},
    {"RedrivenExecutionsTimedOut", kCount},
    {"RedrivenExecutionsAborted", kCount},
}};
/// The names of tasks' metrics without what they begin with.
constexpr std::array<MetricName, 9> kTaskNames{{
    {"Scheduled", kCount},
    {"Started", kCount},
    {"Succeeded", kCount},
    {"Failed", kCount},
    {"TimedOut", kCount},
    {"HeartbeatTimedOut", kCount},
    {"ScheduleTime", kMilliseconds},
    {"RunTime", kMilliseconds},
    {"Time", kMilliseconds},
}};

double milliseconds(Duration time) {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

}  // namespace

std::pair<std::string, const char*> ExecutionMetrics::name_and_unit(Subject subject,
                                                                    std::size_t name) {
    if (subject == Subject::execution) {
        return {kExecutionNames.at(name).name, kExecutionNames.at(name).unit};
    }
    const MetricName& task = kTaskNames.at(name);
    const bool is_count = std::string_view(task.unit) == kCount;
    std::string opening = subject == Subject::lambda_function       ? "LambdaFunction"
                          : subject == Subject::service_integration ? "ServiceIntegration"
                          : is_count                                ? "Activitie"
                                                                    : "Activity";
    if (is_count) opening += 's';
    return {opening + task.name, task.unit};
}

void ExecutionMetrics::Values::add(double value) {
    least = count == 0 ? value : std::min(least, value);
    most = count == 0 ? value : std::max(most, value);
    sum += value;
    count += 1;
}

std::pair<ExecutionMetrics::Counted&, bool> ExecutionMetrics::place(const std::string& key,
                                                                    const Caller& owner) {
    if (counted_.empty()) {
        cloud_.clock().after(
            kHandOver, [this] { hand_over(); }, TimerKind::housekeeping);
    }
    const auto [at, is_new] = counted_.try_emplace(key);
    if (is_new) at->second.owner = owner;
    return {at->second, is_new};
}

ExecutionMetrics::Counted& ExecutionMetrics::of(const Execution& execution,
                                                const std::string& qualified_arn) {
    const auto [counted, is_new] = place(qualified_arn, execution.machine->owner);
    if (!is_new) return counted;
    const std::string& machine = execution.machine->arn;
    counted.dimensions = Json::array({{{"Name", "StateMachineArn"}, {"Value", machine}}});
    if (qualified_arn != machine) {
        const char* kind = qualified_arn == execution.alias_arn ? "Alias" : "Version";
        const std::string name = qualified_arn.substr(qualified_arn.rfind(':') + 1);
        counted.dimensions.push_back({{"Name", kind}, {"Value", name}});
    }
    return counted;
}

ExecutionMetrics::Counted& ExecutionMetrics::of(const Execution& execution,
                                                const Integration& integration) {
    // Integrations have the same ARN everywhere.
    const Caller& owner = execution.machine->owner;
    const auto [counted, is_new] =
        place(owner.account + "/" + owner.region + "/" + integration.arn, owner);
    if (!is_new) return counted;
    const char* dimension = "ServiceIntegrationResourceArn";
    counted.subject = Subject::service_integration;
    if (integration.kind == Integration::Kind::activity) {
        counted.subject = Subject::activity;
        dimension = "ActivityArn";
    } else if (integration.kind == Integration::Kind::lambda_function) {
        counted.subject = Subject::lambda_function;
        dimension = "LambdaFunctionArn";
    }
    counted.dimensions = Json::array({{{"Name", dimension}, {"Value", integration.arn}}});
    return counted;
}

void ExecutionMetrics::add(const Execution& execution, ExecutionName name, double value) {
    for (const std::string* arn :
         {&execution.machine->arn, &execution.version_arn, &execution.alias_arn}) {
        if (!arn->empty()) of(execution, *arn).values[name].add(value);
    }
}

void ExecutionMetrics::task(const Execution& execution, const PendingTask& task, TaskStage stage) {
    const TimePoint now = cloud_.clock().now();
    auto& values = of(execution, *task.integration).values;
    const auto ended = [&](TaskName how) {
        values[how].add(1);
        values[kTaskRunTime].add(milliseconds(now - task.started));
        values[kTaskTime].add(milliseconds(now - task.scheduled));
    };
    switch (stage) {
        case TaskStage::scheduled:
            return values[kTasksScheduled].add(1);
        case TaskStage::started:
            values[kTasksStarted].add(1);
            return values[kTaskScheduleTime].add(milliseconds(now - task.scheduled));
        case TaskStage::succeeded:
            return ended(kTasksSucceeded);
        case TaskStage::failed:
            return ended(kTasksFailed);
        case TaskStage::timed_out:
            return ended(kTasksTimedOut);
        case TaskStage::heartbeat_timed_out:
            values[kTasksHeartbeatTimedOut].add(1);
            return ended(kTasksTimedOut);
    }
}

void ExecutionMetrics::started(const Execution& execution) {
    add(execution, kStarted, 1);
}

void ExecutionMetrics::redriven(const Execution& execution) {
    add(execution, kRedriven, 1);
}

void ExecutionMetrics::ended(const Execution& execution) {
    const auto count = [&](ExecutionName name, ExecutionName redriven) {
        add(execution, name, 1);
        if (execution.redrive_count > 0) add(execution, redriven, 1);
    };
    switch (execution.status) {
        case Status::succeeded:
            count(kSucceeded, kRedrivenSucceeded);
            break;
        case Status::failed:
            count(kFailed, kRedrivenFailed);
            break;
        case Status::timed_out:
            count(kTimedOut, kRedrivenTimedOut);
            break;
        case Status::aborted:
            count(kAborted, kRedrivenAborted);
            break;
        case Status::running:
            return;
    }
    add(execution, kTime, milliseconds(execution.stop - execution.start));
    if (!execution.is_express()) return;
    constexpr double kBilledBytes = kBilledMegabytes * 1024.0 * 1024.0;
    add(execution, kMemory, kBilledBytes);
    add(execution, kBilledMemory, kBilledBytes);
    add(execution, kBilledDuration, static_cast<double>(billed_milliseconds(execution)));
}

Json ExecutionMetrics::metric_data(const Counted& counted, double now) {
    Json data = Json::array();
    for (std::size_t place = 0; place < counted.values.size(); ++place) {
        const Values& values = counted.values[place];
        if (values.count == 0) continue;
        const auto [name, unit] = name_and_unit(counted.subject, place);
        data.push_back({{"MetricName", name},
                        {"Unit", unit},
                        {"Dimensions", counted.dimensions},
                        {"Timestamp", now},
                        {"StatisticValues",
                         {{"SampleCount", values.count},
                          {"Sum", values.sum},
                          {"Minimum", values.least},
                          {"Maximum", values.most}}}});
    }
    return data;
}

void ExecutionMetrics::hand_over() {
    std::unordered_map<std::string, Counted> counted;
    counted.swap(counted_);
    const double now = epoch_seconds(cloud_.clock().now());
    for (const auto& [subject, each] : counted) {
        try {
            Json input = {{"Namespace", "AWS/States"}, {"MetricData", metric_data(each, now)}};
            Caller owner = each.owner;
            owner.principal = "states.amazonaws.com";
            Call call{
                "cloudwatch", "PutMetricData", Document(std::move(input)), std::move(owner), 0, ""};
            cloud_.call_now(std::move(call));
        } catch (const std::exception& error) {
            log::debug("states: no metrics of {}: {}", subject, error.what());
        }
    }
}

}  // namespace skafu::stepfunctions

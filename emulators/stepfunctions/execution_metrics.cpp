#include "stepfunctions/execution_metrics.h"

#include "core/log.h"
#include "stepfunctions/execution_views.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::chrono::milliseconds kHandOver(100);

struct MetricName {
    const char* name;
    const char* unit;
};
constexpr std::array<MetricName, 9> kMetricNames{{
    {"ExecutionsStarted", "Count"},
    {"ExecutionsSucceeded", "Count"},
    {"ExecutionsFailed", "Count"},
    {"ExecutionsTimedOut", "Count"},
    {"ExecutionsAborted", "Count"},
    {"ExecutionTime", "Milliseconds"},
    {"ExpressExecutionMemory", "Bytes"},
    {"ExpressExecutionBilledDuration", "Milliseconds"},
    {"ExpressExecutionBilledMemory", "Bytes"},
}};

}  // namespace

ExecutionMetrics::Counted& ExecutionMetrics::of(const Execution& execution,
                                                const std::string& qualified_arn) {
    if (counted_.empty()) {
        cloud_.clock().after(
            kHandOver, [this] { hand_over(); }, TimerKind::housekeeping);
    }
    const auto [at, is_new] = counted_.try_emplace(qualified_arn);
    Counted& counted = at->second;
    if (!is_new) return counted;
    const std::string& machine = execution.machine->arn;
    counted.owner = execution.machine->owner;
    counted.dimensions = Json::array({{{"Name", "StateMachineArn"}, {"Value", machine}}});
    if (qualified_arn != machine) {
        const char* kind = qualified_arn == execution.alias_arn ? "Alias" : "Version";
        const std::string name = qualified_arn.substr(qualified_arn.rfind(':') + 1);
        counted.dimensions.push_back({{"Name", kind}, {"Value", name}});
    }
    return counted;
}

void ExecutionMetrics::add(const Execution& execution, Name name, double value) {
    for (const std::string* arn :
         {&execution.machine->arn, &execution.version_arn, &execution.alias_arn}) {
        if (arn->empty()) continue;
        Values& values = of(execution, *arn).values[name];
        values.least = values.count == 0 ? value : std::min(values.least, value);
        values.most = values.count == 0 ? value : std::max(values.most, value);
        values.sum += value;
        values.count += 1;
    }
}

void ExecutionMetrics::started(const Execution& execution) {
    add(execution, kStarted, 1);
}

void ExecutionMetrics::ended(const Execution& execution) {
    switch (execution.status) {
        case Status::succeeded:
            add(execution, kSucceeded, 1);
            break;
        case Status::failed:
            add(execution, kFailed, 1);
            break;
        case Status::timed_out:
            add(execution, kTimedOut, 1);
            break;
        case Status::aborted:
            add(execution, kAborted, 1);
            break;
        case Status::running:
            return;
    }
    const auto time =
        std::chrono::duration_cast<std::chrono::milliseconds>(execution.stop - execution.start);
    add(execution, kTime, static_cast<double>(time.count()));
    if (!execution.is_express()) return;
    constexpr double kBytes = kBilledMegabytes * 1024.0 * 1024.0;
    add(execution, kMemory, kBytes);
    add(execution, kBilledMemory, kBytes);
    add(execution, kBilledDuration, static_cast<double>(billed_milliseconds(execution)));
}

void ExecutionMetrics::hand_over() {
    std::map<std::string, Counted> counted;
    counted.swap(counted_);
    const double now = epoch_seconds(cloud_.clock().now());
    for (const auto& [arn, machine] : counted) {
        Json data = Json::array();
        for (std::size_t name = 0; name < kNames; ++name) {
            const Values& values = machine.values[name];
            if (values.count == 0) continue;
            data.push_back({{"MetricName", kMetricNames[name].name},
                            {"Unit", kMetricNames[name].unit},
                            {"Dimensions", machine.dimensions},
                            {"Timestamp", now},
                            {"StatisticValues",
                             {{"SampleCount", values.count},
                              {"Sum", values.sum},
                              {"Minimum", values.least},
                              {"Maximum", values.most}}}});
        }
        try {
            Json input = {{"Namespace", "AWS/States"}, {"MetricData", std::move(data)}};
            Caller owner = machine.owner;
            owner.principal.clear();
            Call call{
                "cloudwatch", "PutMetricData", Document(std::move(input)), std::move(owner), 0, ""};
            cloud_.call_now(std::move(call));
        } catch (const std::exception& error) {
            log::debug("states: no metrics of {}: {}", arn, error.what());
        }
    }
}

}  // namespace skafu::stepfunctions

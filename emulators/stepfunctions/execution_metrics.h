#pragma once

#include <array>
#include <string>
#include <unordered_map>

#include "core/cloud.h"
#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// Counts for CloudWatch, namespace AWS/States: executions by machine, and by version or alias
/// where they were started by one; tasks by activity, Lambda function or service integration (Step
/// Functions Developer Guide, "Monitoring Step Functions metrics using Amazon CloudWatch"). What
/// was counted is handed over together, some moments later, as AWS does.
class ExecutionMetrics {
  public:
    explicit ExecutionMetrics(Cloud& cloud) : cloud_(cloud) {}

    void started(const Execution& execution);
    void redriven(const Execution& execution);
    void ended(const Execution& execution);
    /// A task has come to that stage.
    void task(const Execution& execution, const PendingTask& task, TaskStage stage);
    /// What was counted and not yet handed over is forgotten.
    void clear() { counted_.clear(); }

  private:
    /// The places of the metrics' names among those of their subject.
    enum ExecutionName : std::size_t {
        kStarted,
        kSucceeded,
        kFailed,
        kTimedOut,
        kAborted,
        kTime,
        kMemory,
        kBilledDuration,
        kBilledMemory,
        kRedriven,
        kRedrivenSucceeded,
        kRedrivenFailed,
        kRedrivenTimedOut,
        kRedrivenAborted,
        kNames
    };
    enum TaskName : std::size_t {
        kTasksScheduled,
        kTasksStarted,
        kTasksSucceeded,
        kTasksFailed,
        kTasksTimedOut,
        kTasksHeartbeatTimedOut,
        kTaskScheduleTime,
        kTaskRunTime,
        kTaskTime
    };
    enum class Subject : std::uint8_t { execution, activity, lambda_function, service_integration };
    /// Values of one metric, as PutMetricData takes them.
    struct Values {
        double count = 0;
        double sum = 0;
        double least = 0;
        double most = 0;

        void add(double value);
    };
    struct Counted {
        Caller owner;
        Subject subject = Subject::execution;
        Json dimensions;
        std::array<Values, kNames> values;
    };

    /// The place under that key, and whether it is new.
    std::pair<Counted&, bool> place(const std::string& key, const Caller& owner);
    Counted& of(const Execution& execution, const std::string& qualified_arn);
    Counted& of(const Execution& execution, const Integration& integration);
    void add(const Execution& execution, ExecutionName name, double value);
    void hand_over();
    static Json metric_data(const Counted& counted, double now);
    static std::pair<std::string, const char*> name_and_unit(Subject subject, std::size_t name);

    Cloud& cloud_;
    std::unordered_map<std::string, Counted> counted_;  ///< by what is counted, and where it is
};

}  // namespace skafu::stepfunctions

#pragma once

#include <array>
#include <map>
#include <string>

#include "core/cloud.h"
#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// Counts executions for CloudWatch, namespace AWS/States: ExecutionsStarted, …Succeeded, …Failed,
/// …Aborted, …TimedOut, ExecutionTime, and ExpressExecution… for Express ones, by machine, and by
/// version or alias where they were started by one (Step Functions Developer Guide, "Monitoring
/// Step Functions metrics using Amazon CloudWatch"). What was counted is handed over together,
/// some moments later, as AWS does.
class ExecutionMetrics {
  public:
    explicit ExecutionMetrics(Cloud& cloud) : cloud_(cloud) {}

    void started(const Execution& execution);
    void ended(const Execution& execution);
    /// What was counted and not yet handed over is forgotten.
    void clear() { counted_.clear(); }

  private:
    enum Name : std::size_t {
        kStarted,
        kSucceeded,
        kFailed,
        kTimedOut,
        kAborted,
        kTime,
        kMemory,
        kBilledDuration,
        kBilledMemory,
        kNames
    };
    /// Values of one metric, as PutMetricData takes them.
    struct Values {
        double count = 0;
        double sum = 0;
        double least = 0;
        double most = 0;
    };
    struct Counted {
        Caller owner;
        Json dimensions;
        std::array<Values, kNames> values;
    };

    Counted& of(const Execution& execution, const std::string& qualified_arn);
    void add(const Execution& execution, Name name, double value);
    void hand_over();

    Cloud& cloud_;
    std::map<std::string, Counted> counted_;  ///< by ARN of the machine, version or alias
};

}  // namespace skafu::stepfunctions

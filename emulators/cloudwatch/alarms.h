#pragma once

#include <string>

#include "cloudwatch/metrics.h"
#include "core/collection.h"

namespace skafu::cloudwatch {

/// Alarms on single metrics: their definitions, their states, and what they do when these change.
/// An alarm's document is what DescribeAlarms answers, keyed by its name.
class Alarms {
  public:
    Alarms(Cloud& cloud, Metrics& metrics)
        : cloud_(cloud), metrics_(metrics), alarms_(cloud.database(), "cloudwatch", "alarm") {}

    Json put(Context& context, const Json& input);
    Json describe(Context& context, const Json& input);
    Json describe_for_metric(Context& context, const Json& input);
    Json remove(Context& context, const Json& input);
    Json set_state(Context& context, const Json& input);
    Json switch_actions(Context& context, const Json& input);

    /// Works the states of the alarms of a scope out anew: all, or those of one metric.
    void evaluate(Context& context, const MetricId* metric);
    void clear(const Scope* scope) { alarms_.clear(scope); }

  private:
    struct Verdict {
        std::string state;
        std::string reason;
    };
    Verdict judge(const Scope& scope, const Json& alarm) const;
    void change_state(Context& context, Json alarm, const Verdict& verdict);

    Cloud& cloud_;
    Metrics& metrics_;
    Collection alarms_;
};

}  // namespace skafu::cloudwatch

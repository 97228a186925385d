#pragma once

#include <map>
#include <string>

#include "core/cloud.h"
#include "eventbridge/buses.h"

namespace skafu::eventbridge {

/// Reports what the rules did to CloudWatch, a minute after something happened, as the metrics of
/// namespace AWS/Events (user guide, "EventBridge metrics").
class RuleMetrics {
  public:
    RuleMetrics(Cloud& cloud, Buses& buses) : cloud_(cloud), buses_(buses) {}

    /// Something happened that is worth a report.
    void touch();

  private:
    void report();

    Cloud& cloud_;
    Buses& buses_;
    bool waiting_ = false;
    std::map<std::string, RuleCounts> reported_;  // by the rule's ARN
};

}  // namespace skafu::eventbridge

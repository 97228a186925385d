#pragma once

#include <map>
#include <string>

#include "core/cloud.h"
#include "eventbridge/buses.h"
#include "eventbridge/event_intake.h"

namespace skafu::eventbridge {

/// Fires the rules that have a ScheduleExpression, by the clock.
class RuleSchedules {
  public:
    RuleSchedules(Cloud& cloud, Buses& buses, EventIntake& intake);

    /// Sets a rule's timer as its schedule and state ask; call it whenever the rule was put.
    void follow(const Bus& bus, const RulePtr& rule);
    void forget(const Rule& rule);
    void reset(const Scope* scope);

  private:
    void set_timer(const Scope& scope, const Rule& rule, TimePoint start);
    void fire(const Scope& scope, const std::string& bus, const std::string& rule, TimePoint due,
              TimePoint start);

    Cloud& cloud_;
    Buses& buses_;
    EventIntake& intake_;
    std::map<std::string, Clock::TimerId, std::less<>> timers_;  // by the rule's ARN
};

}  // namespace skafu::eventbridge

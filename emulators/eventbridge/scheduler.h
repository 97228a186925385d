#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/cloud.h"

namespace skafu::eventbridge {

/// The schedules of EventBridge Scheduler: fired by the clock, delivered with retries and a
/// dead-letter queue.
class Scheduler {
  public:
    explicit Scheduler(Cloud& cloud);

    Collection& schedules() { return schedules_; }
    Collection& groups() { return groups_; }

    /// Throws AwsError ValidationException where an expression, time zone or window is wrong.
    void check(const Json& schedule) const;
    /// Sets a schedule's timer; call it whenever the schedule was put.
    void follow(const Scope& scope, const std::string& key);
    void forget(const Scope& scope, const std::string& key);
    void reset(const Scope* scope);

    /// A member of our own: its last due time was delivered.
    static constexpr const char* kCompleted = "Completed";

    /// "group/name": the key of a schedule, and the end of its ARN.
    static std::string key_of(const Json& input);

  private:
    void check_target(const Json& schedule) const;
    std::optional<TimePoint> next_due(const Json& schedule, TimePoint after) const;
    void catch_up(const Scope& scope, const std::string& key);
    bool is_under_way(const Scope& scope, const std::string& key, TimePoint due) const;
    Task<void> run(Scope scope, std::string execution);
    void fire(const Scope& scope, const std::string& key, TimePoint due);
    Task<void> deliver(Scope scope, std::string execution);
    bool keep_retry(const Scope& scope, const std::string& execution, int attempt, TimePoint next);

    Cloud& cloud_;
    Collection schedules_;
    Collection groups_;
    Collection invocations_;  // by execution: those that their targets have not taken yet
    std::map<std::string, Clock::TimerId> timers_;
};

/// Registers the service `scheduler`.
void register_scheduler(Cloud& cloud);

}  // namespace skafu::eventbridge

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/cloud.h"
#include "eventbridge/buses.h"
#include "eventbridge/faults.h"
#include "eventbridge/store.h"
#include "eventbridge/targets.h"

namespace skafu::eventbridge {

/// An event that a bus took.
struct AcceptedEvent {
    std::shared_ptr<const std::string> text;
    TimePoint ingested;
    int hops = 0;
    ActivityId cause = 0;
    std::string correlation;  // of detail.correlationId
};

/// Brings events to targets, at least once, in the order of acceptance for each target. What its
/// service takes at once is delivered within the turn that took the event, in the same
/// transaction. All else waits in the database: tried by a few workers per target, tried again
/// as the target's RetryPolicy says, and at last sent to its dead-letter queue.
class Deliverer {
  public:
    Deliverer(Cloud& cloud, Buses& buses, Store& store, Faults& faults);

    void deliver(const Bus& bus, const RulePtr& rule, const std::shared_ptr<const Target>& target,
                 const AcceptedEvent& event, EventTape& tape);
    /// Takes up what the database holds from before a restart.
    void recover();
    void reset(const Scope* scope);

  private:
    void deliver_at(const Bus& bus, const RulePtr& rule,
                    const std::shared_ptr<const Target>& target, const AcceptedEvent& event,
                    EventTape& tape, Duration delay);
    struct Pending {
        StoredDelivery stored;
        std::shared_ptr<const std::string> event;
        Activity activity;
        bool cancelled = false;
    };
    using PendingPtr = std::shared_ptr<Pending>;
    struct TargetQueue {
        std::deque<PendingPtr> waiting;
        std::size_t running = 0;
    };

    bool is_free(const Bus& bus, const Rule& rule, const Target& target) const;
    void enqueue(const std::string& key, PendingPtr pending, std::string_view target_arn);
    void pump(const std::string& key, std::size_t concurrency);
    Task<void> work(std::string key);
    Task<void> attempt(PendingPtr pending);
    void fail(const PendingPtr& pending, const RulePtr& rule, const Target& target,
              const AwsError& error);
    void dead_letter(Pending& pending, Rule& rule, const Target& target,
                     const DeliveryFailure& failure, std::string_view exhausted);
    void finish(Pending& pending);
    void sleep(const PendingPtr& pending, const std::string& key, const std::string& target_arn);
    Duration backoff(int attempts);
    std::string describe(const Rule& rule, const Target& target) const;

    Cloud& cloud_;
    Buses& buses_;
    Store& store_;
    Faults& faults_;
    std::map<std::string, TargetQueue> queues_;
    std::set<PendingPtr> sleeping_;  // until their next attempt
};

/// A target's retry policy, with AWS's defaults: 185 attempts, 24 hours.
struct RetryPolicy {
    int attempts = 185;
    Duration age = std::chrono::hours(24);
};
RetryPolicy retry_policy(const Target& target);

}  // namespace skafu::eventbridge

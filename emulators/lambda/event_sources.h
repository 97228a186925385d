#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/cloud.h"
#include "lambda/event_filter.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"
#include "lambda/store.h"

namespace skafu::lambda {

/// What a batch is sent with, and what came of it.
struct BatchResult {
    bool invoked = false;  ///< the function ran; else `outcome.error` says why it did not
    std::string request_id;
    Outcome outcome;
};

/// One mapping at work: takes records from its source and hands them to its function in batches.
class Poller {
  public:
    Poller(Cloud& cloud, LambdaStore& store, Functions& functions, Invoker& invoker, Scope scope,
           Json mapping);
    virtual ~Poller() = default;
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    void start();
    /// Takes no more; what it has taken is brought to its end.
    void stop();
    bool done() const { return tasks_.size() == 0; }

  protected:
    /// Runs until stopped().
    virtual Task<void> poll() = 0;

    bool stopped() const { return stopped_; }
    Cloud& cloud() const { return cloud_; }
    LambdaStore& store() const { return store_; }
    TaskGroup& tasks() { return tasks_; }
    const Scope& scope() const { return scope_; }
    const Json& mapping() const { return mapping_; }
    const EventFilter& filter() const { return filter_; }
    std::string uuid() const { return string_member(mapping_, "UUID"); }
    std::string source_arn() const { return string_member(mapping_, "EventSourceArn"); }
    std::int64_t setting(std::string_view name, std::int64_t fallback) const;
    bool reports_failures() const;
    Caller caller() const;

    /// A call during which stop() may interrupt: for long polls. Throws operation_aborted then.
    Task<Json> waiting_call(std::string_view service, std::string_view operation, Json input);
    /// Sends one batch {"Records": records} to the function.
    Task<BatchResult> send(Json records, ActivityId cause);

  private:
    Task<void> run();

    Cloud& cloud_;
    LambdaStore& store_;
    Functions& functions_;
    Invoker& invoker_;
    Scope scope_;
    Json mapping_;
    EventFilter filter_;
    bool stopped_ = false;
    bool waiting_ = false;
    TaskGroup tasks_;
};

std::unique_ptr<Poller> make_sqs_poller(Cloud& cloud, LambdaStore& store, Functions& functions,
                                        Invoker& invoker, Scope scope, Json mapping);
std::unique_ptr<Poller> make_stream_poller(Cloud& cloud, LambdaStore& store, Functions& functions,
                                           Invoker& invoker, Scope scope, Json mapping);

/// The event source mappings of all accounts, and their pollers.
class EventSources {
  public:
    EventSources(Cloud& cloud, LambdaStore& store, Functions& functions, Invoker& invoker);

    /// Starts, restarts or stops what the stored mapping says.
    void apply(const Scope& scope, const std::string& uuid);
    /// Starts all that the database holds.
    void resume();
    void stop_all(const Scope* scope);

  private:
    Cloud& cloud_;
    LambdaStore& store_;
    Functions& functions_;
    Invoker& invoker_;
    std::map<std::pair<Scope, std::string>, std::unique_ptr<Poller>> pollers_;
    std::vector<std::unique_ptr<Poller>> retiring_;
};

}  // namespace skafu::lambda

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/cloud.h"
#include "stepfunctions/compiler.h"
#include "stepfunctions/history.h"
#include "stepfunctions/inspection.h"
#include "stepfunctions/program.h"
#include "stepfunctions/value.h"

namespace skafu::stepfunctions {

enum class Status : std::uint8_t { running, succeeded, failed, timed_out, aborted };
std::string_view to_string(Status status);

/// A revision of a state machine, as its executions keep it.
struct Machine {
    std::string arn;
    std::string name;
    MachineType type = MachineType::standard;
    std::string definition;
    std::string role_arn;
    std::string revision_id;
    Json logging;  ///< loggingConfiguration, or null
    Json tracing;  ///< tracingConfiguration, or null
    Json encryption;
    Caller owner;
    std::shared_ptr<const Program> program;
};

struct Execution;
struct Thread;
struct MapRun;

/// What a Parallel or Map state waits for.
struct Join {
    std::vector<std::unique_ptr<Thread>> children;  ///< by slot; null once ended
    /// Those that failed or were aborted, by slot: where a redrive goes on.
    std::map<std::size_t, std::unique_ptr<Thread>> stopped;
    std::vector<Json> items;  ///< Map: still to be started
    std::vector<Json> results;
    std::optional<Json> whole_result;  ///< instead of the results, where they were written out
    std::size_t total = 0;
    std::size_t next = 0;     ///< the next slot to start
    std::size_t running = 0;  ///< started, not ended
    std::size_t limit = 0;    ///< at most so many at once; 0 = all
    std::int64_t last_event = 0;
    std::shared_ptr<MapRun> run;  ///< distributed
    std::uint64_t serial = 0;     ///< tells the wish to go on with this Map from an older one
};

/// How far a task has come.
enum class TaskStage : std::uint8_t {
    scheduled,
    started,
    succeeded,
    failed,
    timed_out,
    heartbeat_timed_out
};

/// A task that was handed out and has not answered.
struct PendingTask {
    const Integration* integration = nullptr;
    std::uint64_t generation = 0;  ///< tells a late answer from the awaited one
    std::string token;
    std::string input;     ///< activities: what a worker gets
    std::string role_arn;  ///< of Credentials; empty: the machine's role
    bool is_submitted = false;
    bool is_started = false;  ///< activities: a worker took it
    std::optional<double> timeout_seconds;
    std::optional<double> heartbeat_seconds;
    Clock::TimerId timeout_timer = 0;
    Clock::TimerId heartbeat_timer = 0;
    std::string nested_arn;  ///< .sync: the execution that is waited for
    TimePoint scheduled;
    TimePoint started;  ///< of an activity: when a worker took it
};

/// One line of control: the machine itself, a branch, an iteration. Always between two steps.
struct Thread : ContextSource {
    enum class Phase : std::uint8_t { entering, working, waiting };

    Thread(Execution& owner, const StateList& states, std::uint64_t number)
        : execution(owner), list(&states), id(number), at(states.start) {}

    Execution& execution;
    const StateList* list;
    std::uint64_t id;
    std::size_t at;
    Phase phase = Phase::entering;
    Value data;  ///< the current state's input
    Variables variables;
    Thread* parent = nullptr;
    std::size_t slot = 0;
    std::optional<Json> map_item;  ///< `$$.Map.Item`, of this iteration

    std::int64_t entered_event = 0;
    std::int64_t last_event = 0;
    TimePoint entered;
    std::vector<std::int64_t> retries;  ///< used, by retrier
    std::int64_t retry_count = 0;
    Clock::TimerId timer = 0;  ///< of a Wait or before a retry
    TimePoint timer_due;
    bool is_retrying = false;  ///< the timer is one before a retry
    std::unique_ptr<PendingTask> task;
    std::unique_ptr<Join> join;

    const State& state() const { return *list->states[at]; }
    /// The context object as of now; kept until forget_context().
    const Json& context() const override;
    void forget_context() { context_.reset(); }

  private:
    mutable std::unique_ptr<Json> context_;
};

/// Threads that can go on, first come first served; takes no memory while empty.
class ReadyQueue {
  public:
    void push_back(std::uint64_t thread) { threads_.push_back(thread); }
    bool empty() const { return next_ == threads_.size(); }
    std::uint64_t take() {
        const std::uint64_t thread = threads_[next_++];
        if (empty()) clear();
        return thread;
    }
    void clear() {
        threads_.clear();
        next_ = 0;
    }

  private:
    std::vector<std::uint64_t> threads_;
    std::size_t next_ = 0;
};

/// One execution: what DescribeExecution tells, its history, and its threads while it runs.
struct Execution : std::enable_shared_from_this<Execution> {
    std::string arn;
    std::string name;
    std::shared_ptr<const Machine> machine;
    std::string version_arn;  ///< started by a version or alias
    std::string alias_arn;
    bool is_synchronous = false;
    Caller caller;  ///< whose account and region; the principal is the machine's role
    Status status = Status::running;
    SharedText input;
    SharedText output;
    std::optional<std::string> error;
    std::optional<std::string> cause;
    TimePoint start;
    TimePoint stop;
    std::string trace_header;
    std::int64_t redrive_count = 0;
    TimePoint redrive_date;
    /// The latest calls that redrove it, by client token: such a call may be repeated.
    std::deque<std::pair<std::string, TimePoint>> redrive_tokens;
    std::string test_case;  ///< of the mock file

    std::vector<HistoryEvent> history;
    std::int64_t last_event = 0;
    Activity activity;

    std::unique_ptr<Thread> root;
    std::unordered_map<std::uint64_t, Thread*> threads;
    ReadyQueue ready;
    std::uint64_t last_thread = 0;
    std::uint64_t last_generation = 0;
    Clock::TimerId timeout_timer = 0;
    bool is_driving = false;
    bool is_changed = false;
    bool is_orphan = false;  ///< its machine was deleted: it ends at its next transition
    bool is_full = false;    ///< an event found no room in the history

    std::weak_ptr<MapRun> run;  ///< of a child of a distributed Map
    std::size_t run_slot = 0;
    std::int64_t run_redrive = 0;            ///< how often its run was redriven when it started
    bool is_express_child = false;           ///< of a run whose ProcessorConfig says EXPRESS
    bool awaits_redrive = false;             ///< its run goes on and will start it again
    std::shared_ptr<Inspection> inspection;  ///< of TestState
    const StateList* states = nullptr;       ///< what it runs: the machine's, or an item processor
    std::optional<Json> map_item;
    Variables outer_variables;
    std::vector<std::function<void(Execution&)>> on_end;

    bool is_running() const { return status == Status::running; }
    /// The status as the API tells it: also PENDING_REDRIVE.
    std::string_view status_name() const {
        return awaits_redrive ? "PENDING_REDRIVE" : to_string(status);
    }
    /// Of a distributed Map: an item processor runs, not the machine.
    bool is_child() const { return states != &machine->program->root; }
    bool is_express() const { return machine->type == MachineType::express; }
};

}  // namespace skafu::stepfunctions

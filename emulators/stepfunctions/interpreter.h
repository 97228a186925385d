#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/cloud.h"
#include "stepfunctions/execution.h"
#include "stepfunctions/mocks.h"

namespace skafu::stepfunctions {

struct MapItems;
struct MapRun;

/// What the interpreter tells the outside, and asks of it.
struct InterpreterHooks {
    std::function<void(Execution&, const HistoryEvent&)> on_event;
    /// The execution has come to rest: it waits for something, for its next turn, or has ended.
    std::function<void(Execution&)> on_rest;
    std::function<void(Execution&)> on_end;
    std::function<void(Execution&)> on_redrive;
    std::function<void(const Execution&, const PendingTask&, TaskStage)> on_task;
    /// An activity task is ready for a worker.
    std::function<void(const std::string& activity_arn)> on_activity_task;
    std::function<bool(const std::string& activity_arn)> activity_exists;
    /// The execution with that ARN, or nullptr (.sync integrations).
    std::function<std::shared_ptr<Execution>(const std::string& arn)> find_execution;
    /// A Map Run has begun, or something of it is new.
    std::function<void(const std::shared_ptr<MapRun>&)> on_map_run;
    /// The input of the child of a slot is known; where nobody wants to know, nobody waits for it.
    std::function<void(const MapRun&, std::size_t slot, const Json& input)> on_map_input;
    std::function<void(const std::shared_ptr<Execution>&)> on_child_execution;
};

/// What became of a token.
enum class TokenAnswer { accepted, unknown, timed_out };

/// Runs executions: each goes on as far as it can in one turn, and is resumed by timers, answers
/// of tasks, and task tokens.
class Interpreter {
  public:
    Interpreter(Cloud& cloud, InterpreterHooks hooks);

    /// Starts an execution whose root thread is yet to be made; may end it at once.
    /// `input` is its input text, parsed.
    void start(const std::shared_ptr<Execution>& execution, Json input);
    /// The same from another state than the first (TestState).
    void start_at(const std::shared_ptr<Execution>& execution, Json input, std::size_t state);
    /// Ends it without a trace: no event, no answer to anybody.
    void forget(const std::shared_ptr<Execution>& execution);
    /// Goes on with an execution that was restored: timers are armed again, calls repeated.
    void resume(const std::shared_ptr<Execution>& execution);
    /// Starts the failed part of a finished execution again.
    void redrive(const std::shared_ptr<Execution>& execution);
    void stop(const std::shared_ptr<Execution>& execution, Status status,
              std::optional<std::string> error, std::optional<std::string> cause);

    TokenAnswer task_succeeded(std::string_view token, std::string output);
    TokenAnswer task_failed(std::string_view token, std::optional<std::string> error,
                            std::optional<std::string> cause);
    TokenAnswer task_heartbeat(std::string_view token);
    /// What would become of the token now.
    TokenAnswer check_token(std::string_view token);

    struct ActivityTask {
        std::string token;
        std::string input;
    };
    /// The oldest waiting task of an activity, started now for that worker; nothing if none.
    std::optional<ActivityTask> take_activity_task(const std::string& activity_arn,
                                                   const std::string& worker);
    /// Goes on with a run whose limits were changed (UpdateMapRun).
    void run_changed(const std::shared_ptr<MapRun>& run);
    void set_mocks(Mocks mocks) { mocks_ = std::move(mocks); }
    const Mocks& mocks() const { return mocks_; }

  private:
    using Shared = std::shared_ptr<Execution>;
    enum class Step { next, rest };
    struct Answer {
        std::optional<Json> output;
        std::optional<Failure> failure;
        std::string request_id;
    };

    // The loop.
    void drive(Execution& execution);
    void run(Thread& thread);
    Step step(Thread& thread);
    void enter(Thread& thread);
    void wake(Thread& thread);
    void arm_machine_timeout(Execution& execution);

    // The states.
    Step pass(Thread& thread);
    Step pass_on(Thread& thread);
    Step choose(Thread& thread);
    Step succeed(Thread& thread);
    Step wait(Thread& thread);
    Step fail(Thread& thread);
    Step task(Thread& thread);
    Step parallel(Thread& thread);
    Step map(Thread& thread);

    // Their data.
    Json effective_input(const Thread& thread) const;
    /// Finishes a state with its result: selector, paths, Assign, Output, the Exited event.
    Step finish(Thread& thread, Json result);
    Step exit_to(Thread& thread, Value output, const std::optional<Template>& assign,
                 StateScope& scope, const char* assign_field, std::optional<std::size_t> next);
    void end_thread(Thread& thread, Value output);
    Json setting_value(const Setting& setting, StateScope& scope, const std::string& field);
    std::optional<double> seconds_setting(const Setting& setting, StateScope& scope,
                                          const std::string& field);
    std::optional<std::string> text_setting(const TextSetting& setting, StateScope& scope,
                                            const std::string& field);

    // Errors.
    Step fail_state(Thread& thread, Failure failure);
    bool retry(Thread& thread, const Failure& failure);
    Step caught(Thread& thread, const Catcher& catcher, const Failure& failure, std::size_t index);
    void end_with_failure(Thread& thread, const Failure& failure);
    Failure named(const Thread& thread, Failure failure) const;

    // Tasks.
    Step submit(Thread& thread, Json arguments);
    Step submit_activity(Thread& thread, Json arguments);
    Step answer_from_mock(Thread& thread, const MockResponse& response);
    Step accept(Thread& thread, Answer answer);
    Step complete(Thread& thread, Json output);
    Step task_error(Thread& thread, Failure failure);
    /// Who makes a task's call: the machine, or the role of Credentials in that role's account. A
    /// function that is not there is the one at home: roles are often made up here.
    Caller task_caller(const Thread& thread, const Json& input);
    std::optional<Answer> call_now(Thread& thread, Json input, Caller caller);
    static Task<void> call_later(Interpreter& self, std::weak_ptr<Execution> execution,
                                 std::uint64_t thread, std::uint64_t generation,
                                 Integration integration, Json input, Caller caller,
                                 ActivityId cause);
    void answered(const std::weak_ptr<Execution>& execution, std::uint64_t thread,
                  std::uint64_t generation, Answer answer);
    Step await_nested(Thread& thread, const Json& output);
    void restore_task(Thread& thread);
    void arm_task_timers(Thread& thread);
    void arm_heartbeat(Thread& thread);
    void task_timed_out(Thread& thread, TaskStage how);
    void drop_task(Thread& thread);
    void add_task_event(Thread& thread, std::string_view what, Json extra, std::string_view member,
                        SharedText data);
    void note_task(const Thread& thread, TaskStage stage) const;
    void add_task_scheduled(Thread& thread, const Json& arguments);
    void add_task_failed(Thread& thread, const Failure& failure);
    struct TokenHolder {
        Shared execution;
        Thread* thread = nullptr;
    };
    TokenHolder find_token(std::string_view token, TokenAnswer& answer);

    // Parallel and Map.
    Thread& add_child(Thread& parent, const StateList& states, std::size_t slot, Value input);
    void start_iterations(Thread& thread);
    void start_iteration(Thread& thread, std::size_t slot);
    void start_iterations_later(Thread& thread);
    /// Goes on with the iterations; fails the state where that fails.
    void continue_iterations(Thread& thread);
    /// TestState: a Parallel or Map whose result is given.
    Step mocked_join(Thread& thread);
    void inspect_items(Thread& thread, Inspection& seen, MapItems items);
    void start_child_run(Thread& thread, std::size_t slot);
    void child_ended(Thread& parent, std::size_t slot, Json output, std::int64_t last_event);
    void child_failed(Thread& parent, std::size_t slot, const Failure& failure,
                      std::int64_t last_event);
    void run_child_ended(Execution& child);
    void join_completed(Thread& thread);
    void abort_children(Thread& thread, std::string_view reason);
    void abort_nested(const Thread& thread);
    void abort_thread(Thread& thread);
    Step start_distributed(Thread& thread, StateScope& scope);
    static Task<void> read_items(Interpreter& self, std::weak_ptr<Execution> execution,
                                 std::uint64_t thread, std::uint64_t generation, Json parameters,
                                 std::int64_t max_items);
    void begin_run(Thread& thread, MapItems items);
    struct Selection;
    void select_items(const std::shared_ptr<Selection>& selection);
    /// `map_item` is `$$.Map.Item` meanwhile.
    Json selected_item(Thread& thread, const Json& input, Json map_item);
    std::vector<Json> batched_items(Thread& thread, std::vector<Json> items);
    void take_inputs(Thread& thread, std::vector<Json> made);
    void keep_inputs(Thread& thread, std::size_t next);
    void load_items(Thread& thread, StateScope& scope, std::optional<MapItems> known);
    /// Goes on with the run of a thread that was restored.
    void resume_run(Thread& thread);
    /// Does something for a Map in the loop's next turn, if its run is still the same.
    void in_next_turn(Thread& thread, std::function<void(Thread&)> action);
    /// Closes the run: stops what still runs, writes the results out, and then ends it.
    void finish_run(Thread& thread, std::optional<Failure> failure);
    void end_run(Thread& thread, std::optional<Failure> failure);
    void start_children(Thread& thread);
    void start_children_later(Thread& thread);
    void abort_run_children(MapRun& run);
    /// Starts again what of a run ended badly, and goes on with what had not begun.
    void redrive_run(Thread& thread);
    void restart_child_run(Thread& thread, std::size_t slot);
    static Task<void> write_results(Interpreter& self, std::weak_ptr<Execution> execution,
                                    std::uint64_t thread, Json parameters,
                                    std::optional<Failure> run_failure);
    bool run_tolerates(const MapRun& run) const;

    // History and the end.
    HistoryEvent& add_event(Execution& execution, std::int64_t previous, std::string_view type);
    HistoryEvent& add_thread_event(Thread& thread, std::string_view type);
    void end_execution(Execution& execution, Status status, std::int64_t previous);
    /// Fails a Standard execution whose history has no room for what it did; says whether.
    bool end_if_full(Execution& execution);
    void release(Thread& thread);
    /// The same of a thread that did not reach its end: it is kept for a redrive.
    void retire(Thread& thread);
    void revive(Thread& thread, std::int64_t redriven);
    Thread* find_thread(const Shared& execution, std::uint64_t id) const;

    Cloud& cloud_;
    InterpreterHooks hooks_;
    Mocks mocks_;
    int steps_left_ = 0;    ///< of this turn
    HistoryEvent no_room_;  ///< takes what a full history does not
    Stopwatch turn_;
    struct TokenPlace {
        std::weak_ptr<Execution> execution;
        std::uint64_t thread = 0;
    };
    std::unordered_map<std::string, TokenPlace> tokens_;
    std::map<std::string, std::deque<std::string>, std::less<>> activity_queues_;  // tokens
    std::unordered_map<std::string, TimePoint> expired_tokens_;

    friend class Snapshot;
};

}  // namespace skafu::stepfunctions

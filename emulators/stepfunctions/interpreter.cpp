#include "stepfunctions/interpreter.h"

#include <boost/asio/post.hpp>

#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {
namespace {

/// Steps that one turn of the loop takes at most, and the time after which it takes no further
/// one, so that a machine that runs in circles does not stall the house.
constexpr int kStepsPerTurn = 2000;
constexpr std::chrono::milliseconds kTurn(20);
constexpr std::size_t kMaxEvents = 25'000;
constexpr std::chrono::minutes kExpressLimit(5);

bool is_last_event(std::string_view type) {
    return type == "ExecutionSucceeded" || type == "ExecutionFailed" ||
           type == "ExecutionTimedOut" || type == "ExecutionAborted";
}

/// The variables that a state assigns, as JSON text. Throws Failure where it may not.
std::map<std::string, std::string> assigned_texts(const Thread& thread, const Json& assigned,
                                                  const char* field) {
    constexpr std::size_t kMostAssigned = 262'144;
    std::map<std::string, std::string> texts;
    if (!assigned.is_object()) return texts;
    const State& state = thread.state();
    std::size_t size = 0;
    for (const auto& [name, value] : assigned.items()) {
        // States of a branch or an iteration only read the variables of outer scopes.
        if (thread.parent != nullptr && thread.variables.outer->find(name) != nullptr) {
            const std::string cause =
                "The variable '" + name + "' belongs to an outer scope and cannot be assigned.";
            if (!state.is_jsonata()) throw runtime_failure(cause);
            throw evaluation_failure(cause, fmt::format("{}/{}", field, name));
        }
        size += texts.emplace(name, to_text(value)).first->second.size();
    }
    // AWS docs, "Passing data between states with variables": all of one Assign together
    if (size > kMostAssigned) {
        Failure failure;
        failure.error = kDataLimit;
        failure.cause = "The state '" + state.name +
                        "' assigned variables with a size exceeding the maximum number of bytes "
                        "service limit.";
        throw failure;
    }
    return texts;
}

}  // namespace

Interpreter::Interpreter(Cloud& cloud, InterpreterHooks hooks)
    : cloud_(cloud), hooks_(std::move(hooks)) {}

Thread* Interpreter::find_thread(const Shared& execution, std::uint64_t id) const {
    if (!execution || !execution->is_running()) return nullptr;
    const auto found = execution->threads.find(id);
    return found == execution->threads.end() ? nullptr : found->second;
}

HistoryEvent& Interpreter::add_event(Execution& execution, std::int64_t previous,
                                     std::string_view type) {
    if (!execution.is_express() && execution.history.size() + 1 >= kMaxEvents &&
        !is_last_event(type)) {
        // The last event of all is kept for the failure that this means; see end_if_full.
        no_room_ = HistoryEvent{};
        execution.is_full = true;
        return no_room_;
    }
    // An Express execution may run in circles for minutes; what it did last is kept.
    const bool is_full = execution.is_express() && execution.history.size() >= kMaxEvents;
    if (is_full) execution.history.back() = HistoryEvent{};
    HistoryEvent& event = is_full ? execution.history.back() : execution.history.emplace_back();
    event.id = ++execution.last_event;
    event.previous = previous;
    event.time = cloud_.clock().now();
    event.type = type;
    execution.is_changed = true;
    return event;
}

HistoryEvent& Interpreter::add_thread_event(Thread& thread, std::string_view type) {
    HistoryEvent& event = add_event(thread.execution, thread.last_event, type);
    thread.last_event = event.id;
    return event;
}

void Interpreter::start(const Shared& execution, Json input) {
    start_at(execution, std::move(input), execution->states->start);
}

void Interpreter::start_at(const Shared& execution, Json input, std::size_t state) {
    Execution& target = *execution;
    target.root = std::make_unique<Thread>(target, *target.states, ++target.last_thread);
    target.threads.emplace(target.root->id, target.root.get());
    target.root->at = state;
    target.root->data = Value(std::move(input), target.input);
    target.root->variables.outer = &target.outer_variables;
    constexpr std::size_t kUsualEvents = 4;
    target.history.reserve(kUsualEvents);
    HistoryEvent& event = add_event(target, 0, "ExecutionStarted");
    event.details = "executionStartedEventDetails";
    event.data_member = "input";
    event.data = target.input;
    event.extra = {{"roleArn", target.machine->role_arn}};
    if (hooks_.on_event) hooks_.on_event(target, event);
    // AWS gives 0 as the predecessor of the second event too.
    target.root->last_event = 0;
    target.ready.push_back(target.root->id);
    drive(target);
    // Most are over by now and need no timer.
    if (target.is_running()) arm_machine_timeout(target);
}

void Interpreter::arm_machine_timeout(Execution& execution) {
    std::optional<Duration> limit;
    if (execution.machine->program->timeout_seconds && execution.run.expired()) {
        limit = std::chrono::seconds(*execution.machine->program->timeout_seconds);
    }
    const bool is_express = execution.is_express() || execution.is_express_child;
    if (is_express && (!limit || *limit > kExpressLimit)) limit = kExpressLimit;
    if (!limit) return;
    auto expire = [this, weak = execution.weak_from_this()] {
        const Shared expired = weak.lock();
        if (!expired || !expired->is_running()) return;
        expired->timeout_timer = 0;
        const bool is_limit = !expired->machine->program->timeout_seconds;
        std::optional<std::string> error;
        if (is_limit) error = kTimeout;
        stop(expired, Status::timed_out, error, std::nullopt);
    };
    // A redriven execution has its time again.
    const TimePoint start = std::max(execution.start, execution.redrive_date);
    execution.timeout_timer =
        cloud_.clock().at(start + *limit, std::move(expire), TimerKind::housekeeping);
}

void Interpreter::wake(Thread& thread) {
    thread.execution.ready.push_back(thread.id);
    drive(thread.execution);
}

bool Interpreter::end_if_full(Execution& execution) {
    if (!execution.is_full || !execution.is_running()) return false;
    execution.error = kRuntime;
    execution.cause = "The execution reached the maximum number of history events (25000).";
    end_execution(execution, Status::failed, execution.last_event);
    return true;
}

void Interpreter::drive(Execution& execution) {
    if (execution.is_driving) return;
    const Shared keep = execution.shared_from_this();
    end_if_full(execution);
    execution.is_driving = true;
    steps_left_ = kStepsPerTurn;
    turn_ = Stopwatch();
    while (execution.is_running() && !execution.ready.empty()) {
        const auto found = execution.threads.find(execution.ready.take());
        if (found == execution.threads.end()) continue;
        run(*found->second);
        if (steps_left_ > 0) continue;
        execution.is_driving = false;
        if (hooks_.on_rest) hooks_.on_rest(execution);
        boost::asio::post(cloud_.io(), [this, keep] { drive(*keep); });
        return;
    }
    execution.is_driving = false;
    if (hooks_.on_rest) hooks_.on_rest(execution);
    if (execution.status == Status::succeeded && !execution.inspection) {
        execution.threads.clear();
        execution.root.reset();
    }
}

void Interpreter::run(Thread& thread) {
    Execution& execution = thread.execution;
    const std::uint64_t id = thread.id;
    while (steps_left_-- > 0) {
        if (end_if_full(execution)) return;
        if (execution.is_orphan && thread.phase == Thread::Phase::entering) {
            stop(execution.shared_from_this(), Status::aborted, std::nullopt, std::nullopt);
            return;
        }
        Step result = Step::rest;
        try {
            result = step(thread);
        } catch (Failure& failure) {
            result = fail_state(thread, std::move(failure));
        } catch (const std::exception& error) {
            result = fail_state(thread, runtime_failure(error.what()));
        }
        if (turn_.elapsed() > kTurn) steps_left_ = 0;
        if (result == Step::rest) return;
        if (!execution.is_running() || !execution.threads.contains(id)) return;
    }
    execution.ready.push_back(id);
}

Interpreter::Step Interpreter::step(Thread& thread) {
    if (thread.phase == Thread::Phase::entering) enter(thread);
    switch (thread.state().type) {
        case StateType::Pass:
            return pass(thread);
        case StateType::Task:
            return task(thread);
        case StateType::Choice:
            return choose(thread);
        case StateType::Wait:
            return wait(thread);
        case StateType::Succeed:
            return succeed(thread);
        case StateType::Fail:
            return fail(thread);
        case StateType::Parallel:
            return parallel(thread);
        case StateType::Map:
            return map(thread);
    }
    return Step::rest;
}

void Interpreter::enter(Thread& thread) {
    static constexpr std::array<std::string_view, 8> kEntered{
        "PassStateEntered",    "TaskStateEntered", "ChoiceStateEntered",   "WaitStateEntered",
        "SucceedStateEntered", "FailStateEntered", "ParallelStateEntered", "MapStateEntered"};
    const State& state = thread.state();
    HistoryEvent& event = add_thread_event(thread, kEntered[static_cast<std::size_t>(state.type)]);
    event.details = "stateEnteredEventDetails";
    event.name = state.name;
    event.data_member = "input";
    event.data = thread.data.text();
    thread.entered_event = event.id;
    thread.entered = event.time;
    thread.retry_count = 0;
    thread.retries.clear();
    thread.forget_context();
    thread.phase = Thread::Phase::working;
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
}

Interpreter::Step Interpreter::exit_to(Thread& thread, Value output,
                                       const std::optional<Template>& assign, StateScope& scope,
                                       const char* assign_field, std::optional<std::size_t> next) {
    static constexpr std::array<std::string_view, 8> kExited{
        "PassStateExited",     "TaskStateExited",    "ChoiceStateExited",
        "WaitStateExited",     "SucceedStateExited", "",
        "ParallelStateExited", "MapStateExited"};
    constexpr std::size_t kMaxData = 262'144;
    const State& state = thread.state();
    Json assigned;
    if (assign) assigned = assign->evaluate(scope, assign_field);
    const std::map<std::string, std::string> texts = assigned_texts(thread, assigned, assign_field);
    if (output.text()->size() > kMaxData) {
        Failure failure;
        failure.error = kDataLimit;
        failure.cause = "The state/task '" + state.name +
                        "' returned a result with a size exceeding the maximum number of bytes "
                        "service limit.";
        throw failure;
    }
    HistoryEvent& event = add_thread_event(thread, kExited[static_cast<std::size_t>(state.type)]);
    event.details = "stateExitedEventDetails";
    event.name = state.name;
    event.data_member = "output";
    event.data = output.text();
    if (assigned.is_object() && !assigned.empty()) {
        for (auto& [name, value] : assigned.items()) {
            thread.variables.own.insert_or_assign(name, std::move(value));
        }
        event.extra = {{"assignedVariables", texts},
                       {"assignedVariablesDetails", {{"truncated", false}}}};
    }
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    if (Inspection* seen = thread.execution.inspection.get(); seen && thread.parent == nullptr) {
        seen->output = output.text();
        if (seen->status.empty()) seen->status = "SUCCEEDED";
        if (next) seen->next_state = thread.list->states[*next]->name;
        next.reset();
    }
    if (!next) {
        end_thread(thread, std::move(output));
        return Step::rest;
    }
    thread.data = std::move(output);
    thread.at = *next;
    thread.phase = Thread::Phase::entering;
    return Step::next;
}

void Interpreter::end_thread(Thread& thread, Value output) {
    Execution& execution = thread.execution;
    if (thread.parent != nullptr) {
        Thread& parent = *thread.parent;
        const std::size_t slot = thread.slot;
        const std::int64_t last = thread.last_event;
        release(thread);
        child_ended(parent, slot, output.take(), last);
        return;
    }
    execution.output = output.text();
    end_execution(execution, Status::succeeded, thread.last_event);
}

void Interpreter::release(Thread& thread) {
    Execution& execution = thread.execution;
    abort_thread(thread);
    execution.threads.erase(thread.id);
    if (thread.parent != nullptr && thread.parent->join) {
        auto& children = thread.parent->join->children;
        if (thread.slot < children.size()) children[thread.slot].reset();
    }
}

void Interpreter::retire(Thread& thread) {
    abort_thread(thread);
    thread.execution.threads.erase(thread.id);
    if (thread.parent == nullptr || !thread.parent->join) return;
    Join& join = *thread.parent->join;
    if (thread.slot < join.children.size()) {
        join.stopped[thread.slot] = std::move(join.children[thread.slot]);
    }
}

void Interpreter::end_execution(Execution& execution, Status status, std::int64_t previous) {
    const Shared keep = execution.shared_from_this();
    if (status == Status::succeeded && end_if_full(execution)) return;
    execution.status = status;
    execution.stop = cloud_.clock().now();
    if (execution.timeout_timer != 0) cloud_.clock().cancel(execution.timeout_timer);
    execution.timeout_timer = 0;
    if (execution.root) abort_thread(*execution.root);
    const char* type = status == Status::succeeded   ? "ExecutionSucceeded"
                       : status == Status::timed_out ? "ExecutionTimedOut"
                       : status == Status::aborted   ? "ExecutionAborted"
                                                     : "ExecutionFailed";
    HistoryEvent& event = add_event(execution, previous, type);
    event.details = details_name(type);
    if (status == Status::succeeded) {
        event.data_member = "output";
        event.data = execution.output;
    } else {
        event.extra = Json::object();
        if (execution.error) event.extra["error"] = *execution.error;
        if (execution.cause) event.extra["cause"] = *execution.cause;
        execution.activity.fail(execution.error.value_or(std::string(to_string(status))),
                                execution.cause.value_or(""));
    }
    if (hooks_.on_event) hooks_.on_event(execution, event);
    execution.ready.clear();
    execution.activity.note(to_string(status));
    execution.activity.finish();
    std::vector<std::function<void(Execution&)>> listeners = std::move(execution.on_end);
    execution.on_end.clear();
    if (hooks_.on_end) hooks_.on_end(execution);
    for (const auto& listener : listeners) listener(execution);
}

void Interpreter::forget(const Shared& execution) {
    if (!execution->is_running()) return;
    execution->status = Status::aborted;
    execution->on_end.clear();
    if (execution->timeout_timer != 0) cloud_.clock().cancel(execution->timeout_timer);
    execution->timeout_timer = 0;
    if (execution->root) abort_thread(*execution->root);
    execution->ready.clear();
    execution->activity.finish();
}

void Interpreter::stop(const Shared& execution, Status status, std::optional<std::string> error,
                       std::optional<std::string> cause) {
    if (!execution->is_running()) return;
    execution->error = std::move(error);
    execution->cause = std::move(cause);
    // An execution that was stopped ends without a preceding event.
    const bool is_timeout = status == Status::timed_out;
    const std::int64_t previous = is_timeout && execution->root ? execution->root->last_event : 0;
    end_execution(*execution, status, previous);
    execution->is_changed = true;
    if (hooks_.on_rest) hooks_.on_rest(*execution);
}

}  // namespace skafu::stepfunctions

#include <cmath>

#include "stepfunctions/interpreter.h"

namespace skafu::stepfunctions {
namespace {

/// Errors of the machine itself, which no retrier or catcher sees.
bool is_terminal(const Failure& failure) {
    return failure.name() == kRuntime;
}

bool matches(const std::vector<std::string>& names, const Failure& failure) {
    for (const std::string& name : names) {
        if (name == "States.ALL" || name == failure.name()) return true;
        // A task's own errors answer to this name too; a timeout does not.
        if (name == kTaskFailed && failure.name() != kTimeout && !failure.is_evaluation)
            return true;
    }
    return false;
}

}  // namespace

Failure Interpreter::named(const Thread& thread, Failure failure) const {
    if (!failure.names_state || !failure.cause) return failure;
    failure.names_state = false;
    failure.cause = fmt::format(
        "An error occurred while executing the state '{}' (entered at the event id #{}). {}",
        thread.state().name, thread.entered_event, *failure.cause);
    return failure;
}

Interpreter::Step Interpreter::fail_state(Thread& thread, Failure raw) {
    drop_task(thread);
    Failure failure = named(thread, std::move(raw));
    const State& state = thread.state();
    if (failure.is_evaluation) {
        // Of a state that has done nothing yet, the predecessor is the one of its Entered event;
        // of a Wait it is the Entered event itself.
        const bool is_first = state.type != StateType::Wait &&
                              thread.last_event == thread.entered_event &&
                              thread.entered_event <= std::ssize(thread.execution.history);
        if (is_first && thread.entered_event > 0) {
            const auto at = static_cast<std::size_t>(thread.entered_event - 1);
            thread.last_event = thread.execution.history[at].previous;
        }
        HistoryEvent& event = add_thread_event(thread, "EvaluationFailed");
        event.details = "evaluationFailedEventDetails";
        event.extra = {{"state", state.name},
                       {"error", failure.name()},
                       {"cause", failure.cause.value_or("")}};
        if (!failure.location.empty()) event.extra["location"] = failure.location;
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    }
    if (is_terminal(failure)) {
        end_with_failure(thread, failure);
        return Step::rest;
    }
    if (retry(thread, failure)) return Step::rest;
    const bool had_children = state.type == StateType::Parallel || state.type == StateType::Map;
    std::unique_ptr<Join> join = std::move(thread.join);
    if (had_children && (join || failure.is_evaluation)) {
        const bool is_parallel = state.type == StateType::Parallel;
        HistoryEvent& event =
            add_thread_event(thread, is_parallel ? "ParallelStateFailed" : "MapStateFailed");
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    }
    for (std::size_t i = 0; i < state.catchers.size(); ++i) {
        if (!matches(state.catchers[i].errors, failure)) continue;
        if (Inspection* seen = thread.execution.inspection.get()) {
            seen->status = "CAUGHT_ERROR";
            seen->data["errorDetails"] = {{"catchIndex", i}};
            seen->failure = failure;
        }
        try {
            return caught(thread, state.catchers[i], failure, i);
        } catch (Failure& second) {
            end_with_failure(thread, named(thread, std::move(second)));
            return Step::rest;
        }
    }
    thread.join = std::move(join);
    end_with_failure(thread, failure);
    return Step::rest;
}

bool Interpreter::retry(Thread& thread, const Failure& failure) {
    const State& state = thread.state();
    Inspection* const seen = thread.execution.inspection.get();
    thread.retries.resize(state.retriers.size(), seen ? seen->retrier_retry_count : 0);
    for (std::size_t i = 0; i < state.retriers.size(); ++i) {
        const Retrier& retrier = state.retriers[i];
        if (!matches(retrier.errors, failure)) continue;
        if (seen) seen->data["errorDetails"] = {{"retryIndex", i}};
        if (thread.retries[i] >= retrier.max_attempts) return false;
        const auto attempt = static_cast<double>(thread.retries[i]);
        double delay = retrier.interval_seconds * std::pow(retrier.backoff_rate, attempt);
        if (retrier.max_delay_seconds) delay = std::min(delay, *retrier.max_delay_seconds);
        if (retrier.full_jitter) delay *= cloud_.entropy().unit();
        constexpr double kYear = 31'536'000;
        delay = std::min(delay, kYear);
        if (seen) {
            const double whole = std::floor(delay);
            seen->data["errorDetails"]["retryBackoffIntervalSeconds"] =
                whole == delay ? Json(static_cast<std::int64_t>(whole)) : Json(delay);
            seen->status = "RETRIABLE";
            end_with_failure(thread, failure);
            return true;
        }
        ++thread.retries[i];
        ++thread.retry_count;
        thread.forget_context();
        thread.join.reset();
        thread.is_retrying = true;
        thread.timer_due = cloud_.clock().now() + Duration(static_cast<std::int64_t>(delay * 1e6));
        auto again = [this, weak = thread.execution.weak_from_this(), id = thread.id] {
            Thread* waiting = find_thread(weak.lock(), id);
            if (waiting == nullptr) return;
            waiting->timer = 0;
            waiting->is_retrying = false;
            waiting->phase = Thread::Phase::working;
            wake(*waiting);
        };
        thread.data.fold();
        thread.phase = Thread::Phase::waiting;
        thread.timer = cloud_.clock().at(thread.timer_due, std::move(again));
        thread.execution.is_changed = true;
        return true;
    }
    return false;
}

Interpreter::Step Interpreter::caught(Thread& thread, const Catcher& catcher,
                                      const Failure& failure, std::size_t index) {
    Json error = Json::object();
    error["Error"] = failure.error ? Json(*failure.error) : Json();
    // A timeout has no cause anywhere but here, where it is an empty one.
    error["Cause"] = failure.cause                ? Json(*failure.cause)
                     : failure.name() == kTimeout ? Json("")
                                                  : Json();
    thread.phase = Thread::Phase::working;
    if (thread.state().is_jsonata()) {
        StateScope scope(cloud_, thread.data.json(), thread, thread.variables);
        scope.set_error_output(error);
        Json output = catcher.output
                          ? catcher.output->evaluate(scope, fmt::format("Catch[{}]/Output", index))
                          : error;
        return exit_to(thread, Value(std::move(output)), catcher.assign, scope, "Assign",
                       catcher.next);
    }
    StateScope scope(cloud_, error, thread, thread.variables);
    Json output;
    switch (catcher.result_path.kind) {
        case DataPath::Kind::Whole:
            output = error;
            break;
        case DataPath::Kind::Nothing:
            output = thread.data.json();
            break;
        case DataPath::Kind::Path:
            output = thread.data.json();
            if (!set_at(output, *catcher.result_path.path, error)) {
                throw runtime_failure("Unable to apply Reference Path " +
                                      catcher.result_path.path->text() + " to input " +
                                      *thread.data.text());
            }
    }
    return exit_to(thread, Value(std::move(output)), catcher.assign, scope, "Assign", catcher.next);
}

void Interpreter::end_with_failure(Thread& thread, const Failure& failure) {
    Execution& execution = thread.execution;
    const std::int64_t last = thread.last_event;
    if (thread.parent != nullptr) {
        Thread& parent = *thread.parent;
        const std::size_t slot = thread.slot;
        const Failure copy = failure;
        // A branch of Parallel whose task failed tells of the state's end as well.
        const bool had_task = parent.state().type == StateType::Parallel &&
                              thread.state().type == StateType::Task && !failure.is_evaluation &&
                              last > thread.entered_event;
        if (had_task) {
            HistoryEvent& event = add_event(execution, last, "TaskStateAborted");
            if (hooks_.on_event) hooks_.on_event(execution, event);
        }
        retire(thread);
        child_failed(parent, slot, copy, last);
        return;
    }
    if (Inspection* seen = execution.inspection.get()) {
        if (seen->status.empty()) seen->status = "FAILED";
        seen->failure = failure;
    }
    execution.error = failure.error;
    execution.cause = failure.cause;
    end_execution(execution, Status::failed, last);
}

}  // namespace skafu::stepfunctions

#include "stepfunctions/interpreter.h"
#include "stepfunctions/map_run.h"
#include "stepfunctions/map_settings.h"

namespace skafu::stepfunctions {

Thread& Interpreter::add_child(Thread& parent, const StateList& states, std::size_t slot,
                               Value input) {
    Execution& execution = parent.execution;
    auto child = std::make_unique<Thread>(execution, states, ++execution.last_thread);
    child->parent = &parent;
    child->slot = slot;
    child->data = std::move(input);
    child->variables.outer = &parent.variables;
    child->last_event = parent.last_event;
    Thread& result = *child;
    execution.threads.emplace(result.id, &result);
    parent.join->children[slot] = std::move(child);
    ++parent.join->running;
    execution.ready.push_back(result.id);
    return result;
}

Interpreter::Step Interpreter::parallel(Thread& thread) {
    if (thread.phase == Thread::Phase::waiting) {
        Json results(std::move(thread.join->results));
        HistoryEvent& event =
            add_event(thread.execution, thread.join->last_event, "ParallelStateSucceeded");
        thread.last_event = thread.join->last_event;
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
        thread.join.reset();
        thread.phase = Thread::Phase::working;
        return finish(thread, std::move(results));
    }
    if (thread.execution.inspection) return mocked_join(thread);
    const State& state = thread.state();
    Json input = state.is_jsonata() ? thread.data.json() : effective_input(thread);
    if (state.parameters) {
        StateScope scope(cloud_, input, thread, thread.variables);
        Json made =
            state.parameters->evaluate(scope, state.is_jsonata() ? "Arguments" : "Parameters");
        input = std::move(made);
    }
    HistoryEvent& event = add_thread_event(thread, "ParallelStateStarted");
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    thread.join = std::make_unique<Join>();
    Join& join = *thread.join;
    join.total = state.branches.size();
    join.children.resize(join.total);
    join.results.resize(join.total);
    join.next = join.total;
    thread.phase = Thread::Phase::waiting;
    const Value shared(std::move(input));
    for (std::size_t i = 0; i < join.total; ++i)
        add_child(thread, state.branches[i], i, shared.copy());
    return Step::rest;
}

Interpreter::Step Interpreter::map(Thread& thread) {
    if (thread.phase == Thread::Phase::waiting) {
        Json results = thread.join->whole_result ? std::move(*thread.join->whole_result)
                                                 : Json(std::move(thread.join->results));
        HistoryEvent& event =
            add_event(thread.execution, thread.join->last_event, "MapStateSucceeded");
        thread.last_event = thread.join->last_event;
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
        thread.join.reset();
        thread.phase = Thread::Phase::working;
        return finish(thread, std::move(results));
    }
    const State& state = thread.state();
    const Json input = state.is_jsonata() ? thread.data.json() : effective_input(thread);
    StateScope scope(cloud_, input, thread, thread.variables);
    const std::size_t limit = max_concurrency(state, scope);
    if (thread.execution.inspection) return mocked_join(thread);
    if (state.map->distributed) return start_distributed(thread, scope);
    Json items = map_items(state, scope).list;
    HistoryEvent& event = add_thread_event(thread, "MapStateStarted");
    event.details = "mapStateStartedEventDetails";
    event.extra = {{"length", items.size()}};
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    thread.join = std::make_unique<Join>();
    Join& join = *thread.join;
    join.total = items.size();
    join.items = std::move(items.get_ref<Json::array_t&>());
    join.children.resize(join.total);
    join.results.resize(join.total);
    join.limit = limit;
    join.last_event = thread.last_event;
    thread.phase = Thread::Phase::waiting;
    if (join.total == 0) return Step::next;
    start_iterations(thread);
    return Step::rest;
}

Interpreter::Step Interpreter::mocked_join(Thread& thread) {
    Inspection& seen = *thread.execution.inspection;
    const State& state = thread.state();
    const Json input = state.is_jsonata() ? thread.data.json() : effective_input(thread);
    StateScope scope(cloud_, input, thread, thread.variables);
    std::size_t count = 0;
    FailureTolerance tolerance;
    if (state.type == StateType::Map) {
        if (!state.is_jsonata()) seen.note("afterInputPath", input);
        MapItems items;
        if (!state.map->reader) {
            items = map_items(state, scope);
        } else if (seen.reader_items) {
            items.list = *seen.reader_items;
        }
        count = items.list.size();
        if (!state.is_jsonata()) seen.note("afterItemsPath", items.list);
        inspect_items(thread, seen, std::move(items));
        seen.data["maxConcurrency"] = max_concurrency(state, scope);
        tolerance = tolerated_failures(state, scope);
        if (tolerance.has_count) seen.data["toleratedFailureCount"] = tolerance.count;
        if (tolerance.has_percentage)
            seen.data["toleratedFailurePercentage"] = tolerance.percentage;
    }
    if (seen.mock->failure) throw *seen.mock->failure;
    const std::int64_t failures = seen.map_failures.value_or(0);
    const double share =
        count == 0 ? 0 : 100.0 * static_cast<double>(failures) / static_cast<double>(count);
    const bool exceeded = (tolerance.has_count && failures > tolerance.count) ||
                          (tolerance.has_percentage && share > tolerance.percentage);
    if (exceeded) throw too_many_failures();
    return finish(thread, *seen.mock->result);
}

void Interpreter::inspect_items(Thread& thread, Inspection& seen, MapItems items) {
    const MapPart& part = *thread.state().map;
    if (!part.item_selector && !part.batcher) return;
    const Json input = thread.state().is_jsonata() ? thread.data.json() : effective_input(thread);
    std::vector<Json> made;
    for (std::size_t i = 0; i < items.list.size(); ++i) {
        Json item = std::move(items.list[i]);
        if (part.item_selector) {
            Json described = items.described(i, std::move(item));
            item = selected_item(thread, input, std::move(described));
        }
        made.push_back(std::move(item));
    }
    if (part.item_selector) seen.note("afterItemSelector", Json(made));
    if (part.batcher) seen.note("afterItemBatcher", Json(batched_items(thread, std::move(made))));
}

void Interpreter::start_iterations(Thread& thread) {
    constexpr std::chrono::milliseconds kSelection(20);
    Join& join = *thread.join;
    const Stopwatch slice;
    while (join.next < join.total && (join.limit == 0 || join.running < join.limit)) {
        if (slice.elapsed() > kSelection) return start_iterations_later(thread);
        start_iteration(thread, join.next++);
    }
}

void Interpreter::start_iteration(Thread& thread, std::size_t slot) {
    const State& state = thread.state();
    Json item = std::move(thread.join->items[slot]);
    HistoryEvent& event = add_event(thread.execution, thread.last_event, "MapIterationStarted");
    const std::int64_t started = event.id;
    event.details = "mapIterationStartedEventDetails";
    event.name = state.name;
    event.index = static_cast<std::int64_t>(slot);
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    std::optional<Json> described;
    if (thread.execution.machine->program->reads_map_item) {
        described = Json{{"Index", slot}, {"Value", item}};
    }
    if (state.map->item_selector) {
        const Json input = state.is_jsonata() ? thread.data.json() : effective_input(thread);
        Json map_item = {{"Index", slot}, {"Value", std::move(item)}};
        item = selected_item(thread, input, std::move(map_item));
    }
    Thread& child = add_child(thread, state.map->processor, slot, Value(std::move(item)));
    child.map_item = std::move(described);
    child.last_event = started;
}

/// Selecting many items takes long: others have their turn in between.
void Interpreter::start_iterations_later(Thread& thread) {
    const std::uint64_t serial = thread.join->serial = ++thread.execution.last_generation;
    auto more = [this, weak = thread.execution.weak_from_this(), id = thread.id, serial] {
        const Shared owner = weak.lock();
        Thread* waiting = find_thread(owner, id);
        if (waiting == nullptr || !waiting->join || waiting->join->serial != serial) return;
        continue_iterations(*waiting);
        drive(*owner);
    };
    cloud_.clock().after(Duration(0), std::move(more));
}

void Interpreter::continue_iterations(Thread& thread) {
    Execution& execution = thread.execution;
    const std::uint64_t id = thread.id;
    std::optional<Failure> failed;
    try {
        start_iterations(thread);
    } catch (Failure& failure) {
        failed = std::move(failure);
    } catch (const std::exception& error) {
        failed = runtime_failure(error.what());
    }
    if (!failed) return;
    abort_children(thread, "");
    if (fail_state(thread, std::move(*failed)) == Step::next) execution.ready.push_back(id);
}

void Interpreter::child_ended(Thread& parent, std::size_t slot, Json output,
                              std::int64_t last_event) {
    Join& join = *parent.join;
    join.results[slot] = std::move(output);
    --join.running;
    parent.last_event = last_event;
    join.last_event = last_event;
    const bool is_map = parent.state().type == StateType::Map;
    if (is_map) {
        HistoryEvent& event = add_event(parent.execution, last_event, "MapIterationSucceeded");
        event.details = "mapIterationSucceededEventDetails";
        event.name = parent.state().name;
        event.index = static_cast<std::int64_t>(slot);
        join.last_event = event.id;
        if (hooks_.on_event) hooks_.on_event(parent.execution, event);
    }
    if (join.running == 0 && join.next == join.total) {
        parent.execution.ready.push_back(parent.id);
        return;
    }
    if (!is_map) return;
    continue_iterations(parent);
}

void Interpreter::child_failed(Thread& parent, std::size_t slot, const Failure& failure,
                               std::int64_t last_event) {
    Execution& execution = parent.execution;
    const std::uint64_t id = parent.id;
    parent.last_event = last_event;
    // A failure of the machine itself ends the execution with no word of the iteration.
    if (parent.state().type == StateType::Map && failure.name() != kRuntime) {
        HistoryEvent& event = add_event(execution, last_event, "MapIterationFailed");
        event.details = "mapIterationFailedEventDetails";
        event.name = parent.state().name;
        event.index = static_cast<std::int64_t>(slot);
        if (hooks_.on_event) hooks_.on_event(execution, event);
    }
    abort_children(parent, "");
    Failure copy = failure;
    copy.is_evaluation = false;
    if (fail_state(parent, std::move(copy)) == Step::next) execution.ready.push_back(id);
}

void Interpreter::abort_children(Thread& thread, std::string_view) {
    if (!thread.join) return;
    for (std::unique_ptr<Thread>& child : thread.join->children) {
        if (!child) continue;
        // A state that was at work is told of its end; one that had not begun is not.
        const bool at_work = child->phase == Thread::Phase::waiting && !child->join;
        if (at_work) {
            HistoryEvent& event =
                add_event(thread.execution, child->last_event,
                          kept_text(std::string(to_string(child->state().type)) + "StateAborted"));
            if (hooks_.on_event) hooks_.on_event(thread.execution, event);
        }
        retire(*child);
    }
    thread.join->running = 0;
}

/// As AWS's best effort to cancel the job of a `.sync` task that is aborted itself.
void Interpreter::abort_nested(const Thread& thread) {
    if (!thread.task || thread.task->nested_arn.empty() || !hooks_.find_execution) return;
    const Shared child = hooks_.find_execution(thread.task->nested_arn);
    if (child && child->is_running()) stop(child, Status::aborted, std::nullopt, std::nullopt);
}

void Interpreter::abort_thread(Thread& thread) {
    if (thread.timer != 0) cloud_.clock().cancel(thread.timer);
    thread.timer = 0;
    abort_nested(thread);
    drop_task(thread);
    if (!thread.join) return;
    if (thread.join->run) {
        const std::shared_ptr<MapRun> run = thread.join->run;
        run->is_closing = true;
        abort_run_children(*run);
        if (run->status == Status::running) {
            run->status = Status::aborted;
            run->stop = cloud_.clock().now();
            if (hooks_.on_map_run) hooks_.on_map_run(run);
        }
    }
    for (std::unique_ptr<Thread>& child : thread.join->children) {
        if (!child) continue;
        abort_thread(*child);
        thread.execution.threads.erase(child->id);
    }
}

}  // namespace skafu::stepfunctions

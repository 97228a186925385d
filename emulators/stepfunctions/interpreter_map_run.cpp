#include <utility>

#include "stepfunctions/interpreter.h"
#include "stepfunctions/item_reader.h"
#include "stepfunctions/map_run.h"
#include "stepfunctions/map_settings.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::int64_t kMaxItems = 100'000'000;
constexpr std::chrono::milliseconds kSlice(20);  // of children started in one turn of the loop

/// How many children of a run may be running at once.
std::size_t child_limit(const MapRun& run) {
    return run.max_concurrency == 0 ? kMaxChildren : std::min(run.max_concurrency, kMaxChildren);
}

}  // namespace

Interpreter::Step Interpreter::start_distributed(Thread& thread, StateScope& scope) {
    const State& state = thread.state();
    const MapPart& part = *state.map;
    std::optional<MapItems> items;
    if (!part.reader) items = map_items(state, scope);
    HistoryEvent& started = add_thread_event(thread, "MapStateStarted");
    started.details = "mapStateStartedEventDetails";
    started.extra = {{"length", items ? items->list.size() : 0}};
    if (hooks_.on_event) hooks_.on_event(thread.execution, started);
    const FailureTolerance tolerance = tolerated_failures(state, scope);
    thread.join = std::make_unique<Join>();
    auto run = std::make_shared<MapRun>();
    thread.join->run = run;
    run->max_concurrency = max_concurrency(state, scope);
    thread.join->limit = child_limit(*run);
    run->label = part.label.empty() ? cloud_.entropy().uuid() : part.label;
    Execution& execution = thread.execution;
    run->machine = execution.machine;
    run->state_name = state.name;
    run->processor = &part.processor;
    run->execution_arn = execution.arn;
    run->arn = fmt::format("arn:aws:states:{}:{}:mapRun:{}/{}:{}", execution.caller.region,
                           execution.caller.account, execution.machine->name, run->label,
                           cloud_.entropy().uuid());
    run->start = cloud_.clock().now();
    run->tolerated_count = tolerance.count;
    run->tolerated_percentage = tolerance.percentage;
    run->has_count = tolerance.has_count;
    run->has_percentage = tolerance.has_percentage;
    run->parent = execution.weak_from_this();
    run->parent_thread = thread.id;
    HistoryEvent& event = add_thread_event(thread, "MapRunStarted");
    event.details = "mapRunStartedEventDetails";
    event.extra = {{"mapRunArn", run->arn}};
    if (hooks_.on_event) hooks_.on_event(execution, event);
    if (hooks_.on_map_run) hooks_.on_map_run(run);
    thread.phase = Thread::Phase::waiting;
    execution.is_changed = true;
    load_items(thread, scope, std::move(items));
    return Step::rest;
}

/// Gives a run that has begun its items: those that are known, or those of the state's input, or
/// what its ItemReader reads.
void Interpreter::load_items(Thread& thread, StateScope& scope, std::optional<MapItems> known) {
    const State& state = thread.state();
    const MapPart& part = *state.map;
    Execution& execution = thread.execution;
    if (!part.reader) {
        begin_run(thread, known ? std::move(*known) : map_items(state, scope));
        return;
    }
    std::int64_t max_items = kMaxItems;
    try {
        if (const auto wanted = whole_number(part.reader->max_items, scope, "MaxItems")) {
            // A path to 0 means everything; a 0 that stands there is refused.
            const bool is_all = *wanted == 0 && part.reader->max_items.path != nullptr;
            if (*wanted <= 0 && !is_all) throw reader_failure("field MaxItems must be positive");
            if (!is_all) max_items = std::min(*wanted, kMaxItems);
        }
        Json parameters =
            part.reader->parameters
                ? part.reader->parameters->evaluate(
                      scope, state.is_jsonata() ? "ItemReader/Arguments" : "Parameters")
                : Json::object();
        thread.task.reset();
        const std::uint64_t generation = ++execution.last_generation;
        thread.retries.resize(state.retriers.size(), 0);
        cloud_.spawn(read_items(*this, execution.weak_from_this(), thread.id, generation,
                                std::move(parameters), max_items));
    } catch (Failure& failure) {
        if (failure.name() == kRuntime) throw;
        finish_run(thread, std::move(failure));
    }
}

void Interpreter::resume_run(Thread& thread) {
    Join& join = *thread.join;
    const std::shared_ptr<MapRun> run = join.run;
    join.limit = child_limit(*run);
    if (!run->has_inputs) {
        Execution& execution = thread.execution;
        const std::uint64_t id = thread.id;
        try {
            const Json input =
                thread.state().is_jsonata() ? thread.data.json() : effective_input(thread);
            StateScope scope(cloud_, input, thread, thread.variables);
            load_items(thread, scope, std::nullopt);
        } catch (Failure& failure) {
            if (fail_state(thread, std::move(failure)) == Step::next) execution.ready.push_back(id);
        }
        return;
    }
    join.running = run->executions.running;
    in_next_turn(thread, [this](Thread& waiting) {
        if (run_tolerates(*waiting.join->run)) {
            start_children(waiting);
        } else {
            finish_run(waiting, too_many_failures());
        }
    });
}

Task<void> Interpreter::read_items(Interpreter& self, std::weak_ptr<Execution> execution,
                                   std::uint64_t thread_id, std::uint64_t, Json parameters,
                                   std::int64_t max_items) {
    const Shared owner = execution.lock();
    Thread* thread = self.find_thread(owner, thread_id);
    if (thread == nullptr) co_return;
    const ReaderPart& reader = *thread->state().map->reader;
    const Integration integration = reader.integration;
    const std::string request_id = self.cloud_.entropy().uuid();
    std::optional<MapItems> items;
    std::optional<Failure> failure;
    try {
        items = co_await read_source(self.cloud_, reader, std::move(parameters), owner->caller,
                                     owner->activity.id(), static_cast<std::size_t>(max_items));
    } catch (const AwsError& error) {
        failure = to_failure(integration, error, request_id);
    } catch (const Failure& failed) {
        failure = failed;
    }
    thread = self.find_thread(owner, thread_id);
    if (thread == nullptr || !thread->join || !thread->join->run) co_return;
    if (failure) {
        self.finish_run(*thread, std::move(failure));
    } else {
        self.begin_run(*thread, std::move(*items));
    }
    self.drive(*owner);
}

void Interpreter::start_child_run(Thread& thread, std::size_t slot) {
    Join& join = *thread.join;
    const std::shared_ptr<MapRun> run = join.run;
    const Execution& parent = thread.execution;
    auto child = std::make_shared<Execution>();
    child->name = cloud_.entropy().uuid();
    const bool is_express = thread.state().map->express_children;
    child->arn =
        is_express
            ? fmt::format("arn:aws:states:{}:{}:express:{}/{}:{}:{}", parent.caller.region,
                          parent.caller.account, parent.machine->name, run->label, child->name,
                          cloud_.entropy().uuid())
            : fmt::format("arn:aws:states:{}:{}:execution:{}/{}:{}", parent.caller.region,
                          parent.caller.account, parent.machine->name, run->label, child->name);
    child->machine = parent.machine;
    child->caller = parent.caller;
    child->test_case = parent.test_case;
    Json input = std::move(join.items[slot]);
    child->input = std::make_shared<const std::string>(to_text(input));
    child->start = cloud_.clock().now();
    child->states = run->processor;
    child->run = run;
    child->run_slot = slot;
    child->run_redrive = run->redrive_count;
    child->is_express_child = is_express;
    child->activity =
        cloud_.journal().begin(ActivityKind::execution, child->arn, parent.activity.id());
    run->children[slot] = child;
    run->count(slot, &RunCounts::pending, &RunCounts::running);
    ++join.running;
    child->on_end.push_back([this](Execution& ended) { run_child_ended(ended); });
    if (hooks_.on_child_execution) hooks_.on_child_execution(child);
    start(child, std::move(input));
}

bool Interpreter::run_tolerates(const MapRun& run) const {
    const std::size_t bad = run.items.failed + run.items.timed_out + run.items.aborted;
    if (bad == 0) return true;
    const double share = 100.0 * static_cast<double>(bad) / static_cast<double>(run.total_items);
    if (run.has_count && static_cast<std::int64_t>(bad) > run.tolerated_count) return false;
    if (run.has_percentage && share > run.tolerated_percentage) return false;
    return run.has_count || run.has_percentage;
}

void Interpreter::run_child_ended(Execution& child) {
    const std::shared_ptr<MapRun> run = child.run.lock();
    if (!run) return;
    run->count(child.run_slot, &RunCounts::running, counter_of(child.status));
    const Shared parent = run->parent.lock();
    Thread* thread = find_thread(parent, run->parent_thread);
    if (thread == nullptr || !thread->join || thread->join->run != run || run->is_closing) return;
    Join& join = *thread->join;
    --join.running;
    if (!run_tolerates(*run)) {
        finish_run(*thread, too_many_failures());
        drive(*parent);
        return;
    }
    if (join.running == 0 && join.next == join.total) {
        finish_run(*thread, std::nullopt);
        drive(*parent);
        return;
    }
    // Not from inside the loop that starts the first ones: that one goes on by itself.
    if (join.next < join.total) start_children_later(*thread);
}

void Interpreter::start_children_later(Thread& thread) {
    in_next_turn(thread, [this](Thread& waiting) { start_children(waiting); });
}

void Interpreter::in_next_turn(Thread& thread, std::function<void(Thread&)> action) {
    auto act = [this, weak = thread.execution.weak_from_this(), id = thread.id,
                run = thread.join->run, action = std::move(action)] {
        const Shared owner = weak.lock();
        Thread* waiting = find_thread(owner, id);
        if (waiting == nullptr || !waiting->join || waiting->join->run != run) return;
        if (run->is_closing) return;
        action(*waiting);
        drive(*owner);
    };
    cloud_.clock().after(Duration(0), std::move(act));
}

void Interpreter::abort_run_children(MapRun& run) {
    for (const Shared& child : run.children) {
        if (!child) continue;
        if (std::exchange(child->awaits_redrive, false)) {
            run.count(child->run_slot, &RunCounts::pending_redrive, counter_of(child->status));
        }
        if (!child->is_running()) continue;
        child->on_end.clear();
        stop(child, Status::aborted, std::nullopt, std::nullopt);
        run.count(child->run_slot, &RunCounts::running, &RunCounts::aborted);
    }
}

void Interpreter::finish_run(Thread& thread, std::optional<Failure> failure) {
    const std::shared_ptr<MapRun> run = thread.join->run;
    if (run->is_closing) return;
    run->is_closing = true;
    const Shared owner = thread.execution.shared_from_this();
    if (failure) {
        run->can_redrive = failure->name() != kRuntime && failure->name() != kDataLimit;
        abort_run_children(*run);
    }
    const State& state = thread.state();
    const bool has_begun = !failure || !run->children.empty();
    const bool writes = has_begun && state.map->writer &&
                        state.map->writer->integration.kind != Integration::Kind::none;
    if (!writes) {
        end_run(thread, std::move(failure));
        return;
    }
    const Json input = state.is_jsonata() ? thread.data.json() : effective_input(thread);
    StateScope scope(cloud_, input, thread, thread.variables);
    Json parameters = Json::object();
    try {
        if (const auto& wanted = state.map->writer->parameters) {
            parameters = wanted->evaluate(scope, "ResultWriter");
        }
    } catch (Failure& broken) {
        end_run(thread, named(thread, failure ? std::move(*failure) : std::move(broken)));
        return;
    }
    cloud_.spawn(write_results(*this, owner->weak_from_this(), thread.id, std::move(parameters),
                               std::move(failure)));
}

void Interpreter::end_run(Thread& thread, std::optional<Failure> failure) {
    Join& join = *thread.join;
    const std::shared_ptr<MapRun> run = join.run;
    const Shared owner = thread.execution.shared_from_this();
    const std::uint64_t id = thread.id;
    run->stop = cloud_.clock().now();
    run->status = failure ? Status::failed : Status::succeeded;
    if (hooks_.on_map_run) hooks_.on_map_run(run);
    owner->is_changed = true;
    if (failure) {
        HistoryEvent& event = add_thread_event(thread, "MapRunFailed");
        event.details = "mapRunFailedEventDetails";
        event.extra = Json::object();
        if (failure->error) event.extra["error"] = *failure->error;
        if (failure->cause) event.extra["cause"] = *failure->cause;
        if (hooks_.on_event) hooks_.on_event(*owner, event);
        if (fail_state(thread, std::move(*failure)) == Step::next) owner->ready.push_back(id);
        return;
    }
    HistoryEvent& event = add_thread_event(thread, "MapRunSucceeded");
    if (hooks_.on_event) hooks_.on_event(*owner, event);
    join.last_event = event.id;
    const State& state = thread.state();
    const std::string transformation = state.map->writer ? state.map->writer->transformation : "";
    // What failed within tolerance has no result.
    Json kept = Json::array();
    for (const Shared& child : run->children) {
        if (!child || child->status != Status::succeeded) continue;
        if (transformation.empty()) {
            kept.push_back(parse_json(*child->output));
        } else {
            add_transformed(kept, *child, *run, transformation);
        }
    }
    join.results = std::move(kept.get_ref<Json::array_t&>());
    owner->ready.push_back(id);
}

void Interpreter::run_changed(const std::shared_ptr<MapRun>& run) {
    if (hooks_.on_map_run) hooks_.on_map_run(run);
    const Shared parent = run->parent.lock();
    Thread* thread = find_thread(parent, run->parent_thread);
    if (thread == nullptr || !thread->join || thread->join->run != run) return;
    thread->join->limit = child_limit(*run);
    if (run->has_inputs) start_children(*thread);
    drive(*parent);
}

void Interpreter::start_children(Thread& thread) {
    const std::shared_ptr<MapRun> run = thread.join->run;
    const Shared owner = thread.execution.shared_from_this();
    const std::uint64_t id = thread.id;
    const auto goes_on = [&] {
        return find_thread(owner, id) == &thread && thread.join && thread.join->run == run &&
               !run->is_closing && thread.join->next < thread.join->total &&
               thread.join->running < thread.join->limit;
    };
    const Stopwatch slice;
    while (goes_on()) {
        if (slice.elapsed() > kSlice) return start_children_later(thread);
        const std::size_t slot = thread.join->next++;
        const Shared known = run->children[slot];
        if (!known) {
            start_child_run(thread, slot);
        } else if (known->awaits_redrive) {
            restart_child_run(thread, slot);
        }
    }
    const bool is_done = find_thread(owner, id) == &thread && thread.join &&
                         thread.join->run == run && !run->is_closing && thread.join->running == 0 &&
                         thread.join->next == thread.join->total;
    if (is_done) finish_run(thread, std::nullopt);
}

/// A child of type Standard goes on where it stopped, one of type Express is started anew (AWS
/// docs, "Redriving Map Runs").
void Interpreter::restart_child_run(Thread& thread, std::size_t slot) {
    Join& join = *thread.join;
    const std::shared_ptr<MapRun> run = join.run;
    const Shared child = run->children[slot];
    child->awaits_redrive = false;
    if (thread.state().map->express_children) {
        run->count(slot, &RunCounts::pending_redrive, &RunCounts::pending);
        join.items[slot] = parse_json(*child->input);
        start_child_run(thread, slot);
        return;
    }
    run->count(slot, &RunCounts::pending_redrive, &RunCounts::running);
    child->run_redrive = run->redrive_count;
    ++join.running;
    child->activity =
        cloud_.journal().begin(ActivityKind::execution, child->arn, thread.execution.activity.id());
    child->on_end.push_back([this](Execution& ended) { run_child_ended(ended); });
    redrive(child);
}

void Interpreter::redrive_run(Thread& thread) {
    Join& join = *thread.join;
    MapRun& run = *join.run;
    ++run.redrive_count;
    run.redrive_date = cloud_.clock().now();
    run.status = Status::running;
    run.stop = {};
    run.is_closing = false;
    for (const Shared& child : run.children) {
        if (!child || child->status == Status::succeeded) continue;
        child->awaits_redrive = true;
        run.count(child->run_slot, counter_of(child->status), &RunCounts::pending_redrive);
    }
    HistoryEvent& event = add_thread_event(thread, "MapRunRedriven");
    event.details = "mapRunRedrivenEventDetails";
    event.extra = {{"mapRunArn", run.arn}, {"redriveCount", run.redrive_count}};
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    thread.phase = Thread::Phase::waiting;
    thread.execution.is_changed = true;
    join.running = 0;
    join.next = 0;
    join.limit = child_limit(run);
    if (hooks_.on_map_run) hooks_.on_map_run(join.run);
    start_children(thread);
}

}  // namespace skafu::stepfunctions

#include "stepfunctions/interpreter.h"
#include "stepfunctions/item_reader.h"
#include "stepfunctions/map_run.h"
#include "stepfunctions/map_settings.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::size_t kMaxChildren = 10'000;  // at once, as AWS
constexpr std::int64_t kMaxItems = 100'000'000;

}  // namespace

Interpreter::Step Interpreter::start_distributed(Thread& thread, StateScope& scope) {
    const State& state = thread.state();
    const MapPart& part = *state.map;
    Json items = part.reader ? Json::array() : map_items(state, scope);
    HistoryEvent& started = add_thread_event(thread, "MapStateStarted");
    started.details = "mapStateStartedEventDetails";
    started.extra = {{"length", items.size()}};
    if (hooks_.on_event) hooks_.on_event(thread.execution, started);
    const FailureTolerance tolerance = tolerated_failures(state, scope);
    thread.join = std::make_unique<Join>();
    auto run = std::make_shared<MapRun>();
    thread.join->run = run;
    thread.join->limit = max_concurrency(state, scope);
    run->max_concurrency = thread.join->limit;
    run->label = part.label.empty() ? cloud_.entropy().uuid() : part.label;
    Execution& execution = thread.execution;
    run->machine_arn = execution.machine->arn;
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
    if (!part.reader) {
        begin_run(thread, std::move(items));
        return Step::rest;
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
    return Step::rest;
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
    std::optional<Json> items;
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

std::vector<Json> Interpreter::selected_items(Thread& thread, Json items) {
    const State& state = thread.state();
    const MapPart& part = *state.map;
    std::vector<Json> made;
    made.reserve(items.size());
    if (!part.item_selector) {
        for (Json& item : items) made.push_back(std::move(item));
        return made;
    }
    const Json input = state.is_jsonata() ? thread.data.json() : effective_input(thread);
    StateScope scope(cloud_, input, thread, thread.variables);
    std::optional<Json> outer = std::move(thread.map_item);
    for (std::size_t i = 0; i < items.size(); ++i) {
        thread.map_item = Json{{"Index", i}, {"Value", std::move(items[i])}};
        thread.forget_context();
        made.push_back(part.item_selector->evaluate(scope, part.item_selector_name));
    }
    thread.map_item = std::move(outer);
    thread.forget_context();
    return made;
}

std::vector<Json> Interpreter::batched_items(Thread& thread, std::vector<Json> items) {
    const State& state = thread.state();
    const BatcherPart& batcher = *state.map->batcher;
    const Json input = state.is_jsonata() ? thread.data.json() : effective_input(thread);
    StateScope scope(cloud_, input, thread, thread.variables);
    const auto max_items = whole_number(batcher.max_items, scope, "MaxItemsPerBatch").value_or(0);
    const auto max_bytes =
        whole_number(batcher.max_bytes, scope, "MaxInputBytesPerBatch").value_or(0);
    std::optional<Json> batch_input;
    if (batcher.batch_input) batch_input = batcher.batch_input->evaluate(scope, "BatchInput");
    std::vector<Json> batches;
    std::size_t bytes = 0;
    for (Json& item : items) {
        const std::size_t size = max_bytes > 0 ? to_text(item).size() + 1 : 0;
        const bool full = !batches.empty() &&
                          ((max_items > 0 && batches.back()["Items"].size() >=
                                                 static_cast<std::size_t>(max_items)) ||
                           (max_bytes > 0 && bytes + size > static_cast<std::size_t>(max_bytes)));
        if (batches.empty() || full) {
            Json batch = Json::object();
            if (batch_input) batch["BatchInput"] = *batch_input;
            batch["Items"] = Json::array();
            batches.push_back(std::move(batch));
            bytes = 0;
        }
        bytes += size;
        batches.back()["Items"].push_back(std::move(item));
    }
    return batches;
}

std::vector<Json> Interpreter::run_inputs(Thread& thread, Json items) {
    MapRun& run = *thread.join->run;
    run.total_items = items.size();
    std::vector<Json> made = selected_items(thread, std::move(items));
    if (!thread.state().map->batcher) {
        run.items_in.assign(made.size(), 1);
        return made;
    }
    made = batched_items(thread, std::move(made));
    for (const Json& batch : made) run.items_in.push_back(batch["Items"].size());
    return made;
}

void Interpreter::begin_run(Thread& thread, Json items) {
    Join& join = *thread.join;
    try {
        std::vector<Json> inputs = run_inputs(thread, std::move(items));
        join.total = inputs.size();
        join.items = std::move(inputs);
    } catch (Failure& failure) {
        finish_run(thread, named(thread, std::move(failure)));
        return;
    }
    join.results.resize(join.total);
    join.run->children.resize(join.total);
    join.run->pending = join.total;
    if (join.limit == 0 || join.limit > kMaxChildren) join.limit = kMaxChildren;
    if (join.total == 0) {
        finish_run(thread, std::nullopt);
        return;
    }
    start_children(thread);
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
    child->states = &thread.state().map->processor;
    child->run = run;
    child->run_slot = slot;
    child->activity =
        cloud_.journal().begin(ActivityKind::execution, child->arn, parent.activity.id());
    run->children[slot] = child;
    --run->pending;
    ++run->running;
    run->items_running += run->items_in[slot];
    ++join.running;
    child->on_end.push_back([this](Execution& ended) { run_child_ended(ended); });
    if (hooks_.on_child_execution) hooks_.on_child_execution(child);
    start(child, std::move(input));
}

bool Interpreter::run_tolerates(const MapRun& run) const {
    const std::size_t bad = run.items_failed + run.items_timed_out + run.items_aborted;
    if (bad == 0) return true;
    const double share = 100.0 * static_cast<double>(bad) / static_cast<double>(run.total_items);
    if (run.has_count && static_cast<std::int64_t>(bad) > run.tolerated_count) return false;
    if (run.has_percentage && share > run.tolerated_percentage) return false;
    return run.has_count || run.has_percentage;
}

void Interpreter::run_child_ended(Execution& child) {
    const std::shared_ptr<MapRun> run = child.run.lock();
    if (!run) return;
    const std::size_t items = run->items_in[child.run_slot];
    --run->running;
    run->items_running -= items;
    switch (child.status) {
        case Status::succeeded:
            ++run->succeeded;
            run->items_succeeded += items;
            break;
        case Status::timed_out:
            ++run->timed_out;
            run->items_timed_out += items;
            break;
        case Status::aborted:
            ++run->aborted;
            run->items_aborted += items;
            break;
        default:
            ++run->failed;
            run->items_failed += items;
    }
    const Shared parent = run->parent.lock();
    Thread* thread = find_thread(parent, run->parent_thread);
    if (thread == nullptr || !thread->join || thread->join->run != run || run->is_closing) return;
    Join& join = *thread->join;
    --join.running;
    if (child.status == Status::succeeded) join.results[child.run_slot] = parse_json(*child.output);
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
    if (join.next < join.total && join.running < join.limit && !join.children.empty()) return;
    // Not from inside the loop that starts the first ones: that one goes on by itself.
    auto more = [this, weak = run->parent, id = run->parent_thread, run] {
        Thread* waiting = find_thread(weak.lock(), id);
        if (waiting == nullptr || !waiting->join || waiting->join->run != run) return;
        start_children(*waiting);
    };
    if (join.next < join.total) cloud_.clock().after(Duration(0), std::move(more));
}

void Interpreter::finish_run(Thread& thread, std::optional<Failure> failure) {
    const std::shared_ptr<MapRun> run = thread.join->run;
    if (run->is_closing) return;
    run->is_closing = true;
    const Shared owner = thread.execution.shared_from_this();
    if (failure) {
        for (const Shared& child : run->children) {
            if (!child || !child->is_running()) continue;
            child->run.reset();
            stop(child, Status::aborted, std::nullopt, std::nullopt);
            --run->running;
            ++run->aborted;
        }
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
    if (failure) {
        run->status = Status::failed;
        HistoryEvent& event = add_thread_event(thread, "MapRunFailed");
        event.details = "mapRunFailedEventDetails";
        event.extra = Json::object();
        if (failure->error) event.extra["error"] = *failure->error;
        if (failure->cause) event.extra["cause"] = *failure->cause;
        if (hooks_.on_event) hooks_.on_event(*owner, event);
        if (fail_state(thread, std::move(*failure)) == Step::next) owner->ready.push_back(id);
        return;
    }
    run->status = Status::succeeded;
    HistoryEvent& event = add_thread_event(thread, "MapRunSucceeded");
    if (hooks_.on_event) hooks_.on_event(*owner, event);
    join.last_event = event.id;
    const State& state = thread.state();
    const std::string transformation = state.map->writer ? state.map->writer->transformation : "";
    // What failed within tolerance has no result.
    Json kept = Json::array();
    for (std::size_t i = 0; i < join.results.size(); ++i) {
        if (!run->children[i] || run->children[i]->status != Status::succeeded) continue;
        if (transformation.empty()) {
            kept.push_back(std::move(join.results[i]));
        } else {
            add_transformed(kept, *run->children[i], *run, transformation);
        }
    }
    join.results = std::move(kept.get_ref<Json::array_t&>());
    owner->ready.push_back(id);
}

void Interpreter::run_changed(const std::shared_ptr<MapRun>& run) {
    const Shared parent = run->parent.lock();
    Thread* thread = find_thread(parent, run->parent_thread);
    if (thread == nullptr || !thread->join || thread->join->run != run) return;
    Join& join = *thread->join;
    const std::size_t wanted = run->max_concurrency;
    join.limit = wanted == 0 || wanted > kMaxChildren ? kMaxChildren : wanted;
    start_children(*thread);
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
    while (goes_on()) start_child_run(thread, thread.join->next++);
}

}  // namespace skafu::stepfunctions

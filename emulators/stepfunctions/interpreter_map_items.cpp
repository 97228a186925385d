#include "stepfunctions/interpreter.h"
#include "stepfunctions/map_run.h"
#include "stepfunctions/map_settings.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::chrono::milliseconds kSelectionSlice(
    20);  // of items selected in one turn of the loop

}  // namespace

/// The items of a Map Run on their way through the ItemSelector.
struct Interpreter::Selection {
    std::weak_ptr<Execution> execution;
    std::uint64_t thread = 0;
    std::shared_ptr<MapRun> run;
    Json input;  ///< the state's
    MapItems items;
    std::vector<Json> made;
};

Json Interpreter::selected_item(Thread& thread, const Json& input, Json map_item) {
    const MapPart& part = *thread.state().map;
    std::optional<Json> outer = std::move(thread.map_item);
    thread.map_item = std::move(map_item);
    thread.forget_context();
    StateScope scope(cloud_, input, thread, thread.variables);
    std::optional<Json> made;
    std::exception_ptr fault;
    try {
        made = part.item_selector->evaluate(scope, part.item_selector_name);
    } catch (...) {
        fault = std::current_exception();
    }
    thread.map_item = std::move(outer);
    thread.forget_context();
    if (fault) std::rethrow_exception(fault);
    return std::move(*made);
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

void Interpreter::begin_run(Thread& thread, MapItems items) {
    MapRun& run = *thread.join->run;
    run.total_items = items.list.size();
    run.items.pending = items.list.size();
    auto selection = std::make_shared<Selection>();
    selection->execution = thread.execution.weak_from_this();
    selection->thread = thread.id;
    selection->run = thread.join->run;
    selection->made.reserve(items.list.size());
    if (thread.state().map->item_selector) {
        selection->input =
            thread.state().is_jsonata() ? thread.data.json() : effective_input(thread);
        selection->items = std::move(items);
    } else {
        for (Json& item : items.list) selection->made.push_back(std::move(item));
    }
    select_items(selection);
}

/// Selecting many items takes long: others have their turn in between.
void Interpreter::select_items(const std::shared_ptr<Selection>& selection) {
    const Shared owner = selection->execution.lock();
    Thread* thread = find_thread(owner, selection->thread);
    const bool is_wanted = thread != nullptr && thread->join && thread->join->run == selection->run;
    if (!is_wanted || selection->run->is_closing) return;
    const Stopwatch slice;
    try {
        while (selection->made.size() < selection->items.list.size()) {
            if (slice.elapsed() > kSelectionSlice) {
                cloud_.clock().after(Duration(0), [this, selection] { select_items(selection); });
                return;
            }
            const std::size_t index = selection->made.size();
            Json item = std::move(selection->items.list[index]);
            Json described = selection->items.described(index, std::move(item));
            selection->made.push_back(
                selected_item(*thread, selection->input, std::move(described)));
        }
        take_inputs(*thread, std::move(selection->made));
    } catch (Failure& failure) {
        finish_run(*thread, named(*thread, std::move(failure)));
    } catch (const std::exception& error) {
        finish_run(*thread, named(*thread, runtime_failure(error.what())));
    }
    drive(*owner);
}

void Interpreter::take_inputs(Thread& thread, std::vector<Json> made) {
    Join& join = *thread.join;
    MapRun& run = *join.run;
    if (thread.state().map->batcher) {
        made = batched_items(thread, std::move(made));
        for (const Json& batch : made) run.items_in.push_back(batch["Items"].size());
    } else {
        run.items_in.assign(made.size(), 1);
    }
    join.total = made.size();
    join.items = std::move(made);
    run.children.resize(join.total);
    run.executions.pending = join.total;
    if (join.total == 0) {
        finish_run(thread, std::nullopt);
    } else {
        keep_inputs(thread, 0);
    }
}

/// Storing many inputs takes long: others have their turn in between.
void Interpreter::keep_inputs(Thread& thread, std::size_t next) {
    const std::shared_ptr<MapRun> run = thread.join->run;
    const Stopwatch slice;
    for (; hooks_.on_map_input && next < thread.join->total; ++next) {
        if (slice.elapsed() > kSelectionSlice) {
            in_next_turn(thread, [this, next](Thread& waiting) { keep_inputs(waiting, next); });
            return;
        }
        hooks_.on_map_input(*run, next, thread.join->items[next]);
    }
    run->has_inputs = true;
    if (hooks_.on_map_run) hooks_.on_map_run(run);
    start_children(thread);
}

}  // namespace skafu::stepfunctions

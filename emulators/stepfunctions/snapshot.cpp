#include "stepfunctions/snapshot.h"

namespace skafu::stepfunctions {
namespace {

Json variables_to_json(const Variables& variables) {
    Json json = Json::object();
    for (const auto& [name, value] : variables.own) json[name] = value;
    return json;
}

void variables_from_json(Variables& variables, const Json& json) {
    for (const auto& [name, value] : json.items()) variables.own[name] = value;
}

Json task_to_json(const PendingTask& task) {
    Json json = {{"token", task.token},
                 {"input", task.input},
                 {"submitted", task.is_submitted},
                 {"started", task.is_started},
                 {"nested", task.nested_arn},
                 {"at", epoch_seconds(task.scheduled)}};
    if (task.timeout_seconds) json["timeout"] = *task.timeout_seconds;
    if (task.heartbeat_seconds) json["heartbeat"] = *task.heartbeat_seconds;
    return json;
}

Json thread_to_json(const Thread& thread) {
    Json json = {{"id", thread.id},
                 {"state", thread.state().name},
                 {"phase", static_cast<int>(thread.phase)},
                 {"data", thread.data.peek()},
                 {"variables", variables_to_json(thread.variables)},
                 {"slot", thread.slot},
                 {"enteredEvent", thread.entered_event},
                 {"lastEvent", thread.last_event},
                 {"entered", epoch_seconds(thread.entered)},
                 {"retries", thread.retries},
                 {"retryCount", thread.retry_count}};
    if (thread.map_item) json["mapItem"] = *thread.map_item;
    if (thread.timer != 0) {
        json["due"] = epoch_seconds(thread.timer_due);
        json["retrying"] = thread.is_retrying;
    }
    if (thread.task) json["task"] = task_to_json(*thread.task);
    if (!thread.join) return json;
    const Join& join = *thread.join;
    if (join.run) {
        json["join"] = {{"run", join.run->arn}, {"lastEvent", join.last_event}};
        return json;
    }
    Json children = Json::array();
    for (const auto& child : join.children) {
        if (child) children.push_back(thread_to_json(*child));
    }
    Json stopped = Json::array();
    for (const auto& [slot, child] : join.stopped) stopped.push_back(thread_to_json(*child));
    json["join"] = {{"total", join.total},
                    {"next", join.next},
                    {"limit", join.limit},
                    {"lastEvent", join.last_event},
                    {"results", join.results},
                    {"items", join.items},
                    {"children", std::move(children)},
                    {"stopped", std::move(stopped)}};
    return json;
}

void thread_from_json(Thread& thread, const Json& json, const FindRun& find_run);

/// A Map goes on with its run; the results of the children that ended well are in their outputs.
void run_from_json(Thread& thread, const Json& json, const std::shared_ptr<MapRun>& run) {
    thread.join = std::make_unique<Join>();
    Join& join = *thread.join;
    join.run = run;
    join.last_event = json.value("lastEvent", std::int64_t{0});
    join.total = run->children.size();
    join.items = std::move(run->restored_inputs);
    join.items.resize(join.total);
    run->parent = thread.execution.weak_from_this();
    run->parent_thread = thread.id;
}

std::unique_ptr<Thread> child_from_json(Thread& thread, const Json& json, const FindRun& find_run) {
    const State& state = thread.state();
    const auto slot = json.value("slot", std::size_t{0});
    const StateList& list =
        state.type == StateType::Map ? state.map->processor : state.branches.at(slot);
    auto child =
        std::make_unique<Thread>(thread.execution, list, json.value("id", std::uint64_t{0}));
    child->parent = &thread;
    child->slot = slot;
    child->variables.outer = &thread.variables;
    thread_from_json(*child, json, find_run);
    return child;
}

void join_from_json(Thread& thread, const Json& json, const FindRun& find_run) {
    thread.join = std::make_unique<Join>();
    Join& join = *thread.join;
    join.total = json.value("total", std::size_t{0});
    join.next = json.value("next", std::size_t{0});
    join.limit = json.value("limit", std::size_t{0});
    join.last_event = json.value("lastEvent", std::int64_t{0});
    for (const Json& result : json["results"]) join.results.push_back(result);
    for (const Json& item : json["items"]) join.items.push_back(item);
    join.children.resize(join.total);
    for (const Json& each : json["children"]) {
        std::unique_ptr<Thread> child = child_from_json(thread, each, find_run);
        thread.execution.threads.emplace(child->id, child.get());
        const std::size_t slot = child->slot;
        join.children.at(slot) = std::move(child);
        ++join.running;
    }
    if (const Json* stopped = find_member(json, "stopped")) {
        for (const Json& each : *stopped) {
            std::unique_ptr<Thread> child = child_from_json(thread, each, find_run);
            const std::size_t slot = child->slot;
            join.stopped[slot] = std::move(child);
        }
    }
}

void thread_from_json(Thread& thread, const Json& json, const FindRun& find_run) {
    const auto at = thread.list->index_of(string_member(json, "state"));
    if (!at) throw std::runtime_error("the machine has no such state any more");
    thread.at = *at;
    thread.phase = static_cast<Thread::Phase>(json.value("phase", 0));
    thread.data = Value(json["data"]);
    variables_from_json(thread.variables, json["variables"]);
    thread.entered_event = json.value("enteredEvent", std::int64_t{0});
    thread.last_event = json.value("lastEvent", std::int64_t{0});
    thread.entered = from_epoch_seconds(json.value("entered", 0.0));
    for (const Json& used : json["retries"]) thread.retries.push_back(used.get<std::int64_t>());
    thread.retry_count = json.value("retryCount", std::int64_t{0});
    if (const Json* item = find_member(json, "mapItem")) thread.map_item = *item;
    if (const Json* due = find_member(json, "due")) {
        thread.timer_due = from_epoch_seconds(due->get<double>());
        thread.is_retrying = json.value("retrying", false);
    }
    if (const Json* task = find_member(json, "task"); task && thread.state().task) {
        thread.task = std::make_unique<PendingTask>();
        PendingTask& pending = *thread.task;
        pending.integration = &thread.state().task->integration;
        pending.generation = ++thread.execution.last_generation;
        pending.token = string_member(*task, "token");
        pending.input = string_member(*task, "input");
        pending.is_submitted = task->value("submitted", false);
        pending.is_started = task->value("started", false);
        pending.nested_arn = string_member(*task, "nested");
        pending.scheduled = from_epoch_seconds(task->value("at", 0.0));
        pending.started = pending.scheduled;
        if (const Json* seconds = find_member(*task, "timeout")) {
            pending.timeout_seconds = seconds->get<double>();
        }
        if (const Json* seconds = find_member(*task, "heartbeat")) {
            pending.heartbeat_seconds = seconds->get<double>();
        }
    }
    if (const Json* join = find_member(json, "join")) {
        const Json* run_arn = find_member(*join, "run");
        if (!run_arn) {
            join_from_json(thread, *join, find_run);
        } else if (const auto run = find_run(run_arn->get<std::string>())) {
            run_from_json(thread, *join, run);
        } else {
            thread.phase = Thread::Phase::working;  // a new run begins
        }
    }
}

/// The Map state of that name, wherever it stands; nullptr if there is none. Names of states are
/// unique in a machine.
const State* find_map(const StateList& list, const std::string& name) {
    for (const auto& state : list.states) {
        if (state->map && state->name == name) return state.get();
        if (state->map) {
            if (const State* found = find_map(state->map->processor, name)) return found;
        }
        for (const StateList& branch : state->branches) {
            if (const State* found = find_map(branch, name)) return found;
        }
    }
    return nullptr;
}

Json machine_to_json(const Machine& machine) {
    return {{"stateMachineArn", machine.arn},
            {"name", machine.name},
            {"type", machine.type == MachineType::express ? "EXPRESS" : "STANDARD"},
            {"definition", machine.definition},
            {"roleArn", machine.role_arn},
            {"revisionId", machine.revision_id},
            {"loggingConfiguration", machine.logging},
            {"tracingConfiguration", machine.tracing},
            {"encryptionConfiguration", machine.encryption}};
}

Status status_from(const std::string& text) {
    for (const Status status :
         {Status::succeeded, Status::failed, Status::timed_out, Status::aborted}) {
        if (to_string(status) == text) return status;
    }
    return Status::running;
}

}  // namespace

Json execution_to_json(const Execution& execution) {
    Json json = {{"arn", execution.arn},
                 {"name", execution.name},
                 {"versionArn", execution.version_arn},
                 {"aliasArn", execution.alias_arn},
                 {"status", to_string(execution.status)},
                 {"input", *execution.input},
                 {"start", epoch_seconds(execution.start)},
                 {"traceHeader", execution.trace_header},
                 {"redriveCount", execution.redrive_count},
                 {"testCase", execution.test_case},
                 {"lastEvent", execution.last_event},
                 {"lastThread", execution.last_thread}};
    if (const auto run = execution.run.lock()) {
        json["run"] = run->arn;
        json["slot"] = execution.run_slot;
        json["items"] = run->items_in[execution.run_slot];
        json["runRedrive"] = execution.run_redrive;
        json["express"] = execution.is_express_child;
    } else {
        json["machine"] = machine_to_json(*execution.machine);
    }
    if (execution.output) json["output"] = *execution.output;
    if (execution.error) json["error"] = *execution.error;
    if (execution.cause) json["cause"] = *execution.cause;
    if (execution.redrive_count > 0) json["redriveDate"] = epoch_seconds(execution.redrive_date);
    if (!execution.is_running()) json["stop"] = epoch_seconds(execution.stop);
    // One that has failed can be redriven; one of type Express starts over.
    const bool goes_on = execution.status != Status::succeeded && !execution.is_express() &&
                         !execution.is_express_child;
    if (execution.root && goes_on) json["root"] = thread_to_json(*execution.root);
    return json;
}

void execution_from_json(Execution& execution, const Json& document, const FindRun& find_run) {
    execution.arn = string_member(document, "arn");
    execution.name = string_member(document, "name");
    execution.version_arn = string_member(document, "versionArn");
    execution.alias_arn = string_member(document, "aliasArn");
    execution.status = status_from(string_member(document, "status"));
    execution.input = std::make_shared<const std::string>(string_member(document, "input"));
    execution.start = from_epoch_seconds(document.value("start", 0.0));
    execution.stop = from_epoch_seconds(document.value("stop", 0.0));
    execution.trace_header = string_member(document, "traceHeader");
    execution.redrive_count = document.value("redriveCount", std::int64_t{0});
    execution.redrive_date = from_epoch_seconds(document.value("redriveDate", 0.0));
    execution.test_case = string_member(document, "testCase");
    execution.last_event = document.value("lastEvent", std::int64_t{0});
    execution.last_thread = document.value("lastThread", std::uint64_t{0});
    if (const Json* output = find_member(document, "output")) {
        execution.output = std::make_shared<const std::string>(output->get<std::string>());
    }
    if (const Json* error = find_member(document, "error"))
        execution.error = error->get<std::string>();
    if (const Json* cause = find_member(document, "cause"))
        execution.cause = cause->get<std::string>();
    execution.run_slot = document.value("slot", std::size_t{0});
    execution.run_redrive = document.value("runRedrive", std::int64_t{0});
    execution.is_express_child = document.value("express", false);
    const Json* root = find_member(document, "root");
    if (root == nullptr) return;
    execution.root =
        std::make_unique<Thread>(execution, *execution.states, root->value("id", std::uint64_t{1}));
    execution.root->variables.outer = &execution.outer_variables;
    execution.threads.emplace(execution.root->id, execution.root.get());
    thread_from_json(*execution.root, *root, find_run);
}

Json map_run_to_json(const MapRun& run) {
    Json json = {{"mapRunArn", run.arn},
                 {"label", run.label},
                 {"executionArn", run.execution_arn},
                 {"machine", machine_to_json(*run.machine)},
                 {"state", run.state_name},
                 {"status", to_string(run.status)},
                 {"start", epoch_seconds(run.start)},
                 {"maxConcurrency", run.max_concurrency},
                 {"toleratedCount", run.tolerated_count},
                 {"toleratedPercentage", run.tolerated_percentage},
                 {"hasCount", run.has_count},
                 {"hasPercentage", run.has_percentage},
                 {"totalItems", run.total_items},
                 {"redriveCount", run.redrive_count},
                 {"canRedrive", run.can_redrive}};
    if (run.has_inputs) json["children"] = run.children.size();
    if (run.status != Status::running) json["stop"] = epoch_seconds(run.stop);
    if (run.redrive_count > 0) json["redriveDate"] = epoch_seconds(run.redrive_date);
    return json;
}

void map_run_from_json(MapRun& run, const Json& document) {
    run.arn = string_member(document, "mapRunArn");
    run.label = string_member(document, "label");
    run.execution_arn = string_member(document, "executionArn");
    run.state_name = string_member(document, "state");
    const State* map = find_map(run.machine->program->root, run.state_name);
    if (!map) throw std::runtime_error("the machine has no Map " + run.state_name);
    run.processor = &map->map->processor;
    run.status = status_from(string_member(document, "status"));
    run.start = from_epoch_seconds(document.value("start", 0.0));
    run.stop = from_epoch_seconds(document.value("stop", 0.0));
    run.max_concurrency = document.value("maxConcurrency", std::size_t{0});
    run.tolerated_count = document.value("toleratedCount", std::int64_t{0});
    run.tolerated_percentage = document.value("toleratedPercentage", 0.0);
    run.has_count = document.value("hasCount", false);
    run.has_percentage = document.value("hasPercentage", false);
    run.total_items = document.value("totalItems", std::size_t{0});
    run.redrive_count = document.value("redriveCount", std::int64_t{0});
    run.redrive_date = from_epoch_seconds(document.value("redriveDate", 0.0));
    run.can_redrive = document.value("canRedrive", true);
    run.has_inputs = document.contains("children");
    run.children.resize(document.value("children", std::size_t{0}));
    run.is_closing = run.status != Status::running;
}

}  // namespace skafu::stepfunctions

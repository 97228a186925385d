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

/// Where it is and with what data, without what it waits for.
Json thread_at_rest_to_json(const Thread& thread) {
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
    return json;
}

Json thread_to_json(const Thread& thread) {
    Json json = thread_at_rest_to_json(thread);
    if (thread.timer != 0) {
        json["due"] = epoch_seconds(thread.timer_due);
        json["retrying"] = thread.is_retrying;
    }
    if (thread.task) json["task"] = task_to_json(*thread.task);
    if (!thread.join) return json;
    const Join& join = *thread.join;
    Json children = Json::array();
    for (const auto& child : join.children) {
        if (child) children.push_back(thread_to_json(*child));
    }
    json["join"] = {{"total", join.total},
                    {"next", join.next},
                    {"limit", join.limit},
                    {"lastEvent", join.last_event},
                    {"results", join.results},
                    {"items", join.items},
                    {"distributed", join.run != nullptr},
                    {"children", std::move(children)}};
    return json;
}

void thread_from_json(Thread& thread, const Json& json);

void join_from_json(Thread& thread, const Json& json) {
    Execution& execution = thread.execution;
    thread.join = std::make_unique<Join>();
    Join& join = *thread.join;
    join.total = json.value("total", std::size_t{0});
    join.next = json.value("next", std::size_t{0});
    join.limit = json.value("limit", std::size_t{0});
    join.last_event = json.value("lastEvent", std::int64_t{0});
    for (const Json& result : json["results"]) join.results.push_back(result);
    for (const Json& item : json["items"]) join.items.push_back(item);
    join.children.resize(join.total);
    const State& state = thread.state();
    for (const Json& each : json["children"]) {
        const auto slot = each.value("slot", std::size_t{0});
        const StateList& list =
            state.type == StateType::Map ? state.map->processor : state.branches.at(slot);
        auto child = std::make_unique<Thread>(execution, list, each.value("id", std::uint64_t{0}));
        child->parent = &thread;
        child->slot = slot;
        child->variables.outer = &thread.variables;
        execution.threads.emplace(child->id, child.get());
        thread_from_json(*child, each);
        join.children.at(slot) = std::move(child);
        ++join.running;
    }
}

void thread_from_json(Thread& thread, const Json& json) {
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
        if (join->value("distributed", false)) {
            thread.phase = Thread::Phase::working;  // the run starts over
        } else {
            join_from_json(thread, *join);
        }
    }
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
    const Machine& machine = *execution.machine;
    Json json = {{"arn", execution.arn},
                 {"name", execution.name},
                 {"machine",
                  {{"stateMachineArn", machine.arn},
                   {"name", machine.name},
                   {"type", machine.type == MachineType::express ? "EXPRESS" : "STANDARD"},
                   {"definition", machine.definition},
                   {"roleArn", machine.role_arn},
                   {"revisionId", machine.revision_id},
                   {"loggingConfiguration", machine.logging},
                   {"tracingConfiguration", machine.tracing}}},
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
    if (execution.output) json["output"] = *execution.output;
    if (execution.error) json["error"] = *execution.error;
    if (execution.cause) json["cause"] = *execution.cause;
    if (execution.redrive_count > 0) json["redriveDate"] = epoch_seconds(execution.redrive_date);
    if (!execution.is_running()) json["stop"] = epoch_seconds(execution.stop);
    // One that has failed can be redriven; one of type Express starts over.
    const bool goes_on = execution.status != Status::succeeded && !execution.is_express();
    if (execution.root && goes_on) {
        json["root"] = execution.is_running() ? thread_to_json(*execution.root)
                                              : thread_at_rest_to_json(*execution.root);
    }
    return json;
}

void execution_from_json(Execution& execution, const Json& document) {
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
    execution.states = &execution.machine->program->root;
    const Json* root = find_member(document, "root");
    if (root == nullptr) return;
    execution.root =
        std::make_unique<Thread>(execution, *execution.states, root->value("id", std::uint64_t{1}));
    execution.root->variables.outer = &execution.outer_variables;
    execution.threads.emplace(execution.root->id, execution.root.get());
    thread_from_json(*execution.root, *root);
}

}  // namespace skafu::stepfunctions

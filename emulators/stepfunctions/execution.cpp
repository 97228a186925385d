#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

std::string_view to_string(Status status) {
    switch (status) {
        case Status::running:
            return "RUNNING";
        case Status::succeeded:
            return "SUCCEEDED";
        case Status::failed:
            return "FAILED";
        case Status::timed_out:
            return "TIMED_OUT";
        case Status::aborted:
            return "ABORTED";
    }
    return {};
}

namespace {

Json execution_part(const Execution& execution) {
    Json part = {{"Id", execution.arn},
                 {"Input", parse_json(*execution.input)},
                 {"StartTime", iso8601_millis(execution.start)},
                 {"Name", execution.name},
                 {"RoleArn", execution.machine->role_arn}};
    // Synchronous executions cannot be redriven and do not tell of it.
    if (!execution.is_synchronous) part["RedriveCount"] = execution.redrive_count;
    if (execution.redrive_count > 0) part["RedriveTime"] = iso8601_millis(execution.redrive_date);
    return part;
}

const Json* nearest_item(const Thread& thread) {
    for (const Thread* at = &thread; at != nullptr; at = at->parent) {
        if (at->map_item) return &*at->map_item;
    }
    return thread.execution.map_item ? &*thread.execution.map_item : nullptr;
}

}  // namespace

const Json& Thread::context() const {
    if (context_) return *context_;
    if (execution.inspection && execution.inspection->context.is_object()) {
        return execution.inspection->context;
    }
    const State& current = state();
    Json state_part = {{"Name", current.name}, {"EnteredTime", iso8601_millis(entered)}};
    const bool can_retry = current.type == StateType::Task || current.type == StateType::Parallel ||
                           current.type == StateType::Map;
    if (can_retry) state_part["RetryCount"] = retry_count;
    Json object = {
        {"Execution", execution_part(execution)},
        {"StateMachine", {{"Id", execution.machine->arn}, {"Name", execution.machine->name}}},
        {"State", std::move(state_part)}};
    if (const Json* item = nearest_item(*this)) object["Map"] = {{"Item", *item}};
    if (task && !task->token.empty()) object["Task"] = {{"Token", task->token}};
    context_ = std::make_unique<Json>(std::move(object));
    return *context_;
}

}  // namespace skafu::stepfunctions

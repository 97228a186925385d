#include <algorithm>
#include <array>

#include "stepfunctions/interpreter.h"

namespace skafu::stepfunctions {
namespace {

struct TaskEventNames {
    std::string_view what;
    std::string_view type;
    std::string_view details;
};
constexpr std::array<TaskEventNames, 6> kTaskEvents{{
    {"Scheduled", "TaskScheduled", "taskScheduledEventDetails"},
    {"Started", "TaskStarted", "taskStartedEventDetails"},
    {"Submitted", "TaskSubmitted", "taskSubmittedEventDetails"},
    {"Succeeded", "TaskSucceeded", "taskSucceededEventDetails"},
    {"Failed", "TaskFailed", "taskFailedEventDetails"},
    {"TimedOut", "TaskTimedOut", "taskTimedOutEventDetails"},
}};

const TaskEventNames& task_event(std::string_view what) {
    const auto* const found =
        std::find_if(kTaskEvents.begin(), kTaskEvents.end(),
                     [what](const TaskEventNames& each) { return each.what == what; });
    return *found;
}

}  // namespace

/// `what` is one of kTaskEvents.
void Interpreter::add_task_event(Thread& thread, std::string_view what, Json extra,
                                 std::string_view member, SharedText data) {
    const TaskEventNames& names = task_event(what);
    HistoryEvent& event = add_thread_event(thread, names.type);
    event.details = names.details;
    event.extra = std::move(extra);
    event.integration = thread.task->integration;
    event.data_member = member;
    event.data = std::move(data);
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
}

void Interpreter::note_task(const Thread& thread, TaskStage stage) const {
    const bool is_test = thread.execution.inspection != nullptr;
    if (hooks_.on_task && !is_test) hooks_.on_task(thread.execution, *thread.task, stage);
}

void Interpreter::add_task_scheduled(Thread& thread, const Json& arguments) {
    note_task(thread, TaskStage::scheduled);
    const PendingTask& pending = *thread.task;
    const Integration& integration = *pending.integration;
    Json extra = Json::object();
    if (pending.timeout_seconds) {
        extra["timeoutInSeconds"] = static_cast<std::int64_t>(*pending.timeout_seconds);
    }
    if (pending.heartbeat_seconds) {
        extra["heartbeatInSeconds"] = static_cast<std::int64_t>(*pending.heartbeat_seconds);
    }
    if (!pending.role_arn.empty()) extra["taskCredentials"] = {{"roleArn", pending.role_arn}};
    auto text = std::make_shared<const std::string>(to_text(arguments));
    if (integration.kind == Integration::Kind::service) {
        extra["region"] = thread.execution.caller.region;
        add_task_event(thread, "Scheduled", std::move(extra), "parameters", std::move(text));
        return;
    }
    const bool is_function = integration.kind == Integration::Kind::lambda_function;
    const char* type = is_function ? "LambdaFunctionScheduled" : "ActivityScheduled";
    HistoryEvent& event = add_thread_event(thread, type);
    event.details = details_name(type);
    event.extra = std::move(extra);
    event.extra["resource"] = integration.arn;
    event.data_member = "input";
    event.data = std::move(text);
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
}

void Interpreter::add_task_failed(Thread& thread, const Failure& failure) {
    note_task(thread, TaskStage::failed);
    Json extra = Json::object();
    if (failure.error) extra["error"] = *failure.error;
    if (failure.cause) extra["cause"] = *failure.cause;
    const Integration::Kind kind = thread.task->integration->kind;
    if (kind == Integration::Kind::service) {
        add_task_event(thread, "Failed", std::move(extra), {}, nullptr);
        return;
    }
    const char* type =
        kind == Integration::Kind::lambda_function ? "LambdaFunctionFailed" : "ActivityFailed";
    HistoryEvent& event = add_thread_event(thread, type);
    event.details = details_name(type);
    event.extra = std::move(extra);
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
}

}  // namespace skafu::stepfunctions

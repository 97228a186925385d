#include "stepfunctions/interpreter.h"

namespace skafu::stepfunctions {

void Interpreter::add_task_event(Thread& thread, std::string_view what, Json extra,
                                 std::string_view member, SharedText data) {
    const Integration& integration = *thread.task->integration;
    HistoryEvent& event = add_thread_event(thread, kept_text("Task" + std::string(what)));
    event.details = details_name(event.type);
    event.extra = extra.is_object() ? std::move(extra) : Json::object();
    event.extra["resource"] = integration.resource;
    event.extra["resourceType"] = integration.resource_type;
    event.data_member = member;
    event.data = std::move(data);
    if (hooks_.on_event) hooks_.on_event(thread.execution, event);
}

void Interpreter::add_task_scheduled(Thread& thread, const Json& arguments) {
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

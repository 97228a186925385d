#include "core/arn.h"
#include "core/base64.h"
#include "stepfunctions/http_task.h"
#include "stepfunctions/interpreter.h"
#include "stepfunctions/lambda_task.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::size_t kMaxData = 262'144;

/// The name under which a result that is too large is reported.
std::string result_owner(const Thread& thread, const Integration& integration) {
    if (integration.kind == Integration::Kind::lambda_function) return integration.arn;
    if (integration.resource_type == "lambda") return "lambda";
    return thread.state().name;
}

Failure failed_entries(const Json& output) {
    Failure failure;
    failure.error = "EventBridge.FailedEntry";
    failure.cause = to_text({{"Entries", output.value("Entries", Json::array())},
                             {"FailedEntryCount", output.value("FailedEntryCount", 0)}});
    return failure;
}

}  // namespace

Caller Interpreter::task_caller(const Thread& thread, const Json& input) {
    Caller caller = thread.execution.caller;
    if (thread.task->role_arn.empty()) return caller;
    caller.principal = thread.task->role_arn;
    const auto arn = Arn::parse(caller.principal);
    if (!arn || arn->account.empty()) return caller;
    Caller other = caller;
    other.account = arn->account;
    if (thread.task->integration->service != "lambda") return other;
    const Json wanted = {{"FunctionName", string_member(input, "FunctionName")}};
    try {
        Call call{"lambda", "GetFunction", Document(wanted), other, 0, {}};
        cloud_.call_now(std::move(call));
        return other;
    } catch (const AwsError&) {
        return caller;
    }
}

Interpreter::Step Interpreter::task(Thread& thread) {
    const State& state = thread.state();
    const TaskPart& part = *state.task;
    Execution& execution = thread.execution;
    thread.task = std::make_unique<PendingTask>();
    PendingTask& pending = *thread.task;
    pending.integration = &part.integration;
    pending.generation = ++execution.last_generation;
    pending.scheduled = pending.started = cloud_.clock().now();
    if (part.integration.pattern != Integration::Pattern::request_response ||
        part.integration.kind == Integration::Kind::activity) {
        pending.token = base64_encode(
            fmt::format("{}|{}|{}", execution.arn, thread.id, cloud_.entropy().hex(32)));
    }
    thread.forget_context();
    const bool jsonata = state.is_jsonata();
    Json input;
    if (!jsonata && state.input_path.kind != DataPath::Kind::Whole) input = effective_input(thread);
    const bool is_whole = jsonata || state.input_path.kind == DataPath::Kind::Whole;
    const Json& seen = is_whole ? thread.data.json() : input;
    StateScope scope(cloud_, seen, thread, thread.variables);
    Json arguments = state.parameters
                         ? state.parameters->evaluate(scope, jsonata ? "Arguments" : "Parameters")
                         : seen;
    Inspection* const inspection = execution.inspection.get();
    if (inspection) {
        if (!jsonata) inspection->note("afterInputPath", seen);
        inspection->note(jsonata ? "afterArguments" : "afterParameters", arguments);
    }
    pending.timeout_seconds = seconds_setting(part.timeout, scope, "TimeoutSeconds");
    pending.heartbeat_seconds = seconds_setting(part.heartbeat, scope, "HeartbeatSeconds");
    if (part.role_arn) {
        const Json credentials = part.role_arn->evaluate(scope, "Credentials");
        pending.role_arn = string_member(credentials, "RoleArn");
    }
    if (inspection && inspection->mock) {
        add_task_scheduled(thread, arguments);
        return answer_from_mock(thread, *inspection->mock);
    }
    if (!execution.test_case.empty()) {
        if (const MockResponse* response = mocks_.find(execution.machine->name, execution.test_case,
                                                       state.name, thread.retry_count)) {
            add_task_scheduled(thread, arguments);
            return answer_from_mock(thread, *response);
        }
    }
    return submit(thread, std::move(arguments));
}

Interpreter::Step Interpreter::submit(Thread& thread, Json arguments) {
    const Integration& integration = *thread.task->integration;
    if (integration.kind == Integration::Kind::activity) {
        return submit_activity(thread, std::move(arguments));
    }
    add_task_scheduled(thread, arguments);
    const bool is_function = integration.kind == Integration::Kind::lambda_function;
    if (is_function) {
        HistoryEvent& event = add_thread_event(thread, "LambdaFunctionStarted");
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    } else {
        add_task_event(thread, "Started", nullptr, {}, nullptr);
    }
    note_task(thread, TaskStage::started);
    Json input;
    if (integration.service == "lambda" && !integration.is_sdk) {
        input = lambda_input(integration, std::move(arguments));
    } else {
        input = to_service_input(integration, cloud_, std::move(arguments));
    }
    if (integration.service == "states" && !thread.execution.trace_header.empty()) {
        input.emplace("traceHeader", thread.execution.trace_header);
    }
    arm_task_timers(thread);
    Caller caller = task_caller(thread, input);
    if (std::optional<Answer> answer = call_now(thread, input, caller))
        return accept(thread, std::move(*answer));
    thread.phase = Thread::Phase::waiting;
    thread.execution.is_changed = true;
    cloud_.spawn(call_later(*this, thread.execution.weak_from_this(), thread.id,
                            thread.task->generation, integration, std::move(input),
                            std::move(caller), thread.execution.activity.id()));
    return Step::rest;
}

std::optional<Interpreter::Answer> Interpreter::call_now(Thread& thread, Json input,
                                                         Caller caller) {
    const Integration& integration = *thread.task->integration;
    if (is_http_integration(integration) || integration.is_nested_execution()) return std::nullopt;
    const Operation* operation = cloud_.find_operation(integration.service, integration.operation);
    if (operation == nullptr || !operation->handler) return std::nullopt;
    Answer answer;
    answer.request_id = cloud_.entropy().uuid();
    try {
        Call call{integration.service, integration.operation,          Document(std::move(input)),
                  std::move(caller),   thread.execution.activity.id(), answer.request_id};
        answer.output = cloud_.call_now(std::move(call)).take_value();
    } catch (const AwsError& error) {
        answer.failure = to_failure(integration, error, answer.request_id);
    }
    return answer;
}

Task<void> Interpreter::call_later(Interpreter& self, std::weak_ptr<Execution> execution,
                                   std::uint64_t thread, std::uint64_t generation,
                                   Integration integration, Json input, Caller caller,
                                   ActivityId cause) {
    Answer answer;
    answer.request_id = self.cloud_.entropy().uuid();
    HttpTrace trace;
    if (const Shared owner = execution.lock(); owner && owner->inspection) {
        trace.shows_secrets = owner->inspection->shows_secrets;
    }
    try {
        if (is_http_integration(integration)) {
            answer.output = co_await call_http(self.cloud_, integration, std::move(input),
                                               std::move(caller), cause, trace);
        } else {
            Call call{integration.service,
                      integration.operation,
                      Document(std::move(input)),
                      std::move(caller),
                      cause,
                      answer.request_id};
            Document output = co_await self.cloud_.call(std::move(call));
            answer.output = output.take_value();
        }
    } catch (const AwsError& error) {
        answer.failure = to_failure(integration, error, answer.request_id);
    } catch (const Failure& failure) {
        answer.failure = failure;
    }
    if (const Shared owner = execution.lock(); owner && owner->inspection) {
        owner->inspection->note_exchange(std::move(trace.request), std::move(trace.response));
    }
    self.answered(execution, thread, generation, std::move(answer));
}

void Interpreter::answered(const std::weak_ptr<Execution>& execution, std::uint64_t thread_id,
                           std::uint64_t generation, Answer answer) {
    const Shared owner = execution.lock();
    Thread* thread = find_thread(owner, thread_id);
    if (thread == nullptr || !thread->task || thread->task->generation != generation) return;
    Step step = Step::rest;
    try {
        step = accept(*thread, std::move(answer));
    } catch (Failure& failure) {
        step = fail_state(*thread, std::move(failure));
    }
    if (step == Step::next) owner->ready.push_back(thread_id);
    drive(*owner);
}

Interpreter::Step Interpreter::accept(Thread& thread, Answer answer) {
    const Integration integration = *thread.task->integration;
    if (answer.failure) return task_error(thread, std::move(*answer.failure));
    Json output = std::move(*answer.output);
    if (integration.service == "lambda" && !integration.is_sdk) {
        if (auto failure = lambda_failure(output)) return task_error(thread, std::move(*failure));
        if (integration.kind == Integration::Kind::lambda_function) {
            return complete(thread, lambda_payload(output));
        }
        output = lambda_result(output);
    }
    const bool events_failed = integration.service == "events" && !integration.is_sdk &&
                               output.value("FailedEntryCount", 0) > 0;
    if (events_failed) return task_error(thread, failed_entries(output));
    const Json raw = integration.is_nested_execution() ? output : Json();
    Json result = is_http_integration(integration)
                      ? std::move(output)
                      : to_task_result(integration, std::move(output), answer.request_id,
                                       cloud_.clock().now());
    const bool waits = integration.waits_for_token() || integration.is_nested_execution();
    if (!waits) return complete(thread, std::move(result));
    add_task_event(thread, "Submitted", nullptr, "output",
                   std::make_shared<const std::string>(to_text(result)));
    // The answer may have come while the call was on its way.
    thread.task->is_submitted = true;
    thread.phase = Thread::Phase::waiting;
    if (integration.is_nested_execution()) return await_nested(thread, raw);
    tokens_[thread.task->token] = {thread.execution.weak_from_this(), thread.id};
    thread.execution.is_changed = true;
    return Step::rest;
}

Interpreter::Step Interpreter::complete(Thread& thread, Json output) {
    const Integration& integration = *thread.task->integration;
    auto text = std::make_shared<const std::string>(to_text(output));
    if (text->size() > kMaxData) {
        Failure failure;
        failure.error = kDataLimit;
        failure.cause = "The state/task '" + result_owner(thread, integration) +
                        "' returned a result with a size exceeding the maximum number of bytes "
                        "service limit.";
        return task_error(thread, std::move(failure));
    }
    switch (integration.kind) {
        case Integration::Kind::lambda_function:
        case Integration::Kind::activity: {
            const bool is_function = integration.kind == Integration::Kind::lambda_function;
            const char* type = is_function ? "LambdaFunctionSucceeded" : "ActivitySucceeded";
            HistoryEvent& event = add_thread_event(thread, type);
            event.details = details_name(type);
            event.data_member = "output";
            event.data = std::move(text);
            if (hooks_.on_event) hooks_.on_event(thread.execution, event);
            break;
        }
        default:
            add_task_event(thread, "Succeeded", nullptr, "output", std::move(text));
    }
    note_task(thread, TaskStage::succeeded);
    drop_task(thread);
    thread.phase = Thread::Phase::working;
    if (Inspection* seen = thread.execution.inspection.get()) seen->note("result", output);
    return finish(thread, std::move(output));
}

Interpreter::Step Interpreter::task_error(Thread& thread, Failure failure) {
    add_task_failed(thread, failure);
    return fail_state(thread, std::move(failure));
}

Interpreter::Step Interpreter::answer_from_mock(Thread& thread, const MockResponse& response) {
    const Integration& integration = *thread.task->integration;
    if (integration.kind == Integration::Kind::lambda_function) {
        HistoryEvent& event = add_thread_event(thread, "LambdaFunctionStarted");
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    } else if (integration.kind == Integration::Kind::activity) {
        HistoryEvent& event = add_thread_event(thread, "ActivityStarted");
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    } else {
        add_task_event(thread, "Started", nullptr, {}, nullptr);
        if (integration.waits_for_token() || integration.is_nested_execution()) {
            add_task_event(thread, "Submitted", nullptr, "output",
                           std::make_shared<const std::string>(
                               to_text(response.result.value_or(Json::object()))));
        }
    }
    note_task(thread, TaskStage::started);
    if (response.failure) return task_error(thread, *response.failure);
    return complete(thread, *response.result);
}

void Interpreter::drop_task(Thread& thread) {
    if (!thread.task) return;
    if (thread.task->timeout_timer != 0) cloud_.clock().cancel(thread.task->timeout_timer);
    if (thread.task->heartbeat_timer != 0) cloud_.clock().cancel(thread.task->heartbeat_timer);
    if (!thread.task->token.empty()) tokens_.erase(thread.task->token);
    thread.task.reset();
    thread.forget_context();
}

void Interpreter::arm_task_timers(Thread& thread) {
    PendingTask& pending = *thread.task;
    arm_heartbeat(thread);
    if (!pending.timeout_seconds) return;
    const TimePoint due =
        pending.scheduled + Duration(static_cast<std::int64_t>(*pending.timeout_seconds * 1e6));
    auto expire = [this, weak = thread.execution.weak_from_this(), id = thread.id,
                   generation = pending.generation] {
        Thread* late = find_thread(weak.lock(), id);
        if (late == nullptr || !late->task || late->task->generation != generation) return;
        late->task->timeout_timer = 0;
        task_timed_out(*late, TaskStage::timed_out);
    };
    // A clock that runs ahead stops for tasks that wait for somebody, not for calls under way.
    const bool waits = pending.integration->pattern != Integration::Pattern::request_response ||
                       pending.integration->kind == Integration::Kind::activity;
    const TimerKind kind = waits ? TimerKind::work : TimerKind::housekeeping;
    pending.timeout_timer = cloud_.clock().at(due, std::move(expire), kind);
}

void Interpreter::arm_heartbeat(Thread& thread) {
    PendingTask& pending = *thread.task;
    const bool beats = pending.integration->waits_for_token() ||
                       pending.integration->kind == Integration::Kind::activity;
    if (!pending.heartbeat_seconds || !beats) return;
    if (pending.heartbeat_timer != 0) cloud_.clock().cancel(pending.heartbeat_timer);
    auto expire = [this, weak = thread.execution.weak_from_this(), id = thread.id,
                   generation = pending.generation] {
        Thread* late = find_thread(weak.lock(), id);
        if (late == nullptr || !late->task || late->task->generation != generation) return;
        late->task->heartbeat_timer = 0;
        task_timed_out(*late, TaskStage::heartbeat_timed_out);
    };
    pending.heartbeat_timer =
        cloud_.clock().after(Duration(static_cast<std::int64_t>(*pending.heartbeat_seconds * 1e6)),
                             std::move(expire), TimerKind::work);
}

void Interpreter::task_timed_out(Thread& thread, TaskStage how) {
    note_task(thread, how);
    const Shared owner = thread.execution.shared_from_this();
    const std::uint64_t id = thread.id;
    const Integration::Kind kind = thread.task->integration->kind;
    Failure failure;
    failure.error = kTimeout;
    if (kind == Integration::Kind::service) {
        add_task_event(thread, "TimedOut", {{"error", kTimeout}}, {}, nullptr);
    } else {
        const char* type = kind == Integration::Kind::lambda_function ? "LambdaFunctionTimedOut"
                                                                      : "ActivityTimedOut";
        HistoryEvent& event = add_thread_event(thread, type);
        event.details = details_name(type);
        event.extra = {{"error", kTimeout}};
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
    }
    if (!thread.task->token.empty()) {
        expired_tokens_[thread.task->token] = cloud_.clock().now();
    }
    if (fail_state(thread, std::move(failure)) == Step::next) owner->ready.push_back(id);
    drive(*owner);
}

}  // namespace skafu::stepfunctions

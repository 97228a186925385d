#include "stepfunctions/interpreter.h"

namespace skafu::stepfunctions {
namespace {

/// The child's description, as the `.sync` integrations give it.
Json describe_child(const Execution& child, Integration::Pattern pattern) {
    const bool parsed = pattern == Integration::Pattern::sync2;
    const auto data = [parsed](const SharedText& text) {
        return parsed ? parse_json(*text) : Json(*text);
    };
    Json result = Json::object();
    if (child.cause) result["Cause"] = *child.cause;
    if (child.error) result["Error"] = *child.error;
    result["ExecutionArn"] = child.arn;
    result["Input"] = data(child.input);
    result["InputDetails"] = {{"Included", true}};
    result["Name"] = child.name;
    if (child.output) {
        result["Output"] = data(child.output);
        result["OutputDetails"] = {{"Included", true}};
    }
    const bool is_redrivable = child.status != Status::succeeded;
    result["RedriveCount"] = child.redrive_count;
    result["RedriveStatus"] = is_redrivable ? "REDRIVABLE" : "NOT_REDRIVABLE";
    if (!is_redrivable) {
        result["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven";
    }
    result["StartDate"] = epoch_millis(child.start);
    result["StateMachineArn"] = child.machine->arn;
    result["Status"] = to_string(child.status);
    result["StopDate"] = epoch_millis(child.stop);
    return result;
}

}  // namespace

Interpreter::Step Interpreter::await_nested(Thread& thread, const Json& output) {
    const std::string arn = string_member(output, "executionArn");
    thread.task->nested_arn = arn;
    // These tasks have a token too, and end with it if its holder is the first to answer.
    tokens_[thread.task->token] = {thread.execution.weak_from_this(), thread.id};
    thread.execution.is_changed = true;
    const Shared child = hooks_.find_execution ? hooks_.find_execution(arn) : nullptr;
    if (child == nullptr) {
        Failure failure;
        failure.error = kTaskFailed;
        failure.cause = "Execution Does Not Exist: '" + arn + "'";
        return task_error(thread, std::move(failure));
    }
    auto ended = [this, weak = thread.execution.weak_from_this(), id = thread.id,
                  generation = thread.task->generation,
                  pattern = thread.task->integration->pattern](Execution& finished) {
        const Shared owner = weak.lock();
        Thread* waiting = find_thread(owner, id);
        if (waiting == nullptr || !waiting->task || waiting->task->generation != generation) return;
        Json description = describe_child(finished, pattern);
        Step step = Step::rest;
        try {
            if (finished.status == Status::succeeded) {
                step = complete(*waiting, std::move(description));
            } else {
                Failure failure;
                failure.error = kTaskFailed;
                failure.cause = to_text(description);
                step = task_error(*waiting, std::move(failure));
            }
        } catch (Failure& failure) {
            step = fail_state(*waiting, std::move(failure));
        }
        if (step == Step::next) owner->ready.push_back(id);
        drive(*owner);
    };
    if (child->is_running()) {
        child->on_end.push_back(std::move(ended));
    } else {
        cloud_.clock().after(Duration(0), [ended, child] { ended(*child); });
    }
    return Step::rest;
}

Interpreter::Step Interpreter::submit_activity(Thread& thread, Json arguments) {
    const Integration& integration = *thread.task->integration;
    if (hooks_.activity_exists && !hooks_.activity_exists(integration.arn)) {
        throw runtime_failure("The activity " + integration.arn + " does not exist.");
    }
    add_task_scheduled(thread, arguments);
    thread.task->input = to_text(arguments);
    thread.task->is_submitted = true;
    thread.phase = Thread::Phase::waiting;
    thread.execution.is_changed = true;
    arm_task_timers(thread);
    // The heartbeat runs from the moment a worker takes the task.
    if (thread.task->heartbeat_timer != 0) cloud_.clock().cancel(thread.task->heartbeat_timer);
    thread.task->heartbeat_timer = 0;
    tokens_[thread.task->token] = {thread.execution.weak_from_this(), thread.id};
    activity_queues_[integration.arn].push_back(thread.task->token);
    if (hooks_.on_activity_task) hooks_.on_activity_task(integration.arn);
    return Step::rest;
}

std::optional<Interpreter::ActivityTask> Interpreter::take_activity_task(
    const std::string& activity_arn, const std::string& worker) {
    const auto queue = activity_queues_.find(activity_arn);
    if (queue == activity_queues_.end()) return std::nullopt;
    while (!queue->second.empty()) {
        const std::string token = queue->second.front();
        queue->second.pop_front();
        TokenAnswer answer = TokenAnswer::accepted;
        const TokenHolder holder = find_token(token, answer);
        if (holder.thread == nullptr) continue;
        Thread& thread = *holder.thread;
        thread.task->is_started = true;
        thread.task->started = cloud_.clock().now();
        note_task(thread, TaskStage::started);
        arm_heartbeat(thread);
        HistoryEvent& event = add_thread_event(thread, "ActivityStarted");
        event.details = "activityStartedEventDetails";
        event.extra = Json::object();
        if (!worker.empty()) event.extra["workerName"] = worker;
        if (hooks_.on_event) hooks_.on_event(thread.execution, event);
        ActivityTask result{token, thread.task->input};
        if (hooks_.on_rest) hooks_.on_rest(thread.execution);
        return result;
    }
    activity_queues_.erase(queue);
    return std::nullopt;
}

Interpreter::TokenHolder Interpreter::find_token(std::string_view token, TokenAnswer& answer) {
    const std::string key(token);
    const auto found = tokens_.find(key);
    if (found == tokens_.end()) {
        answer = expired_tokens_.contains(key) ? TokenAnswer::timed_out : TokenAnswer::unknown;
        return {};
    }
    TokenHolder holder;
    holder.execution = found->second.execution.lock();
    holder.thread = find_thread(holder.execution, found->second.thread);
    if (holder.thread == nullptr || !holder.thread->task) {
        tokens_.erase(found);
        answer = TokenAnswer::timed_out;
        return {};
    }
    answer = TokenAnswer::accepted;
    return holder;
}

TokenAnswer Interpreter::task_succeeded(std::string_view token, std::string output) {
    TokenAnswer answer = TokenAnswer::accepted;
    const TokenHolder holder = find_token(token, answer);
    if (holder.thread == nullptr) return answer;
    const std::uint64_t id = holder.thread->id;
    Json value = parse_json(output);
    Step step = Step::rest;
    try {
        step = complete(*holder.thread, std::move(value));
    } catch (Failure& failure) {
        step = fail_state(*holder.thread, std::move(failure));
    }
    if (step == Step::next) holder.execution->ready.push_back(id);
    drive(*holder.execution);
    return answer;
}

TokenAnswer Interpreter::task_failed(std::string_view token, std::optional<std::string> error,
                                     std::optional<std::string> cause) {
    TokenAnswer answer = TokenAnswer::accepted;
    const TokenHolder holder = find_token(token, answer);
    if (holder.thread == nullptr) return answer;
    const std::uint64_t id = holder.thread->id;
    Failure failure;
    failure.error = std::move(error);
    failure.cause = std::move(cause);
    if (task_error(*holder.thread, std::move(failure)) == Step::next) {
        holder.execution->ready.push_back(id);
    }
    drive(*holder.execution);
    return answer;
}

TokenAnswer Interpreter::check_token(std::string_view token) {
    TokenAnswer answer = TokenAnswer::accepted;
    find_token(token, answer);
    return answer;
}

TokenAnswer Interpreter::task_heartbeat(std::string_view token) {
    TokenAnswer answer = TokenAnswer::accepted;
    const TokenHolder holder = find_token(token, answer);
    if (holder.thread != nullptr) arm_heartbeat(*holder.thread);
    return answer;
}

}  // namespace skafu::stepfunctions

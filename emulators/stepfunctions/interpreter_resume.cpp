#include "stepfunctions/interpreter.h"

namespace skafu::stepfunctions {

void Interpreter::resume(const Shared& execution) {
    Execution& target = *execution;
    arm_machine_timeout(target);
    std::vector<Thread*> threads;
    for (const auto& [id, thread] : target.threads) threads.push_back(thread);
    for (Thread* thread : threads) {
        const bool timed =
            thread->phase == Thread::Phase::waiting && thread->timer_due != TimePoint{};
        if (timed) {
            auto due = [this, weak = target.weak_from_this(), id = thread->id] {
                Thread* waiting = find_thread(weak.lock(), id);
                if (waiting == nullptr) return;
                waiting->timer = 0;
                if (waiting->is_retrying) waiting->phase = Thread::Phase::working;
                waiting->is_retrying = false;
                wake(*waiting);
            };
            thread->timer = cloud_.clock().at(thread->timer_due, std::move(due));
            continue;
        }
        if (thread->task) {
            if (thread->task->is_submitted) {
                restore_task(*thread);
            } else {
                // The call may or may not have been made: it is made again.
                thread->task.reset();
                thread->phase = Thread::Phase::working;
                target.ready.push_back(thread->id);
            }
            continue;
        }
        if (!thread->join) {
            target.ready.push_back(thread->id);
        } else if (thread->join->running == 0 && thread->join->next == thread->join->total) {
            target.ready.push_back(thread->id);
        }
    }
    drive(target);
}

void Interpreter::restore_task(Thread& thread) {
    PendingTask& pending = *thread.task;
    arm_task_timers(thread);
    if (!pending.nested_arn.empty()) {
        const Json output = {{"executionArn", pending.nested_arn}};
        await_nested(thread, output);
        return;
    }
    tokens_[pending.token] = {thread.execution.weak_from_this(), thread.id};
    const bool is_queued =
        pending.integration->kind == Integration::Kind::activity && !pending.is_started;
    if (is_queued) activity_queues_[pending.integration->arn].push_back(pending.token);
}

void Interpreter::redrive(const Shared& execution) {
    Execution& target = *execution;
    ++target.redrive_count;
    target.redrive_date = cloud_.clock().now();
    target.status = Status::running;
    target.error.reset();
    target.cause.reset();
    target.stop = {};
    HistoryEvent& event = add_event(target, target.last_event, "ExecutionRedriven");
    event.details = "executionRedrivenEventDetails";
    event.extra = {{"redriveCount", target.redrive_count}};
    const std::int64_t redriven = event.id;
    if (hooks_.on_event) hooks_.on_event(target, event);
    Thread& root = *target.root;
    root.join.reset();
    root.task.reset();
    root.last_event = redriven;
    root.retries.clear();
    root.retry_count = 0;
    root.timer_due = {};
    root.is_retrying = false;
    // The failed state is done again with the input it had; it was entered already.
    root.phase = Thread::Phase::working;
    root.forget_context();
    arm_machine_timeout(target);
    target.threads.clear();
    target.threads.emplace(root.id, &root);
    target.ready.push_back(root.id);
    drive(target);
}

}  // namespace skafu::stepfunctions

#include "stepfunctions/interpreter.h"
#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {

void Interpreter::resume(const Shared& execution) {
    Execution& target = *execution;
    arm_machine_timeout(target);
    if (!target.run.expired()) {
        target.on_end.push_back([this](Execution& ended) { run_child_ended(ended); });
    }
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
        } else if (thread->join->run) {
            resume_run(*thread);
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
    if (hooks_.on_redrive) hooks_.on_redrive(target);
    target.threads.clear();
    revive(*target.root, redriven);
    arm_machine_timeout(target);
    drive(target);
}

/// A state that failed is done again with the input it had, without being entered again; of
/// branches, iterations and children of a Map Run only those that did not end well (AWS docs,
/// "Restarting state machine executions with redrive").
void Interpreter::revive(Thread& thread, std::int64_t redriven) {
    Execution& execution = thread.execution;
    thread.last_event = redriven;
    thread.retries.clear();
    thread.retry_count = 0;
    thread.timer_due = {};
    thread.is_retrying = false;
    thread.task.reset();
    thread.forget_context();
    execution.threads.emplace(thread.id, &thread);
    if (thread.join && !thread.join->run) {
        Join& join = *thread.join;
        for (auto& [slot, child] : join.stopped) join.children[slot] = std::move(child);
        join.stopped.clear();
        join.running = 0;
        for (const std::unique_ptr<Thread>& child : join.children) {
            if (!child) continue;
            ++join.running;
            revive(*child, redriven);
        }
        thread.phase = Thread::Phase::waiting;
        if (join.running > 0) return;
    }
    const std::shared_ptr<MapRun> run = thread.join ? thread.join->run : nullptr;
    if (run && run->can_redrive && run->status != Status::succeeded && !run->children.empty()) {
        return redrive_run(thread);
    }
    thread.join.reset();
    if (thread.phase != Thread::Phase::entering) thread.phase = Thread::Phase::working;
    execution.ready.push_back(thread.id);
}

}  // namespace skafu::stepfunctions

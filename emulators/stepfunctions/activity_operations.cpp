#include "core/aws_error.h"
#include "stepfunctions/json_fault.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions {
namespace {

using shape::optional;
using shape::required;

constexpr std::chrono::seconds kLongPoll(60);

/// Waits up to a minute for a task, as AWS does; an answer without a token when there is none.
Task<Json> get_activity_task(StepFunctions& state, Context& context, Json input) {
    const std::string arn = string_member(input, "activityArn");
    const std::string worker = string_member(input, "workerName");
    state.activities.check(arn);
    const TimePoint due = context.cloud.clock().now() + kLongPoll;
    const std::uint64_t ended = state.activities.ended_polls();
    while (true) {
        if (auto task = state.executions.interpreter().take_activity_task(arn, worker)) {
            Json answer = {{"taskToken", task->token}, {"input", task->input}};
            co_return answer;
        }
        Event& ready = state.activities.task_ready(arn);
        const bool notified =
            co_await ready.wait_until(context.cloud.clock(), due, TimerKind::housekeeping);
        if (!notified || state.activities.ended_polls() != ended) {
            Json nothing = Json::object();
            co_return nothing;
        }
    }
}

void check(TokenAnswer answer) {
    if (answer == TokenAnswer::unknown) {
        throw AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
    }
    if (answer == TokenAnswer::timed_out) {
        throw AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
    }
}

std::optional<std::string> optional_text(const Json& input, const char* member) {
    const Json* value = find_member(input, member);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return value->get<std::string>();
}

}  // namespace

void add_activity_operations(Service& service, StepFunctions& state) {
    const Shape arn = shape::string(1, 256);
    service.add(
        row("CreateActivity",
            shape::structure({required("name", shape::string(1, 80)), optional("tags", tag_list()),
                              optional("encryptionConfiguration", encryption_configuration())})),
        [&state](Context& context, const Json& input) {
            check_encryption(input);
            return state.activities.create(context.caller, input);
        });
    const Shape by_arn = shape::structure({required("activityArn", arn)});
    service.add(row("DescribeActivity", by_arn), [&state](Context&, const Json& input) {
        return state.activities.describe(string_member(input, "activityArn"));
    });
    service.add(row("DeleteActivity", by_arn), [&state](Context&, const Json& input) {
        state.activities.remove(string_member(input, "activityArn"));
        return Json::object();
    });
    service.add(
        row("ListActivities", shape::structure({optional("maxResults", shape::integer(0, 1000)),
                                                optional("nextToken", shape::string(1, 1024))})),
        [&state](Context& context, const Json& input) {
            return state.activities.list(context.caller, input);
        });
    Operation poll =
        row("GetActivityTask", shape::structure({required("activityArn", arn),
                                                 optional("workerName", shape::string(1, 80))}));
    poll.counting = Counting::passive;
    service.add_async(std::move(poll), [&state](Context& context, Json input) {
        return get_activity_task(state, context, std::move(input));
    });

    const Shape token = shape::string(1, 2048);
    service.add(
        row("SendTaskSuccess", shape::structure({required("taskToken", token),
                                                 required("output", shape::string(0, 262144))})),
        [&state](Context&, const Json& input) {
            const std::string output = string_member(input, "output");
            // AWS looks at the token before it looks at the output.
            check(state.executions.interpreter().check_token(string_member(input, "taskToken")));
            try {
                parse_json(output);
            } catch (const JsonError& error) {
                throw AwsError(
                    "InvalidOutput",
                    "Invalid Output: '" + describe_json_fault(output, error.offset()) + "'");
            }
            check(state.executions.interpreter().task_succeeded(string_member(input, "taskToken"),
                                                                output));
            return Json::object();
        });
    service.add(
        row("SendTaskFailure", shape::structure({required("taskToken", token),
                                                 optional("error", shape::string(0, 256)),
                                                 optional("cause", shape::string(0, 32768))})),
        [&state](Context&, const Json& input) {
            check(state.executions.interpreter().task_failed(string_member(input, "taskToken"),
                                                             optional_text(input, "error"),
                                                             optional_text(input, "cause")));
            return Json::object();
        });
    service.add(
        row("SendTaskHeartbeat", shape::structure({required("taskToken", token)})),
        [&state](Context&, const Json& input) {
            check(state.executions.interpreter().task_heartbeat(string_member(input, "taskToken")));
            return Json::object();
        });
}

}  // namespace skafu::stepfunctions

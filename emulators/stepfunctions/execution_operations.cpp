#include "core/arn.h"
#include "core/aws_error.h"
#include "stepfunctions/execution_views.h"
#include "stepfunctions/pages.h"
#include "stepfunctions/service.h"

namespace skafu::stepfunctions {
namespace {

using shape::optional;
using shape::required;

Executions::Start start_of(const Json& input) {
    Executions::Start start;
    start.machine_arn = string_member(input, "stateMachineArn");
    start.name = string_member(input, "name");
    start.trace_header = string_member(input, "traceHeader");
    const Json* text = find_member(input, "input");
    start.input = text != nullptr && text->is_string() ? text->get<std::string>() : "{}";
    return start;
}

IncludedData included_data(const Json& input) {
    return string_member(input, "includedData") == "METADATA_ONLY" ? IncludedData::metadata_only
                                                                   : IncludedData::all;
}

Json start_execution(StepFunctions& state, Context& context, const Json& input) {
    const auto execution = state.executions.start(start_of(input), context.activity.id());
    return {{"executionArn", execution->arn}, {"startDate", epoch_seconds(execution->start)}};
}

Task<Document> start_sync(StepFunctions& state, Context& context, Document input) {
    Executions::Start start = start_of(input.value());
    const IncludedData data = included_data(input.value());
    start.is_synchronous = true;
    const std::shared_ptr<Execution> execution =
        state.executions.start(start, context.activity.id());
    if (execution->is_running()) {
        const auto ended = std::make_shared<Event>(context.cloud.io());
        execution->on_end.push_back([ended](Execution&) { ended->notify_all(); });
        while (execution->is_running()) co_await ended->wait();
    }
    Document answer = Document::from_text(sync_answer(*execution, data));
    co_return answer;
}

Json list_executions(StepFunctions& state, const Json& input) {
    const std::string run_arn = string_member(input, "mapRunArn");
    const std::string arn = string_member(input, "stateMachineArn");
    const std::string status = string_member(input, "statusFilter");
    const std::string redrive = string_member(input, "redriveFilter");
    std::vector<std::shared_ptr<Execution>> found;
    if (run_arn.empty() == arn.empty()) {
        throw AwsError("ValidationException",
                       "Exactly one of stateMachineArn and mapRunArn must be specified", 400,
                       {{"reason", "MISSING_REQUIRED_PARAMETER"}});
    }
    if (!run_arn.empty()) {
        if (!state.executions.find_run(run_arn)) {
            throw AwsError("ResourceNotFound", "Resource not found: '" + run_arn + "'");
        }
        found = state.executions.of_machine(run_arn);
    } else {
        const MachineRef ref = parse_machine_arn(arn);
        const Json* machine = state.machines.find(ref.scope, ref.name);
        if (machine == nullptr) {
            throw AwsError("StateMachineDoesNotExist",
                           "State Machine Does Not Exist: '" + arn + "'");
        }
        if (string_member(*machine, "type") == "EXPRESS") {
            throw AwsError("StateMachineTypeNotSupported",
                           "This operation is not supported by this type of state machine");
        }
        found = state.executions.of_machine(machine_arn(ref.scope, ref.name));
        if (!ref.qualifier.empty()) {
            std::erase_if(found, [&arn](const auto& execution) {
                return execution->version_arn != arn && execution->alias_arn != arn;
            });
        }
    }
    std::vector<Json> entries;
    for (const auto& execution : found) {
        if (!status.empty() && execution->status_name() != status) continue;
        const char* redriven = execution->redrive_count > 0 ? "REDRIVEN" : "NOT_REDRIVEN";
        if (!redrive.empty() && redriven != redrive) continue;
        entries.push_back(summarise_execution(*execution));
    }
    return page_of(std::move(entries), input, "executions", Growth::at_front);
}

Json execution_history(StepFunctions& state, const Json& input) {
    const auto execution = state.executions.get(string_member(input, "executionArn"));
    const ExecutionData data = input.value("includeExecutionData", true) ? ExecutionData::included
                                                                         : ExecutionData::left_out;
    std::vector<Json> events;
    events.reserve(execution->history.size());
    for (const HistoryEvent& event : execution->history) {
        events.push_back(event_to_json(event, data));
    }
    const bool newest_first = input.value("reverseOrder", false);
    if (newest_first) std::reverse(events.begin(), events.end());
    return page_of(std::move(events), input, "events",
                   newest_first ? Growth::at_front : Growth::at_end);
}

Json stop_execution(StepFunctions& state, const Json& input) {
    const auto execution = state.executions.get(string_member(input, "executionArn"));
    std::optional<std::string> error;
    std::optional<std::string> cause;
    if (const Json* text = find_member(input, "error")) error = text->get<std::string>();
    if (const Json* text = find_member(input, "cause")) cause = text->get<std::string>();
    state.executions.interpreter().stop(execution, Status::aborted, error, cause);
    return {{"stopDate", epoch_seconds(execution->stop)}};
}

Json redrive_execution(StepFunctions& state, Context& context, const Json& input) {
    const TimePoint date =
        state.executions.redrive(string_member(input, "executionArn"),
                                 string_member(input, "clientToken"), context.activity.id());
    return {{"redriveDate", epoch_seconds(date)}};
}

std::shared_ptr<MapRun> find_run(StepFunctions& state, const Json& input) {
    const std::string arn = string_member(input, "mapRunArn");
    check_arn(arn);
    const std::optional<Arn> parsed = Arn::parse(arn);
    const std::string type = parsed ? parsed->resource.substr(0, parsed->resource.find(':')) : "";
    if (type != "mapRun") {
        throw AwsError("InvalidArn",
                       "Invalid Arn: 'Resource type not valid in this context: " + type + "'");
    }
    auto run = state.executions.find_run(arn);
    if (run == nullptr) throw AwsError("ResourceNotFound", "Resource not found: '" + arn + "'");
    return run;
}

Json update_run(StepFunctions& state, const Json& input) {
    const auto run = find_run(state, input);
    if (run->status != Status::running) {
        throw AwsError("ValidationException", "Map Run '" + run->arn + "' has already completed.",
                       400, {{"reason", "CANNOT_UPDATE_COMPLETED_MAP_RUN"}});
    }
    if (input.value("toleratedFailurePercentage", 0.0) > 100) {
        throw AwsError::validation("ToleratedFailurePercentage must be between 0 and 100.");
    }
    run->max_concurrency = input.value("maxConcurrency", run->max_concurrency);
    run->tolerated_count = input.value("toleratedFailureCount", run->tolerated_count);
    run->tolerated_percentage =
        input.value("toleratedFailurePercentage", run->tolerated_percentage);
    run->has_count = run->has_count || input.contains("toleratedFailureCount");
    run->has_percentage = run->has_percentage || input.contains("toleratedFailurePercentage");
    state.executions.interpreter().run_changed(run);
    return Json::object();
}

Json list_runs(StepFunctions& state, const Json& input) {
    const std::string arn = string_member(input, "executionArn");
    state.executions.get(arn);
    std::vector<Json> entries;
    for (const auto& run : state.executions.runs_of(arn))
        entries.push_back(summarise_map_run(*run));
    return page_of(std::move(entries), input, "mapRuns", Growth::at_front);
}

}  // namespace

void add_execution_operations(Service& service, StepFunctions& state) {
    const Shape arn = shape::string(1, 256);
    const std::vector<Shape::Member> start{required("stateMachineArn", arn),
                                           optional("name", shape::string(1, 80)),
                                           optional("input", shape::string(0, 262144)),
                                           optional("traceHeader", shape::string(0, 256))};
    service.add(row("StartExecution", shape::structure(start)),
                [&state](Context& context, const Json& input) {
                    return start_execution(state, context, input);
                });
    std::vector<Shape::Member> sync_start = start;
    sync_start.push_back(
        optional("includedData", shape::enumeration({"ALL_DATA", "METADATA_ONLY"})));
    Operation sync = row("StartSyncExecution", shape::structure(std::move(sync_start)));
    service.add_async_raw(std::move(sync), [&state](Context& context, Document input) {
        return start_sync(state, context, std::move(input));
    });
    const Shape described = shape::structure(
        {required("executionArn", arn),
         optional("includedData", shape::enumeration({"ALL_DATA", "METADATA_ONLY"}))});
    service.add(row("DescribeExecution", described), [&state](Context&, const Json& input) {
        return describe_execution(*state.executions.get(string_member(input, "executionArn")),
                                  state.cloud.clock().now(), included_data(input));
    });
    service.add(
        row("DescribeStateMachineForExecution", described), [&state](Context&, const Json& input) {
            return describe_machine_of(*state.executions.get(string_member(input, "executionArn")),
                                       included_data(input));
        });
    const Shape status = shape::enumeration(
        {"SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"});
    const Shape limit = shape::integer(0, 1000);
    const Shape token = shape::string(1, 3096);
    service.add(
        row("ListExecutions",
            shape::structure(
                {optional("stateMachineArn", arn), optional("mapRunArn", shape::string(1, 2000)),
                 optional("statusFilter", status), optional("maxResults", limit),
                 optional("redriveFilter", shape::enumeration({"REDRIVEN", "NOT_REDRIVEN"})),
                 optional("nextToken", token)})),
        [&state](Context&, const Json& input) { return list_executions(state, input); });
    service.add(row("GetExecutionHistory",
                    shape::structure({required("executionArn", arn), optional("maxResults", limit),
                                      optional("nextToken", shape::string(1, 1024)),
                                      optional("reverseOrder", shape::boolean()),
                                      optional("includeExecutionData", shape::boolean())})),
                [&state](Context&, const Json& input) { return execution_history(state, input); });
    service.add(
        row("StopExecution", shape::structure({required("executionArn", arn),
                                               optional("error", shape::string(0, 256)),
                                               optional("cause", shape::string(0, 32768))})),
        [&state](Context&, const Json& input) { return stop_execution(state, input); });
    service.add(
        row("RedriveExecution", shape::structure({required("executionArn", arn),
                                                  optional("clientToken", shape::string(1, 64))})),
        [&state](Context& context, const Json& input) {
            return redrive_execution(state, context, input);
        });
    service.add(
        row("DescribeMapRun", shape::structure({required("mapRunArn", shape::string(1, 2000))})),
        [&state](Context&, const Json& input) {
            return describe_map_run(*find_run(state, input));
        });
    service.add(row("ListMapRuns",
                    shape::structure({required("executionArn", arn), optional("maxResults", limit),
                                      optional("nextToken", token)})),
                [&state](Context&, const Json& input) { return list_runs(state, input); });
    service.add(row("UpdateMapRun",
                    shape::structure({required("mapRunArn", shape::string(1, 2000)),
                                      optional("maxConcurrency", shape::integer(0)),
                                      optional("toleratedFailureCount", shape::integer(0)),
                                      optional("toleratedFailurePercentage", shape::number())})),
                [&state](Context&, const Json& input) { return update_run(state, input); });
}

}  // namespace skafu::stepfunctions

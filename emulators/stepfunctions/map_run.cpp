#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {
namespace {

Json describe_counts(const RunCounts& counts, std::size_t written) {
    const std::size_t total = counts.pending + counts.running + counts.succeeded + counts.failed +
                              counts.timed_out + counts.aborted + counts.pending_redrive;
    return {{"pending", counts.pending},
            {"running", counts.running},
            {"succeeded", counts.succeeded},
            {"failed", counts.failed},
            {"timedOut", counts.timed_out},
            {"aborted", counts.aborted},
            {"total", total},
            {"resultsWritten", written},
            {"failuresNotRedrivable", 0},
            {"pendingRedrive", counts.pending_redrive}};
}

std::size_t written(const RunCounts& counts) {
    return counts.succeeded + counts.failed + counts.timed_out;
}

}  // namespace

RunCounter counter_of(Status status) {
    switch (status) {
        case Status::running:
            return &RunCounts::running;
        case Status::succeeded:
            return &RunCounts::succeeded;
        case Status::failed:
            return &RunCounts::failed;
        case Status::timed_out:
            return &RunCounts::timed_out;
        case Status::aborted:
            return &RunCounts::aborted;
    }
    return &RunCounts::failed;
}

void MapRun::count(std::size_t slot, RunCounter from, RunCounter to) {
    --(executions.*from);
    ++(executions.*to);
    items.*from -= items_in[slot];
    items.*to += items_in[slot];
}

void MapRun::recount() {
    executions = {};
    items = {};
    for (std::size_t slot = 0; slot < children.size(); ++slot) {
        const std::shared_ptr<Execution>& child = children[slot];
        const RunCounter counter = !child                  ? &RunCounts::pending
                                   : child->awaits_redrive ? &RunCounts::pending_redrive
                                                           : counter_of(child->status);
        ++(executions.*counter);
        items.*counter += items_in[slot];
    }
}

Json describe_map_run(const MapRun& run) {
    Json result = {{"mapRunArn", run.arn},
                   {"executionArn", run.execution_arn},
                   {"status", to_string(run.status)},
                   {"startDate", epoch_seconds(run.start)},
                   {"maxConcurrency", run.max_concurrency},
                   {"toleratedFailurePercentage", run.tolerated_percentage},
                   {"toleratedFailureCount", run.tolerated_count},
                   {"itemCounts", describe_counts(run.items, written(run.items))},
                   {"executionCounts", describe_counts(run.executions, written(run.executions))},
                   {"redriveCount", run.redrive_count}};
    if (run.redrive_count > 0) result["redriveDate"] = epoch_seconds(run.redrive_date);
    if (run.status != Status::running) result["stopDate"] = epoch_seconds(run.stop);
    return result;
}

Json summarise_map_run(const MapRun& run) {
    Json result = {{"executionArn", run.execution_arn},
                   {"mapRunArn", run.arn},
                   {"stateMachineArn", run.machine->arn + "/" + run.label},
                   {"startDate", epoch_seconds(run.start)}};
    if (run.status != Status::running) result["stopDate"] = epoch_seconds(run.stop);
    return result;
}

}  // namespace skafu::stepfunctions

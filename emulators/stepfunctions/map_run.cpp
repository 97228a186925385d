#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {
namespace {

Json counts(std::size_t pending, std::size_t running, std::size_t succeeded, std::size_t failed,
            std::size_t timed_out, std::size_t aborted, std::size_t total, std::size_t written) {
    return {{"pending", pending}, {"running", running},        {"succeeded", succeeded},
            {"failed", failed},   {"timedOut", timed_out},     {"aborted", aborted},
            {"total", total},     {"resultsWritten", written}, {"failuresNotRedrivable", 0},
            {"pendingRedrive", 0}};
}

}  // namespace

Json describe_map_run(const MapRun& run) {
    const std::size_t items_done = run.items_succeeded + run.items_failed + run.items_timed_out +
                                   run.items_aborted + run.items_running;
    const std::size_t items_pending =
        run.total_items > items_done ? run.total_items - items_done : 0;
    const std::size_t ended = run.succeeded + run.failed + run.timed_out;
    const std::size_t total = ended + run.aborted + run.pending + run.running;
    Json result = {{"mapRunArn", run.arn},
                   {"executionArn", run.execution_arn},
                   {"status", to_string(run.status)},
                   {"startDate", epoch_seconds(run.start)},
                   {"maxConcurrency", run.max_concurrency},
                   {"toleratedFailurePercentage", run.tolerated_percentage},
                   {"toleratedFailureCount", run.tolerated_count},
                   {"itemCounts",
                    counts(items_pending, run.items_running, run.items_succeeded, run.items_failed,
                           run.items_timed_out, run.items_aborted, run.total_items,
                           run.items_succeeded + run.items_failed + run.items_timed_out)},
                   {"executionCounts", counts(run.pending, run.running, run.succeeded, run.failed,
                                              run.timed_out, run.aborted, total, ended)},
                   {"redriveCount", 0}};
    if (run.status != Status::running) result["stopDate"] = epoch_seconds(run.stop);
    return result;
}

Json summarise_map_run(const MapRun& run) {
    Json result = {{"executionArn", run.execution_arn},
                   {"mapRunArn", run.arn},
                   {"stateMachineArn", run.machine_arn + "/" + run.label},
                   {"startDate", epoch_seconds(run.start)}};
    if (run.status != Status::running) result["stopDate"] = epoch_seconds(run.stop);
    return result;
}

}  // namespace skafu::stepfunctions

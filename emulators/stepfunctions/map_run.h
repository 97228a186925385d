#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// How far child executions, or their items, have come.
struct RunCounts {
    std::size_t pending = 0, running = 0, succeeded = 0, failed = 0, timed_out = 0, aborted = 0;
    std::size_t pending_redrive = 0;  ///< ended badly, and are to be started again
};
using RunCounter = std::size_t RunCounts::*;
/// The counter of those with that status.
RunCounter counter_of(Status status);

/// So many child executions of a run at once, at most, as AWS.
inline constexpr std::size_t kMaxChildren = 10'000;

/// A run of a distributed Map: child executions, one for each item or batch.
struct MapRun : std::enable_shared_from_this<MapRun> {
    std::string arn;
    std::string label;
    std::string execution_arn;
    std::shared_ptr<const Machine> machine;
    std::string state_name;                ///< of the Map
    const StateList* processor = nullptr;  ///< what the children run
    Status status = Status::running;
    TimePoint start;
    TimePoint stop;
    bool is_closing = false;  ///< no more children; the results are being written
    std::size_t max_concurrency = 0;
    std::int64_t tolerated_count = 0;
    double tolerated_percentage = 0;
    bool has_count = false;  ///< a tolerance was given
    bool has_percentage = false;

    std::weak_ptr<Execution> parent;
    std::uint64_t parent_thread = 0;
    std::size_t total_items = 0;
    std::vector<std::size_t> items_in;  ///< how many items the child of a slot has
    std::vector<std::shared_ptr<Execution>> children;
    bool has_inputs = false;  ///< every child's input is known, and stored where runs are
    /// Of a run that was restored: the inputs of its children, until its Map takes them.
    std::vector<Json> restored_inputs;
    RunCounts executions;
    RunCounts items;
    std::int64_t redrive_count = 0;
    TimePoint redrive_date;
    /// Whether it goes on where it stopped when its execution is redriven; if not, a new run starts
    /// (AWS docs, "Redriving Map Runs": not after States.Runtime or States.DataLimitExceeded).
    bool can_redrive = true;

    /// Counts the child of a slot, and its items, under `to` instead of `from`.
    void count(std::size_t slot, RunCounter from, RunCounter to);
    /// Counts the children, and their items, anew.
    void recount();
};

/// Adds a child's result to the list in the form that WriterConfig's Transformation names
/// (AWS docs, "ResultWriter": NONE, COMPACT, FLATTEN); empty is NONE.
void add_transformed(Json& list, const Execution& child, const MapRun& run,
                     const std::string& transformation);
/// What DescribeMapRun answers.
Json describe_map_run(const MapRun& run);
/// Its entry in ListMapRuns.
Json summarise_map_run(const MapRun& run);

}  // namespace skafu::stepfunctions

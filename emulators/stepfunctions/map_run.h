#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// A run of a distributed Map: child executions, one for each item or batch.
struct MapRun : std::enable_shared_from_this<MapRun> {
    std::string arn;
    std::string label;
    std::string execution_arn;
    std::string machine_arn;
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
    std::size_t pending = 0, running = 0, succeeded = 0, failed = 0, timed_out = 0, aborted = 0;
    std::size_t items_succeeded = 0, items_failed = 0, items_timed_out = 0, items_aborted = 0;
    std::size_t items_running = 0;
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

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/database.h"
#include "stepfunctions/execution.h"
#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {

/// Standard executions on disk: what DescribeExecution tells, the history, and the threads of
/// those that run. Of asynchronous Express ones that run, what they were started with, because
/// they run at least once. Map Runs with the inputs of their children, and the children; of Express
/// ones those that have ended. Does nothing where the house keeps its state in memory only.
class ExecutionStore {
  public:
    explicit ExecutionStore(Cloud& cloud);

    bool is_active() const { return active_; }
    /// Writes what has changed since the last time.
    void save(Execution& execution);
    void save(const MapRun& run);
    /// The input of the child of a slot.
    void save_input(const MapRun& run, std::size_t slot, const Json& input);
    struct RunInput {
        std::size_t slot = 0;
        std::size_t items = 1;  ///< how many of the run's items are in it
        Json input;
    };
    /// Calls `visit` with each stored Map Run, oldest first: its document and its inputs.
    void load_runs(
        const std::function<void(const Json& document, std::vector<RunInput> inputs)>& visit);
    /// Calls `visit` with each stored execution, oldest first: its document and its events.
    void load(
        const std::function<void(const Json& document, std::vector<HistoryEvent> events)>& visit);
    void clear(const Scope* scope);

  private:
    void save_express(const Execution& execution);
    void store(const Execution& execution);

    Cloud& cloud_;
    bool active_ = false;
    std::unordered_map<std::string, std::int64_t> saved_events_;
    Statement store_;
    Statement remove_;
    Statement store_event_;
    Statement select_;
    Statement select_events_;
    Statement store_run_;
    Statement store_input_;
    Statement remove_inputs_;
    Statement select_runs_;
    Statement select_inputs_;
};

}  // namespace skafu::stepfunctions

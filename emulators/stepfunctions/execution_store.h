#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/database.h"
#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// Standard executions on disk: what DescribeExecution tells, the history, and the threads of
/// those that run. Of asynchronous Express ones that run, what they were started with, because
/// they run at least once. Does nothing where the house keeps its state in memory only.
class ExecutionStore {
  public:
    explicit ExecutionStore(Cloud& cloud);

    /// Writes what has changed since the last time.
    void save(Execution& execution);
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
};

}  // namespace skafu::stepfunctions

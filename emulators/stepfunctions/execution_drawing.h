#pragma once

#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// One visit of a state, as the history tells it.
struct Visit {
    std::string name;
    std::string type;    ///< "Task"
    std::string status;  ///< RUNNING, SUCCEEDED, CAUGHT_ERROR, FAILED, TIMED_OUT or ABORTED
    std::optional<std::size_t> parent;      ///< the visit of the Map or Parallel state around it
    std::optional<std::int64_t> iteration;  ///< of that Map
    std::int64_t entered_event = 0;
    TimePoint entered;
    std::optional<TimePoint> exited;
    std::int64_t attempts = 0;  ///< of the task, the branches or the iterations
    SharedText input;
    SharedText output;
    std::optional<std::string> error;  ///< of the last attempt that failed
    std::optional<std::string> cause;
};

/// The history of an execution, told by visits.
class Visits {
  public:
    explicit Visits(const Execution& execution);

    const std::vector<Visit>& all() const { return visits_; }
    /// The visit that an event is about; nothing for those of the execution itself.
    std::optional<std::size_t> of_event(std::int64_t event) const;

  private:
    void read(const HistoryEvent& event);
    void enter(const HistoryEvent& event, std::string_view type);
    void exit(const HistoryEvent& event, Visit& visit);
    void end(const HistoryEvent& event);
    std::optional<std::size_t> owner(const HistoryEvent& event) const;
    std::optional<std::size_t> around(std::optional<std::size_t> visit, std::string_view type,
                                      std::string_view name) const;
    void end_inside(std::size_t outer, std::optional<std::size_t> failed);

    std::vector<Visit> visits_;
    std::unordered_map<std::int64_t, std::size_t> of_event_;
    std::unordered_map<std::int64_t, std::int64_t> iterations_;  ///< MapIterationStarted -> index
};

/// The execution for people (`/_skafu/executions/{arn}`): what DescribeExecution tells, the graph
/// of the machine with the latest status, input, output and timing of each state, every visit in
/// order, and the events after event `after`, each with the number of its visit.
Json draw_execution(const Execution& execution, TimePoint now, std::int64_t after = 0);

}  // namespace skafu::stepfunctions

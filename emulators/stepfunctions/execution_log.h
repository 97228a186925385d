#pragma once

#include <deque>
#include <string>

#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// Writes histories to CloudWatch Logs, as LoggingConfiguration asks, through calls.
class ExecutionLog {
  public:
    explicit ExecutionLog(Cloud& cloud) : cloud_(cloud) {}
    void write(const Execution& execution, const HistoryEvent& event);

  private:
    static Task<void> flush(ExecutionLog& self);

    struct Line {
        Caller caller;
        ActivityId cause = 0;
        std::string group;
        std::string stream;
        std::int64_t time = 0;
        std::string text;
    };
    Cloud& cloud_;
    std::deque<Line> lines_;
    bool is_flushing_ = false;
};

}  // namespace skafu::stepfunctions

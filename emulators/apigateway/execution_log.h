#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace skafu::apigateway {

/// What TestInvokeMethod tells of an execution, line by line, in AWS's words.
class ExecutionLog {
  public:
    using Pairs = std::vector<std::pair<std::string, std::string>>;

    ExecutionLog(const Clock& clock, const std::string& request_id);

    void add(std::string_view line);
    /// What leaves for the integration.
    void add_request(std::string_view uri, const Pairs& headers, std::string_view body);
    /// What the integration answered.
    void add_answer(int status, const Pairs& headers, std::string_view body);
    const std::string& text() const { return text_; }

  private:
    const Clock& clock_;
    Stopwatch integration_;
    std::string text_;
};

/// "{a=1, b=2}"
std::string java_map(const ExecutionLog::Pairs& pairs);

}  // namespace skafu::apigateway

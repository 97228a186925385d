#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/cloud.h"
#include "lambda/function_spec.h"

namespace skafu::lambda {

/// What REPORT says of an invocation.
struct Report {
    Duration duration{0};
    Duration init_duration{0};  ///< 0 where the process was warm
    int memory_used = 0;        ///< MiB
    std::string status;         ///< "", "timeout", "error"
    std::string error_type;     ///< with "error"
};

/// The log stream of one process, in AWS's form ("Viewing CloudWatch logs for Lambda functions"):
/// INIT_START, then START, the function's own lines, END and REPORT for each invocation.
class InvocationLog {
  public:
    InvocationLog(Cloud& cloud, std::shared_ptr<const FunctionSpec> spec);

    const std::string& stream() const { return stream_; }

    /// One line or several that the function printed.
    void print(std::string text);
    void init_start();
    void init_failed(Duration duration, std::string_view status, std::string_view error_type);
    void start(const std::string& request_id);
    void end(const std::string& request_id, const Report& report);
    void timed_out(const std::string& request_id);

    /// Hands what has gathered to CloudWatch Logs; `cause` is the invocation.
    void flush(ActivityId cause);
    /// The last 4 KiB since start().
    std::string tail() const;

  private:
    struct Line {
        std::int64_t timestamp;
        std::string text;
    };

    bool is_json() const { return spec_->log_format == "JSON"; }
    void add(std::string text);
    void add_platform(std::string_view type, Json record);
    void put(Json events, ActivityId cause);
    void call_logs(std::string_view operation, Json input, ActivityId cause);

    Cloud& cloud_;
    std::shared_ptr<const FunctionSpec> spec_;
    std::string stream_;
    std::vector<Line> lines_;
    std::string tail_;
    std::size_t printed_ = 0;  ///< bytes the function printed since start()
    bool created_ = false;
};

}  // namespace skafu::lambda

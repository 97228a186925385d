#include "lambda/invocation_log.h"

#include <cmath>

#include "core/aws_error.h"
#include "core/log.h"

namespace skafu::lambda {

namespace {

constexpr std::size_t kTail = 4096;
/// What one invocation may print; a program that prints without end must not fill the house.
constexpr std::size_t kMaxPrinted = 8 * 1024 * 1024;
constexpr std::size_t kMaxBatchBytes = 1'000'000;
constexpr std::size_t kMaxBatchEvents = 10'000;
constexpr std::size_t kEventOverhead = 26;

double millis(Duration duration) {
    return static_cast<double>(duration.count()) / 1000.0;
}

/// "us-east-1:…" of AWS's runtimes has no meaning here; the rest of the line has AWS's form.
std::string runtime_name(const std::string& runtime) {
    const std::size_t digits = runtime.find_first_of("0123456789");
    if (digits == std::string::npos) return runtime;
    return runtime.substr(0, digits) + ":" + runtime.substr(digits);
}

}  // namespace

InvocationLog::InvocationLog(Cloud& cloud, std::shared_ptr<const FunctionSpec> spec)
    : cloud_(cloud), spec_(std::move(spec)) {
    std::string day = iso8601_seconds(cloud.clock().now()).substr(0, 10);
    std::replace(day.begin(), day.end(), '-', '/');
    stream_ = fmt::format("{}/[{}]{}", day, spec_->version, cloud.entropy().hex(32));
}

void InvocationLog::add(std::string text) {
    std::int64_t timestamp = epoch_millis(cloud_.clock().now());
    if (!lines_.empty()) timestamp = std::max(timestamp, lines_.back().timestamp);
    tail_ += text;
    if (tail_.size() > 4 * kTail) tail_.erase(0, tail_.size() - kTail);
    lines_.push_back({timestamp, std::move(text)});
}

void InvocationLog::add_platform(std::string_view type, Json record) {
    const Json event = {{"time", iso8601_millis(cloud_.clock().now())},
                        {"type", type},
                        {"record", std::move(record)}};
    add(to_text(event) + "\n");
}

void InvocationLog::print(std::string text) {
    if (printed_ > kMaxPrinted) return;
    printed_ += text.size();
    if (printed_ > kMaxPrinted) text = "[output cut off: the invocation has printed too much]\n";
    if (text.find_first_not_of('\n') == std::string::npos) return;  // AWS drops empty lines
    add(std::move(text));
}

void InvocationLog::init_start() {
    if (is_json()) {
        add_platform("platform.initStart", {{"initializationType", "on-demand"},
                                            {"phase", "init"},
                                            {"runtimeVersion", runtime_name(spec_->runtime)},
                                            {"functionName", spec_->name},
                                            {"functionVersion", spec_->version}});
        return;
    }
    add(
        fmt::format("INIT_START Runtime Version: {}\tRuntime Version ARN: "
                    "arn:aws:lambda:{}::runtime:local\n",
                    runtime_name(spec_->runtime), spec_->scope.region));
}

void InvocationLog::init_failed(Duration duration, std::string_view status,
                                std::string_view error_type) {
    if (is_json()) {
        add_platform("platform.initReport", {{"initializationType", "on-demand"},
                                             {"phase", "init"},
                                             {"status", status},
                                             {"errorType", error_type},
                                             {"metrics", {{"durationMs", millis(duration)}}}});
        return;
    }
    std::string line = fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: init\tStatus: {}",
                                   millis(duration), status);
    if (!error_type.empty()) line += fmt::format("\tError Type: {}", error_type);
    add(line + "\n");
}

void InvocationLog::start(const std::string& request_id) {
    tail_.clear();
    printed_ = 0;
    if (is_json()) {
        add_platform("platform.start", {{"requestId", request_id}, {"version", spec_->version}});
        return;
    }
    add(fmt::format("START RequestId: {} Version: {}\n", request_id, spec_->version));
}

void InvocationLog::end(const std::string& request_id, const Report& report) {
    const double duration = millis(report.duration);
    const auto billed =
        static_cast<std::int64_t>(std::ceil(duration + millis(report.init_duration)));
    if (is_json()) {
        Json metrics = {{"durationMs", duration},
                        {"billedDurationMs", billed},
                        {"memorySizeMB", spec_->memory_megabytes},
                        {"maxMemoryUsedMB", report.memory_used}};
        if (report.init_duration.count() > 0) {
            metrics["initDurationMs"] = millis(report.init_duration);
        }
        Json record = {{"requestId", request_id},
                       {"metrics", std::move(metrics)},
                       {"status", report.status.empty() ? "success" : report.status}};
        if (!report.error_type.empty()) record["errorType"] = report.error_type;
        add_platform("platform.report", std::move(record));
        return;
    }
    add(fmt::format("END RequestId: {}\n", request_id));
    std::string line = fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t"
        "Max Memory Used: {} MB\t",
        request_id, duration, billed, spec_->memory_megabytes, report.memory_used);
    if (report.init_duration.count() > 0) {
        line += fmt::format("Init Duration: {:.2f} ms\t", millis(report.init_duration));
    }
    if (!report.status.empty()) line += fmt::format("Status: {}", report.status);
    if (!report.error_type.empty()) line += fmt::format("\tError Type: {}", report.error_type);
    add(line + "\n");
}

void InvocationLog::timed_out(const std::string& request_id) {
    add(fmt::format("{} {} Task timed out after {:.2f} seconds\n\n",
                    iso8601_millis(cloud_.clock().now()), request_id,
                    static_cast<double>(spec_->timeout_seconds)));
}

void InvocationLog::call_logs(std::string_view operation, Json input, ActivityId cause) {
    Caller caller;
    caller.account = spec_->scope.account;
    caller.region = spec_->scope.region;
    caller.principal = "lambda.amazonaws.com";
    Call call{"logs", operation, Document(std::move(input)), std::move(caller), cause, {}};
    cloud_.call_now(std::move(call));
}

void InvocationLog::put(Json events, ActivityId cause) {
    // The group is made on first use; it may also have been deleted since.
    for (int attempt = 0; attempt < 2; ++attempt) {
        try {
            if (!created_) {
                for (const std::string_view operation : {"CreateLogGroup", "CreateLogStream"}) {
                    Json input = {{"logGroupName", spec_->log_group}};
                    if (operation == "CreateLogStream") input["logStreamName"] = stream_;
                    try {
                        call_logs(operation, std::move(input), cause);
                    } catch (const AwsError& error) {
                        if (error.code() != "ResourceAlreadyExistsException") throw;
                    }
                }
                created_ = true;
            }
            call_logs("PutLogEvents",
                      {{"logGroupName", spec_->log_group},
                       {"logStreamName", stream_},
                       {"logEvents", events}},
                      cause);
            return;
        } catch (const AwsError& error) {
            if (error.code() != "ResourceNotFoundException") {
                log::warn("log of {}: {}", spec_->name, error.what());
                return;
            }
            created_ = false;
        }
    }
}

void InvocationLog::flush(ActivityId cause) {
    std::vector<Line> lines = std::exchange(lines_, {});
    if (lines.empty() || cloud_.find_operation("logs", "PutLogEvents") == nullptr) return;
    Json events = Json::array();
    std::size_t bytes = 0;
    for (Line& line : lines) {
        const std::size_t size = line.text.size() + kEventOverhead;
        if (!events.empty() &&
            (bytes + size > kMaxBatchBytes || events.size() == kMaxBatchEvents)) {
            put(std::exchange(events, Json::array()), cause);
            bytes = 0;
        }
        bytes += size;
        events.push_back({{"timestamp", line.timestamp}, {"message", std::move(line.text)}});
    }
    put(std::move(events), cause);
}

std::string InvocationLog::tail() const {
    return tail_.size() <= kTail ? tail_ : tail_.substr(tail_.size() - kTail);
}

}  // namespace skafu::lambda

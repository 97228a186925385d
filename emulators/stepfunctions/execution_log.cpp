#include "stepfunctions/execution_log.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"

namespace skafu::stepfunctions {
namespace {

bool is_end(std::string_view type) {
    return type == "ExecutionFailed" || type == "ExecutionTimedOut" || type == "ExecutionAborted";
}

/// Which events a level lets through (AWS docs, "Log levels for Step Functions").
bool is_logged(const std::string& level, std::string_view type) {
    if (level == "ALL") return true;
    if (level == "FATAL") return is_end(type);
    if (level != "ERROR") return false;
    return type.ends_with("Failed") || type.ends_with("TimedOut") || type.ends_with("Aborted") ||
           type == "FailStateEntered" || type.ends_with("ScheduleFailed") ||
           type.ends_with("StartFailed");
}

std::string log_group(const Json& logging) {
    const Json* destinations = find_member(logging, "destinations");
    if (destinations == nullptr || destinations->empty()) return {};
    const Json* group = find_member((*destinations)[0], "cloudWatchLogsLogGroup");
    const auto arn = Arn::parse(group == nullptr ? "" : string_member(*group, "logGroupArn"));
    if (!arn) return {};
    std::string name = arn->resource.substr(arn->resource.find(':') + 1);
    if (name.ends_with(":*")) name.resize(name.size() - 2);
    return name;
}

}  // namespace

void ExecutionLog::write(const Execution& execution, const HistoryEvent& event) {
    const Json& logging = execution.machine->logging;
    if (!logging.is_object()) return;
    const std::string level = string_member(logging, "level", "OFF");
    if (!is_logged(level, event.type)) return;
    const std::string group = log_group(logging);
    if (group.empty()) return;
    const ExecutionData data = logging.value("includeExecutionData", false)
                                   ? ExecutionData::included
                                   : ExecutionData::left_out;
    const Json line = {{"id", std::to_string(event.id)},
                       {"type", event.type},
                       {"details", event_details(event, data)},
                       {"previous_event_id", std::to_string(event.previous)},
                       {"event_timestamp", std::to_string(epoch_millis(event.time))},
                       {"execution_arn", execution.arn},
                       {"redrive_count", std::to_string(execution.redrive_count)}};
    Caller caller = execution.caller;
    caller.principal = "states.amazonaws.com";
    // A stream for each minute, with dashes where the names of streams may have no colons.
    std::string minute = iso8601_seconds(execution.start).substr(0, 16);
    std::replace_if(
        minute.begin(), minute.end(), [](char c) { return c == 'T' || c == ':'; }, '-');
    const std::string stream = fmt::format("states/{}/{}", execution.machine->name, minute);
    lines_.push_back({std::move(caller), execution.activity.id(), group, stream,
                      epoch_millis(event.time), to_text(line)});
    if (is_flushing_) return;
    is_flushing_ = true;
    cloud_.spawn(flush(*this));
}

Task<void> ExecutionLog::flush(ExecutionLog& self) {
    while (!self.lines_.empty()) {
        // Lines of one stream go out together.
        Json events = Json::array();
        const Line first = self.lines_.front();
        while (!self.lines_.empty() && self.lines_.front().stream == first.stream &&
               self.lines_.front().group == first.group && events.size() < 1000) {
            Line& line = self.lines_.front();
            events.push_back({{"timestamp", line.time}, {"message", std::move(line.text)}});
            self.lines_.pop_front();
        }
        const Json stream = {{"logGroupName", first.group}, {"logStreamName", first.stream}};
        try {
            Json create = stream;
            co_await self.cloud_.call_json("logs", "CreateLogStream", std::move(create),
                                           first.caller, first.cause);
        } catch (const AwsError&) {
            // It is there already, or the group is not: then the next call says so.
        }
        try {
            Json put = stream;
            put["logEvents"] = std::move(events);
            co_await self.cloud_.call_json("logs", "PutLogEvents", std::move(put), first.caller,
                                           first.cause);
        } catch (const AwsError& error) {
            log::debug("states: no log written to {}: {}", first.group, error.what());
        }
    }
    self.is_flushing_ = false;
}

}  // namespace skafu::stepfunctions

#include "core/aws_error.h"
#include "logs/filter_pattern.h"
#include "logs/log_service.h"
#include "logs/pages.h"
#include "logs/shapes.h"

namespace skafu::logs {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr std::int64_t kMillisPerHour = 60 * 60 * 1000;
constexpr std::int64_t kOldest = 14 * 24 * kMillisPerHour;  // PutLogEvents, constraints
constexpr std::int64_t kNewest = 2 * kMillisPerHour;
constexpr std::size_t kMaxBatchBytes = 1'048'576;
constexpr std::size_t kEventOverhead = 26;
constexpr std::size_t kPage = 10'000;

void check_batch(const Json& events) {
    std::size_t bytes = 0;
    std::int64_t last = 0;
    for (const Json& event : events) {
        const std::size_t size = event["message"].get_ref<const std::string&>().size();
        bytes += size + kEventOverhead;
        const std::int64_t timestamp = event["timestamp"].get<std::int64_t>();
        if (timestamp < last) {
            invalid_parameter(
                "Log events in a single PutLogEvents request must be in chronological order.");
        }
        last = timestamp;
    }
    if (bytes > kMaxBatchBytes) {
        invalid_parameter(
            fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, kMaxBatchBytes));
    }
    if (events.size() >= 2 &&
        last - events.front()["timestamp"].get<std::int64_t>() > 24 * kMillisPerHour) {
        invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 "
            "hours.");
    }
}

/// The events within what the service takes; the others go into `rejected` by their positions.
std::vector<LogEvent> accepted_events(LogService& logs, const Json& group, const Json& events,
                                      Json& rejected) {
    const std::int64_t now = logs.now_millis();
    const std::int64_t expired = logs.horizon(group);
    std::vector<LogEvent> accepted;
    int index = 0;
    for (const Json& each : events) {
        LogEvent event;
        event.timestamp = each["timestamp"].get<std::int64_t>();
        if (event.timestamp < expired) {
            rejected["expiredLogEventEndIndex"] = index + 1;
        } else if (event.timestamp < now - kOldest) {
            rejected["tooOldLogEventEndIndex"] = index + 1;
        } else if (event.timestamp > now + kNewest) {
            if (!rejected.contains("tooNewLogEventStartIndex")) {
                rejected["tooNewLogEventStartIndex"] = index;
            }
        } else {
            event.message = each["message"].get<std::string>();
            accepted.push_back(std::move(event));
        }
        ++index;
    }
    return accepted;
}

Json put_events(LogService& logs, Context& context, const Json& input) {
    const std::string group = group_name(input);
    const std::string stream = string_member(input, "logStreamName");
    const Scope scope = context.caller.scope();
    logs.stream(scope, group, stream);
    const Json& events = input["logEvents"];
    check_batch(events);
    Json rejected = Json::object();
    const std::vector<LogEvent> accepted =
        accepted_events(logs, logs.group(scope, group), events, rejected);
    logs.append(context, group, stream, accepted);
    Json output = {{"nextSequenceToken", fmt::format("{:056}", logs.now_millis())}};
    if (!rejected.empty()) output["rejectedLogEventsInfo"] = std::move(rejected);
    return output;
}

struct Range {
    std::int64_t from;
    std::int64_t to;  ///< exclusive
};

Range range_of(LogService& logs, const Json& group, const Json& input) {
    Range range{logs.horizon(group), std::numeric_limits<std::int64_t>::max()};
    if (const Json* start = find_member(input, "startTime")) {
        range.from = std::max(range.from, start->get<std::int64_t>());
    }
    if (const Json* end = find_member(input, "endTime")) range.to = end->get<std::int64_t>();
    return range;
}

std::size_t limit_of(const Json& input) {
    const Json* limit = find_member(input, "limit");
    return limit == nullptr ? kPage : limit->get<std::size_t>();
}

Json event_json(LogEvent event) {
    return {{"timestamp", event.timestamp},
            {"message", std::move(event.message)},
            {"ingestionTime", event.ingestion}};
}

bool is_event_id(std::string_view text) {
    return text.size() == 56 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// GetLogEvents pages by the ids of events: "f/<id>/s" goes on after it, "b/<id>/s" before it.
Json get_events(LogService& logs, Context& context, const Json& input) {
    const std::string name = group_name(input);
    const Json& group = logs.group(context.caller.scope(), name);
    const Json& stream =
        logs.stream(context.caller.scope(), name, string_member(input, "logStreamName"));
    Range range = range_of(logs, group, input);
    std::vector<LogEvent> events =
        logs.store().read(stream["id"].get<std::int64_t>(), range.from, range.to);
    const std::size_t limit = limit_of(input);
    const std::string token = string_member(input, "nextToken");
    const Json* from_head = find_member(input, "startFromHead");
    bool forward = from_head != nullptr && *from_head == true;
    std::string at;
    if (!token.empty()) {
        const bool has_form = (token.starts_with("f/") || token.starts_with("b/")) &&
                              token.size() > 4 && token.ends_with("/s");
        if (!has_form) throw invalid_token();
        forward = token.front() == 'f';
        at = token.substr(2, token.size() - 4);
        if (!is_event_id(at)) throw invalid_token();
        std::erase_if(events, [&](const LogEvent& event) {
            return forward ? event.id <= at : event.id >= at;
        });
    }
    if (events.size() > limit) {
        const auto surplus = static_cast<std::ptrdiff_t>(events.size() - limit);
        if (forward) {
            events.erase(events.end() - surplus, events.end());
        } else {
            events.erase(events.begin(), events.begin() + surplus);
        }
    }
    const std::string none = at.empty() ? std::string(56, forward ? '0' : '9') : at;
    const std::string first = events.empty() ? none : events.front().id;
    const std::string last = events.empty() ? none : events.back().id;
    Json list = Json::array();
    for (LogEvent& event : events) list.push_back(event_json(std::move(event)));
    return {{"events", std::move(list)},
            {"nextForwardToken", fmt::format("f/{}/s", last)},
            {"nextBackwardToken", fmt::format("b/{}/s", first)}};
}

bool is_asked_for(const Json& input, const std::string& stream) {
    const Json* names = find_member(input, "logStreamNames");
    if (names != nullptr) return std::find(names->begin(), names->end(), stream) != names->end();
    return stream.starts_with(string_member(input, "logStreamNamePrefix"));
}

Json filter_events(LogService& logs, Context& context, const Json& input) {
    const std::string name = group_name(input);
    const Json& group = logs.group(context.caller.scope(), name);
    const FilterPattern pattern(string_member(input, "filterPattern"));
    Range range = range_of(logs, group, input);
    if (range.to != std::numeric_limits<std::int64_t>::max()) ++range.to;  // endTime is included
    const std::string after = string_member(input, "nextToken");
    if (!after.empty() && !is_event_id(after)) throw invalid_token();
    if (const Json* names = find_member(input, "logStreamNames")) {
        for (const Json& stream : *names) {
            logs.stream(context.caller.scope(), name, stream.get_ref<const std::string&>());
        }
    }
    std::map<std::string, Json> found;  // by event id: all streams interleaved
    logs.store().for_each_stream(context.caller.scope(), name, [&](const Json& stream) {
        const std::string& stream_name = stream["logStreamName"].get_ref<const std::string&>();
        if (!is_asked_for(input, stream_name)) return true;
        for (LogEvent& event :
             logs.store().read(stream["id"].get<std::int64_t>(), range.from, range.to)) {
            if (event.id <= after || !pattern.matches(event.message)) continue;
            Json entry = {{"logStreamName", stream_name}};
            std::string id = event.id;
            entry.update(event_json(std::move(event)));
            entry["eventId"] = id;
            found.emplace(std::move(id), std::move(entry));
        }
        return true;
    });
    const std::size_t limit = limit_of(input);
    Json events = Json::array();
    Json output = Json::object();
    std::string last;
    for (auto& [id, entry] : found) {
        if (events.size() == limit) {
            output["nextToken"] = last;
            break;
        }
        events.push_back(std::move(entry));
        last = id;
    }
    output["events"] = std::move(events);
    output["searchedLogStreams"] = Json::array();
    return output;
}

}  // namespace

void add_event_operations(Service& service, LogService& logs) {
    const Shape event = structure(
        {required("timestamp", shape::integer(0)), required("message", shape::string(1))});
    const Shape put = structure({required("logGroupName", group_shape()),
                                 required("logStreamName", stream_shape()),
                                 required("logEvents", shape::list(event, 1, 10'000))});
    service.add(row("PutLogEvents", put), [&logs](Context& context, const Json& input) {
        return put_events(logs, context, input);
    });
    const Shape get = structure(
        {optional("logGroupName", group_shape()),
         optional("logGroupIdentifier", identifier_shape()),
         required("logStreamName", stream_shape()), optional("startTime", shape::integer(0)),
         optional("endTime", shape::integer(0)), optional("nextToken", token_shape()),
         optional("limit", shape::integer(1, 10'000)),
         optional("startFromHead", shape::boolean())});
    service.add(row("GetLogEvents", get), [&logs](Context& context, const Json& input) {
        return get_events(logs, context, input);
    });
    const Shape filter = structure(
        {optional("logGroupName", group_shape()),
         optional("logGroupIdentifier", identifier_shape()),
         optional("logStreamNames", shape::list(stream_shape(), 1, 100)),
         optional("logStreamNamePrefix", stream_shape()), optional("startTime", shape::integer(0)),
         optional("endTime", shape::integer(0)), optional("nextToken", token_shape()),
         optional("filterPattern", shape::string(0, 1024)),
         optional("limit", shape::integer(1, 10'000))});
    service.add(row("FilterLogEvents", filter), [&logs](Context& context, const Json& input) {
        return filter_events(logs, context, input);
    });
}

}  // namespace skafu::logs

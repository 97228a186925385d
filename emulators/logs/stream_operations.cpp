#include "core/aws_error.h"
#include "logs/log_service.h"
#include "logs/pages.h"
#include "logs/shapes.h"

namespace skafu::logs {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr std::size_t kStreamPage = 50;

Json create_stream(LogService& logs, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string group = group_name(input);
    const std::string name = string_member(input, "logStreamName");
    logs.group(scope, group);
    if (logs.store().streams.find(scope, LogStore::stream_key(group, name)) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
    }
    logs.store().create_stream(scope, group, name, logs.now_millis());
    return Json();
}

Json delete_stream(LogService& logs, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string group = group_name(input);
    const std::string name = string_member(input, "logStreamName");
    logs.stream(scope, group, name);
    logs.store().erase_stream(scope, group, name);
    return Json();
}

Json describe_stream(LogService& logs, Context& context, const std::string& group, Json stream) {
    const StreamSummary summary = logs.store().summary(stream["id"].get<std::int64_t>());
    stream.erase("id");
    if (!summary.empty) {
        stream["firstEventTimestamp"] = summary.first;
        stream["lastEventTimestamp"] = summary.last;
        stream["lastIngestionTime"] = summary.ingestion;
    }
    stream["uploadSequenceToken"] = fmt::format("{:056}", summary.ingestion);
    stream["arn"] = fmt::format("{}:log-stream:{}", group_arn(context.caller, group),
                                stream["logStreamName"].get_ref<const std::string&>());
    stream["storedBytes"] = 0;  // AWS gives 0 for every stream since 2019
    return stream;
}

/// What the order of DescribeLogStreams compares: the name, or the last event's time.
std::string order_key(const Json& stream, bool by_time) {
    const std::string& name = stream["logStreamName"].get_ref<const std::string&>();
    if (!by_time) return name;
    return fmt::format("{:020}\t{}", stream.value("lastEventTimestamp", std::int64_t{0}), name);
}

Json describe_streams(LogService& logs, Context& context, const Json& input) {
    const std::string group = group_name(input);
    logs.group(context.caller.scope(), group);
    const bool by_time = string_member(input, "orderBy") == "LastEventTime";
    const std::string prefix = string_member(input, "logStreamNamePrefix");
    if (by_time && !prefix.empty()) {
        invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    std::map<std::string, Json> ordered;
    logs.store().for_each_stream(
        context.caller.scope(), group,
        [&](const Json& stream) {
            Json described = describe_stream(logs, context, group, stream);
            std::string key = order_key(described, by_time);
            ordered.emplace(std::move(key), std::move(described));
            return true;
        },
        prefix);
    std::vector<std::pair<std::string, Json*>> list;
    for (auto& [key, stream] : ordered) list.emplace_back(key, &stream);
    const Json* descending = find_member(input, "descending");
    if (descending != nullptr && *descending == true) std::reverse(list.begin(), list.end());

    const std::string after = string_member(input, "nextToken");
    auto at = list.begin();
    if (!after.empty()) {
        at = std::find_if(list.begin(), list.end(),
                          [&](const auto& entry) { return entry.first == after; });
        if (at == list.end()) throw invalid_token();
        ++at;
    }
    const Json* given = find_member(input, "limit");
    const std::size_t limit = given == nullptr ? kStreamPage : given->get<std::size_t>();
    Json streams = Json::array();
    std::string last;
    for (; at != list.end() && streams.size() < limit; ++at) {
        last = at->first;
        streams.push_back(std::move(*at->second));
    }
    Json page = {{"logStreams", std::move(streams)}};
    if (at != list.end()) page["nextToken"] = last;
    return page;
}

}  // namespace

void add_stream_operations(Service& service, LogService& logs) {
    const Shape named = structure(
        {required("logGroupName", group_shape()), required("logStreamName", stream_shape())});
    service.add(row("CreateLogStream", named), [&logs](Context& context, const Json& input) {
        return create_stream(logs, context, input);
    });
    service.add(row("DeleteLogStream", named), [&logs](Context& context, const Json& input) {
        return delete_stream(logs, context, input);
    });
    const Shape describe =
        structure({optional("logGroupName", group_shape()),
                   optional("logGroupIdentifier", identifier_shape()),
                   optional("logStreamNamePrefix", stream_shape()),
                   optional("orderBy", shape::enumeration({"LogStreamName", "LastEventTime"})),
                   optional("descending", shape::boolean()),
                   optional("limit", shape::integer(1, 50)), optional("nextToken", token_shape())});
    service.add(row("DescribeLogStreams", describe), [&logs](Context& context, const Json& input) {
        return describe_streams(logs, context, input);
    });
}

}  // namespace skafu::logs

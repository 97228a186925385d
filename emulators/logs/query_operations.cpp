#include "core/aws_error.h"
#include "logs/insights.h"
#include "logs/log_service.h"
#include "logs/pages.h"
#include "logs/shapes.h"

namespace skafu::logs {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr std::size_t kDefaultLimit = 10'000;
constexpr std::size_t kMaxQueries = 1000;

/// The queries that were started, newest last. They run at once, and their answers wait here.
struct Queries {
    std::map<Scope, std::vector<Json>> by_scope;
};

std::vector<std::string> groups_of(const Json& input) {
    std::vector<std::string> names;
    for (const char* member : {"logGroupName", "logGroupNames", "logGroupIdentifiers"}) {
        const Json* given = find_member(input, member);
        if (given == nullptr) continue;
        const Json list = given->is_array() ? *given : Json::array({*given});
        for (const Json& each : list) {
            names.push_back(group_name({{"logGroupIdentifier", each}}));
        }
    }
    if (names.empty()) invalid_parameter("At least one log group must be specified.");
    return names;
}

/// startTime and endTime are seconds, though many give milliseconds.
std::int64_t millis_of(const Json& time) {
    constexpr std::int64_t kFarSeconds = 100'000'000'000;
    const std::int64_t value = time.get<std::int64_t>();
    return value < kFarSeconds ? value * 1000 : value;
}

std::vector<InsightsEvent> events_of(LogService& logs, Context& context, const Json& input) {
    const std::int64_t from = millis_of(input["startTime"]);
    const std::int64_t to = millis_of(input["endTime"]) + 1000;
    const Scope scope = context.caller.scope();
    std::vector<InsightsEvent> events;
    for (const std::string& name : groups_of(input)) {
        const std::int64_t horizon = logs.horizon(logs.group(scope, name));
        logs.store().for_each_stream(scope, name, [&](const Json& stream) {
            for (LogEvent& event :
                 logs.store().read(stream["id"].get<std::int64_t>(), std::max(from, horizon), to)) {
                InsightsEvent found;
                found.timestamp = event.timestamp;
                found.ingestion = event.ingestion;
                found.message = std::move(event.message);
                found.stream = string_member(stream, "logStreamName");
                found.log = fmt::format("{}:{}", scope.account, name);
                found.pointer = std::move(event.id);
                events.push_back(std::move(found));
            }
            return true;
        });
    }
    std::stable_sort(events.begin(), events.end(),
                     [](const auto& a, const auto& b) { return a.pointer < b.pointer; });
    return events;
}

Json start_query(LogService& logs, Queries& queries, Context& context, const Json& input) {
    const std::string text = string_member(input, "queryString");
    const InsightsQuery query(text);
    const std::vector<InsightsEvent> events = events_of(logs, context, input);
    const Json* limit = find_member(input, "limit");
    InsightsQuery::Result result =
        query.run(events, limit == nullptr ? kDefaultLimit : limit->get<std::size_t>());
    double bytes = 0;
    for (const InsightsEvent& event : events) bytes += static_cast<double>(event.message.size());
    const std::string id = context.cloud.entropy().uuid();
    std::vector<Json>& list = queries.by_scope[context.caller.scope()];
    if (list.size() >= kMaxQueries) list.erase(list.begin());
    list.push_back({{"queryId", id},
                    {"queryString", text},
                    {"createTime", logs.now_millis()},
                    {"logGroupName", groups_of(input).front()},
                    {"results", std::move(result.rows)},
                    {"statistics",
                     {{"recordsMatched", static_cast<double>(result.matched)},
                      {"recordsScanned", static_cast<double>(events.size())},
                      {"bytesScanned", bytes}}}});
    return {{"queryId", id}};
}

Json query_results(Queries& queries, Context& context, const Json& input) {
    for (const Json& query : queries.by_scope[context.caller.scope()]) {
        if (query["queryId"] != input["queryId"]) continue;
        return {{"queryLanguage", "CWLI"},
                {"results", query["results"]},
                {"statistics", query["statistics"]},
                {"status", "Complete"}};
    }
    throw AwsError::not_found("The specified query does not exist.");
}

Json describe_queries(Queries& queries, Context& context, const Json& input) {
    // All of them fit one page, so no token of ours can come back.
    if (find_member(input, "nextToken") != nullptr) throw invalid_token();
    const std::string group = string_member(input, "logGroupName");
    Json list = Json::array();
    for (const Json& query : queries.by_scope[context.caller.scope()]) {
        if (!group.empty() && query["logGroupName"] != group) continue;
        list.push_back({{"queryId", query["queryId"]},
                        {"queryString", query["queryString"]},
                        {"status", "Complete"},
                        {"createTime", query["createTime"]},
                        {"logGroupName", query["logGroupName"]}});
    }
    return {{"queries", std::move(list)}};
}

}  // namespace

void add_query_operations(Service& service, LogService& logs) {
    Queries& queries = logs.cloud().own(std::make_unique<Queries>());
    const Shape start =
        structure({required("startTime", shape::integer(0)), required("endTime", shape::integer(0)),
                   required("queryString", shape::string(0, 10000)),
                   optional("limit", shape::integer(1, 10000))});
    service.add(row("StartQuery", start), [&logs, &queries](Context& context, const Json& input) {
        return start_query(logs, queries, context, input);
    });
    const Shape by_id = structure({required("queryId", shape::string(1, 256))});
    service.add(row("GetQueryResults", by_id), [&queries](Context& context, const Json& input) {
        return query_results(queries, context, input);
    });
    service.add(row("StopQuery", by_id), [](Context&, const Json&) {
        return Json({{"success", false}});
    });
    service.add(row("DescribeQueries"), [&queries](Context& context, const Json& input) {
        return describe_queries(queries, context, input);
    });
}

}  // namespace skafu::logs

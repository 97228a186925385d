// Limits and endpoints, and the features that are stored as settings: contributor insights, Kinesis
// destinations, resource policies.
#include <map>

#include "core/aws_error.h"
#include "dynamodb/list_page.h"
#include "dynamodb/operations.h"
#include "dynamodb/table_settings.h"

namespace skafu::dynamodb {
namespace {

constexpr std::size_t kMostInsights = 100;

double now_of(Engine& engine) {
    return epoch_seconds(engine.cloud().clock().now());
}

Json describe_limits(Engine&, Context&, const Json&) {
    return {{"AccountMaxReadCapacityUnits", 80000},
            {"AccountMaxWriteCapacityUnits", 80000},
            {"TableMaxReadCapacityUnits", 40000},
            {"TableMaxWriteCapacityUnits", 40000}};
}

Json describe_endpoints(Engine& engine, Context&, const Json&) {
    const std::string endpoint = engine.cloud().settings().endpoint();
    const std::size_t scheme = endpoint.find("://");
    return {{"Endpoints", Json::array({{{"Address", endpoint.substr(scheme + 3)},
                                        {"CachePeriodInMinutes", 1440}}})}};
}

// ---- contributor insights ----

/// The table, where its index exists, if the request names one.
Table& insights_table(Engine& engine, const Caller& caller, const Json& input) {
    Table& table = named_table(engine, caller, input);
    const std::string index = string_member(input, "IndexName");
    if (!index.empty() && table.find_index(index) == nullptr) {
        throw AwsError::not_found("Requested resource not found: Index: " + index + " not found");
    }
    return table;
}

/// The stored settings of a table's insights, by index name; "" is the table.
const Json* find_insights(const Table& table, const std::string& index) {
    const Json* all = find_member(table.document(), "insights");
    return all == nullptr ? nullptr : find_member(*all, index);
}

Json insights_of(const Table& table, const std::string& index, std::string_view status) {
    Json out = {{"TableName", table.name()}};
    if (!index.empty()) out["IndexName"] = index;
    out["ContributorInsightsStatus"] = status;
    return out;
}

Json update_insights(Engine& engine, Context& context, const Json& input) {
    Table& table = insights_table(engine, context.caller, input);
    const std::string index = string_member(input, "IndexName");
    const bool enable = string_member(input, "ContributorInsightsAction") == "ENABLE";
    Json& all = table.document()["insights"];
    if (!all.is_object()) all = Json::object();
    all[index] = {{"status", enable ? "ENABLED" : "DISABLED"}, {"at", now_of(engine)}};
    engine.save(table);
    return insights_of(table, index, enable ? "ENABLING" : "DISABLING");
}

/// The names of the rules that insights make: most accessed and most throttled keys.
Json insights_rules(const Table& table, const std::string& index, double at) {
    const Index* found = table.find_index(index);
    const KeySchema& keys = found != nullptr ? found->keys : table.keys();
    const std::string tail = table.name() + (index.empty() ? "" : "-" + index) + "-" +
                             std::to_string(static_cast<std::int64_t>(at * 1000));
    Json rules = Json::array();
    for (const char* kind : {"PKC", "PKT", "SKC", "SKT"}) {
        if (kind[0] == 'S' && keys.range.empty()) continue;
        rules.push_back("DynamoDBContributorInsights-" + std::string(kind) + "-" + tail);
    }
    return rules;
}

Json describe_insights(Engine& engine, Context& context, const Json& input) {
    const Table& table = insights_table(engine, context.caller, input);
    const std::string index = string_member(input, "IndexName");
    const Json* stored = find_insights(table, index);
    if (stored == nullptr) return insights_of(table, index, "DISABLED");
    Json out = insights_of(table, index, string_member(*stored, "status"));
    const double at = stored->at("at").get<double>();
    out["LastUpdateDateTime"] = at;
    if (string_member(*stored, "status") == "ENABLED") {
        out["ContributorInsightsRuleList"] = insights_rules(table, index, at);
    }
    return out;
}

Json list_insights(Engine& engine, Context& context, const Json& input) {
    const bool is_named = !string_member(input, "TableName").empty();
    const std::string wanted = is_named ? table_name_of(input) : std::string();
    // By the table's name and the index's, which have no slashes.
    std::map<std::string, Json> insights;
    for (const std::string& name : engine.table_names(context.caller.scope())) {
        if (is_named && name != wanted) continue;
        const Table& table = engine.table(context.caller, name);
        const Json* all = find_member(table.document(), "insights");
        if (all == nullptr) continue;
        for (const auto& [index, stored] : all->items()) {
            insights[name + "/" + index] =
                insights_of(table, index, string_member(stored, "status"));
        }
    }
    ListPage page(input, "MaxResults", kMostInsights);
    for (auto& [key, summary] : insights) {
        if (!page.add(key, std::move(summary))) break;
    }
    return page.answer("ContributorInsightsSummaries");
}

// ---- Kinesis destinations ----

constexpr const char* kPrecision = "ApproximateCreationDateTimePrecision";

Json& destinations_of(Table& table) {
    Json& destinations = table.document()["kinesis"];
    if (!destinations.is_object()) destinations = Json::object();
    return destinations;
}

Json destination_answer(const Table& table, const std::string& stream, std::string_view status) {
    return {{"TableName", table.name()}, {"StreamArn", stream}, {"DestinationStatus", status}};
}

Json& active_destination(Table& table, const std::string& stream, std::string_view action) {
    Json& destinations = destinations_of(table);
    const Json* known = find_member(destinations, stream);
    if (known == nullptr || string_member(*known, "status") != "ACTIVE") {
        throw AwsError::validation(
            "Table is not in a valid state to " + std::string(action) +
            " Kinesis Streaming Destination: KinesisStreamingDestination must be ACTIVE to "
            "perform the operation.");
    }
    return destinations[stream];
}

Json enable_kinesis(Engine& engine, Context& context, const Json& input) {
    Table& table = named_table(engine, context.caller, input);
    const std::string stream = string_member(input, "StreamArn");
    Json& destinations = destinations_of(table);
    const Json* known = find_member(destinations, stream);
    if (known != nullptr && string_member(*known, "status") == "ACTIVE") {
        throw AwsError::validation(
            "Table is not in a valid state to enable Kinesis Streaming Destination: "
            "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE "
            "operation.");
    }
    Json stored = {{"status", "ACTIVE"}};
    Json out = destination_answer(table, stream, "ENABLING");
    if (const Json* given = find_member(input, "EnableKinesisStreamingConfiguration")) {
        stored[kPrecision] = string_member(*given, kPrecision, "MILLISECOND");
        out["EnableKinesisStreamingConfiguration"] = *given;
    }
    destinations[stream] = std::move(stored);
    engine.save(table);
    return out;
}

Json update_kinesis(Engine& engine, Context& context, const Json& input) {
    Table& table = named_table(engine, context.caller, input);
    const std::string stream = string_member(input, "StreamArn");
    Json& stored = active_destination(table, stream, "update");
    Json out = destination_answer(table, stream, "UPDATING");
    if (const Json* given = find_member(input, "UpdateKinesisStreamingConfiguration")) {
        stored[kPrecision] = string_member(*given, kPrecision, "MILLISECOND");
        out["UpdateKinesisStreamingConfiguration"] = *given;
    }
    engine.save(table);
    return out;
}

Json disable_kinesis(Engine& engine, Context& context, const Json& input) {
    Table& table = named_table(engine, context.caller, input);
    const std::string stream = string_member(input, "StreamArn");
    active_destination(table, stream, "disable")["status"] = "DISABLED";
    engine.save(table);
    return destination_answer(table, stream, "DISABLING");
}

Json describe_kinesis(Engine& engine, Context& context, const Json& input) {
    const Table& table = named_table(engine, context.caller, input);
    Json list = Json::array();
    if (const Json* destinations = find_member(table.document(), "kinesis")) {
        for (const auto& [stream, stored] : destinations->items()) {
            Json one = {{"StreamArn", stream},
                        {"DestinationStatus", string_member(stored, "status")}};
            const std::string precision = string_member(stored, kPrecision);
            if (!precision.empty()) one[kPrecision] = precision;
            list.push_back(std::move(one));
        }
    }
    return {{"TableName", table.name()}, {"KinesisDataStreamDestinations", std::move(list)}};
}

// ---- global tables ----

/// There are none: their replication is not emulated.
Json list_global_tables(Engine&, Context&, const Json&) {
    return {{"GlobalTables", Json::array()}};
}

Json describe_global_table(Engine&, Context&, const Json& input) {
    throw AwsError("GlobalTableNotFoundException",
                   "Global table not found: Global table with name: '" +
                       string_member(input, "GlobalTableName") + "' not found.");
}

// ---- resource policies ----

/// Where the policy of what a request names is kept: a table's, or its stream's.
std::string policy_member(const Json& input) {
    const bool is_stream =
        string_member(input, "ResourceArn").find("/stream/") != std::string::npos;
    return is_stream ? "stream_policy" : "policy";
}

/// Throws where the request expects another revision than there is.
void check_revision(const Table& table, const Json& input) {
    const std::string expected = string_member(input, "ExpectedRevisionId");
    if (expected.empty()) return;
    const std::string present =
        string_member(table.document(), policy_member(input) + "_revision", "NO_POLICY");
    if (expected == present) return;
    throw AwsError("PolicyNotFoundException",
                   "The resource-based policy with the provided ExpectedRevisionId was not found");
}

Json put_policy(Engine& engine, Context& context, const Json& input) {
    Table& table = table_of_arn(engine, context.caller, input);
    const std::string policy = string_member(input, "Policy");
    check_revision(table, input);
    try {
        if (!parse_json(policy).is_object()) throw JsonError("not an object", 0);
    } catch (const JsonError&) {
        throw AwsError::validation("Resource-based policy document is not valid JSON");
    }
    const std::string member = policy_member(input);
    const std::string revision = engine.cloud().entropy().uuid();
    table.document()[member] = policy;
    table.document()[member + "_revision"] = revision;
    engine.save(table);
    return {{"RevisionId", revision}};
}

Json get_policy(Engine& engine, Context& context, const Json& input) {
    const Table& table = table_of_arn(engine, context.caller, input);
    const std::string member = policy_member(input);
    const std::string policy = string_member(table.document(), member);
    if (policy.empty()) {
        throw AwsError("PolicyNotFoundException",
                       "Resource-based policy not found for the provided ResourceArn");
    }
    return {{"Policy", policy},
            {"RevisionId", string_member(table.document(), member + "_revision")}};
}

Json delete_policy(Engine& engine, Context& context, const Json& input) {
    Table& table = table_of_arn(engine, context.caller, input);
    check_revision(table, input);
    const std::string member = policy_member(input);
    const std::string revision = string_member(table.document(), member + "_revision");
    table.document().erase(member);
    table.document().erase(member + "_revision");
    engine.save(table);
    return {{"RevisionId", revision}};
}

}  // namespace

void add_table_feature_operations(Service& service, Engine& engine) {
    using Handler = Json (*)(Engine&, Context&, const Json&);
    const auto add = [&](const char* name, Handler handler) {
        add_operation(service, name, [&engine, handler](Context& context, const Json& input) {
            return handler(engine, context, input);
        });
    };
    add("DescribeLimits", describe_limits);
    add("DescribeEndpoints", describe_endpoints);
    add("UpdateContributorInsights", update_insights);
    add("DescribeContributorInsights", describe_insights);
    add("ListContributorInsights", list_insights);
    add("EnableKinesisStreamingDestination", enable_kinesis);
    add("UpdateKinesisStreamingDestination", update_kinesis);
    add("DisableKinesisStreamingDestination", disable_kinesis);
    add("DescribeKinesisStreamingDestination", describe_kinesis);
    add("ListGlobalTables", list_global_tables);
    add("DescribeGlobalTable", describe_global_table);
    add("DescribeGlobalTableSettings", describe_global_table);
    add("PutResourcePolicy", put_policy);
    add("GetResourcePolicy", get_policy);
    add("DeleteResourcePolicy", delete_policy);
}

}  // namespace skafu::dynamodb

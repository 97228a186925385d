#include "dynamodb/describe.h"

namespace skafu::dynamodb {
namespace {

constexpr std::int64_t kDaySeconds = 24 * 3600;

/// The ProvisionedThroughput of a table or an index; zeros where it is on demand.
Json describe_throughput(const Json& document, std::int64_t now) {
    Json throughput = {
        {"NumberOfDecreasesToday", 0}, {"ReadCapacityUnits", 0}, {"WriteCapacityUnits", 0}};
    if (const Json* stored = find_member(document, "ProvisionedThroughput")) {
        for (const char* units : {"ReadCapacityUnits", "WriteCapacityUnits"}) {
            if (const Json* value = find_member(*stored, units)) throughput[units] = *value;
        }
    }
    if (const Json* changes = find_member(document, "throughput_changes")) {
        for (const char* last : {"LastIncreaseDateTime", "LastDecreaseDateTime"}) {
            if (const Json* at = find_member(*changes, last)) throughput[last] = *at;
        }
        const Json* day = find_member(*changes, "day");
        if (day != nullptr && *day == now / kDaySeconds) {
            throughput["NumberOfDecreasesToday"] = changes->at("decreases");
        }
    }
    return throughput;
}

std::int64_t now_seconds(Engine& engine) {
    return epoch_millis(engine.cloud().clock().now()) / 1000;
}

/// The totals of an index: of a large table, those counted within the last six hours.
Table::Totals index_totals_of(Engine& engine, Table& table, std::uint32_t space) {
    constexpr std::int64_t kCountedAlways = 20'000;
    constexpr std::int64_t kSixHours = 6 * 3600;
    const std::int64_t now = now_seconds(engine);
    const auto known = table.index_totals.find(space);
    if (known != table.index_totals.end() && totals_of(engine, table).items > kCountedAlways &&
        now - known->second.at < kSixHours) {
        return known->second.totals;
    }
    const Store::Totals counted =
        engine.store().index_totals(KeyBytes(space).bytes(), KeyBytes(space + 1).bytes());
    const Table::Totals totals{counted.items, counted.bytes};
    table.index_totals[space] = {totals, now};
    return totals;
}

Json describe_index(Engine& engine, Table& table, const Json& stored, std::string_view status) {
    const std::string name = string_member(stored, "IndexName");
    const auto space = stored.at("space").get<std::uint32_t>();
    Json index = {{"IndexName", name},
                  {"KeySchema", stored.at("KeySchema")},
                  {"Projection", stored.at("Projection")}};
    if (!status.empty()) {
        index["IndexStatus"] = status;
        index["ProvisionedThroughput"] = describe_throughput(stored, now_seconds(engine));
        if (const Json* on_demand = find_member(stored, "OnDemandThroughput")) {
            index["OnDemandThroughput"] = *on_demand;
        }
    }
    const Table::Totals totals = index_totals_of(engine, table, space);
    index["IndexSizeBytes"] = totals.bytes;
    index["ItemCount"] = totals.items;
    index["IndexArn"] = table.arn() + "/index/" + name;
    return index;
}

void add_settings(Json& out, const Table& table) {
    const Json& document = table.document();
    const bool on_demand = string_member(document, "BillingMode") == "PAY_PER_REQUEST";
    const Json* since = find_member(document, "on_demand_since");
    if (on_demand || since != nullptr) {
        const Json& at = since != nullptr ? *since : document.at("created");
        out["BillingModeSummary"] = {
            {"BillingMode", on_demand ? "PAY_PER_REQUEST" : "PROVISIONED"},
            {"LastUpdateToPayPerRequestDateTime", at.get<double>() / 1000}};
    }
    if (const Json* value = find_member(document, "OnDemandThroughput")) {
        out["OnDemandThroughput"] = *value;
    }
    if (const Json* value = find_member(document, "TableClass")) {
        out["TableClassSummary"] = {{"TableClass", *value}};
    }
    if (const Json* value = find_member(document, "SSEDescription")) {
        out["SSEDescription"] = *value;
    }
    if (const Json* value = find_member(document, "RestoreSummary")) {
        out["RestoreSummary"] = *value;
    }
    const Json* protection = find_member(document, "DeletionProtectionEnabled");
    out["DeletionProtectionEnabled"] = protection == nullptr ? Json(false) : *protection;
}

void add_stream(Json& out, const Table& table) {
    const Json& document = table.document();
    const std::string label = string_member(document, "latest_stream_label");
    if (label.empty()) return;
    if (const Json* stream = find_member(document, "stream")) {
        out["StreamSpecification"] = {{"StreamEnabled", true},
                                      {"StreamViewType", string_member(*stream, "view")}};
    }
    out["LatestStreamLabel"] = label;
    out["LatestStreamArn"] = table.arn() + "/stream/" + label;
}

}  // namespace

Table::Totals totals_of(Engine& engine, Table& table) {
    if (!table.totals) {
        const Store::Totals counted = engine.store().totals(KeyBytes(table.space()).bytes(),
                                                            KeyBytes(table.space() + 1).bytes());
        table.totals = Table::Totals{counted.items, counted.bytes};
    }
    return *table.totals;
}

Json describe_table(Engine& engine, Table& table, std::string_view status) {
    const Json& document = table.document();
    const Table::Totals totals = totals_of(engine, table);
    Json out = {{"AttributeDefinitions", document.at("AttributeDefinitions")},
                {"TableName", table.name()},
                {"KeySchema", document.at("KeySchema")},
                {"TableStatus", status},
                {"CreationDateTime", document.at("created").get<double>() / 1000}};
    out["ProvisionedThroughput"] = describe_throughput(document, now_seconds(engine));
    out["TableSizeBytes"] = totals.bytes;
    out["ItemCount"] = totals.items;
    out["TableArn"] = table.arn();
    out["TableId"] = document.at("TableId");
    add_settings(out, table);
    for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
        const Json* indexes = find_member(document, kind);
        if (indexes == nullptr || indexes->empty()) continue;
        const bool is_global = std::string_view(kind) == "GlobalSecondaryIndexes";
        Json list = Json::array();
        for (const Json& index : *indexes) {
            const std::string_view index_status = status == "CREATING" ? status : "ACTIVE";
            list.push_back(describe_index(engine, table, index, is_global ? index_status : ""));
        }
        out[kind] = std::move(list);
    }
    add_stream(out, table);
    return out;
}

Json describe_deleted_table(Engine& engine, Table& table) {
    Json out = describe_table(engine, table, "DELETING");
    for (const char* member : {"CreationDateTime", "KeySchema", "AttributeDefinitions",
                               "LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
        out.erase(member);
    }
    return out;
}

}  // namespace skafu::dynamodb

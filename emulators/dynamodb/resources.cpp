#include "core/cloud.h"
#include "dynamodb/operations.h"

namespace skafu::dynamodb::resources {
namespace {

/// Properties that CreateTable takes under their own names.
constexpr const char* kCreateMembers[] = {"AttributeDefinitions",
                                          "KeySchema",
                                          "BillingMode",
                                          "ProvisionedThroughput",
                                          "LocalSecondaryIndexes",
                                          "GlobalSecondaryIndexes",
                                          "TableClass",
                                          "DeletionProtectionEnabled",
                                          "Tags",
                                          "OnDemandThroughput"};

void clean_index(Json& index) {
    for (const char* member :
         {"ContributorInsightsSpecification", "WriteOnDemandThroughputSettings",
          "ReadOnDemandThroughputSettings"}) {
        index.erase(member);
    }
}

std::string table_name(const ResourceRequest& request) {
    return string_member(request.properties, "TableName", request.generated_name);
}

Json create_input(const ResourceRequest& request) {
    Json input = {{"TableName", table_name(request)}};
    for (const char* member : kCreateMembers) {
        const Json* value = find_member(request.properties, member);
        if (value != nullptr && !value->is_null()) input[member] = *value;
    }
    if (Json* indexes =
            input.contains("GlobalSecondaryIndexes") ? &input["GlobalSecondaryIndexes"] : nullptr) {
        for (Json& index : *indexes) clean_index(index);
    }
    if (const Json* stream = find_member(request.properties, "StreamSpecification")) {
        input["StreamSpecification"] = {
            {"StreamEnabled", true}, {"StreamViewType", string_member(*stream, "StreamViewType")}};
    }
    if (const Json* sse = find_member(request.properties, "SSESpecification")) {
        Json specification = *sse;
        if (const Json* enabled = find_member(*sse, "SSEEnabled")) {
            specification["Enabled"] = *enabled;
            specification.erase("SSEEnabled");
        }
        input["SSESpecification"] = std::move(specification);
    }
    return input;
}

ResourceState state_of(const Json& table) {
    ResourceState state;
    state.physical_id = table.at("TableName").get<std::string>();
    state.ref = state.physical_id;
    state.attributes = {{"Arn", table.at("TableArn")}, {"TableId", table.at("TableId")}};
    if (const Json* stream = find_member(table, "LatestStreamArn")) {
        state.attributes["StreamArn"] = *stream;
    }
    return state;
}

/// The settings that have operations of their own.
Task<void> apply_settings(Cloud& cloud, ResourceRequest request, std::string name) {
    const Json* ttl = find_member(request.properties, "TimeToLiveSpecification");
    const Json* old_ttl = find_member(request.old_properties, "TimeToLiveSpecification");
    if (ttl != nullptr && (old_ttl == nullptr || *ttl != *old_ttl)) {
        Json input = {{"TableName", name}, {"TimeToLiveSpecification", *ttl}};
        co_await cloud.call_json("dynamodb", "UpdateTimeToLive", std::move(input), request.caller,
                                 request.cause);
    }
    const Json* recovery = find_member(request.properties, "PointInTimeRecoverySpecification");
    if (recovery != nullptr && cloud.find_operation("dynamodb", "UpdateContinuousBackups")) {
        Json input = {{"TableName", name}, {"PointInTimeRecoverySpecification", *recovery}};
        co_await cloud.call_json("dynamodb", "UpdateContinuousBackups", std::move(input),
                                 request.caller, request.cause);
    }
}

Task<ResourceState> describe_state(Cloud& cloud, ResourceRequest request, std::string name) {
    Json input = {{"TableName", name}};
    const Json described = co_await cloud.call_json("dynamodb", "DescribeTable", std::move(input),
                                                    request.caller, request.cause);
    co_return state_of(described.at("Table"));
}

Task<ResourceState> create(Cloud& cloud, ResourceRequest request) {
    Json input = create_input(request);
    const std::string name = table_name(request);
    co_await cloud.call_json("dynamodb", "CreateTable", std::move(input), request.caller,
                             request.cause);
    co_await apply_settings(cloud, request, name);
    ResourceState state = co_await describe_state(cloud, request, name);
    co_return state;
}

/// The first difference between two lists of global indexes, as UpdateTable takes it.
Json index_update(const Json& old_indexes, const Json& new_indexes) {
    const auto named = [](const Json& indexes, const Json& name) {
        for (const Json& index : indexes) {
            if (index.at("IndexName") == name) return true;
        }
        return false;
    };
    for (const Json& index : old_indexes) {
        if (!named(new_indexes, index.at("IndexName"))) {
            return {{"Delete", {{"IndexName", index.at("IndexName")}}}};
        }
    }
    for (Json index : new_indexes) {
        if (named(old_indexes, index.at("IndexName"))) continue;
        clean_index(index);
        return {{"Create", std::move(index)}};
    }
    return nullptr;
}

Json list_of(const Json& object, std::string_view name) {
    const Json* member = find_member(object, name);
    return member != nullptr && member->is_array() ? *member : Json::array();
}

/// The members of UpdateTable that differ; CloudFormation too changes one index at a time.
Json update_input(const ResourceRequest& request) {
    Json input = {{"TableName", request.physical_id}};
    for (const char* member : {"BillingMode", "ProvisionedThroughput", "TableClass",
                               "DeletionProtectionEnabled", "OnDemandThroughput"}) {
        const Json* value = find_member(request.properties, member);
        const Json* old = find_member(request.old_properties, member);
        if (value != nullptr && (old == nullptr || *old != *value)) input[member] = *value;
    }
    const Json* stream = find_member(request.properties, "StreamSpecification");
    const Json* old_stream = find_member(request.old_properties, "StreamSpecification");
    if (stream != nullptr && old_stream == nullptr) {
        input["StreamSpecification"] = {
            {"StreamEnabled", true}, {"StreamViewType", string_member(*stream, "StreamViewType")}};
    } else if (stream == nullptr && old_stream != nullptr) {
        input["StreamSpecification"] = {{"StreamEnabled", false}};
    }
    return input;
}

Task<ResourceState> update(Cloud& cloud, ResourceRequest request) {
    Json input = update_input(request);
    if (input.size() > 1) {
        co_await cloud.call_json("dynamodb", "UpdateTable", std::move(input), request.caller,
                                 request.cause);
    }
    Json present = list_of(request.old_properties, "GlobalSecondaryIndexes");
    const Json wanted = list_of(request.properties, "GlobalSecondaryIndexes");
    for (Json change = index_update(present, wanted); !change.is_null();
         change = index_update(present, wanted)) {
        if (const Json* created = find_member(change, "Create")) {
            present.push_back(*created);
        } else {
            const Json name = change.at("Delete").at("IndexName");
            for (std::size_t i = 0; i < present.size(); ++i) {
                if (present[i].at("IndexName") == name) present.erase(i--);
            }
        }
        Json step = {{"TableName", request.physical_id},
                     {"AttributeDefinitions", list_of(request.properties, "AttributeDefinitions")},
                     {"GlobalSecondaryIndexUpdates", Json::array({std::move(change)})}};
        co_await cloud.call_json("dynamodb", "UpdateTable", std::move(step), request.caller,
                                 request.cause);
    }
    co_await apply_settings(cloud, request, request.physical_id);
    ResourceState state = co_await describe_state(cloud, request, request.physical_id);
    co_return state;
}

Task<void> remove(Cloud& cloud, ResourceRequest request) {
    Json input = {{"TableName", request.physical_id}};
    co_await cloud.call_json("dynamodb", "DeleteTable", std::move(input), request.caller,
                             request.cause);
}

}  // namespace

void add_types(Cloud& cloud, Engine&) {
    ResourceType table;
    table.name = "AWS::DynamoDB::Table";
    table.create = create;
    table.update = update;
    table.remove = remove;
    table.replaced_by = {"TableName", "KeySchema", "LocalSecondaryIndexes"};
    cloud.resource_types().add(table);
    // A global table is a table here: its replicas lie in regions of their own.
    table.name = "AWS::DynamoDB::GlobalTable";
    cloud.resource_types().add(std::move(table));
}

}  // namespace skafu::dynamodb::resources

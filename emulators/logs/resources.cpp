#include "core/aws_error.h"
#include "logs/log_service.h"

namespace skafu::logs::resources {

namespace {

/// CloudFormation's list of {Key, Value} as the map that the API takes.
Json tag_map(const Json& properties) {
    Json tags = Json::object();
    if (const Json* list = find_member(properties, "Tags")) {
        for (const Json& tag : *list)
            tags[string_member(tag, "Key")] = tag.value("Value", Json(""));
    }
    return tags;
}

Json call(Cloud& cloud, const ResourceRequest& request, std::string_view operation, Json input) {
    Call wish{"logs", operation, Document(std::move(input)), request.caller, request.cause, {}};
    return cloud.call_now(std::move(wish)).take_value();
}

void put_retention(Cloud& cloud, const ResourceRequest& request, const std::string& name) {
    const Json* days = find_member(request.properties, "RetentionInDays");
    if (days == nullptr) {
        call(cloud, request, "DeleteRetentionPolicy", {{"logGroupName", name}});
        return;
    }
    // Templates often carry numbers as texts.
    const int value = days->is_string() ? std::stoi(days->get<std::string>()) : days->get<int>();
    call(cloud, request, "PutRetentionPolicy",
         {{"logGroupName", name}, {"retentionInDays", value}});
}

ResourceState group_state(const ResourceRequest& request, const std::string& name) {
    ResourceState state;
    state.physical_id = name;
    state.attributes["Arn"] = group_arn(request.caller, name) + ":*";
    return state;
}

Task<ResourceState> create_group(Cloud& cloud, ResourceRequest request) {
    const std::string name =
        string_member(request.properties, "LogGroupName", request.generated_name);
    Json input = {{"logGroupName", name}, {"tags", tag_map(request.properties)}};
    if (const Json* key = find_member(request.properties, "KmsKeyId")) input["kmsKeyId"] = *key;
    try {
        call(cloud, request, "CreateLogGroup", std::move(input));
    } catch (const AwsError& error) {
        // A function that ran before its group was declared has made it already.
        if (request.strict || error.code() != "ResourceAlreadyExistsException") throw;
    }
    put_retention(cloud, request, name);
    co_return group_state(request, name);
}

Task<ResourceState> update_group(Cloud& cloud, ResourceRequest request) {
    put_retention(cloud, request, request.physical_id);
    co_return group_state(request, request.physical_id);
}

Task<void> remove_group(Cloud& cloud, ResourceRequest request) {
    call(cloud, request, "DeleteLogGroup", {{"logGroupName", request.physical_id}});
    co_return;
}

Task<ResourceState> create_stream(Cloud& cloud, ResourceRequest request) {
    const std::string name =
        string_member(request.properties, "LogStreamName", request.generated_name);
    call(cloud, request, "CreateLogStream",
         {{"logGroupName", string_member(request.properties, "LogGroupName")},
          {"logStreamName", name}});
    ResourceState state;
    state.physical_id = name;
    co_return state;
}

Task<void> remove_stream(Cloud& cloud, ResourceRequest request) {
    call(cloud, request, "DeleteLogStream",
         {{"logGroupName", string_member(request.properties, "LogGroupName")},
          {"logStreamName", request.physical_id}});
    co_return;
}

/// The filters' properties are the API's members with a capital first letter.
Json lower_members(const Json& value) {
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json& each : value) list.push_back(lower_members(each));
        return list;
    }
    if (!value.is_object()) return value;
    Json members = Json::object();
    for (const auto& [name, member] : value.items()) {
        std::string lower = name;
        lower.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(lower.front())));
        members[lower] = lower_members(member);
    }
    return members;
}

Task<ResourceState> put_filter(Cloud& cloud, ResourceRequest request, std::string operation) {
    const std::string generated =
        request.physical_id.empty() ? request.generated_name : request.physical_id;
    Json input = lower_members(request.properties);
    ResourceState state;
    state.physical_id = string_member(input, "filterName", generated);
    input["filterName"] = state.physical_id;
    call(cloud, request, operation, std::move(input));
    co_return state;
}

Task<void> delete_filter(Cloud& cloud, ResourceRequest request, std::string operation) {
    call(cloud, request, operation,
         {{"logGroupName", string_member(request.properties, "LogGroupName")},
          {"filterName", request.physical_id}});
    co_return;
}

ResourceType filter_type(std::string type, std::string put, std::string remove) {
    ResourceType filter;
    filter.name = std::move(type);
    filter.create = [put](Cloud& cloud, ResourceRequest request) {
        return put_filter(cloud, std::move(request), put);
    };
    filter.update = filter.create;
    filter.replaced_by = {"FilterName", "LogGroupName"};
    filter.remove = [remove](Cloud& cloud, ResourceRequest request) {
        return delete_filter(cloud, std::move(request), remove);
    };
    return filter;
}

Task<ResourceState> put_policy(Cloud& cloud, ResourceRequest request) {
    ResourceState state;
    state.physical_id = string_member(request.properties, "PolicyName");
    call(cloud, request, "PutResourcePolicy", lower_members(request.properties));
    co_return state;
}

Task<void> remove_policy(Cloud& cloud, ResourceRequest request) {
    call(cloud, request, "DeleteResourcePolicy", {{"policyName", request.physical_id}});
    co_return;
}

}  // namespace

void add_types(Cloud& cloud) {
    ResourceType group;
    group.name = "AWS::Logs::LogGroup";
    group.create = create_group;
    group.update = update_group;
    group.remove = remove_group;
    group.replaced_by = {"LogGroupName"};
    cloud.resource_types().add(std::move(group));
    ResourceType stream;
    stream.name = "AWS::Logs::LogStream";
    stream.create = create_stream;
    stream.remove = remove_stream;
    cloud.resource_types().add(std::move(stream));
    ResourceType policy;
    policy.name = "AWS::Logs::ResourcePolicy";
    policy.create = put_policy;
    policy.update = put_policy;
    policy.remove = remove_policy;
    policy.replaced_by = {"PolicyName"};
    cloud.resource_types().add(std::move(policy));
    cloud.resource_types().add(filter_type("AWS::Logs::SubscriptionFilter", "PutSubscriptionFilter",
                                           "DeleteSubscriptionFilter"));
    cloud.resource_types().add(
        filter_type("AWS::Logs::MetricFilter", "PutMetricFilter", "DeleteMetricFilter"));
}

}  // namespace skafu::logs::resources

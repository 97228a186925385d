#include "core/arn.h"
#include "core/cloud.h"
#include "core/text.h"
#include "sqs/operations.h"

namespace skafu::sqs::resources {
namespace {

constexpr std::string_view kQueueAttributes[] = {"ContentBasedDeduplication",
                                                 "DeduplicationScope",
                                                 "DelaySeconds",
                                                 "FifoQueue",
                                                 "FifoThroughputLimit",
                                                 "KmsDataKeyReusePeriodSeconds",
                                                 "KmsMasterKeyId",
                                                 "MaximumMessageSize",
                                                 "MessageRetentionPeriod",
                                                 "ReceiveMessageWaitTimeSeconds",
                                                 "RedriveAllowPolicy",
                                                 "RedrivePolicy",
                                                 "SqsManagedSseEnabled",
                                                 "VisibilityTimeout"};

Json to_attributes(const Json& properties) {
    Json out = Json::object();
    for (const std::string_view name : kQueueAttributes) {
        const Json* value = find_member(properties, name);
        if (value == nullptr || value->is_null()) continue;
        if (name == "FifoQueue" && plain_text(*value) != "true") continue;
        out[name] = plain_text(*value);
    }
    return out;
}

Json to_tags(const Json& properties) {
    Json out = Json::object();
    if (const Json* tags = find_member(properties, "Tags"); tags != nullptr && tags->is_array()) {
        for (const Json& tag : *tags) out[string_member(tag, "Key")] = tag.value("Value", Json(""));
    }
    return out;
}

ResourceState queue_state(const ResourceRequest& request, const std::string& url) {
    const std::string name = url.substr(url.rfind('/') + 1);
    ResourceState state;
    state.physical_id = url;
    state.attributes = {
        {"Arn", make_arn("sqs", request.caller.region, request.caller.account, name)},
        {"QueueName", name},
        {"QueueUrl", url}};
    return state;
}

Task<ResourceState> create_queue(Cloud& cloud, ResourceRequest request) {
    Json attributes = to_attributes(request.properties);
    std::string name = string_member(request.properties, "QueueName");
    if (name.empty()) {
        const bool fifo = attributes.contains("FifoQueue");
        name = request.generated_name.substr(0, fifo ? 75 : 80) + (fifo ? ".fifo" : "");
    }
    Json input = {{"QueueName", name},
                  {"Attributes", std::move(attributes)},
                  {"tags", to_tags(request.properties)}};
    Json made = co_await cloud.call_json("sqs", "CreateQueue", std::move(input), request.caller,
                                         request.cause);
    co_return queue_state(request, string_member(made, "QueueUrl"));
}

Task<ResourceState> update_queue(Cloud& cloud, ResourceRequest request) {
    Json attributes = to_attributes(request.properties);
    // What the template no longer says goes back to SQS's default.
    const Json before = to_attributes(request.old_properties);
    constexpr std::pair<std::string_view, std::string_view> kDefaults[] = {
        {"DelaySeconds", "0"},       {"MaximumMessageSize", "1048576"},
        {"RedrivePolicy", ""},       {"MessageRetentionPeriod", "345600"},
        {"VisibilityTimeout", "30"}, {"ReceiveMessageWaitTimeSeconds", "0"},
        {"RedriveAllowPolicy", ""}};
    for (const auto& [name, value] : kDefaults) {
        if (before.contains(name) && !attributes.contains(name)) attributes[name] = value;
    }
    attributes.erase("FifoQueue");
    if (!attributes.empty()) {
        Json input = {{"QueueUrl", request.physical_id}, {"Attributes", std::move(attributes)}};
        co_await cloud.call_json("sqs", "SetQueueAttributes", std::move(input), request.caller,
                                 request.cause);
    }
    Json tags = to_tags(request.properties);
    if (!tags.empty()) {
        Json input = {{"QueueUrl", request.physical_id}, {"Tags", std::move(tags)}};
        co_await cloud.call_json("sqs", "TagQueue", std::move(input), request.caller,
                                 request.cause);
    }
    co_return queue_state(request, request.physical_id);
}

Task<void> remove_queue(Cloud& cloud, ResourceRequest request) {
    Json input = {{"QueueUrl", request.physical_id}};
    co_await cloud.call_json("sqs", "DeleteQueue", std::move(input), request.caller, request.cause);
}

Task<void> set_policies(Cloud& cloud, ResourceRequest request, std::string policy) {
    const Json* queues = find_member(request.properties, "Queues");
    if (queues == nullptr || !queues->is_array()) co_return;
    for (const Json& queue : *queues) {
        Json input = {{"QueueUrl", queue}, {"Attributes", {{"Policy", policy}}}};
        co_await cloud.call_json("sqs", "SetQueueAttributes", std::move(input), request.caller,
                                 request.cause);
    }
}

Task<ResourceState> put_policy(Cloud& cloud, ResourceRequest request) {
    const Json* document = find_member(request.properties, "PolicyDocument");
    ResourceState state;
    state.physical_id = request.physical_id.empty() ? request.generated_name : request.physical_id;
    state.attributes = {{"Id", state.physical_id}};
    std::string policy = document == nullptr ? std::string() : plain_text(*document);
    co_await set_policies(cloud, std::move(request), std::move(policy));
    co_return state;
}

Task<void> remove_policy(Cloud& cloud, ResourceRequest request) {
    return set_policies(cloud, std::move(request), std::string());
}

}  // namespace

void add_types(Cloud& cloud) {
    cloud.resource_types().add(
        {"AWS::SQS::Queue", create_queue, update_queue, remove_queue, {"QueueName", "FifoQueue"}});
    cloud.resource_types().add(
        {"AWS::SQS::QueuePolicy", put_policy, put_policy, remove_policy, {}});
}

}  // namespace skafu::sqs::resources

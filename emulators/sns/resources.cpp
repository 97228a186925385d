#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/text.h"
#include "sns/topics.h"

namespace skafu::sns::resources {
namespace {

Json call(Cloud& cloud, const ResourceRequest& request, std::string_view operation, Json input) {
    return cloud
        .call_now({"sns", operation, Document(std::move(input)), request.caller, request.cause, {}})
        .take_value();
}

Json chosen(const Json& properties, std::initializer_list<std::string_view> names) {
    Json out = Json::object();
    for (const std::string_view name : names) {
        const Json* value = find_member(properties, name);
        if (value != nullptr && !value->is_null()) out[name] = plain_text(*value);
    }
    return out;
}

ResourceState topic_state(const std::string& arn, const Json& properties) {
    ResourceState state;
    state.physical_id = arn;
    state.attributes = {{"TopicArn", arn}, {"TopicName", arn.substr(arn.rfind(':') + 1)}};
    // Not documented for Fn::GetAtt, but AWS answers it.
    if (const Json* name = find_member(properties, "DisplayName")) {
        state.attributes["DisplayName"] = *name;
    }
    return state;
}

void subscribe_all(Cloud& cloud, const ResourceRequest& request, const std::string& topic) {
    const Json* all = find_member(request.properties, "Subscription");
    if (all == nullptr || !all->is_array()) return;
    for (const Json& one : *all) {
        call(cloud, request, "Subscribe",
             {{"TopicArn", topic},
              {"Protocol", string_member(one, "Protocol")},
              {"Endpoint", string_member(one, "Endpoint")}});
    }
}

Task<ResourceState> create_topic(Cloud& cloud, ResourceRequest request) {
    Json attributes = chosen(request.properties, {"DisplayName", "KmsMasterKeyId", "FifoTopic",
                                                  "ContentBasedDeduplication", "TracingConfig"});
    if (string_member(attributes, "FifoTopic") != "true") attributes.erase("FifoTopic");
    std::string name = string_member(request.properties, "TopicName");
    if (name.empty()) {
        name = request.generated_name + (attributes.contains("FifoTopic") ? ".fifo" : "");
    }
    Json input = {{"Name", name}, {"Attributes", std::move(attributes)}};
    if (const Json* tags = find_member(request.properties, "Tags")) input["Tags"] = *tags;
    const std::string arn =
        string_member(call(cloud, request, "CreateTopic", std::move(input)), "TopicArn");
    subscribe_all(cloud, request, arn);
    co_return topic_state(arn, request.properties);
}

Task<ResourceState> update_topic(Cloud& cloud, ResourceRequest request) {
    const Json attributes =
        chosen(request.properties, {"DisplayName", "KmsMasterKeyId", "ContentBasedDeduplication"});
    for (const auto& [name, value] : attributes.items()) {
        call(cloud, request, "SetTopicAttributes",
             {{"TopicArn", request.physical_id},
              {"AttributeName", name},
              {"AttributeValue", value}});
    }
    subscribe_all(cloud, request, request.physical_id);
    co_return topic_state(request.physical_id, request.properties);
}

Task<void> remove_topic(Cloud& cloud, ResourceRequest request) {
    call(cloud, request, "DeleteTopic", {{"TopicArn", request.physical_id}});
    co_return;
}

const std::initializer_list<std::string_view> kSubscriptionAttributes = {
    "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy"};

Task<ResourceState> create_subscription(Cloud& cloud, ResourceRequest request) {
    const Json& properties = request.properties;
    const Json made = call(cloud, request, "Subscribe",
                           {{"TopicArn", string_member(properties, "TopicArn")},
                            {"Protocol", string_member(properties, "Protocol")},
                            {"Endpoint", string_member(properties, "Endpoint")},
                            {"Attributes", chosen(properties, kSubscriptionAttributes)},
                            {"ReturnSubscriptionArn", true}});
    ResourceState state;
    state.physical_id = string_member(made, "SubscriptionArn");
    state.attributes = {{"Arn", state.physical_id}};
    co_return state;
}

Task<ResourceState> update_subscription(Cloud& cloud, ResourceRequest request) {
    const Json attributes = chosen(request.properties, kSubscriptionAttributes);
    const Json before = chosen(request.old_properties, kSubscriptionAttributes);
    for (const std::string_view name : kSubscriptionAttributes) {
        if (!attributes.contains(name) && !before.contains(name)) continue;
        call(cloud, request, "SetSubscriptionAttributes",
             {{"SubscriptionArn", request.physical_id},
              {"AttributeName", name},
              {"AttributeValue", string_member(attributes, name)}});
    }
    ResourceState state;
    state.physical_id = request.physical_id;
    state.attributes = {{"Arn", state.physical_id}};
    co_return state;
}

Task<void> remove_subscription(Cloud& cloud, ResourceRequest request) {
    call(cloud, request, "Unsubscribe", {{"SubscriptionArn", request.physical_id}});
    co_return;
}

Task<ResourceState> put_policy(Cloud& cloud, ResourceRequest request) {
    const Json* document = find_member(request.properties, "PolicyDocument");
    const Json* topics = find_member(request.properties, "Topics");
    if (document != nullptr && topics != nullptr && topics->is_array()) {
        for (const Json& topic : *topics) {
            call(cloud, request, "SetTopicAttributes",
                 {{"TopicArn", topic},
                  {"AttributeName", "Policy"},
                  {"AttributeValue", plain_text(*document)}});
        }
    }
    ResourceState state;
    state.physical_id = request.physical_id.empty() ? request.generated_name : request.physical_id;
    state.attributes = {{"Id", state.physical_id}};
    co_return state;
}

Task<void> remove_policy(Cloud&, ResourceRequest) {
    co_return;  // the policy goes with its topics, which a stack removes after it
}

}  // namespace

void add_types(Cloud& cloud) {
    ResourceTypes& types = cloud.resource_types();
    types.add(
        {"AWS::SNS::Topic", create_topic, update_topic, remove_topic, {"TopicName", "FifoTopic"}});
    types.add({"AWS::SNS::Subscription",
               create_subscription,
               update_subscription,
               remove_subscription,
               {"TopicArn", "Protocol", "Endpoint"}});
    types.add({"AWS::SNS::TopicPolicy", put_policy, put_policy, remove_policy, {}});
}

}  // namespace skafu::sns::resources

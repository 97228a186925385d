#include "core/arn.h"
#include "core/aws_error.h"
#include "core/data_reset.h"
#include "core/text.h"
#include "sns/sns.h"
#include "sns/topics.h"

namespace skafu::sns {
namespace {

void check_name(const std::string& name, const Json& attributes) {
    const bool fifo = string_member(attributes, "FifoTopic") == "true";
    const std::string stem = name.ends_with(".fifo") ? name.substr(0, name.size() - 5) : name;
    const bool valid = !stem.empty() && name.size() <= 256 &&
                       stem.find_first_not_of(
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                           "0123456789_-") == std::string::npos;
    if (valid && name.ends_with(".fifo") == fifo) return;
    throw invalid_parameter(fifo ? "Fifo Topic names must end with .fifo and must be made up of "
                                   "only uppercase and lowercase ASCII letters, numbers, "
                                   "underscores, and hyphens, and must be between 1 and 256 "
                                   "characters long."
                                 : "Topic Name");
}

Json create_topic(Topics& topics, Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    Json attributes = Json::object();
    if (const Json* given = find_member(input, "Attributes"); given && given->is_object()) {
        for (const auto& [key, value] : given->items()) attributes[key] = plain_text(value);
    }
    check_name(name, attributes);
    const Scope scope = context.caller.scope();
    const Json answer = {{"TopicArn", make_arn("sns", scope.region, scope.account, name)}};
    if (const Json* existing = topics.topics().find(scope, name)) {
        for (const auto& [key, value] : attributes.items()) {
            if (string_member(existing->at("attributes"), key) !=
                value.get_ref<const std::string&>()) {
                throw invalid_parameter(
                    "Attributes Reason: Topic already exists with different attributes");
            }
        }
        return answer;
    }
    topics.topics().put(
        scope, name,
        {{"attributes", std::move(attributes)}, {"tags", input.value("Tags", Json::array())}});
    return answer;
}

Json delete_topic(Topics& topics, Context&, const Json& input) {
    const std::string arn = string_member(input, "TopicArn");
    for (const Json& subscription : topics.subscriptions_of(arn)) {
        topics.remove_subscription(string_member(subscription, "SubscriptionArn"));
    }
    topics.topics().erase(scope_of_arn(arn), name_of_arn(arn));
    return Json::object();
}

Json list_topics(Topics& topics, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    Json all = Json::array();
    Json out = Json::object();
    topics.topics().for_each(
        scope,
        [&](const std::string& name, const Json&) {
            if (all.size() == kPage) {
                out["NextToken"] = name;
                return false;
            }
            all.push_back({{"TopicArn", make_arn("sns", scope.region, scope.account, name)}});
            return true;
        },
        string_member(input, "NextToken"));
    out["Topics"] = std::move(all);
    return out;
}

Json get_topic_attributes(Topics& topics, Context&, const Json& input) {
    const std::string arn = string_member(input, "TopicArn");
    const Json& topic = topics.require_topic(arn);
    int confirmed = 0;
    int pending = 0;
    for (const Json& subscription : topics.subscriptions_of(arn)) {
        ++(subscription.at("confirmed").get<bool>() ? confirmed : pending);
    }
    const std::string account = scope_of_arn(arn).account;
    Json attributes = {
        {"TopicArn", arn},
        {"Owner", account},
        {"SubscriptionsConfirmed", std::to_string(confirmed)},
        {"SubscriptionsPending", std::to_string(pending)},
        {"SubscriptionsDeleted", "0"},
        {"DisplayName", ""},
        {"EffectiveDeliveryPolicy",
         R"({"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,)"
         R"("numRetries":3}}})"},
        {"Policy", fmt::format(R"({{"Version":"2008-10-17","Id":"__default_policy_ID",)"
                               R"("Statement":[{{"Sid":"__default_statement_ID","Effect":"Allow",)"
                               R"("Principal":{{"AWS":"*"}},"Action":["SNS:Publish"],)"
                               R"("Resource":"{}"}}]}})",
                               arn)}};
    for (const auto& [name, value] : topic.at("attributes").items()) attributes[name] = value;
    return {{"Attributes", std::move(attributes)}};
}

Json set_topic_attributes(Topics& topics, Context&, const Json& input) {
    const std::string arn = string_member(input, "TopicArn");
    Json topic = topics.require_topic(arn);
    topic["attributes"][string_member(input, "AttributeName")] =
        string_member(input, "AttributeValue");
    topics.topics().put(scope_of_arn(arn), name_of_arn(arn), std::move(topic));
    return Json::object();
}

/// TagResource, UntagResource, ListTagsForResource.
Json tags(Topics& topics, Context& context, const Json& input) {
    const std::string arn = string_member(input, "ResourceArn");
    Json topic = topics.require_topic(arn);
    if (context.operation == "ListTagsForResource") return {{"Tags", topic.at("tags")}};
    Json kept = Json::array();
    const Json keys = input.value("TagKeys", Json::array());
    const Json given = input.value("Tags", Json::array());
    for (const Json& tag : topic["tags"]) {
        const bool removed = std::find(keys.begin(), keys.end(), tag.at("Key")) != keys.end();
        const bool replaced = std::any_of(given.begin(), given.end(), [&](const Json& other) {
            return other.at("Key") == tag.at("Key");
        });
        if (!removed && !replaced) kept.push_back(tag);
    }
    for (const Json& tag : given) kept.push_back(tag);
    topic["tags"] = std::move(kept);
    topics.topics().put(scope_of_arn(arn), name_of_arn(arn), std::move(topic));
    return Json::object();
}

}  // namespace

void add_topic_operations(Service& service, Topics& topics) {
    using namespace shape;
    using Plain = Json (*)(Topics&, Context&, const Json&);
    const auto add = [&](std::string name, std::vector<Shape::Member> members, Plain handler) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        operation.xml.map_names = {{"Attributes", {"key", "value"}}};
        service.add(std::move(operation), [&topics, handler](Context& context, const Json& input) {
            return handler(topics, context, input);
        });
    };
    const Shape tag_list =
        list(structure({required("Key", string()), required("Value", string())}));
    const Shape::Member arn = required("TopicArn", string());
    const Shape::Member resource = required("ResourceArn", string());
    add("CreateTopic",
        {required("Name", string()), optional("Attributes", map(string(), any())),
         optional("Tags", tag_list)},
        create_topic);
    add("DeleteTopic", {arn}, delete_topic);
    add("ListTopics", {optional("NextToken", string())}, list_topics);
    add("GetTopicAttributes", {arn}, get_topic_attributes);
    add("SetTopicAttributes",
        {arn, required("AttributeName", string()), optional("AttributeValue", string())},
        set_topic_attributes);
    add("TagResource", {resource, required("Tags", tag_list)}, tags);
    add("UntagResource", {resource, required("TagKeys", list(string()))}, tags);
    add("ListTagsForResource", {resource}, tags);
}

void register_sns(Cloud& cloud) {
    Topics& topics = cloud.own(std::make_unique<Topics>(cloud));
    Service service;
    service.name = "sns";
    service.protocols = {Protocol::query};
    service.api_version = "2010-03-31";
    service.xml_namespace = "http://sns.amazonaws.com/doc/2010-03-31/";
    service.sdk_names = {"sns"};
    service.validation_code = "InvalidParameter";
    service.reset = [&topics](const Scope* scope) { topics.reset(scope); };
    add_data_reset(service, [&topics](const Scope* scope) { topics.clear_data(scope); });
    service.describe = [&topics](Service& service) {
        add_topic_operations(service, topics);
        add_subscription_operations(service, topics);
        add_publish_operations(service, topics);
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
    cloud.admin().add_json("GET", "/_skafu/sns/messages", [&topics](const AdminRequest&) -> Json {
        Json all = Json::array();
        for (const Json& message : topics.recorded()) all.push_back(message);
        return {{"messages", std::move(all)}};
    });
}

}  // namespace skafu::sns

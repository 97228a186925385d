#include "core/arn.h"
#include "core/aws_error.h"
#include "sns/filter_policy.h"
#include "sns/topics.h"

namespace skafu::sns {
namespace {

void check_attribute(const std::string& name, const std::string& value) {
    constexpr std::string_view kNames[] = {
        "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope",  "RawMessageDelivery",
        "RedrivePolicy",  "ReplayPolicy", "SubscriptionRoleArn"};
    if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) {
        throw invalid_parameter("AttributeName");
    }
    if (name == "FilterPolicy" && !value.empty()) {
        try {
            check_filter_policy(parse_json(value));
        } catch (const JsonError&) {
            throw invalid_parameter("FilterPolicy: failed to parse JSON.");
        }
    }
    if (name == "RedrivePolicy" && !value.empty()) {
        try {
            parse_json(value);
        } catch (const JsonError&) {
            throw invalid_parameter("RedrivePolicy: failed to parse JSON.");
        }
    }
}

bool is_protocol(const std::string& protocol) {
    for (const std::string_view known : {"sqs", "lambda", "http", "https", "email", "email-json",
                                         "sms", "application", "firehose"}) {
        if (protocol == known) return true;
    }
    return false;
}

/// An endpoint of another kind than its protocol would never get a message.
void check_endpoint(const std::string& protocol, const std::string& endpoint) {
    const auto arn = Arn::parse(endpoint);
    if (protocol == "sqs" && (!arn || arn->service != "sqs")) {
        throw invalid_parameter("SQS endpoint ARN");
    }
    if (protocol == "lambda" && (!arn || arn->service != "lambda")) {
        throw invalid_parameter("Lambda endpoint ARN");
    }
    if ((protocol == "http" || protocol == "https") && !endpoint.starts_with(protocol + "://")) {
        throw invalid_parameter("Endpoint must match the specified protocol");
    }
    if (protocol.starts_with("email") && endpoint.find('@') == std::string::npos) {
        throw invalid_parameter("Email address");
    }
}

/// Queues, functions and phones need not confirm; mail cannot, so it counts as confirmed.
bool must_confirm(const std::string& protocol) {
    return protocol == "http" || protocol == "https";
}

Json subscribe(Topics& topics, Context& context, const Json& input) {
    const std::string topic = string_member(input, "TopicArn");
    const std::string protocol = string_member(input, "Protocol");
    const std::string endpoint = string_member(input, "Endpoint");
    if (!is_protocol(protocol)) {
        throw invalid_parameter("Amazon SNS does not support this protocol string: " + protocol);
    }
    topics.require_topic(topic);
    check_endpoint(protocol, endpoint);
    Json attributes = Json::object();
    if (const Json* given = find_member(input, "Attributes"); given && given->is_object()) {
        for (const auto& [name, value] : given->items()) {
            attributes[name] = value.is_string() ? value.get<std::string>() : to_text(value);
            check_attribute(name, string_member(attributes, name));
        }
    }
    for (const Json& existing : topics.subscriptions_of(topic)) {
        if (string_member(existing, "Protocol") == protocol &&
            string_member(existing, "Endpoint") == endpoint) {
            return {{"SubscriptionArn", existing.at("SubscriptionArn")}};
        }
    }
    const std::string arn = topic + ":" + context.cloud.entropy().uuid();
    Json subscription = {{"SubscriptionArn", arn},
                         {"TopicArn", topic},
                         {"Protocol", protocol},
                         {"Endpoint", endpoint},
                         {"Owner", context.caller.account},
                         {"attributes", std::move(attributes)},
                         {"token", context.cloud.entropy().hex(64)},
                         {"confirmed", !must_confirm(protocol)}};
    topics.save_subscription(subscription);
    if (!must_confirm(protocol)) return {{"SubscriptionArn", arn}};
    context.cloud.spawn(ask_to_confirm(topics, std::move(subscription), context.activity.id()));
    const bool wants_arn = input.value("ReturnSubscriptionArn", false);
    return {{"SubscriptionArn", wants_arn ? arn : "pending confirmation"}};
}

Json confirm(Topics& topics, Context&, const Json& input) {
    const std::string token = string_member(input, "Token");
    for (Json& subscription : topics.subscriptions_of(string_member(input, "TopicArn"))) {
        if (string_member(subscription, "token") != token) continue;
        const Json arn = subscription.at("SubscriptionArn");
        subscription["confirmed"] = true;
        topics.save_subscription(std::move(subscription));
        return {{"SubscriptionArn", arn}};
    }
    throw invalid_parameter("Token");
}

Json unsubscribe(Topics& topics, Context&, const Json& input) {
    topics.remove_subscription(string_member(input, "SubscriptionArn"));
    return Json::object();
}

Json described(const Json& subscription) {
    return {{"SubscriptionArn", subscription.at("confirmed").get<bool>()
                                    ? subscription.at("SubscriptionArn")
                                    : Json("PendingConfirmation")},
            {"Owner", subscription.at("Owner")},
            {"Protocol", subscription.at("Protocol")},
            {"Endpoint", subscription.at("Endpoint")},
            {"TopicArn", subscription.at("TopicArn")}};
}

Json list_subscriptions(Topics& topics, Context& context, const Json& input) {
    Json all = Json::array();
    Json out = Json::object();
    topics.subscriptions().for_each(
        context.caller.scope(),
        [&](const std::string& key, const Json& subscription) {
            if (all.size() == kPage) {
                out["NextToken"] = key;
                return false;
            }
            all.push_back(described(subscription));
            return true;
        },
        string_member(input, "NextToken"));
    out["Subscriptions"] = std::move(all);
    return out;
}

Json list_by_topic(Topics& topics, Context&, const Json& input) {
    const std::string topic = string_member(input, "TopicArn");
    topics.require_topic(topic);
    Json all = Json::array();
    for (const Json& subscription : topics.subscriptions_of(topic)) {
        all.push_back(described(subscription));
    }
    return {{"Subscriptions", std::move(all)}};
}

Json get_attributes(Topics& topics, Context&, const Json& input) {
    const Json& subscription = topics.require_subscription(string_member(input, "SubscriptionArn"));
    Json attributes = {
        {"SubscriptionArn", subscription.at("SubscriptionArn")},
        {"TopicArn", subscription.at("TopicArn")},
        {"Protocol", subscription.at("Protocol")},
        {"Endpoint", subscription.at("Endpoint")},
        {"Owner", subscription.at("Owner")},
        {"ConfirmationWasAuthenticated", "true"},
        {"PendingConfirmation", subscription.at("confirmed").get<bool>() ? "false" : "true"},
        {"RawMessageDelivery", "false"}};
    for (const auto& [name, value] : subscription.at("attributes").items()) {
        attributes[name] = value;
    }
    if (attributes.contains("FilterPolicy") && !attributes.contains("FilterPolicyScope")) {
        attributes["FilterPolicyScope"] = "MessageAttributes";
    }
    return {{"Attributes", std::move(attributes)}};
}

Json set_attributes(Topics& topics, Context&, const Json& input) {
    Json subscription = topics.require_subscription(string_member(input, "SubscriptionArn"));
    const std::string name = string_member(input, "AttributeName");
    const std::string value = string_member(input, "AttributeValue");
    check_attribute(name, value);
    if (value.empty()) {
        subscription["attributes"].erase(name);
    } else {
        subscription["attributes"][name] = value;
    }
    topics.save_subscription(std::move(subscription));
    return Json::object();
}

}  // namespace

void add_subscription_operations(Service& service, Topics& topics) {
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
    const Shape::Member topic = required("TopicArn", string());
    const Shape::Member arn = required("SubscriptionArn", string());
    add("Subscribe",
        {topic, required("Protocol", string()), optional("Endpoint", string()),
         optional("Attributes", map(string(), any())),
         optional("ReturnSubscriptionArn", boolean())},
        subscribe);
    add("ConfirmSubscription", {topic, required("Token", string())}, confirm);
    add("Unsubscribe", {arn}, unsubscribe);
    add("ListSubscriptions", {optional("NextToken", string())}, list_subscriptions);
    add("ListSubscriptionsByTopic", {topic, optional("NextToken", string())}, list_by_topic);
    add("GetSubscriptionAttributes", {arn}, get_attributes);
    add("SetSubscriptionAttributes",
        {arn, required("AttributeName", string()), optional("AttributeValue", string())},
        set_attributes);
}

}  // namespace skafu::sns

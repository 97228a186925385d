#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "sns/filter_policy.h"
#include "sns/topics.h"

namespace skafu::sns {
namespace {

constexpr int kHttpAttempts = 4;
constexpr auto kHttpPatience = std::chrono::seconds(15);
constexpr auto kHttpPause = std::chrono::seconds(20);

std::string attribute_of(const Json& subscription, std::string_view name) {
    return string_member(subscription.at("attributes"), name);
}

bool passes_filter(const Json& subscription, const Message& message) {
    const std::string policy = attribute_of(subscription, "FilterPolicy");
    if (policy.empty()) return true;
    const Json parsed = parse_json(policy);
    if (attribute_of(subscription, "FilterPolicyScope") != "MessageBody") {
        return matches_attributes(parsed, message.attributes);
    }
    try {
        return matches_body(parsed, parse_json(message.text));
    } catch (const JsonError&) {
        return false;
    }
}

/// The text for a protocol: messages of structure "json" have one for each.
std::string text_for(const Message& message, const std::string& protocol) {
    if (!message.by_protocol.is_object()) return message.text;
    return string_member(message.by_protocol, protocol,
                         string_member(message.by_protocol, "default"));
}

Json attributes_for_notification(const Json& attributes) {
    Json out = Json::object();
    for (const auto& [name, value] : attributes.items()) {
        const std::string type = string_member(value, "DataType");
        out[name] = {{"Type", type},
                     {"Value", string_member(value, type.starts_with("Binary") ? "BinaryValue"
                                                                               : "StringValue")}};
    }
    return out;
}

/// The envelope that queues, functions and HTTP endpoints get ("Amazon SNS message formats").
Json notification(Cloud& cloud, const Json& subscription, const Message& message,
                  std::string_view unsubscribe_name) {
    const std::string region = scope_of_arn(message.topic_arn).region;
    Json out = {{"Type", "Notification"}, {"MessageId", message.id}};
    if (!message.sequence_number.empty()) out["SequenceNumber"] = message.sequence_number;
    out["TopicArn"] = message.topic_arn;
    if (!message.subject.empty()) out["Subject"] = message.subject;
    out["Message"] = text_for(message, string_member(subscription, "Protocol"));
    out["Timestamp"] = message.timestamp;
    out["SignatureVersion"] = "1";
    out["Signature"] = "RVhBTVBMRQ==";
    out["SigningCertURL"] = fmt::format(
        "https://sns.{}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem",
        region);
    out[unsubscribe_name] =
        fmt::format("{}/?Action=Unsubscribe&SubscriptionArn={}", cloud.settings().endpoint(),
                    string_member(subscription, "SubscriptionArn"));
    if (!message.attributes.empty()) {
        out["MessageAttributes"] = attributes_for_notification(message.attributes);
    }
    return out;
}

Json queue_input(Cloud& cloud, const Json& subscription, const Message& message) {
    Json input = {{"QueueUrl", string_member(subscription, "Endpoint")}};
    if (attribute_of(subscription, "RawMessageDelivery") == "true") {
        input["MessageBody"] = text_for(message, "sqs");
        if (!message.attributes.empty()) input["MessageAttributes"] = message.attributes;
    } else {
        input["MessageBody"] =
            to_text(notification(cloud, subscription, message, "UnsubscribeURL"));
    }
    if (!message.group.empty()) {
        input["MessageGroupId"] = message.group;
        if (string_member(subscription, "Endpoint").ends_with(".fifo")) {
            input["MessageDeduplicationId"] = message.deduplication_id;
        }
    }
    return input;
}

Json function_input(Cloud& cloud, const Json& subscription, const Message& message) {
    Json sns = notification(cloud, subscription, message, "UnsubscribeUrl");
    sns["SigningCertUrl"] = sns["SigningCertURL"];
    sns.erase("SigningCertURL");
    if (!sns.contains("Subject")) sns["Subject"] = nullptr;
    if (!sns.contains("MessageAttributes")) sns["MessageAttributes"] = Json::object();
    Json record = {{"EventSource", "aws:sns"},
                   {"EventVersion", "1.0"},
                   {"EventSubscriptionArn", subscription.at("SubscriptionArn")},
                   {"Sns", std::move(sns)}};
    const Json event = {{"Records", Json::array({std::move(record)})}};
    return {{"FunctionName", subscription.at("Endpoint")},
            {"InvocationType", "Event"},
            {"Payload", to_text(event)}};
}

HttpRequest http_request(const Json& subscription, std::string_view type, std::string_view id,
                         std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.headers.add("Content-Type", "text/plain; charset=UTF-8");
    request.headers.add("User-Agent", "Amazon Simple Notification Service Agent");
    request.headers.add("x-amz-sns-message-type", std::string(type));
    request.headers.add("x-amz-sns-message-id", std::string(id));
    request.headers.add("x-amz-sns-topic-arn", string_member(subscription, "TopicArn"));
    request.headers.add("x-amz-sns-subscription-arn",
                        string_member(subscription, "SubscriptionArn"));
    request.body = std::move(body);
    return request;
}

/// Posts until the endpoint answers 2xx; throws after the last attempt.
Task<void> post(Cloud& cloud, std::string url, HttpRequest request) {
    for (int attempt = 1;; ++attempt) {
        std::string why;
        try {
            HttpRequest copy = request;
            const HttpResponse answer =
                co_await cloud.http().fetch(url, std::move(copy), kHttpPatience);
            if (answer.status >= 200 && answer.status < 300) co_return;
            why = fmt::format("{} answered {}", url, answer.status);
            // A client error does not mend itself.
            if (answer.status < 500 && answer.status != 429) attempt = kHttpAttempts;
        } catch (const std::runtime_error& error) {
            why = error.what();
        }
        if (attempt >= kHttpAttempts) throw std::runtime_error(why);
        const Duration pause = kHttpPause;
        co_await cloud.clock().sleep_for(pause);
    }
}

Task<void> deliver_once(Topics& topics, const Json& subscription, const Message& message,
                        Caller caller, ActivityId cause) {
    Cloud& cloud = topics.cloud();
    const std::string protocol = string_member(subscription, "Protocol");
    const std::string endpoint = string_member(subscription, "Endpoint");
    if (protocol == "sqs") {
        Json input = queue_input(cloud, subscription, message);
        co_await cloud.call_json("sqs", "SendMessage", std::move(input), caller, cause);
    } else if (protocol == "lambda") {
        Json input = function_input(cloud, subscription, message);
        co_await cloud.call_json("lambda", "Invoke", std::move(input), caller, cause);
    } else if (protocol == "http" || protocol == "https") {
        const bool raw = attribute_of(subscription, "RawMessageDelivery") == "true";
        std::string body =
            raw ? text_for(message, protocol)
                : to_text(notification(cloud, subscription, message, "UnsubscribeURL"));
        HttpRequest request =
            http_request(subscription, "Notification", message.id, std::move(body));
        if (raw) request.headers.add("x-amz-sns-rawdelivery", "true");
        co_await post(cloud, endpoint, std::move(request));
    } else {
        topics.record({{"protocol", protocol},
                       {"endpoint", endpoint},
                       {"messageId", message.id},
                       {"topicArn", message.topic_arn},
                       {"subject", message.subject},
                       {"message", text_for(message, protocol)},
                       {"timestamp", message.timestamp}});
    }
}

}  // namespace

Task<void> deliver(Topics& topics, Json subscription, Message message, Caller caller,
                   ActivityId cause) {
    Cloud& cloud = topics.cloud();
    if (!passes_filter(subscription, message)) co_return;
    const std::string endpoint = string_member(subscription, "Endpoint");
    Activity delivery = cloud.journal().begin(ActivityKind::delivery, endpoint, cause);
    caller.principal = "sns.amazonaws.com";
    std::string failure;
    try {
        co_await deliver_once(topics, subscription, message, caller, delivery.id());
    } catch (const AwsError& error) {
        failure = error.what();
    } catch (const std::runtime_error& error) {
        failure = error.what();
    }
    if (failure.empty()) co_return;
    delivery.fail("DeliveryFailed", failure);
    const std::string redrive = attribute_of(subscription, "RedrivePolicy");
    if (redrive.empty()) {
        log::warn("SNS could not deliver to {}: {}", endpoint, failure);
        co_return;
    }
    Json dead = subscription;
    dead["Endpoint"] = string_member(parse_json(redrive), "deadLetterTargetArn");
    Json input = queue_input(cloud, dead, message);
    try {
        co_await cloud.call_json("sqs", "SendMessage", std::move(input), caller, delivery.id());
        delivery.note("sent to the dead-letter queue");
    } catch (const AwsError& error) {
        log::warn("SNS could not deliver to {}, nor to its dead-letter queue: {}", endpoint,
                  error.what());
    }
}

Task<void> ask_to_confirm(Topics& topics, Json subscription, ActivityId cause) {
    Cloud& cloud = topics.cloud();
    const std::string topic = string_member(subscription, "TopicArn");
    const std::string token = string_member(subscription, "token");
    const std::string id = cloud.entropy().uuid();
    const Json body = {
        {"Type", "SubscriptionConfirmation"},
        {"MessageId", id},
        {"Token", token},
        {"TopicArn", topic},
        {"Message", fmt::format("You have chosen to subscribe to the topic {}.\nTo confirm the "
                                "subscription, visit the SubscribeURL included in this message.",
                                topic)},
        {"SubscribeURL", fmt::format("{}/?Action=ConfirmSubscription&TopicArn={}&Token={}",
                                     cloud.settings().endpoint(), topic, token)},
        {"Timestamp", iso8601_millis(cloud.clock().now())},
        {"SignatureVersion", "1"},
        {"Signature", "RVhBTVBMRQ=="}};
    const std::string endpoint = string_member(subscription, "Endpoint");
    Activity delivery = cloud.journal().begin(ActivityKind::delivery, endpoint, cause);
    HttpRequest request = http_request(subscription, "SubscriptionConfirmation", id, to_text(body));
    try {
        co_await post(cloud, endpoint, std::move(request));
    } catch (const std::runtime_error& error) {
        delivery.fail("DeliveryFailed", error.what());
        log::warn("SNS could not ask {} to confirm: {}", endpoint, error.what());
    }
}

}  // namespace skafu::sns

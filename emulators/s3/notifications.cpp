#include "s3/notifications.h"

#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/http.h"
#include "core/log.h"

namespace skafu::s3 {
namespace {

struct Destination {
    std::string_view list;  ///< of the configuration
    std::string_view arn;
};
constexpr Destination kDestinations[] = {{"QueueConfigurations", "QueueArn"},
                                         {"TopicConfigurations", "TopicArn"},
                                         {"LambdaFunctionConfigurations", "LambdaFunctionArn"}};

const Json* configuration_of(const Bucket& bucket) {
    return find_member(bucket.document.at("configuration"), "notification");
}

bool names_event(const Json& rule, std::string_view name) {
    const Json* events = find_member(rule, "Events");
    if (events == nullptr || !events->is_array()) return false;
    for (const Json& entry : *events) {
        std::string wanted = entry.is_string() ? entry.get<std::string>() : "";
        if (wanted.starts_with("s3:")) wanted = wanted.substr(3);
        if (wanted == name) return true;
        if (wanted.ends_with('*') && name.starts_with(wanted.substr(0, wanted.size() - 1))) {
            return true;
        }
    }
    return false;
}

bool passes_filter(const Json& rule, std::string_view key) {
    const Json* filter = find_member(rule, "Filter");
    const Json* by_key = filter == nullptr ? nullptr : find_member(*filter, "Key");
    const Json* rules = by_key == nullptr ? nullptr : find_member(*by_key, "FilterRules");
    if (rules == nullptr || !rules->is_array()) return true;
    for (const Json& one : *rules) {
        const std::string value = string_member(one, "Value");
        const std::string name = string_member(one, "Name");
        if (iequals(name, "prefix") && !key.starts_with(value)) return false;
        if (iequals(name, "suffix") && !key.ends_with(value)) return false;
    }
    return true;
}

/// What tells a queue, a topic or a function.
Call call_of(const std::string& arn, const std::string& message, Caller caller) {
    caller.principal = "s3.amazonaws.com";
    std::string_view service = "lambda";
    std::string_view operation = "InvokeAsync";
    Json input;
    if (arn.starts_with("arn:aws:sqs:")) {
        service = "sqs";
        operation = "SendMessage";
        input = {{"QueueUrl", arn}, {"MessageBody", message}};
    } else if (arn.starts_with("arn:aws:sns:")) {
        service = "sns";
        operation = "Publish";
        input = {{"TopicArn", arn}, {"Message", message}, {"Subject", "Amazon S3 Notification"}};
    } else {
        input = {{"FunctionName", arn}, {"InvokeArgs", message}};
    }
    return {service, operation, Document(std::move(input)), std::move(caller), 0, {}};
}

void refuse_delivery(Activity& delivery, const std::string& arn, const AwsError& error) {
    delivery.fail(error.code(), error.message());
    log::warn("S3 could not notify {}: {}", arn, error.what());
}

Task<void> deliver_elsewhere(Cloud& cloud, std::string arn, Call call, Activity delivery) {
    try {
        co_await cloud.call(std::move(call));
    } catch (const AwsError& error) {
        refuse_delivery(delivery, arn, error);
    }
}

/// Who takes a message within the turn has it stored together with the object; a service that
/// lives elsewhere is told a little later.
void deliver(Cloud& cloud, const std::string& arn, const std::string& message, const Caller& caller,
             ActivityId cause) {
    Activity delivery = cloud.journal().begin(ActivityKind::delivery, arn, cause);
    Call call = call_of(arn, message, caller);
    call.cause = delivery.id();
    const Operation* operation = cloud.find_operation(call.service, call.operation);
    if (operation != nullptr && !operation->handler) {
        cloud.spawn(deliver_elsewhere(cloud, arn, std::move(call), std::move(delivery)));
        return;
    }
    try {
        cloud.call_now(std::move(call));
    } catch (const AwsError& error) {
        refuse_delivery(delivery, arn, error);
    }
}

Json record_of(Context& context, const Bucket& bucket, const ObjectEvent& event,
               std::string_view configuration_id, const std::string& sequencer) {
    Json object = {{"key", percent_encode(event.key, Slash::keep)}};
    if (!event.etag.empty()) {
        object["size"] = event.size;
        object["eTag"] = event.etag;
    }
    if (!event.version_id.empty()) object["versionId"] = event.version_id;
    object["sequencer"] = sequencer;
    return {{"eventVersion", "2.1"},
            {"eventSource", "aws:s3"},
            {"awsRegion", bucket.document.at("region")},
            {"eventTime", iso8601_millis(context.cloud.clock().now())},
            {"eventName", event.name},
            {"userIdentity", {{"principalId", "AWS:" + context.caller.account}}},
            {"requestParameters", {{"sourceIPAddress", "127.0.0.1"}}},
            {"responseElements",
             {{"x-amz-request-id", context.request_id}, {"x-amz-id-2", context.request_id}}},
            {"s3",
             {{"s3SchemaVersion", "1.0"},
              {"configurationId", configuration_id},
              {"bucket",
               {{"name", bucket.name},
                {"ownerIdentity", {{"principalId", context.caller.account}}},
                {"arn", bucket.arn()}}},
              {"object", std::move(object)}}}};
}

void notify_bus(Context& context, const Bucket& bucket, const ObjectEvent& event,
                const std::string& sequencer) {
    const bool created = event.name.starts_with("ObjectCreated");
    Json object = {{"key", event.key}};
    if (created) {
        object["size"] = event.size;
        object["etag"] = event.etag;
    }
    if (!event.version_id.empty()) object["version-id"] = event.version_id;
    object["sequencer"] = sequencer;
    Json detail = {{"version", "0"},
                   {"bucket", {{"name", bucket.name}}},
                   {"object", std::move(object)},
                   {"request-id", context.request_id},
                   {"requester", context.caller.account},
                   {"source-ip-address", "127.0.0.1"},
                   {"reason", event.reason}};
    if (!created) {
        detail["deletion-type"] = event.name.ends_with("DeleteMarkerCreated")
                                      ? "Delete Marker Created"
                                      : "Permanently Deleted";
    }
    context.cloud.emit_event(context.caller, "aws.s3",
                             created ? "Object Created" : "Object Deleted", std::move(detail),
                             Json::array({bucket.arn()}), context.activity.id());
}

}  // namespace

void notify(Context& context, const Bucket& bucket, const ObjectEvent& event) {
    const Json* configuration = configuration_of(bucket);
    if (configuration == nullptr) return;
    const std::string sequencer =
        fmt::format("{:016X}", context.cloud.clock().now().time_since_epoch().count());
    for (const Destination& destination : kDestinations) {
        const Json* rules = find_member(*configuration, destination.list);
        if (rules == nullptr || !rules->is_array()) continue;
        for (const Json& rule : *rules) {
            if (!names_event(rule, event.name) || !passes_filter(rule, event.key)) continue;
            Json record = record_of(context, bucket, event, string_member(rule, "Id"), sequencer);
            const Json message = {{"Records", Json::array({std::move(record)})}};
            deliver(context.cloud, string_member(rule, destination.arn), to_text(message),
                    context.caller, context.activity.id());
        }
    }
    if (configuration->contains("EventBridgeConfiguration")) {
        notify_bus(context, bucket, event, sequencer);
    }
}

void notify_test(Context& context, const Bucket& bucket) {
    const Json* configuration = configuration_of(bucket);
    if (configuration == nullptr) return;
    const Json message = {{"Service", "Amazon S3"},
                          {"Event", "s3:TestEvent"},
                          {"Time", iso8601_millis(context.cloud.clock().now())},
                          {"Bucket", bucket.name},
                          {"RequestId", context.request_id},
                          {"HostId", context.request_id}};
    for (const Destination& destination : kDestinations) {
        if (destination.arn == "LambdaFunctionArn") continue;
        const Json* rules = find_member(*configuration, destination.list);
        if (rules == nullptr || !rules->is_array()) continue;
        for (const Json& rule : *rules) {
            deliver(context.cloud, string_member(rule, destination.arn), to_text(message),
                    context.caller, context.activity.id());
        }
    }
}

}  // namespace skafu::s3

#include "lambda/delivery.h"

#include "core/arn.h"
#include "core/aws_error.h"

namespace skafu::lambda {

namespace {

/// {name: text or number} as SQS and SNS take message attributes.
Json message_attributes(const Json& attributes) {
    Json result = Json::object();
    for (const auto& [name, value] : attributes.items()) {
        const bool text = value.is_string();
        result[name] = {{"DataType", text ? "String" : "Number"},
                        {"StringValue", text ? value.get<std::string>() : to_text(value)}};
    }
    return result;
}

}  // namespace

Task<void> deliver(Cloud& cloud, std::string arn, Json message, Json attributes,
                   std::string detail_type, Caller caller, ActivityId cause) {
    const std::optional<Arn> parts = Arn::parse(arn);
    if (!parts) throw AwsError::validation("Not an ARN: " + arn);
    caller.account = parts->account;
    caller.region = parts->region;
    caller.principal = "lambda.amazonaws.com";
    std::string service = parts->service;
    std::string operation;
    Json input;
    if (service == "sqs") {
        operation = "SendMessage";
        input = {{"QueueUrl", fmt::format("{}/{}/{}", cloud.settings().endpoint(), parts->account,
                                          parts->resource)},
                 {"MessageBody", to_text(message)},
                 {"MessageAttributes", message_attributes(attributes)}};
    } else if (service == "sns") {
        operation = "Publish";
        input = {{"TopicArn", arn},
                 {"Message", to_text(message)},
                 {"MessageAttributes", message_attributes(attributes)}};
    } else if (service == "lambda") {
        operation = "Invoke";
        input = {{"FunctionName", arn}, {"InvocationType", "Event"}, {"Payload", to_text(message)}};
    } else if (service == "events") {
        operation = "PutEvents";
        Json resources = Json::array();
        if (const Json* context = find_member(message, "requestContext")) {
            resources.push_back((*context)["functionArn"]);
        }
        Json entry = {{"Source", "lambda"},
                      {"DetailType", detail_type},
                      {"Detail", to_text(message)},
                      {"Resources", std::move(resources)},
                      {"EventBusName", arn}};
        input = {{"Entries", Json::array({std::move(entry)})}};
    } else {
        throw AwsError::validation("Not a destination: " + arn);
    }
    co_await cloud.call_json(service, operation, std::move(input), std::move(caller), cause);
}

}  // namespace skafu::lambda

#include <set>

#include "core/aws_error.h"
#include "core/digest.h"
#include "sns/topics.h"

namespace skafu::sns {
namespace {

constexpr std::size_t kMostBytes = 262'144;
constexpr std::size_t kMostEntries = 10;

/// Less than a hundred characters, without line breaks and the like ("Publish: Subject").
void check_subject(std::string_view subject) {
    const bool valid = subject.size() <= 100 &&
                       std::all_of(subject.begin(), subject.end(),
                                   [](char c) { return static_cast<unsigned char>(c) >= ' '; });
    if (!valid) throw invalid_parameter("Subject");
}

Message to_message(Context& context, const Json& input) {
    Message message;
    message.id = context.cloud.entropy().uuid();
    message.subject = string_member(input, "Subject");
    message.text = string_member(input, "Message");
    message.timestamp = iso8601_millis(context.cloud.clock().now());
    message.group = string_member(input, "MessageGroupId");
    message.deduplication_id = string_member(input, "MessageDeduplicationId");
    if (const Json* attributes = find_member(input, "MessageAttributes")) {
        if (attributes->is_object()) message.attributes = *attributes;
    }
    if (message.text.empty()) throw invalid_parameter("Empty message");
    check_subject(string_member(input, "Subject"));
    if (message.text.size() > kMostBytes) throw invalid_parameter("Message too long");
    if (string_member(input, "MessageStructure") == "json") {
        try {
            message.by_protocol = parse_json(message.text);
        } catch (const JsonError&) {
            throw invalid_parameter("Message Structure - JSON message body failed to parse");
        }
        if (!message.by_protocol.contains("default")) {
            throw invalid_parameter("Message Structure - No default entry in JSON message body");
        }
    }
    return message;
}

void prepare_fifo(const Json& topic, Message& message) {
    if (message.group.empty()) {
        throw invalid_parameter("The MessageGroupId parameter is required for FIFO topics");
    }
    if (!message.deduplication_id.empty()) return;
    if (string_member(topic.at("attributes"), "ContentBasedDeduplication") != "true") {
        throw invalid_parameter(
            "The topic should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly");
    }
    message.deduplication_id = digest::hex(digest::sha256(message.text));
}

/// Publishes one message to a topic and gives {MessageId, SequenceNumber}.
Json publish_to(Topics& topics, Context& context, const std::string& arn, const Json& input) {
    const Json& topic = topics.require_topic(arn);
    Message message = to_message(context, input);
    message.topic_arn = arn;
    Json answer = {{"MessageId", message.id}};
    if (arn.ends_with(".fifo")) {
        prepare_fifo(topic, message);
        message.sequence_number = topics.next_sequence_number();
        answer["SequenceNumber"] = message.sequence_number;
        Json earlier = topics.deduplicate(arn, message.deduplication_id, answer);
        if (!earlier.is_null()) return earlier;
    }
    for (Json& subscription : topics.subscriptions_of(arn)) {
        if (!subscription.at("confirmed").get<bool>()) continue;
        context.cloud.spawn(deliver(topics, std::move(subscription), message, context.caller,
                                    context.activity.id()));
    }
    return answer;
}

Json publish(Topics& topics, Context& context, const Json& input) {
    const std::string arn = string_member(input, "TopicArn", string_member(input, "TargetArn"));
    if (!arn.empty()) return publish_to(topics, context, arn, input);
    const std::string phone = string_member(input, "PhoneNumber");
    if (phone.empty()) {
        throw invalid_parameter("TopicArn or TargetArn Reason: no value for required parameter");
    }
    const Message message = to_message(context, input);
    topics.record({{"protocol", "sms"},
                   {"endpoint", phone},
                   {"messageId", message.id},
                   {"message", message.text},
                   {"timestamp", message.timestamp}});
    return {{"MessageId", message.id}};
}

Json publish_batch(Topics& topics, Context& context, const Json& input) {
    const std::string arn = string_member(input, "TopicArn");
    topics.require_topic(arn);
    const Json entries = input.value("PublishBatchRequestEntries", Json::array());
    if (entries.empty())
        throw AwsError("EmptyBatchRequest", "The batch request contains no entries.");
    if (entries.size() > kMostEntries) {
        throw AwsError("TooManyEntriesInBatchRequest",
                       "The batch request contains more entries than permissible.");
    }
    std::set<std::string> ids;
    for (const Json& entry : entries) {
        if (!ids.insert(string_member(entry, "Id")).second) {
            throw AwsError("BatchEntryIdsNotDistinct",
                           "Two or more batch entries in the request have the same Id.");
        }
    }
    Json successful = Json::array();
    Json failed = Json::array();
    for (const Json& entry : entries) {
        const std::string id = string_member(entry, "Id");
        try {
            Json done = {{"Id", id}};
            const Json answer = publish_to(topics, context, arn, entry);
            for (const auto& [name, value] : answer.items()) done[name] = value;
            successful.push_back(std::move(done));
        } catch (const AwsError& error) {
            failed.push_back({{"Id", id},
                              {"Code", error.code()},
                              {"Message", error.message()},
                              {"SenderFault", true}});
        }
    }
    return {{"Successful", std::move(successful)}, {"Failed", std::move(failed)}};
}

}  // namespace

void add_publish_operations(Service& service, Topics& topics) {
    using namespace shape;
    const Shape value =
        structure({required("DataType", string()), optional("StringValue", string()),
                   optional("BinaryValue", blob())});
    const std::vector<Shape::Member> message = {optional("Message", string()),
                                                optional("Subject", string()),
                                                optional("MessageStructure", string()),
                                                optional("MessageAttributes", map(string(), value)),
                                                optional("MessageDeduplicationId", string()),
                                                optional("MessageGroupId", string())};
    std::vector<Shape::Member> single = message;
    for (const char* name : {"TopicArn", "TargetArn", "PhoneNumber"}) {
        single.push_back(optional(name, string()));
    }
    std::vector<Shape::Member> entry = message;
    entry.push_back(required("Id", string()));
    Operation one;
    one.name = "Publish";
    one.input = structure(std::move(single));
    service.add(std::move(one), [&topics](Context& context, const Json& input) {
        return publish(topics, context, input);
    });
    Operation many;
    many.name = "PublishBatch";
    many.input =
        structure({required("TopicArn", string()),
                   required("PublishBatchRequestEntries", list(structure(std::move(entry))))});
    service.add(std::move(many), [&topics](Context& context, const Json& input) {
        return publish_batch(topics, context, input);
    });
}

}  // namespace skafu::sns

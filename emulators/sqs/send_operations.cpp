#include "core/aws_error.h"
#include "core/digest.h"
#include "sqs/errors.h"
#include "sqs/operations.h"

namespace skafu::sqs {
namespace {

constexpr std::size_t kMostBatchBytes = 1'048'576;
/// Reads no answers: a digest for it would be for nobody. Who receives the message gets his own.
constexpr std::string_view kNoReader = "events.amazonaws.com";

const std::string* text_member(const Json& object, std::string_view name) {
    const Json* found = find_member(object, name);
    return found == nullptr ? nullptr : found->get_ptr<const std::string*>();
}

std::int64_t delay_ms(const Json& input, const QueueSettings& settings) {
    const Json* given = find_member(input, "DelaySeconds");
    if (given == nullptr || !given->is_number_integer()) return settings.delay_ms;
    const auto seconds = given->get<std::int64_t>();
    if (seconds < 0 || seconds > 900) {
        throw invalid_parameter(fmt::format(
            "Value {} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and "
            "<= 900.",
            seconds));
    }
    if (settings.fifo && seconds != 0) {
        throw invalid_parameter(fmt::format(
            "Value {} for parameter DelaySeconds is invalid. Reason: The request include parameter "
            "that is not valid for this queue type.",
            seconds));
    }
    return settings.fifo ? settings.delay_ms : seconds * 1000;
}

/// A group or deduplication id: 1 to 128 letters, digits and punctuation marks of ASCII.
void check_message_id(std::string_view parameter, std::string_view id) {
    const bool valid = id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
                           return c > ' ' && c < '\x7f';
                       });
    if (valid) return;
    throw invalid_value(id, parameter,
                        fmt::format("{} can only include alphanumeric and punctuation characters. "
                                    "1 to 128 in length.",
                                    parameter));
}

void apply_fifo_parameters(const Json& input, const QueueSettings& settings, Message& message) {
    if (const std::string* group = text_member(input, "MessageGroupId")) {
        check_message_id("MessageGroupId", *group);
        message.group = *group;
    }
    const std::string* id = text_member(input, "MessageDeduplicationId");
    if (id != nullptr) check_message_id("MessageDeduplicationId", *id);
    if (!settings.fifo) {
        if (id != nullptr && !id->empty()) {
            throw invalid_parameter(
                fmt::format("Value {} for parameter MessageDeduplicationId is invalid. Reason: The "
                            "request include parameter that is not valid for this queue type.",
                            *id));
        }
        return;
    }
    if (message.group.empty()) throw missing_parameter("MessageGroupId");
    if (id != nullptr && !id->empty()) {
        message.content->deduplication_id = *id;
    } else if (settings.content_deduplication) {
        message.content->deduplication_id = digest::hex(digest::sha256(message.content->body));
    } else {
        throw invalid_parameter(
            "The queue should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly");
    }
}

void apply_attributes(const Json& input, Message& message, std::size_t& size) {
    const Json* attributes = find_member(input, "MessageAttributes");
    if (attributes != nullptr && attributes->is_object() && !attributes->empty()) {
        check_attributes(*attributes);
        size += attributes_size(*attributes);
        message.content->attributes = to_text(*attributes);
        message.content->attributes_md5 = attributes_md5(*attributes);
    }
    const Json* system = find_member(input, "MessageSystemAttributes");
    if (system == nullptr) return;
    if (const Json* trace = find_member(*system, "AWSTraceHeader")) {
        message.content->trace_header = string_member(*trace, "StringValue");
    }
}

/// The message that an input or the entry of a batch asks for; `size` is what it weighs.
Message to_message(const Json& input, const QueueSettings& settings, std::size_t& size) {
    const std::string* body = text_member(input, "MessageBody");
    if (body == nullptr || body->empty()) throw missing_parameter("MessageBody");
    if (!has_only_valid_characters(*body)) {
        throw AwsError("InvalidMessageContents",
                       "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
                       "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.");
    }
    Message message;
    message.content->body = *body;
    size = body->size();
    apply_attributes(input, message, size);
    if (size > settings.max_message_size) {
        throw invalid_parameter(
            fmt::format("One or more parameters are invalid. Reason: Message must be shorter than "
                        "{} bytes.",
                        settings.max_message_size));
    }
    apply_fifo_parameters(input, settings, message);
    message.visible_ms = delay_ms(input, settings);  // relative until it is sent
    return message;
}

void append_member(std::string& out, std::string_view name, std::string_view plain_value) {
    if (out.back() != '{') out += ',';
    out.append("\"").append(name).append("\":\"").append(plain_value).append("\"");
}

/// Adds the message, or finds the one it repeats; appends the members of SQS's answer to `out`.
void send(Queues& queues, OpenQueue& queue, Context& context, Message message, std::string& out) {
    const std::int64_t now = queues.now_ms();
    const Deduplicated* earlier = queue.queue.duplicate_of(message, now);
    if (context.caller.principal != kNoReader) {
        message.content->body_md5 = digest::hex(digest::md5(message.content->body));
        append_member(out, "MD5OfMessageBody", message.content->body_md5);
    }
    if (!message.content->attributes_md5.empty()) {
        append_member(out, "MD5OfMessageAttributes", message.content->attributes_md5);
    }
    if (!message.content->trace_header.empty()) {
        const Json system = {
            {"AWSTraceHeader",
             {{"DataType", "String"}, {"StringValue", message.content->trace_header}}}};
        append_member(out, "MD5OfMessageSystemAttributes", attributes_md5(system));
    }
    std::uint64_t sequence = 0;
    if (earlier != nullptr) {
        append_member(out, "MessageId", earlier->message_id);
        sequence = earlier->sequence;
    } else {
        message.sequence = sequence = queues.store().next_sequence();
        message.content->id = context.cloud.entropy().uuid();
        message.content->sender = context.caller.account;
        message.sent_ms = now;
        message.visible_ms += now;
        message.cause = context.activity.id();
        append_member(out, "MessageId", message.content->id);
        queue.queue.add(std::move(message), now);
        queues.announce(queue, 1);
    }
    if (queue.queue.settings.fifo) append_member(out, "SequenceNumber", sequence_number(sequence));
}

Document send_message(Queues& queues, Context& context, const Document& document) {
    const Json& input = document.value();
    const QueuePtr& queue = queues.require(context.caller, queue_url_of(input));
    std::size_t size = 0;
    Message message = to_message(input, queue->queue.settings, size);
    std::string out = "{";
    send(queues, *queue, context, std::move(message), out);
    out += '}';
    return Document::from_text(std::move(out));
}

Document send_message_batch(Queues& queues, Context& context, const Document& document) {
    const Json& input = document.value();
    const QueuePtr& queue = queues.require(context.caller, queue_url_of(input));
    const Json& entries = checked_entries(input, "SendMessageBatchRequestEntry");
    std::string sent;
    Json failed = Json::array();
    std::size_t total = 0;
    std::vector<std::pair<const std::string*, Message>> messages;
    messages.reserve(entries.size());
    for (const Json& entry : entries) {
        const std::string* id = text_member(entry, "Id");
        try {
            std::size_t size = 0;
            messages.emplace_back(id, to_message(entry, queue->queue.settings, size));
            total += size;
        } catch (const AwsError& error) {
            failed.push_back({{"Id", *id},
                              {"SenderFault", true},
                              {"Code", query_error_code(error.code())},
                              {"Message", error.message()}});
        }
    }
    if (total > kMostBatchBytes) {
        throw AwsError(
            "BatchRequestTooLong",
            fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} "
                        "bytes.",
                        kMostBatchBytes, total));
    }
    for (auto& [id, message] : messages) {
        sent += sent.empty() ? "{" : ",{";
        append_member(sent, "Id", *id);
        send(queues, *queue, context, std::move(message), sent);
        sent += '}';
    }
    std::string out = "{\"Successful\":[" + sent + "]";
    if (!failed.empty()) out += ",\"Failed\":" + to_text(failed);
    out += '}';
    return Document::from_text(std::move(out));
}

}  // namespace

void add_send_operations(Service& service, Queues& queues) {
    using namespace shape;
    const Shape text = string();
    const Shape value = structure({required("DataType", text), optional("StringValue", text),
                                   optional("BinaryValue", blob())});
    const std::vector<Shape::Member> message = {
        required("MessageBody", text),
        optional("DelaySeconds", integer()),
        optional("MessageAttributes", flat(map(text, value)), "MessageAttribute"),
        optional("MessageSystemAttributes", flat(map(text, value)), "MessageSystemAttribute"),
        optional("MessageDeduplicationId", text),
        optional("MessageGroupId", text)};
    std::vector<Shape::Member> single = message;
    single.push_back(required("QueueUrl", text));
    std::vector<Shape::Member> entry = message;
    entry.push_back(required("Id", text));

    Operation send;
    send.name = "SendMessage";
    send.input = structure(std::move(single));
    send.validates_itself = true;
    service.add_raw(std::move(send), [&queues](Context& context, const Document& input) {
        return send_message(queues, context, input);
    });
    Operation batch;
    batch.name = "SendMessageBatch";
    batch.input = structure(
        {required("QueueUrl", text), required("Entries", flat(list(structure(std::move(entry)))),
                                              "SendMessageBatchRequestEntry")});
    batch.xml.flattened = {{"Successful", "SendMessageBatchResultEntry"},
                           {"Failed", "BatchResultErrorEntry"}};
    batch.validates_itself = true;
    service.add_raw(std::move(batch), [&queues](Context& context, const Document& input) {
        return send_message_batch(queues, context, input);
    });
}

}  // namespace skafu::sqs

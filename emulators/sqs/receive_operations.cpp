#include "core/aws_error.h"
#include "core/text.h"
#include "sqs/errors.h"
#include "sqs/operations.h"

namespace skafu::sqs {
namespace {

constexpr std::int64_t kMostVisibilitySeconds = 43'200;

/// An integer member within limits; `fallback` where it is absent.
std::int64_t number_within(const Json& input, std::string_view name, std::int64_t least,
                           std::int64_t most, std::int64_t fallback, std::string_view why) {
    const Json* given = find_member(input, name);
    if (given == nullptr || !given->is_number_integer()) return fallback;
    const auto number = given->get<std::int64_t>();
    if (number < least || number > most) {
        throw invalid_parameter(
            fmt::format("Value {} for parameter {} is invalid. Reason: {}", number, name, why));
    }
    return number;
}

struct ReceiveRequest {
    std::size_t most = 1;
    std::int64_t wait_ms = 0;
    std::int64_t visibility_ms = 0;
};

ReceiveRequest to_request(const Json& input, const QueueSettings& settings) {
    ReceiveRequest out;
    out.most = static_cast<std::size_t>(number_within(input, "MaxNumberOfMessages", 1, 10, 1,
                                                      "Must be between 1 and 10, if provided."));
    out.wait_ms = 1000 * number_within(input, "WaitTimeSeconds", 0, 20, settings.wait_ms / 1000,
                                       "Must be >= 0 and <= 20, if provided.");
    out.visibility_ms = 1000 * number_within(input, "VisibilityTimeout", 0, kMostVisibilitySeconds,
                                             settings.visibility_ms / 1000,
                                             "Must be between 0 and 43200, if provided.");
    return out;
}

bool is_system_attribute(std::string_view name) {
    static constexpr std::string_view kNames[] = {"All",
                                                  "AWSTraceHeader",
                                                  "ApproximateFirstReceiveTimestamp",
                                                  "ApproximateReceiveCount",
                                                  "DeadLetterQueueSourceArn",
                                                  "MessageDeduplicationId",
                                                  "MessageGroupId",
                                                  "SenderId",
                                                  "SentTimestamp",
                                                  "SequenceNumber"};
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

Json merged_names(const Json& input) {
    Json names = Json::array();
    for (const std::string_view member : {"AttributeNames", "MessageSystemAttributeNames"}) {
        if (const Json* given = find_member(input, member); given != nullptr && given->is_array()) {
            for (const Json& name : *given) {
                if (!is_system_attribute(plain_text(name))) {
                    throw invalid_attribute_name(plain_text(name));
                }
                names.push_back(name);
            }
        }
    }
    return names;
}

Json to_answer(const std::vector<const Message*>& messages, const Json& system, const Json& input) {
    if (messages.empty()) return Json::object();
    const Json* custom = find_member(input, "MessageAttributeNames");
    const Json* with_causes = find_member(input, "WithCauses");
    Json out = Json::array();
    for (const Message* message : messages) {
        out.push_back(to_received(*message, system, custom == nullptr ? Json() : *custom));
        if (with_causes != nullptr) out.back()["Cause"] = message->cause;
    }
    return {{"Messages", std::move(out)}};
}

Task<Document> receive_message(Queues& queues, Context& context, Document document) {
    const Json& input = document.value();
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    const ReceiveRequest request = to_request(input, queue->queue.settings);
    const Json system = merged_names(input);
    Clock& clock = queues.cloud().clock();
    const TimePoint deadline = clock.now() + std::chrono::milliseconds(request.wait_ms);
    const std::uint64_t ended_waits = queues.ended_waits();
    for (;;) {
        if (queue->deleted) co_return Document();
        const std::vector<const Message*> taken =
            queues.receive(*queue, request.most, request.visibility_ms);
        const bool ended = clock.now() >= deadline || queues.ended_waits() != ended_waits;
        if (!taken.empty() || ended) {
            co_return Document(to_answer(taken, system, input));
        }
        TimePoint due = deadline;
        TimerKind kind = TimerKind::housekeeping;
        if (const auto visible = queue->queue.next_visible_ms()) {
            const TimePoint at{std::chrono::milliseconds(*visible)};
            if (at < due) {
                due = at;
                kind = TimerKind::work;
            }
        }
        co_await queue->changed.wait_until(clock, due, kind);
    }
}

const std::string& handle_of(const Json& input) {
    const Json* handle = find_member(input, "ReceiptHandle");
    if (handle == nullptr || !handle->is_string()) throw missing_parameter("ReceiptHandle");
    return handle->get_ref<const std::string&>();
}

Receipt receipt_for(const OpenQueue& queue, const std::string& handle) {
    const Receipt receipt = parse_handle(handle);
    if (receipt.queue != queue.queue.number()) throw receipt_handle_is_invalid(handle);
    return receipt;
}

void delete_one(Queues& queues, OpenQueue& queue, const Json& input) {
    const std::string& handle = handle_of(input);
    const HandleResult result = queue.queue.remove(receipt_for(queue, handle), queues.now_ms());
    if (result == HandleResult::kExpired) {
        throw invalid_parameter(
            fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: The receipt "
                        "handle has expired.",
                        handle));
    }
    // The next message of its group may now be received.
    if (queue.queue.settings.fifo) queues.announce(queue, 1);
}

void change_one(Queues& queues, OpenQueue& queue, const Json& input) {
    const std::string& handle = handle_of(input);
    if (find_member(input, "VisibilityTimeout") == nullptr) {
        throw missing_parameter("VisibilityTimeout");
    }
    const std::int64_t seconds =
        number_within(input, "VisibilityTimeout", 0, kMostVisibilitySeconds, 0,
                      "VisibilityTimeout must be an integer between 0 and 43200");
    const HandleResult result =
        queue.queue.change_visibility(receipt_for(queue, handle), seconds * 1000, queues.now_ms());
    queue.changed.notify_all();
    if (result == HandleResult::kDone) return;
    throw invalid_parameter(
        fmt::format("Value {} for parameter ReceiptHandle is invalid. Reason: Message does not "
                    "exist or is not available for visibility timeout change.",
                    handle));
}

using OneEntry = void (*)(Queues&, OpenQueue&, const Json&);

Document single(Queues& queues, Context& context, const Document& document, OneEntry apply) {
    const Json& input = document.value();
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    apply(queues, *queue, input);
    return Document();
}

Document batch(Queues& queues, Context& context, const Document& document, std::string_view what,
               OneEntry apply) {
    const Json& input = document.value();
    const QueuePtr queue = queues.require(context.caller, queue_url_of(input));
    Json done = Json::array();
    Json failed = Json::array();
    for (const Json& entry : checked_entries(input, what)) {
        const Json& id = entry.at("Id");
        try {
            apply(queues, *queue, entry);
            done.push_back({{"Id", id}});
        } catch (const AwsError& error) {
            failed.push_back({{"Id", id},
                              {"SenderFault", true},
                              {"Code", query_error_code(error.code())},
                              {"Message", error.message()}});
        }
    }
    Json out = {{"Successful", std::move(done)}};
    if (!failed.empty()) out["Failed"] = std::move(failed);
    return Document(std::move(out));
}

void add_receive(Service& service, Queues& queues) {
    using namespace shape;
    Operation operation;
    operation.name = "ReceiveMessage";
    operation.input = structure(
        {required("QueueUrl", string()),
         optional("AttributeNames", flat(list(string())), "AttributeName"),
         optional("MessageSystemAttributeNames", flat(list(string())),
                  "MessageSystemAttributeName"),
         optional("MessageAttributeNames", flat(list(string())), "MessageAttributeName"),
         optional("MaxNumberOfMessages", integer()), optional("VisibilityTimeout", integer()),
         optional("WaitTimeSeconds", integer()), optional("ReceiveRequestAttemptId", string())});
    operation.xml.flattened = {{"Messages", "Message"},
                               {"Messages.Attributes", "Attribute"},
                               {"Messages.MessageAttributes", "MessageAttribute"}};
    operation.xml.map_names = {{"Messages.Attributes", {"Name", "Value"}},
                               {"Messages.MessageAttributes", {"Name", "Value"}}};
    operation.validates_itself = true;
    operation.counting = Counting::passive;
    service.add_async_raw(std::move(operation), [&queues](Context& context, Document input) {
        return receive_message(queues, context, std::move(input));
    });
}

}  // namespace

void add_receive_operations(Service& service, Queues& queues) {
    using namespace shape;
    add_receive(service, queues);
    const Shape::Member url = required("QueueUrl", string());
    const Shape::Member handle = required("ReceiptHandle", string());
    const Shape::Member timeout = required("VisibilityTimeout", integer());
    const Shape::Member id = required("Id", string());
    const auto add_single = [&](std::string name, std::vector<Shape::Member> members,
                                OneEntry apply) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        operation.validates_itself = true;
        service.add_raw(std::move(operation),
                        [&queues, apply](Context& context, const Document& input) {
                            return single(queues, context, input, apply);
                        });
    };
    const auto add_batch = [&](std::string name, std::vector<Shape::Member> entry, OneEntry apply) {
        Operation operation;
        const char* what = kept(name + "RequestEntry");
        operation.input =
            structure({url, required("Entries", flat(list(structure(std::move(entry)))), what)});
        operation.xml.flattened = {{"Successful", name + "ResultEntry"},
                                   {"Failed", "BatchResultErrorEntry"}};
        operation.name = std::move(name);
        operation.validates_itself = true;
        service.add_raw(std::move(operation),
                        [&queues, what, apply](Context& context, const Document& input) {
                            return batch(queues, context, input, what, apply);
                        });
    };
    add_single("DeleteMessage", {url, handle}, delete_one);
    add_single("ChangeMessageVisibility", {url, handle, timeout}, change_one);
    add_batch("DeleteMessageBatch", {id, handle}, delete_one);
    add_batch("ChangeMessageVisibilityBatch", {id, handle, timeout}, change_one);
}

}  // namespace skafu::sqs

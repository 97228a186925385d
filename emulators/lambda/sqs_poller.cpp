#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "lambda/batch_answer.h"
#include "lambda/event_sources.h"

namespace skafu::lambda {

namespace {

constexpr std::size_t kMostPerReceive = 10;
constexpr int kLongPoll = 20;
/// Lambda starts with five pollers per queue ("Event poller scaling", Lambda Developer Guide).
constexpr std::int64_t kDefaultConcurrency = 5;

/// A message attribute as the event has it.
Json attribute_of(const Json& attribute) {
    Json result = Json::object();
    if (attribute.contains("StringValue")) result["stringValue"] = attribute["StringValue"];
    if (attribute.contains("BinaryValue")) result["binaryValue"] = attribute["BinaryValue"];
    result["stringListValues"] = Json::array();
    result["binaryListValues"] = Json::array();
    result["dataType"] = attribute.value("DataType", Json("String"));
    return result;
}

Json record_of(const Json& message, const std::string& source_arn, const std::string& region) {
    Json attributes = Json::object();
    const Json custom = message.value("MessageAttributes", Json::object());
    for (const auto& [name, value] : custom.items()) {
        attributes[name] = attribute_of(value);
    }
    return {{"messageId", message["MessageId"]},
            {"receiptHandle", message["ReceiptHandle"]},
            {"body", message["Body"]},
            {"attributes", message.value("Attributes", Json::object())},
            {"messageAttributes", std::move(attributes)},
            {"md5OfBody", message.value("MD5OfBody", Json(""))},
            {"eventSource", "aws:sqs"},
            {"eventSourceARN", source_arn},
            {"awsRegion", region}};
}

/// A filter on `body` looks into it where it is JSON.
Json filtered_view(const Json& record) {
    Json view = record;
    try {
        Json body = parse_json(record["body"].get_ref<const std::string&>());
        if (body.is_object()) view["body"] = std::move(body);
    } catch (const JsonError&) {
        // a plain text stays one
    }
    return view;
}

class SqsPoller : public Poller {
  public:
    SqsPoller(Cloud& cloud, LambdaStore& store, Functions& functions, Invoker& invoker, Scope scope,
              Json mapping)
        : Poller(cloud, store, functions, invoker, std::move(scope), std::move(mapping)),
          queue_(*Arn::parse(source_arn())),
          slot_free_(cloud.io()) {
        queue_url_ =
            fmt::format("{}/{}/{}", cloud.settings().endpoint(), queue_.account, queue_.resource);
    }

  protected:
    Task<void> poll() override {
        const Json scaling = mapping().value("ScalingConfig", Json::object());
        const std::int64_t limit = scaling.value("MaximumConcurrency", kDefaultConcurrency);
        while (!stopped()) {
            while (running_ >= limit) co_await slot_free_.wait();
            if (stopped()) co_return;
            Json messages = co_await gather();
            if (messages.empty()) continue;
            tasks().spawn(process(std::move(messages)));
        }
    }

  private:
    Task<Json> receive(std::size_t most, std::int64_t wait) {
        Json input = {{"QueueUrl", queue_url_},
                      {"MaxNumberOfMessages", most},
                      {"WaitTimeSeconds", wait},
                      {"MessageSystemAttributeNames", Json::array({"All"})},
                      {"MessageAttributeNames", Json::array({"All"})},
                      {"WithCauses", true}};
        Json output = co_await waiting_call("sqs", "ReceiveMessage", std::move(input));
        Json messages = Json::array();
        if (output.contains("Messages")) messages = std::move(output["Messages"]);
        co_return messages;
    }

    /// Messages for one batch: as many as there are, or as come while the batching window lasts.
    Task<Json> gather() {
        const auto size = static_cast<std::size_t>(setting("BatchSize", 10));
        Json messages = co_await receive(std::min(size, kMostPerReceive), kLongPoll);
        if (messages.empty()) co_return messages;
        const std::chrono::seconds window(setting("MaximumBatchingWindowInSeconds", 0));
        const TimePoint due = cloud().clock().now() + window;
        while (messages.size() < size && !stopped()) {
            const Duration left = due - cloud().clock().now();
            const auto wait = std::chrono::duration_cast<std::chrono::seconds>(left).count();
            const bool waits = wait > 0;
            Json more = co_await receive(std::min(size - messages.size(), kMostPerReceive),
                                         std::clamp<std::int64_t>(wait, 0, kLongPoll));
            for (Json& message : more) messages.push_back(std::move(message));
            if (more.empty() && !waits) break;
        }
        co_return messages;
    }

    /// One batch at work.
    struct Slot {
        explicit Slot(SqsPoller& owner) : poller(owner) { ++poller.running_; }
        ~Slot() {
            --poller.running_;
            poller.slot_free_.notify_all();
        }
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        SqsPoller& poller;
    };

    Task<void> process(Json messages) {
        const Slot slot(*this);
        const ActivityId cause = messages.front().value("Cause", ActivityId{0});
        Activity activity = cloud().journal().begin(
            ActivityKind::delivery, fmt::format("{} to function", queue_.resource), cause);
        Json records = Json::array();
        std::vector<std::string> ids;
        Json unwanted = Json::array();
        for (const Json& message : messages) {
            Json record = record_of(message, source_arn(), queue_.region);
            if (!filter().empty() && !filter().passes(filtered_view(record))) {
                unwanted.push_back(std::move(record));
                continue;
            }
            ids.push_back(record["messageId"].get<std::string>());
            records.push_back(std::move(record));
        }
        // What the filter rejects is deleted, as AWS does.
        co_await remove(std::move(unwanted), activity.id());
        if (!records.empty()) {
            BatchResult result = co_await send(records, activity.id());
            Json handled = successes(result, std::move(records), ids);
            activity.note(fmt::format("{} of {} handled", handled.size(), ids.size()));
            co_await remove(std::move(handled), activity.id());
        }
    }

    /// The records to delete: all, none, or those that were not reported as failed. In a FIFO
    /// queue what follows a failure has not been handled either.
    Json successes(const BatchResult& result, Json records, const std::vector<std::string>& ids) {
        if (!result.invoked || !result.outcome.error.empty()) return Json::array();
        if (!reports_failures()) return records;
        const auto failed = reported_failures(result.outcome.payload, ids);
        if (!failed) return Json::array();
        const bool fifo = queue_.resource.ends_with(".fifo");
        std::set<std::string> failed_groups;
        Json handled = Json::array();
        for (Json& record : records) {
            const std::string group = string_member(record["attributes"], "MessageGroupId");
            if (failed->contains(record["messageId"].get<std::string>())) {
                failed_groups.insert(group);
            } else if (!fifo || !failed_groups.contains(group)) {
                handled.push_back(std::move(record));
            }
        }
        return handled;
    }

    Task<void> remove(Json records, ActivityId cause) {
        for (std::size_t from = 0; from < records.size(); from += kMostPerReceive) {
            Json entries = Json::array();
            const std::size_t to = std::min(records.size(), from + kMostPerReceive);
            for (std::size_t i = from; i < to; ++i) {
                entries.push_back(
                    {{"Id", std::to_string(i)}, {"ReceiptHandle", records[i]["receiptHandle"]}});
            }
            Json input = {{"QueueUrl", queue_url_}, {"Entries", std::move(entries)}};
            try {
                co_await cloud().call_json("sqs", "DeleteMessageBatch", std::move(input), caller(),
                                           cause);
            } catch (const AwsError& error) {
                log::warn("event source {}: {}", source_arn(), error.what());
            }
        }
    }

    Arn queue_;
    std::string queue_url_;
    std::int64_t running_ = 0;
    Event slot_free_;
};

}  // namespace

std::unique_ptr<Poller> make_sqs_poller(Cloud& cloud, LambdaStore& store, Functions& functions,
                                        Invoker& invoker, Scope scope, Json mapping) {
    return std::make_unique<SqsPoller>(cloud, store, functions, invoker, std::move(scope),
                                       std::move(mapping));
}

}  // namespace skafu::lambda

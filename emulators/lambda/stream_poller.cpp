#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "lambda/batch_answer.h"
#include "lambda/delivery.h"
#include "lambda/event_sources.h"

namespace skafu::lambda {

namespace {

constexpr const char* kService = "dynamodbstreams";
constexpr int kWaitSeconds = 600;
constexpr std::int64_t kMostPerRead = 1000;
constexpr std::chrono::seconds kFirstBackoff{1};
constexpr std::chrono::seconds kLastBackoff{300};
constexpr std::int64_t kRetentionSeconds = 24 * 60 * 60;

const std::string& sequence_of(const Json& record) {
    return record["dynamodb"]["SequenceNumber"].get_ref<const std::string&>();
}

/// Reads a table's stream shard by shard and in order; where it stands is kept as the shard's
/// iterator, so that a restart goes on from there.
class StreamPoller : public Poller {
  public:
    using Poller::Poller;

  protected:
    Task<void> poll() override {
        Json input = {{"StreamArn", source_arn()}};
        Json output = co_await waiting_call(kService, "DescribeStream", std::move(input));
        const Json shards = output["StreamDescription"]["Shards"];
        for (const Json& shard : shards) {
            const std::string id = string_member(shard, "ShardId");
            co_await poll_shard(id);
        }
        // A stream that was closed has no more to give.
        if (!stopped()) stop();
    }

  private:
    /// A run of records that belong together, and how often they were tried.
    struct Batch {
        Json records = Json::array();
        int attempts = 0;
    };

    Task<void> poll_shard(std::string shard) {
        std::string iterator = stored_iterator(shard);
        if (iterator.empty()) {
            iterator = co_await first_iterator(shard);
            store_iterator(shard, iterator);
        }
        while (!stopped() && !iterator.empty()) {
            Json input = {{"ShardIterator", iterator},
                          {"Limit", std::min(setting("BatchSize", 100), kMostPerRead)}};
            Json output = co_await waiting_call(kService, "GetRecords", std::move(input));
            if (output["Records"].empty()) {
                if (!output.contains("NextShardIterator")) co_return;
                iterator = string_member(output, "NextShardIterator");
                co_await wait_for_records(iterator);
                continue;
            }
            if (co_await window_grows(output, iterator)) continue;
            co_await process(std::move(output["Records"]), shard);
            if (stopped()) co_return;
            iterator = string_member(output, "NextShardIterator");
            store_iterator(shard, iterator);
        }
    }

    Task<void> wait_for_records(std::string iterator) {
        Json input = {{"ShardIterator", std::move(iterator)}, {"TimeoutSeconds", kWaitSeconds}};
        co_await waiting_call(kService, "WaitForRecords", std::move(input));
    }

    /// Waits once for the batching window to pass where a batch is not full; true: read again.
    Task<bool> window_grows(const Json& output, const std::string& iterator) {
        const std::chrono::seconds window(setting("MaximumBatchingWindowInSeconds", 0));
        const auto full = static_cast<std::size_t>(setting("BatchSize", 100));
        if (window.count() == 0 || output["Records"].size() >= full || iterator == waited_for_) {
            waited_for_.clear();
            co_return false;
        }
        waited_for_ = iterator;
        co_await cloud().clock().sleep_for(window);
        co_return true;
    }

    std::string stored_iterator(const std::string& shard) {
        const Json* checkpoint = store().checkpoints.find(scope(), LambdaStore::key(uuid(), shard));
        return checkpoint == nullptr ? "" : string_member(*checkpoint, "Iterator");
    }

    void store_iterator(const std::string& shard, const std::string& iterator) {
        store().checkpoints.put(scope(), LambdaStore::key(uuid(), shard), {{"Iterator", iterator}});
    }

    Task<std::string> first_iterator(std::string shard) {
        const std::string position = string_member(mapping(), "StartingPosition", "LATEST");
        Json input = {{"StreamArn", source_arn()},
                      {"ShardId", shard},
                      {"ShardIteratorType", position == "LATEST" ? "LATEST" : "TRIM_HORIZON"}};
        Json output = co_await waiting_call(kService, "GetShardIterator", std::move(input));
        co_return string_member(output, "ShardIterator");
    }

    /// Brings the records to their end: handled, filtered out, or given up.
    Task<void> process(Json records, std::string shard) {
        Batch first;
        for (Json& record : records) {
            record["eventSourceARN"] = source_arn();
            if (filter().passes(record)) first.records.push_back(std::move(record));
        }
        if (first.records.empty()) co_return;
        const ActivityId cause = first.records.front().value("Cause", ActivityId{0});
        for (Json& record : first.records) record.erase("Cause");
        Activity activity = cloud().journal().begin(
            ActivityKind::delivery, fmt::format("{} to function", source_arn()), cause);
        std::vector<Batch> waiting;  // the last is next
        waiting.push_back(std::move(first));
        while (!waiting.empty() && !stopped()) {
            Batch batch = std::move(waiting.back());
            waiting.pop_back();
            co_await process_batch(std::move(batch), shard, waiting, activity.id());
        }
    }

    Task<void> process_batch(Batch batch, const std::string& shard, std::vector<Batch>& waiting,
                             ActivityId cause) {
        BatchResult result = co_await send(batch.records, cause);
        ++batch.attempts;
        const std::size_t handled = handled_records(result, batch.records);
        if (handled == batch.records.size()) co_return;
        if (handled > 0) {  // the rest starts afresh
            batch.records.erase(batch.records.begin(),
                                batch.records.begin() + static_cast<std::ptrdiff_t>(handled));
        }
        if (is_exhausted(batch)) {
            co_await give_up(batch, shard, result, cause);
            co_return;
        }
        const bool bisects = mapping().value("BisectBatchOnFunctionError", false);
        if (bisects && result.invoked && !result.outcome.error.empty() &&
            batch.records.size() > 1) {
            split(std::move(batch), waiting);
            co_return;
        }
        const Duration backoff = std::min<Duration>(
            kFirstBackoff * (1 << std::min(batch.attempts - 1, 9)), kLastBackoff);
        waiting.push_back(std::move(batch));
        co_await cloud().clock().sleep_for(backoff);
    }

    /// How many records, from the first on, are done with.
    std::size_t handled_records(const BatchResult& result, const Json& records) const {
        if (!result.invoked || !result.outcome.error.empty()) return 0;
        if (!reports_failures()) return records.size();
        std::vector<std::string> sequences;
        for (const Json& record : records) sequences.push_back(sequence_of(record));
        const auto failed = reported_failures(result.outcome.payload, sequences);
        if (!failed) return 0;
        std::size_t count = 0;
        while (count < sequences.size() && !failed->contains(sequences[count])) ++count;
        return count;
    }

    bool is_exhausted(const Batch& batch) const {
        const std::int64_t retries = setting("MaximumRetryAttempts", -1);
        if (retries >= 0 && batch.attempts > retries) return true;
        std::int64_t age = setting("MaximumRecordAgeInSeconds", -1);
        if (age < 0) age = kRetentionSeconds;
        const double created =
            batch.records.front()["dynamodb"].value("ApproximateCreationDateTime", 0.0);
        return epoch_seconds(cloud().clock().now()) - created > static_cast<double>(age);
    }

    static void split(Batch batch, std::vector<Batch>& waiting) {
        const std::size_t half = batch.records.size() / 2;
        Batch front;
        Batch back;
        front.attempts = back.attempts = batch.attempts;
        for (std::size_t i = 0; i < batch.records.size(); ++i) {
            Batch& part = i < half ? front : back;
            part.records.push_back(std::move(batch.records[i]));
        }
        waiting.push_back(std::move(back));
        waiting.push_back(std::move(front));
    }

    Task<void> give_up(const Batch& batch, const std::string& shard, const BatchResult& result,
                       ActivityId cause) {
        const Json config = mapping().value("DestinationConfig", Json::object());
        const Json failure = config.value("OnFailure", Json::object());
        const std::string destination = string_member(failure, "Destination");
        log::warn("event source {}: {} records given up after {} attempts", source_arn(),
                  batch.records.size(), batch.attempts);
        if (destination.empty()) co_return;
        Json message = failure_record(batch, shard, result);
        Json none = Json::object();
        try {
            co_await deliver(cloud(), destination, std::move(message), std::move(none), "",
                             caller(), cause);
        } catch (const AwsError& error) {
            log::warn("destination {}: {}", destination, error.what());
        }
    }

    /// "Configuring destinations for failed invocations", DynamoDB streams.
    Json failure_record(const Batch& batch, const std::string& shard,
                        const BatchResult& result) const {
        const auto arrival = [](const Json& record) {
            return iso8601_seconds(
                from_epoch_seconds(record["dynamodb"].value("ApproximateCreationDateTime", 0.0)));
        };
        Json response = {{"statusCode", 200}, {"executedVersion", "$LATEST"}};
        if (!result.outcome.error.empty()) response["functionError"] = result.outcome.error;
        return {{"requestContext",
                 {{"requestId", result.request_id},
                  {"functionArn", string_member(mapping(), "FunctionArn")},
                  {"condition", "RetryAttemptsExhausted"},
                  {"approximateInvokeCount", batch.attempts}}},
                {"responseContext", std::move(response)},
                {"version", "1.0"},
                {"timestamp", iso8601_millis(cloud().clock().now())},
                {"DDBStreamBatchInfo",
                 {{"shardId", shard},
                  {"startSequenceNumber", sequence_of(batch.records.front())},
                  {"endSequenceNumber", sequence_of(batch.records.back())},
                  {"approximateArrivalOfFirstRecord", arrival(batch.records.front())},
                  {"approximateArrivalOfLastRecord", arrival(batch.records.back())},
                  {"batchSize", batch.records.size()},
                  {"streamArn", source_arn()}}}};
    }

    std::string waited_for_;  ///< the iterator that the batching window has been waited for
};

}  // namespace

std::unique_ptr<Poller> make_stream_poller(Cloud& cloud, LambdaStore& store, Functions& functions,
                                           Invoker& invoker, Scope scope, Json mapping) {
    return std::make_unique<StreamPoller>(cloud, store, functions, invoker, std::move(scope),
                                          std::move(mapping));
}

}  // namespace skafu::lambda

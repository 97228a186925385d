#include "eventbridge/pipes.h"

#include <algorithm>
#include <utility>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "eventbridge/pattern.h"
#include "eventbridge/pipe_delivery.h"
#include "eventbridge/pipe_records.h"
#include "eventbridge/targets.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kPauseAfterFault = std::chrono::seconds(1);
constexpr int kLongPoll = 20;
constexpr int kReceived = 10;
constexpr int kStreamed = 100;
constexpr int kMostStreamed = 1000;  // that GetRecords gives
constexpr int kLongWait = 600;

std::string run_key(const Scope& scope, const std::string& name) {
    return scope.account + "|" + scope.region + "|" + name;
}

bool is_stream(const std::string& arn) {
    return arn.find(":dynamodb:") != std::string::npos;
}

Json queue_record(const Json& message, const std::string& arn, const std::string& region) {
    return {{"messageId", message["MessageId"]},
            {"receiptHandle", message["ReceiptHandle"]},
            {"body", message["Body"]},
            {"attributes", message.value("Attributes", Json::object())},
            {"messageAttributes", message.value("MessageAttributes", Json::object())},
            {"md5OfBody", message.value("MD5OfBody", Json(""))},
            {"eventSource", "aws:sqs"},
            {"eventSourceARN", arn},
            {"awsRegion", region}};
}

std::chrono::seconds batching_window(const Json& parameters) {
    const Json seconds = nested(parameters, {"MaximumBatchingWindowInSeconds"});
    return std::chrono::seconds(seconds.is_number() ? seconds.get<int>() : 0);
}

/// Adds a message to a batch that is being gathered; one whose visibility timeout ended meanwhile
/// comes again, and its newest handle counts.
void keep_message(Json& messages, Json message) {
    const auto same = std::find_if(messages.begin(), messages.end(), [&](const Json& other) {
        return other["MessageId"] == message["MessageId"];
    });
    if (same == messages.end()) {
        messages.push_back(std::move(message));
    } else {
        *same = std::move(message);
    }
}

/// A source's parameters are of its kind, and those of a stream say where to begin.
void check_source(const Json& pipe, const std::string& source) {
    const char* own = is_stream(source) ? "DynamoDBStreamParameters" : "SqsQueueParameters";
    const Json given = nested(pipe, {"SourceParameters"});
    for (const char* parameters :
         {"ActiveMQBrokerParameters", "DynamoDBStreamParameters", "KinesisStreamParameters",
          "ManagedStreamingKafkaParameters", "RabbitMQBrokerParameters",
          "SelfManagedKafkaParameters", "SqsQueueParameters"}) {
        if (parameters == std::string_view(own) || find_member(given, parameters) == nullptr) {
            continue;
        }
        throw AwsError::validation("Invalid source parameter provided for source.");
    }
    if (is_stream(source) && find_member(given, own) == nullptr) {
        throw AwsError::validation(
            fmt::format("SourceParameters.{} Missing required parameter.", own));
    }
}

void check_filters(const Json& pipe) {
    const Json filters = nested(pipe, {"SourceParameters", "FilterCriteria", "Filters"});
    if (!filters.is_array()) return;
    constexpr std::string_view kOfRules = "Event pattern is not valid.";
    for (const Json& filter : filters) {
        try {
            parse_pattern(string_member(filter, "Pattern"));
        } catch (const AwsError& error) {
            std::string text = error.message();
            if (text.starts_with(kOfRules)) {
                text = "Invalid Event Pattern." + text.substr(kOfRules.size());
            }
            throw AwsError::validation(text);
        }
    }
}

/// Both ends of a pipe are in its region.
void check_region(const Json& pipe) {
    const std::string region = Arn::parse(string_member(pipe, "Arn"))->region;
    for (const char* end : {"Source", "Target"}) {
        const std::optional<Arn> arn = Arn::parse(string_member(pipe, end));
        if (!arn || arn->region.empty() || arn->region == region) continue;
        throw AwsError::validation("Creating cross-region pipe is not permitted.");
    }
}

void check_logging(const Json& pipe) {
    const Json logging = nested(pipe, {"LogConfiguration"});
    if (!logging.is_object() || string_member(logging, "Level", "OFF") == "OFF") return;
    for (const char* destination :
         {"CloudwatchLogsLogDestination", "FirehoseLogDestination", "S3LogDestination"}) {
        if (find_member(logging, destination) != nullptr) return;
    }
    throw AwsError::validation("Must provide at least 1 log destination in LogConfiguration.");
}

/// What of a stream's batch is to be tried again; nothing where no record failed.
Json from_first_failed(Json records, const FailedRecords& failed) {
    Json rest = Json::array();
    for (Json& record : records) {
        const Json sequence = nested(record, {"dynamodb", "SequenceNumber"});
        const bool is_failed = sequence.is_string() && failed.contains(sequence.get<std::string>());
        if (is_failed || !rest.empty()) rest.push_back(std::move(record));
    }
    return rest;
}

}  // namespace

Pipes::Pipes(Cloud& cloud)
    : cloud_(cloud),
      documents_(cloud.database(), "pipes", "pipe"),
      positions_(cloud.database(), "pipes", "position") {
    documents_.for_each_scope([this](const Scope& scope) {
        std::vector<std::string> names;
        documents_.for_each(scope, [&](const std::string& name, const Json&) {
            names.push_back(name);
            return true;
        });
        for (const std::string& name : names) follow(scope, name);
    });
}

void Pipes::check(const Json& pipe) const {
    const std::string source = string_member(pipe, "Source");
    if (source.find(":sqs:") == std::string::npos && !is_stream(source)) {
        throw AwsError::validation(
            "Sources other than SQS queues and DynamoDB streams are not "
            "emulated: " +
            source);
    }
    check_region(pipe);
    check_source(pipe, source);
    check_pipe_delivery(pipe);
    check_filters(pipe);
    check_logging(pipe);
}

void Pipes::follow(const Scope& scope, const std::string& name) {
    const std::string key = run_key(scope, name);
    const auto running = runs_.find(key);
    if (running != runs_.end()) {
        running->second->stopped = true;
        runs_.erase(running);
    }
    const Json* pipe = documents_.find(scope, name);
    if (pipe == nullptr) positions_.erase(scope, name);
    if (pipe == nullptr || string_member(*pipe, "DesiredState") == "STOPPED") return;
    auto run = std::make_shared<Run>();
    run->scope = scope;
    run->pipe = *pipe;
    runs_[key] = run;
    cloud_.spawn(read(run));
}

void Pipes::reset(const Scope* scope) {
    std::erase_if(runs_, [&](const auto& entry) {
        const bool concerned = scope == nullptr || entry.second->scope == *scope;
        if (concerned) entry.second->stopped = true;
        return concerned;
    });
    documents_.clear(scope);
    positions_.clear(scope);
}

Task<Json> Pipes::call(RunPtr run, std::string_view service, std::string_view operation, Json input,
                       ActivityId cause) {
    Caller caller{run->scope.account, run->scope.region, "pipes.amazonaws.com"};
    Json answer =
        co_await cloud_.call_json(service, operation, std::move(input), std::move(caller), cause);
    co_return answer;
}

/// Reads until the pipe is stopped; a fault of the source or target is tried again.
Task<void> Pipes::read(RunPtr run) {
    const std::string source = string_member(run->pipe, "Source");
    while (!run->stopped) {
        bool faulty = false;
        try {
            if (is_stream(source)) {
                co_await read_stream(run);
            } else {
                co_await read_queue(run);
            }
        } catch (const AwsError& error) {
            faulty = true;
            log::debug("pipe {}: {}: {}", string_member(run->pipe, "Name"), error.code(),
                       error.message());
        }
        if (faulty) co_await cloud_.clock().sleep_for(kPauseAfterFault, TimerKind::housekeeping);
    }
}

/// Messages of a queue, as many as a batch has: what is there, and what comes until the batching
/// window closes.
Task<Json> Pipes::receive(RunPtr run) {
    const Json parameters = nested(run->pipe, {"SourceParameters", "SqsQueueParameters"});
    const auto most = static_cast<std::size_t>(batch_size(run->pipe, kReceived));
    const std::chrono::seconds window = batching_window(parameters);
    const std::string url = queue_url(cloud_, string_member(run->pipe, "Source"));
    Json messages = Json::array();
    std::chrono::seconds patience(kLongPoll);
    TimePoint closes = TimePoint::max();
    while (messages.size() < most && patience.count() > 0 && !run->stopped) {
        Json wanted = {{"QueueUrl", url},
                       {"MaxNumberOfMessages", std::min<std::size_t>(most - messages.size(), 10)},
                       {"WaitTimeSeconds", std::min(static_cast<int>(patience.count()), kLongPoll)},
                       {"AttributeNames", Json::array({"All"})},
                       {"MessageAttributeNames", Json::array({"All"})}};
        Json got = co_await call(run, "sqs", "ReceiveMessage", std::move(wanted), 0);
        if (!got.contains("Messages") && messages.empty()) break;
        if (messages.empty()) closes = cloud_.clock().now() + window;
        for (Json& message : got["Messages"]) keep_message(messages, std::move(message));
        patience = std::chrono::ceil<std::chrono::seconds>(closes - cloud_.clock().now());
    }
    co_return messages;
}

Task<void> Pipes::read_queue(RunPtr run) {
    const std::string source = string_member(run->pipe, "Source");
    const Json messages = co_await receive(run);
    if (messages.empty() || run->stopped) co_return;
    Json records = Json::array();
    for (const Json& message : messages) {
        Json record = queue_record(message, source, run->scope.region);
        if (passes_filters(run->pipe, record)) records.push_back(std::move(record));
    }
    FailedRecords failed;
    if (!records.empty()) {
        failed = co_await deliver_batch(cloud_, run->scope, run->pipe, std::move(records), 0);
    }
    const std::string url = queue_url(cloud_, source);
    Json handles = Json::array();
    for (const Json& message : messages) {
        if (!failed.contains(string_member(message, "MessageId"))) {
            handles.push_back({{"Id", std::to_string(handles.size())},
                               {"ReceiptHandle", message["ReceiptHandle"]}});
        }
        const bool is_last = &message == &messages.back();
        if (handles.empty() || (handles.size() < kReceived && !is_last)) continue;
        Json done = {{"QueueUrl", url}, {"Entries", std::exchange(handles, Json::array())}};
        co_await call(run, "sqs", "DeleteMessageBatch", std::move(done), 0);
    }
}

Task<void> Pipes::read_stream(RunPtr run) {
    Json wanted = {{"StreamArn", string_member(run->pipe, "Source")}};
    Json answer = co_await call(run, "dynamodbstreams", "DescribeStream", std::move(wanted), 0);
    const Json shards = answer["StreamDescription"]["Shards"];
    for (const Json& shard : shards) {
        if (run->stopped) co_return;
        std::string id = string_member(shard, "ShardId");
        co_await read_shard(run, std::move(id));
    }
    // All shards are closed: wait for the stream to get another.
    co_await cloud_.clock().sleep_for(kPauseAfterFault, TimerKind::housekeeping);
}

/// Reads a shard to its end, from where the pipe stood when it failed or was stopped last.
Task<void> Pipes::read_shard(RunPtr run, std::string shard) {
    const std::string source = string_member(run->pipe, "Source");
    const Json parameters = nested(run->pipe, {"SourceParameters", "DynamoDBStreamParameters"});
    if (!run->positions.contains(shard)) {
        std::string start = co_await first_position(run, shard);
        run->positions[shard] = start;
    }
    const int batch = std::min(batch_size(run->pipe, kStreamed), kMostStreamed);
    const std::chrono::seconds window = batching_window(parameters);
    std::string waited_for;  // the position of a batch whose window has passed
    while (!run->stopped && !run->positions[shard].empty()) {
        const std::string iterator = run->positions[shard];
        Json wanted = {{"ShardIterator", iterator}, {"Limit", batch}};
        Json got = co_await call(run, "dynamodbstreams", "GetRecords", std::move(wanted), 0);
        if (got["Records"].empty()) {
            if (!got.contains("NextShardIterator")) {
                run->positions[shard].clear();
                co_return;
            }
            const std::string next = string_member(got, "NextShardIterator");
            run->positions[shard] = next;
            Json patience = {{"ShardIterator", next}, {"TimeoutSeconds", kLongWait}};
            co_await call(run, "dynamodbstreams", "WaitForRecords", std::move(patience), 0);
            continue;
        }
        const bool is_full = got["Records"].size() >= static_cast<std::size_t>(batch);
        if (window.count() > 0 && !is_full && waited_for != iterator) {
            waited_for = iterator;
            co_await cloud_.clock().sleep_for(window);
            continue;
        }
        Json records = Json::array();
        ActivityId cause = 0;
        Json last;
        for (Json& record : got["Records"]) {
            cause = record.value("Cause", ActivityId{0});
            record.erase("Cause");
            record["eventSourceARN"] = source;
            last = nested(record, {"dynamodb", "SequenceNumber"});
            if (passes_filters(run->pipe, record)) records.push_back(std::move(record));
        }
        bool is_done = true;
        if (!records.empty()) {
            is_done = co_await process_batch(run, shard, std::move(records), cause);
        }
        if (!is_done) co_return;  // the pipe takes it up again when it is started
        run->positions[shard] = string_member(got, "NextShardIterator");
        keep_position(*run, shard, std::move(last));
    }
}

void Pipes::keep_position(const Run& run, const std::string& shard, Json sequence) {
    const std::string name = string_member(run.pipe, "Name");
    if (documents_.find(run.scope, name) == nullptr) return;  // deleted meanwhile
    const Json* kept = positions_.find(run.scope, name);
    Json positions = kept == nullptr ? Json::object() : *kept;
    positions[shard] = std::move(sequence);
    positions_.put(run.scope, name, std::move(positions));
}

/// Where to begin in a shard: behind what was delivered before a restart, else as the pipe says.
Task<std::string> Pipes::first_position(RunPtr run, std::string shard) {
    const Json parameters = nested(run->pipe, {"SourceParameters", "DynamoDBStreamParameters"});
    Json wanted = {{"StreamArn", string_member(run->pipe, "Source")},
                   {"ShardId", shard},
                   {"ShardIteratorType", string_member(parameters, "StartingPosition", "LATEST")}};
    const Json* kept = positions_.find(run->scope, string_member(run->pipe, "Name"));
    const std::string sequence = kept == nullptr ? "" : string_member(*kept, shard);
    if (!sequence.empty()) {
        wanted["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER";
        wanted["SequenceNumber"] = sequence;
    }
    Json start = co_await call(run, "dynamodbstreams", "GetShardIterator", std::move(wanted), 0);
    co_return string_member(start, "ShardIterator");
}

/// Brings a batch of a stream to its end, taken or given up; false where the pipe was stopped
/// before. A function that names records gets the batch again from the first of them. Otherwise
/// the batch comes again as a whole, or in halves where the pipe says so, which does not count as
/// a retry.
Task<bool> Pipes::process_batch(RunPtr run, std::string shard, Json records, ActivityId cause) {
    struct Part {
        Json records;
        int attempts = 0;
    };
    const Json parameters = nested(run->pipe, {"SourceParameters", "DynamoDBStreamParameters"});
    const bool bisects =
        string_member(parameters, "OnPartialBatchItemFailure") == "AUTOMATIC_BISECT";
    const Json limit = nested(parameters, {"MaximumRetryAttempts"});
    const bool is_endless = !limit.is_number() || limit.get<int>() < 0;
    std::vector<Part> waiting;  // the last is next
    waiting.push_back({std::move(records), 0});
    while (!waiting.empty()) {
        if (run->stopped) co_return false;
        Part part = std::move(waiting.back());
        waiting.pop_back();
        bool is_refused = false;
        try {
            Json given = part.records;
            const FailedRecords failed =
                co_await deliver_batch(cloud_, run->scope, run->pipe, std::move(given), cause);
            part.records = from_first_failed(std::move(part.records), failed);
        } catch (const AwsError& error) {
            is_refused = true;
            log::debug("pipe {}: {}: {}", string_member(run->pipe, "Name"), error.code(),
                       error.message());
        }
        if (part.records.empty()) continue;
        const std::size_t half = part.records.size() / 2;
        if (is_refused && bisects && half > 0) {
            const auto middle = part.records.begin() + static_cast<std::ptrdiff_t>(half);
            waiting.push_back({Json(Json::array_t(middle, part.records.end())), part.attempts});
            waiting.push_back({Json(Json::array_t(part.records.begin(), middle)), part.attempts});
            continue;
        }
        const char* condition = exhausted_condition(*run, part.records, part.attempts);
        if (condition != nullptr) {
            send_dead_letter(*run, shard, part.records, condition, cause);
            continue;
        }
        ++part.attempts;
        waiting.push_back(std::move(part));
        co_await cloud_.clock().sleep_for(kPauseAfterFault,
                                          is_endless ? TimerKind::housekeeping : TimerKind::work);
    }
    co_return true;
}

/// Why records that were refused are not tried again; nullptr where they are.
const char* Pipes::exhausted_condition(const Run& run, const Json& records, int attempts) const {
    const Json parameters = nested(run.pipe, {"SourceParameters", "DynamoDBStreamParameters"});
    const Json retries = nested(parameters, {"MaximumRetryAttempts"});
    if (retries.is_number() && retries.get<int>() >= 0 && attempts >= retries.get<int>()) {
        return "RetryAttemptsExhausted";
    }
    const Json age = nested(parameters, {"MaximumRecordAgeInSeconds"});
    if (!age.is_number() || age.get<int>() < 0) return nullptr;
    const Json created = nested(records.front(), {"dynamodb", "ApproximateCreationDateTime"});
    const double seconds =
        std::chrono::duration<double>(cloud_.clock().now().time_since_epoch()).count();
    const bool is_too_old =
        created.is_number() && seconds - created.get<double>() > age.get<double>();
    return is_too_old ? "RecordAgeExceeded" : nullptr;
}

/// The dead-letter queue gets the place of records that are given up, and the stream goes on behind
/// them.
void Pipes::send_dead_letter(const Run& run, const std::string& shard, const Json& records,
                             const char* condition, ActivityId cause) {
    const Json queue = nested(
        run.pipe, {"SourceParameters", "DynamoDBStreamParameters", "DeadLetterConfig", "Arn"});
    log::warn("pipe {}: {} records of shard {} are given up", string_member(run.pipe, "Name"),
              records.size(), shard);
    if (!queue.is_string()) return;
    const auto sequence = [](const Json& record) {
        return nested(record, {"dynamodb", "SequenceNumber"});
    };
    const Json body = {
        {"context",
         {{"partnerResourceArn", string_member(run.pipe, "Arn")}, {"condition", condition}}},
        {"version", "1.0"},
        {"timestamp", iso8601_millis(cloud_.clock().now())},
        {"DDBStreamBatchInfo",
         {{"shardId", shard},
          {"startSequenceNumber", sequence(records.front())},
          {"endSequenceNumber", sequence(records.back())},
          {"batchSize", records.size()},
          {"streamArn", string_member(run.pipe, "Source")}}}};
    try {
        Json message = {{"QueueUrl", queue_url(cloud_, queue.get<std::string>())},
                        {"MessageBody", to_text(body)}};
        Call call{"sqs", "SendMessage", Document(std::move(message)), {}, cause, {}};
        call.caller = {run.scope.account, run.scope.region, "pipes.amazonaws.com"};
        cloud_.call_now(std::move(call));
    } catch (const AwsError& error) {
        log::warn("pipe {}: dead-letter queue {} refuses: {}", string_member(run.pipe, "Name"),
                  queue.get<std::string>(), error.message());
    }
}

}  // namespace skafu::eventbridge

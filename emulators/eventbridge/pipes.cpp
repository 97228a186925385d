#include "eventbridge/pipes.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "core/text.h"
#include "eventbridge/input_transformer.h"
#include "eventbridge/reference_matcher.h"
#include "eventbridge/targets.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kPauseAfterFault = std::chrono::seconds(1);
constexpr int kLongPoll = 20;
constexpr int kLongWait = 600;

std::string run_key(const Scope& scope, const std::string& name) {
    return scope.account + "|" + scope.region + "|" + name;
}

bool is_stream(const std::string& arn) {
    return arn.find(":dynamodb:") != std::string::npos;
}

/// A member some levels down; null if it is not there.
Json nested(const Json& value, std::initializer_list<const char*> names) {
    const Json* at = &value;
    for (const char* name : names) {
        at = find_member(*at, name);
        if (at == nullptr) return nullptr;
    }
    return *at;
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

/// The record with a body that is JSON in its place, as filters and templates see it.
Json opened(Json record) {
    const std::string body = string_member(record, "body");
    if (body.empty()) return record;
    try {
        Json inside = parse_json(body);
        if (inside.is_structured()) record["body"] = std::move(inside);
    } catch (const JsonError&) {
        return record;
    }
    return record;
}

bool passes(const Json& pipe, const Json& record) {
    const Json filters = nested(pipe, {"SourceParameters", "FilterCriteria", "Filters"});
    if (!filters.is_array() || filters.empty()) return true;
    const std::string text = to_text(opened(record));
    EventTape tape;
    tape.read(text);
    const std::vector<EventLeaf> leaves = event_leaves(tape);
    for (const Json& filter : filters) {
        const std::string pattern = string_member(filter, "Pattern");
        if (pattern.empty() || matches(parse_pattern(pattern), leaves)) return true;
    }
    return false;
}

/// An input template of Pipes: <$.path> and <aws.pipes...>, quoted as EventBridge quotes.
std::string apply_template(const std::string& text, const Json& record, const Json& pipe) {
    const std::string event = to_text(opened(record));
    EventTape tape;
    tape.read(event);
    std::string out;
    bool in_quotes = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text[i] == '<' ? text.find('>', i) : std::string::npos;
        if (end == std::string::npos) {
            out += text[i];
            if (text[i] == '\\' && in_quotes && i + 1 < text.size()) {
                out += text[++i];
            } else if (text[i] == '"') {
                in_quotes = !in_quotes;
            }
            continue;
        }
        const std::string name = text.substr(i + 1, end - i - 1);
        std::optional<std::string> value;
        if (name == "aws.pipes.pipe-arn") {
            value = to_text(pipe["Arn"]);
        } else if (name == "aws.pipes.pipe-name") {
            value = to_text(pipe["Name"]);
        } else if (name == "aws.pipes.event.json") {
            value = event;
        } else if (const std::optional<EventPath> path = EventPath::parse(name)) {
            value = path->select(tape);
        }
        if (in_quotes) {
            if (value && value->starts_with('"')) *value = value->substr(1, value->size() - 2);
            out += value.value_or("");
        } else {
            out += value.value_or("\"\"");
        }
        i = end;
    }
    return out;
}

/// Each record through a template; a result that is no JSON stays text.
Json transformed(const Json& records, const std::string& text, const Json& pipe) {
    if (text.empty()) return records;
    Json results = Json::array();
    for (const Json& record : records) {
        const std::string result = apply_template(text, record, pipe);
        try {
            results.push_back(parse_json(result));
        } catch (const JsonError&) {
            results.push_back(result);
        }
    }
    return results;
}

/// Functions are invoked and waited for unless the pipe says otherwise (API reference,
/// PipeTargetLambdaFunctionParameters).
bool is_waited_for(const Json& pipe) {
    const Json type =
        nested(pipe, {"TargetParameters", "LambdaFunctionParameters", "InvocationType"});
    return string_member(pipe, "Target").find(":lambda:") != std::string::npos &&
           !(type.is_string() && type.get<std::string>() == "FIRE_AND_FORGET");
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
    const std::optional<std::string> problem = unsupported_target(string_member(pipe, "Target"));
    if (problem) throw AwsError::validation(*problem);
    const Json filters = nested(pipe, {"SourceParameters", "FilterCriteria", "Filters"});
    if (!filters.is_array()) return;
    for (const Json& filter : filters) parse_pattern(string_member(filter, "Pattern"));
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

Task<void> Pipes::read_queue(RunPtr run) {
    const std::string source = string_member(run->pipe, "Source");
    const Json size = nested(run->pipe, {"SourceParameters", "SqsQueueParameters", "BatchSize"});
    const int batch = size.is_number() ? std::min(size.get<int>(), 10) : 10;
    const std::string url = queue_url(cloud_, source);
    Json wanted = {{"QueueUrl", url},
                   {"MaxNumberOfMessages", batch},
                   {"WaitTimeSeconds", kLongPoll},
                   {"AttributeNames", Json::array({"All"})},
                   {"MessageAttributeNames", Json::array({"All"})}};
    Json got = co_await call(run, "sqs", "ReceiveMessage", std::move(wanted), 0);
    const Json messages = got.value("Messages", Json::array());
    if (messages.empty() || run->stopped) co_return;
    Json records = Json::array();
    Json handles = Json::array();
    for (const Json& message : messages) {
        Json record = queue_record(message, source, run->scope.region);
        if (passes(run->pipe, record)) records.push_back(std::move(record));
        handles.push_back(
            {{"Id", std::to_string(handles.size())}, {"ReceiptHandle", message["ReceiptHandle"]}});
    }
    if (!records.empty()) co_await process(run, std::move(records), 0);
    Json done = {{"QueueUrl", url}, {"Entries", std::move(handles)}};
    co_await call(run, "sqs", "DeleteMessageBatch", std::move(done), 0);
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
    const Json size = nested(parameters, {"BatchSize"});
    const int batch = size.is_number() ? size.get<int>() : 100;
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
        Json records = Json::array();
        ActivityId cause = 0;
        Json last;
        for (Json& record : got["Records"]) {
            cause = record.value("Cause", ActivityId{0});
            record.erase("Cause");
            record["eventSourceARN"] = source;
            last = nested(record, {"dynamodb", "SequenceNumber"});
            if (passes(run->pipe, record)) records.push_back(std::move(record));
        }
        if (!records.empty()) co_await process_batch(run, shard, std::move(records), cause);
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

/// A batch of a stream: tried until it is taken, or as often as MaximumRetryAttempts allows; then
/// the stream goes on behind it, and the dead-letter queue gets its place.
Task<void> Pipes::process_batch(RunPtr run, std::string shard, Json records, ActivityId cause) {
    const Json parameters = nested(run->pipe, {"SourceParameters", "DynamoDBStreamParameters"});
    const Json limit = nested(parameters, {"MaximumRetryAttempts"});
    const int most = limit.is_number() ? limit.get<int>() : -1;
    for (int attempt = 0; !run->stopped; ++attempt) {
        std::optional<AwsError> refusal;
        try {
            co_await process(run, records, cause);
        } catch (const AwsError& error) {
            refusal = error;
        }
        if (!refusal) co_return;
        if (most < 0) throw *refusal;
        if (attempt >= most) {
            send_dead_letter(*run, shard, records, cause);
            co_return;
        }
        co_await cloud_.clock().sleep_for(kPauseAfterFault);
    }
}

void Pipes::send_dead_letter(const Run& run, const std::string& shard, const Json& records,
                             ActivityId cause) {
    const Json queue = nested(
        run.pipe, {"SourceParameters", "DynamoDBStreamParameters", "DeadLetterConfig", "Arn"});
    log::warn("pipe {}: {} records of shard {} are given up", string_member(run.pipe, "Name"),
              records.size(), shard);
    if (!queue.is_string()) return;
    const auto sequence = [](const Json& record) {
        return nested(record, {"dynamodb", "SequenceNumber"});
    };
    const Json body = {{"context",
                        {{"partnerResourceArn", string_member(run.pipe, "Arn")},
                         {"condition", "RetryAttemptsExhausted"}}},
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

/// Enriches and delivers a batch. Throws AwsError where the enrichment or the target refuses, so
/// that the source gives the batch again.
Task<void> Pipes::process(RunPtr run, Json records, ActivityId cause) {
    Activity activity = cloud_.journal().begin(ActivityKind::delivery,
                                               "pipe " + string_member(run->pipe, "Name"), cause);
    if (!string_member(run->pipe, "Enrichment").empty()) {
        records = co_await enrich(run, std::move(records), activity.id());
        if (records.empty()) co_return;  // also what is null
        if (!records.is_array()) records = Json::array({std::move(records)});
    }
    co_await send(run, std::move(records), activity.id());
}

/// Invokes a function and waits for its answer. Throws AwsError where it fails.
Task<Json> Pipes::invoke(RunPtr run, std::string function, std::string payload, ActivityId cause) {
    Json wanted = {{"FunctionName", function}, {"Payload", payload}};
    Json answer = co_await call(run, "lambda", "Invoke", std::move(wanted), cause);
    if (answer.contains("FunctionError")) {
        throw AwsError("FunctionError", plain_text(answer["Payload"]), 500);
    }
    const Json result = answer.value("Payload", Json());
    if (!result.is_string() || string_member(answer, "Payload").empty()) co_return result;
    Json parsed;
    try {
        parsed = parse_json(result.get<std::string>());
    } catch (const JsonError& error) {
        throw AwsError("InvalidResponse", std::string("No JSON from the function: ") + error.what(),
                       500);
    }
    co_return parsed;
}

Task<Json> Pipes::enrich(RunPtr run, Json records, ActivityId cause) {
    const std::string arn = string_member(run->pipe, "Enrichment");
    const Json text = nested(run->pipe, {"EnrichmentParameters", "InputTemplate"});
    const Json input =
        transformed(records, text.is_string() ? text.get<std::string>() : "", run->pipe);
    if (arn.find(":lambda:") != std::string::npos) {
        std::string given = to_text(input);
        Json answer = co_await invoke(run, arn, std::move(given), cause);
        co_return answer;
    }
    if (arn.find(":states:") != std::string::npos) {
        Json wanted = {{"stateMachineArn", arn}, {"input", to_text(input)}};
        Json answer = co_await call(run, "states", "StartSyncExecution", std::move(wanted), cause);
        if (string_member(answer, "status") != "SUCCEEDED") {
            throw AwsError("EnrichmentFailed", string_member(answer, "cause"), 500);
        }
        co_return parse_json(string_member(answer, "output"));
    }
    throw AwsError::validation("Enrichment by " + arn + " is not emulated.");
}

Task<void> Pipes::send(RunPtr run, Json records, ActivityId cause) {
    const std::string arn = string_member(run->pipe, "Target");
    const Json parameters = run->pipe.value("TargetParameters", Json::object());
    const Json input = transformed(records, string_member(parameters, "InputTemplate"), run->pipe);
    const bool takes_batches =
        arn.find(":lambda:") != std::string::npos || arn.find(":states:") != std::string::npos;
    std::vector<std::string> payloads;
    if (takes_batches) {
        payloads.push_back(to_text(input));
    } else {
        for (const Json& record : input) payloads.push_back(plain_text(record));
    }
    const Json bus = parameters.value("EventBridgeEventBusParameters", Json::object());
    for (std::string& payload : payloads) {
        if (arn.find(":event-bus/") != std::string::npos) {
            Json entry = {{"EventBusName", arn},
                          {"Source", string_member(bus, "Source",
                                                   "Pipe " + string_member(run->pipe, "Name"))},
                          {"DetailType", string_member(bus, "DetailType", "Event from aws:pipes")},
                          {"Detail", payload}};
            Json request = {{"Entries", Json::array({std::move(entry)})}};
            co_await call(run, "events", "PutEvents", std::move(request), cause);
            continue;
        }
        if (is_waited_for(run->pipe)) {
            std::string given = payload;
            co_await invoke(run, arn, std::move(given), cause);
            continue;
        }
        Rule rule;
        rule.name = string_member(run->pipe, "Name");
        rule.arn = string_member(run->pipe, "Arn");
        Json definition = Json::object();
        const Json queue = parameters.value("SqsQueueParameters", Json::object());
        if (queue.contains("MessageGroupId")) {
            definition["SqsParameters"] = {{"MessageGroupId", queue["MessageGroupId"]}};
        }
        const Target target{rule.name, arn, std::move(definition), {}, Arn::parse(arn)};
        Outgoing outgoing{rule, target, run->scope, payload, payload, 0, cause};
        co_await deliver_to_target(cloud_, std::move(outgoing));
    }
}

}  // namespace skafu::eventbridge

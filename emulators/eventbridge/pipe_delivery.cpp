#include "eventbridge/pipe_delivery.h"

#include <algorithm>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/text.h"
#include "eventbridge/http_targets.h"
#include "eventbridge/pipe_records.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMostEnriched = 6 * 1024 * 1024;
constexpr int kUnlimited = 10'000;

enum class Party { function, machine, queue, topic, bus, log_group, http };

/// What an enrichment or target is; nullopt for what is neither.
std::optional<Party> party_of(const std::string& text) {
    const std::optional<Arn> arn = Arn::parse(text);
    if (!arn) return std::nullopt;
    if (arn->service == "lambda") return Party::function;
    if (arn->service == "states") return Party::machine;
    if (arn->service == "sqs") return Party::queue;
    if (arn->service == "sns") return Party::topic;
    if (arn->service == "logs") return Party::log_group;
    if (arn->service == "execute-api") return Party::http;
    if (arn->service != "events") return std::nullopt;
    if (arn->resource_type() == "event-bus") return Party::bus;
    return arn->resource_type() == "api-destination" ? std::optional(Party::http) : std::nullopt;
}

int most_taken(const std::string& arn) {
    switch (party_of(arn).value_or(Party::function)) {
        case Party::http:
            return 1;
        case Party::queue:
        case Party::topic:
        case Party::bus:
            return 10;
        case Party::function:
        case Party::machine:
        case Party::log_group:
            break;
    }
    return kUnlimited;
}

Json asked_batch_size(const Json& pipe) {
    for (const char* source : {"SqsQueueParameters", "DynamoDBStreamParameters"}) {
        const Json size = nested(pipe, {"SourceParameters", source, "BatchSize"});
        if (size.is_number()) return size;
    }
    return nullptr;
}

/// A batch on its way, and what is asked about it.
struct Batch {
    Cloud& cloud;
    Scope scope;
    Json pipe;
    ActivityId cause = 0;
    std::string ingested;  // when the pipe received it

    std::string target() const { return string_member(pipe, "Target"); }
    Json parameters(const char* kind) const {
        const Json given = nested(pipe, {"TargetParameters", kind});
        return given.is_object() ? given : Json::object();
    }
};

Task<Json> call_as_pipe(const Batch& batch, std::string_view service, std::string_view operation,
                        Json input) {
    Caller caller{batch.scope.account, batch.scope.region, "pipes.amazonaws.com"};
    Json answer = co_await batch.cloud.call_json(service, operation, std::move(input),
                                                 std::move(caller), batch.cause);
    co_return answer;
}

/// An answer as JSON; "" for an empty one, which lets nothing through to the target.
Json parsed_answer(const std::string& text) {
    if (text.empty()) return "";
    if (text.size() > kMostEnriched) {
        throw AwsError("ResponseTooLarge", "A response is larger than 6 MB.", 500);
    }
    try {
        return parse_json(text);
    } catch (const JsonError& error) {
        throw AwsError("InvalidResponse", std::string("A response is not JSON: ") + error.what(),
                       500);
    }
}

/// Invokes a function and waits for its answer. Throws AwsError where it fails.
Task<Json> invoke_function(const Batch& batch, std::string function, std::string payload) {
    Json wanted = {{"FunctionName", function}, {"Payload", payload}};
    Json answer = co_await call_as_pipe(batch, "lambda", "Invoke", std::move(wanted));
    if (answer.contains("FunctionError")) {
        throw AwsError("FunctionError", plain_text(answer["Payload"]), 500);
    }
    const Json result = answer.value("Payload", Json());
    if (!result.is_string()) co_return result;
    co_return parsed_answer(result.get<std::string>());
}

/// Runs an Express state machine and waits for its output. Throws AwsError where it fails.
Task<Json> run_machine(const Batch& batch, std::string machine, std::string input) {
    Json wanted = {{"stateMachineArn", machine}, {"input", input}};
    Json answer = co_await call_as_pipe(batch, "states", "StartSyncExecution", std::move(wanted));
    if (string_member(answer, "status") != "SUCCEEDED") {
        throw AwsError("ExecutionFailed", string_member(answer, "cause"), 500);
    }
    co_return parsed_answer(string_member(answer, "output"));
}

/// What Outgoing refers to.
struct PipeTarget {
    Rule rule;
    Target target;
};

PipeTarget as_target(const Batch& batch, const std::string& arn, Json definition) {
    PipeTarget made;
    made.rule.name = string_member(batch.pipe, "Name");
    made.rule.arn = string_member(batch.pipe, "Arn");
    made.target = {made.rule.name, arn, std::move(definition), {}, Arn::parse(arn)};
    return made;
}

/// Sends one payload to an API destination or a stage of an API; `record` fills the parameters.
Task<std::string> call_http(const Batch& batch, std::string arn, Json parameters, Json record,
                            std::string payload) {
    Json definition = Json::object();
    if (parameters.is_object()) {
        definition["HttpParameters"] = http_parameters_for(parameters, record);
    }
    const PipeTarget made = as_target(batch, arn, std::move(definition));
    Outgoing outgoing{made.rule, made.target, batch.scope, payload, payload, 0, batch.cause};
    HttpResponse response = co_await invoke_http(batch.cloud, std::move(outgoing));
    co_return std::move(response.body);
}

Task<Json> enrich(const Batch& batch, Json records) {
    const std::string arn = string_member(batch.pipe, "Enrichment");
    const Json text = nested(batch.pipe, {"EnrichmentParameters", "InputTemplate"});
    const Json input = transformed(records, text.is_string() ? text.get<std::string>() : "",
                                   batch.pipe, batch.ingested);
    switch (*party_of(arn)) {
        case Party::function: {
            std::string payload = to_text(input);
            Json answer = co_await invoke_function(batch, arn, std::move(payload));
            co_return answer;
        }
        case Party::machine: {
            std::string payload = to_text(input);
            Json answer = co_await run_machine(batch, arn, std::move(payload));
            co_return answer;
        }
        default: {  // HTTP, which gets records one by one
            Json parameters = nested(batch.pipe, {"EnrichmentParameters", "HttpParameters"});
            Json record = records[0];
            std::string payload = plain_text(input[0]);
            const std::string answer = co_await call_http(batch, arn, std::move(parameters),
                                                          std::move(record), std::move(payload));
            co_return parsed_answer(answer);
        }
    }
}

/// Which records a function asks for again ("Partial batch failure" in the user guide).
FailedRecords failed_records(const Json& answer) {
    FailedRecords failed;
    const Json items = nested(answer, {"batchItemFailures"});
    if (!items.is_array()) return failed;
    for (const Json& item : items) failed.insert(string_member(item, "itemIdentifier"));
    return failed;
}

/// Functions are invoked and waited for unless the pipe says otherwise (API reference,
/// PipeTargetLambdaFunctionParameters).
Task<FailedRecords> send_to_function(const Batch& batch, std::string payload) {
    const Json parameters = batch.parameters("LambdaFunctionParameters");
    if (string_member(parameters, "InvocationType") != "FIRE_AND_FORGET") {
        const Json answer = co_await invoke_function(batch, batch.target(), std::move(payload));
        co_return failed_records(answer);
    }
    Json wanted = {
        {"FunctionName", batch.target()}, {"InvocationType", "Event"}, {"Payload", payload}};
    co_await call_as_pipe(batch, "lambda", "Invoke", std::move(wanted));
    co_return FailedRecords();
}

/// Express workflows are waited for unless the pipe says otherwise, Standard ones cannot be (API
/// reference, PipeTargetStateMachineParameters).
Task<FailedRecords> send_to_machine(const Batch& batch, std::string payload) {
    const Json parameters = batch.parameters("StepFunctionStateMachineParameters");
    const std::string type = string_member(parameters, "InvocationType");
    bool is_waited_for = type == "REQUEST_RESPONSE";
    if (type.empty()) {
        Json wanted = {{"stateMachineArn", batch.target()}};
        const Json machine =
            co_await call_as_pipe(batch, "states", "DescribeStateMachine", std::move(wanted));
        is_waited_for = string_member(machine, "type") == "EXPRESS";
    }
    if (is_waited_for) {
        const Json answer = co_await run_machine(batch, batch.target(), std::move(payload));
        co_return failed_records(answer);
    }
    Json wanted = {{"stateMachineArn", batch.target()}, {"input", payload}};
    co_await call_as_pipe(batch, "states", "StartExecution", std::move(wanted));
    co_return FailedRecords();
}

void set_if_there(Json& entry, const char* name, std::string value) {
    if (!value.empty()) entry[name] = std::move(value);
}

Task<void> send_to_queue(const Batch& batch, Json records, Json payloads) {
    const Json given = batch.parameters("SqsQueueParameters");
    Json entries = Json::array();
    for (std::size_t i = 0; i < records.size(); ++i) {
        Json entry = {{"Id", std::to_string(i)}, {"MessageBody", plain_text(payloads[i])}};
        for (const char* name : {"MessageGroupId", "MessageDeduplicationId"}) {
            set_if_there(entry, name, parameter_for(string_member(given, name), records[i]));
        }
        entries.push_back(std::move(entry));
    }
    Json input = {{"QueueUrl", queue_url(batch.cloud, batch.target())},
                  {"Entries", std::move(entries)}};
    const Json answer = co_await call_as_pipe(batch, "sqs", "SendMessageBatch", std::move(input));
    if (const Json* failed = find_member(answer, "Failed"); failed != nullptr && !failed->empty()) {
        throw AwsError(string_member(failed->front(), "Code"),
                       string_member(failed->front(), "Message"));
    }
}

Task<void> send_to_bus(const Batch& batch, Json records, Json payloads) {
    const Json given = batch.parameters("EventBridgeEventBusParameters");
    Json entries = Json::array();
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::string source = "Pipe " + string_member(batch.pipe, "Name");
        Json entry = {
            {"EventBusName", batch.target()},
            {"Source", parameter_for(string_member(given, "Source", source), records[i])},
            {"DetailType",
             parameter_for(string_member(given, "DetailType", "Event from aws:pipes"), records[i])},
            {"Detail", plain_text(payloads[i])}};
        set_if_there(entry, "Time", parameter_for(string_member(given, "Time"), records[i]));
        if (const Json* resources = find_member(given, "Resources")) {
            for (const Json& resource : *resources) {
                entry["Resources"].push_back(parameter_for(plain_text(resource), records[i]));
            }
        }
        entries.push_back(std::move(entry));
    }
    Json request = {{"Entries", std::move(entries)}};
    const Json answer = co_await call_as_pipe(batch, "events", "PutEvents", std::move(request));
    for (const Json& entry : answer["Entries"]) {
        const std::string code = string_member(entry, "ErrorCode");
        if (!code.empty()) throw AwsError(code, string_member(entry, "ErrorMessage"));
    }
}

/// Topics, log groups and HTTP endpoints get records one by one.
Task<void> send_one_by_one(const Batch& batch, Json records, Json payloads) {
    const std::string arn = batch.target();
    for (std::size_t i = 0; i < records.size(); ++i) {
        std::string payload = plain_text(payloads[i]);
        if (party_of(arn) == Party::http) {
            Json parameters = nested(batch.pipe, {"TargetParameters", "HttpParameters"});
            Json record = records[i];
            co_await call_http(batch, arn, std::move(parameters), std::move(record),
                               std::move(payload));
            continue;
        }
        const PipeTarget made = as_target(batch, arn, Json::object());
        Outgoing outgoing{made.rule, made.target, batch.scope, payload, payload, 0, batch.cause};
        co_await deliver_to_target(batch.cloud, std::move(outgoing));
    }
}

Task<FailedRecords> send(const Batch& batch, Json records) {
    const std::string arn = batch.target();
    if (records.size() > static_cast<std::size_t>(most_taken(arn))) {
        throw AwsError::validation("The enrichment gives more records than the target takes.");
    }
    const Json text = nested(batch.pipe, {"TargetParameters", "InputTemplate"});
    Json payloads = transformed(records, text.is_string() ? text.get<std::string>() : "",
                                batch.pipe, batch.ingested);
    FailedRecords failed;
    std::string whole = to_text(payloads);
    switch (*party_of(arn)) {
        case Party::function:
            failed = co_await send_to_function(batch, std::move(whole));
            break;
        case Party::machine:
            failed = co_await send_to_machine(batch, std::move(whole));
            break;
        case Party::queue:
            co_await send_to_queue(batch, std::move(records), std::move(payloads));
            break;
        case Party::bus:
            co_await send_to_bus(batch, std::move(records), std::move(payloads));
            break;
        default:
            co_await send_one_by_one(batch, std::move(records), std::move(payloads));
    }
    co_return failed;
}

}  // namespace

int batch_size(const Json& pipe, int usual) {
    const Json asked = asked_batch_size(pipe);
    const std::string enrichment = string_member(pipe, "Enrichment");
    const int most = std::min(most_taken(string_member(pipe, "Target")),
                              enrichment.empty() ? kUnlimited : most_taken(enrichment));
    return std::min(asked.is_number() ? asked.get<int>() : usual, most);
}

namespace {

/// A pipe takes parameters for its own kind of target only.
void check_target_parameters(const Json& pipe, const std::string& target) {
    static const std::vector<TargetParameters> kKinds = {
        {"BatchJobParameters", {"batch"}},
        {"CloudWatchLogsParameters", {"logs"}},
        {"EcsTaskParameters", {"ecs"}},
        {"EventBridgeEventBusParameters", {"events"}},
        {"HttpParameters", {"events", "execute-api"}},
        {"KinesisStreamParameters", {"kinesis"}},
        {"LambdaFunctionParameters", {"lambda"}},
        {"RedshiftDataParameters", {"redshift", "redshift-serverless"}},
        {"SageMakerPipelineParameters", {"sagemaker"}},
        {"SqsQueueParameters", {"sqs"}},
        {"StepFunctionStateMachineParameters", {"states"}},
        {"TimestreamParameters", {"timestream"}}};
    const Json given = nested(pipe, {"TargetParameters"});
    if (parameters_of_others(given, kKinds, Arn::parse(target)->service) == nullptr) return;
    throw AwsError::validation("Invalid target parameter provided for target.");
}

}  // namespace

void check_pipe_delivery(const Json& pipe) {
    const std::string enrichment = string_member(pipe, "Enrichment");
    const std::optional<Party> party = party_of(enrichment);
    const bool enriches =
        party == Party::function || party == Party::machine || party == Party::http;
    if (!enrichment.empty() && !enriches) {
        throw AwsError::validation("Invalid pipe enrichment.");
    }
    const std::string target = string_member(pipe, "Target");
    const std::optional<std::string> problem = unsupported_target(target);
    if (problem) throw AwsError::validation(*problem);
    if (!party_of(target)) {
        throw AwsError::validation("Parameter Target is not valid: " + target);
    }
    if (party_of(target) == Party::topic && target.ends_with(".fifo")) {
        throw AwsError::validation("SNS FIFO topics are not supported as a pipe target.");
    }
    check_target_parameters(pipe, target);
    for (const char* parameters : {"EnrichmentParameters", "TargetParameters"}) {
        const Json text = nested(pipe, {parameters, "InputTemplate"});
        if (text.is_string()) check_template(text.get<std::string>());
    }
    const Json asked = asked_batch_size(pipe);
    for (const std::string& arn : {enrichment, target}) {
        if (arn.empty() || !asked.is_number() || asked.get<int>() <= most_taken(arn)) continue;
        throw AwsError::validation(
            fmt::format("The configured batch size {} is greater than the max supported batch "
                        "size {} of {}.",
                        asked.get<int>(), most_taken(arn), arn));
    }
}

Task<FailedRecords> deliver_batch(Cloud& cloud, Scope scope, Json pipe, Json records,
                                  ActivityId cause) {
    const std::string name = string_member(pipe, "Name");
    Activity activity = cloud.journal().begin(ActivityKind::delivery, "pipe " + name, cause);
    const Batch batch{cloud, std::move(scope), std::move(pipe), activity.id(),
                      iso8601_millis(cloud.clock().now())};
    if (!string_member(batch.pipe, "Enrichment").empty()) {
        records = co_await enrich(batch, std::move(records));
        const bool is_empty = records.empty() || is_empty_text(records);  // null, [], {} and ""
        if (is_empty) co_return FailedRecords();
        if (!records.is_array()) records = Json::array({std::move(records)});
    }
    FailedRecords failed = co_await send(batch, std::move(records));
    co_return failed;
}

}  // namespace skafu::eventbridge

#include "eventbridge/targets.h"

#include <algorithm>

#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/http_targets.h"

namespace skafu::eventbridge {
namespace {

enum class TargetKind {
    sqs,
    sns,
    lambda,
    states,
    event_bus,
    logs,
    api_destination,
    api_gateway,
    schema_discoverer,
    other
};

TargetKind kind_of(const Arn& arn) {
    if (arn.service == "sqs") return TargetKind::sqs;
    if (arn.service == "sns") return TargetKind::sns;
    if (arn.service == "lambda") return TargetKind::lambda;
    if (arn.service == "states") return TargetKind::states;
    if (arn.service == "logs") return TargetKind::logs;
    if (arn.service == "execute-api") return TargetKind::api_gateway;
    if (arn.service == "schemas") return TargetKind::schema_discoverer;
    if (arn.service == "events" && arn.resource_type() == "event-bus") return TargetKind::event_bus;
    if (arn.service == "events" && arn.resource_type() == "api-destination") {
        return TargetKind::api_destination;
    }
    return TargetKind::other;
}

const Arn& target_arn(const Target& target) {
    if (!target.address) throw AwsError::validation("Parameter " + target.arn + " is not valid.");
    return *target.address;
}

std::string queue_url_of(Cloud& cloud, const Arn& queue) {
    return cloud.settings().endpoint() + "/" + queue.account + "/" + queue.resource;
}

Call service_call(std::string_view service, std::string_view operation, Json input, const Arn& arn,
                  const Outgoing& outgoing) {
    Call call{service, operation, Document(std::move(input)), {}, outgoing.cause, {}};
    call.caller.account = arn.account.empty() ? outgoing.scope.account : arn.account;
    call.caller.region = arn.region.empty() ? outgoing.scope.region : arn.region;
    call.caller.principal = "events.amazonaws.com";
    return call;
}

Json sqs_input(Cloud& cloud, Outgoing& outgoing) {
    Json input = Json::object();
    input["QueueUrl"] = queue_url_of(cloud, target_arn(outgoing.target));
    input["MessageBody"] = std::move(outgoing.payload);
    if (const Json* parameters = find_member(outgoing.target.definition, "SqsParameters")) {
        const std::string group = string_member(*parameters, "MessageGroupId");
        if (!group.empty()) input["MessageGroupId"] = group;
    }
    return input;
}

/// The call for kinds that take one, with the payload; nullopt for the rest.
std::optional<Call> single_call(Cloud& cloud, Outgoing& outgoing) {
    const Arn& arn = target_arn(outgoing.target);
    const std::string& target = outgoing.target.arn;
    switch (kind_of(arn)) {
        case TargetKind::sqs:
            return service_call("sqs", "SendMessage", sqs_input(cloud, outgoing), arn, outgoing);
        case TargetKind::sns:
            return service_call("sns", "Publish",
                                {{"TopicArn", target}, {"Message", outgoing.payload}}, arn,
                                outgoing);
        case TargetKind::lambda:
            return service_call("lambda", "Invoke",
                                {{"FunctionName", target},
                                 {"InvocationType", "Event"},
                                 {"Payload", outgoing.payload}},
                                arn, outgoing);
        case TargetKind::states:
            return service_call("states", "StartExecution",
                                {{"stateMachineArn", target}, {"input", outgoing.payload}}, arn,
                                outgoing);
        case TargetKind::event_bus:
            if (outgoing.hops > 0) {
                throw AwsError("ThirdAccountHop",
                               "The event came from another bus and goes no further.");
            }
            return service_call("events", "IngestEvent",
                                {{"EventBusName", target},
                                 {"Event", std::string(outgoing.event)},
                                 {"Hops", outgoing.hops + 1}},
                                arn, outgoing);
        case TargetKind::schema_discoverer:
            return service_call("schemas", "DiscoverEvent",
                                {{"Event", std::string(outgoing.event)}}, arn, outgoing);
        case TargetKind::logs:
        case TargetKind::api_destination:
        case TargetKind::api_gateway:
        case TargetKind::other:
            break;
    }
    return std::nullopt;
}

/// CloudWatch Logs: a stream for each event, as AWS makes them.
Task<void> deliver_to_logs(Cloud& cloud, Outgoing outgoing) {
    const Arn arn = target_arn(outgoing.target);
    std::string group = arn.resource.substr(arn.resource.find(':') + 1);
    if (group.ends_with(":*")) group.resize(group.size() - 2);
    const std::string stream = cloud.entropy().uuid();
    Caller caller{arn.account, arn.region, "events.amazonaws.com"};
    Json create = {{"logGroupName", group}, {"logStreamName", stream}};
    co_await cloud.call_json("logs", "CreateLogStream", std::move(create), caller, outgoing.cause);
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        cloud.clock().now().time_since_epoch());
    Json line = {{"timestamp", now.count()}, {"message", outgoing.payload}};
    Json put = {{"logGroupName", group},
                {"logStreamName", stream},
                {"logEvents", Json::array({std::move(line)})}};
    co_await cloud.call_json("logs", "PutLogEvents", std::move(put), caller, outgoing.cause);
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

std::string queue_url(Cloud& cloud, std::string_view queue_arn) {
    const std::optional<Arn> arn = Arn::parse(queue_arn);
    if (!arn) throw AwsError::validation(fmt::format("Parameter {} is not valid.", queue_arn));
    return queue_url_of(cloud, *arn);
}

std::optional<std::string> unsupported_target(std::string_view text) {
    const std::optional<Arn> arn = Arn::parse(text);
    if (!arn) {
        return fmt::format(
            "Parameter {} is not valid. Reason: Provided Arn is not in correct format.", text);
    }
    if (kind_of(*arn) != TargetKind::other) return std::nullopt;
    return fmt::format(
        "Targets of service {} are not emulated ({}): start with --lenient to accept and only "
        "record them.",
        arn->service, text);
}

std::string dead_letter_queue(const Json& owner) {
    const Json* config = find_member(owner, "DeadLetterConfig");
    return config == nullptr ? std::string() : string_member(*config, "Arn");
}

void check_dead_letter_queue(const Json& owner, std::string_view region) {
    const std::string text = dead_letter_queue(owner);
    if (text.empty()) return;
    const std::optional<Arn> arn = Arn::parse(text);
    if (!arn) {
        throw AwsError::validation(fmt::format(
            "Parameter {} is not valid. Reason: Provided Arn is not in correct format.", text));
    }
    if (arn->service != "sqs") {
        throw AwsError::validation(
            fmt::format("{} is not supported as a dead letter resource.", arn->service));
    }
    if (text.ends_with(".fifo")) {
        throw AwsError::validation("SQS FIFO is not supported by Dead Letter Queues.");
    }
    if (arn->region == region) return;
    throw AwsError::validation(fmt::format(
        "Parameter {} is not valid. Reason: The dead letter queue must be in {}.", text, region));
}

const char* parameters_of_others(const Json& target, const std::vector<TargetParameters>& kinds,
                                 std::string_view service) {
    for (const TargetParameters& kind : kinds) {
        const bool is_own =
            std::find(kind.services.begin(), kind.services.end(), service) != kind.services.end();
        if (!is_own && find_member(target, kind.name) != nullptr) return kind.name;
    }
    return nullptr;
}

std::size_t target_concurrency(std::string_view text) {
    const std::optional<Arn> arn = Arn::parse(text);
    if (!arn) return 1;
    const TargetKind kind = kind_of(*arn);
    constexpr std::size_t kHttpConcurrency = 8;
    const bool is_http = kind == TargetKind::api_destination || kind == TargetKind::api_gateway;
    return is_http ? kHttpConcurrency : 1;
}

std::optional<Call> immediate_call(Cloud& cloud, Outgoing outgoing) {
    std::optional<Call> call = single_call(cloud, outgoing);
    if (!call) return std::nullopt;
    const Operation* operation = cloud.find_operation(call->service, call->operation);
    if (operation == nullptr || !operation->handler) return std::nullopt;
    return call;
}

Task<void> deliver_to_target(Cloud& cloud, Outgoing outgoing) {
    std::optional<Call> call = single_call(cloud, outgoing);
    if (call) {
        co_await cloud.call(std::move(*call));
        co_return;
    }
    const Arn arn = target_arn(outgoing.target);
    switch (kind_of(arn)) {
        case TargetKind::logs:
            co_await deliver_to_logs(cloud, std::move(outgoing));
            break;
        case TargetKind::api_destination:
        case TargetKind::api_gateway:
            co_await invoke_http(cloud, std::move(outgoing));
            break;
        default:
            break;  // accepted under --lenient: the journal has it
    }
}

DeliveryFailure classify_failure(const AwsError& error) {
    const std::string_view code = error.code();
    DeliveryFailure failure{"ERROR_FROM_TARGET", error.message(), true};
    if (contains(code, "NotFound") || contains(code, "NonExistent") ||
        contains(code, "DoesNotExist") || contains(code, "NoSuch")) {
        failure = {"NO_RESOURCE", error.message(), false};
    } else if (contains(code, "AccessDenied") || contains(code, "NotAuthorized")) {
        failure = {"NO_PERMISSIONS", error.message(), false};
    } else if (contains(code, "Throttl") || contains(code, "TooManyRequests") ||
               contains(code, "LimitExceeded")) {
        failure.code = "THROTTLING";
    } else if (code == "UnknownOperationException" || code == "UnknownOperation") {
        failure = {"SDK_CLIENT_ERROR", error.message(), false};
    } else if (code == "ThirdAccountHop") {
        failure = {"THIRD_ACCOUNT_HOP_DETECTED", error.message(), false};
    } else if (contains(code, "Validation") || contains(code, "Invalid") ||
               contains(code, "MissingParameter")) {
        failure = {"INVALID_PARAMETER", error.message(), false};
    } else if (code == "ConnectionFailure") {
        failure.code = "CONNECTION_FAILURE";
    } else if (code == "Timeout") {
        failure.code = "TIMEOUT";
    } else if (error.status() >= 500) {
        failure.code = "INTERNAL_ERROR";
    }
    return failure;
}

}  // namespace skafu::eventbridge

#include "lambda/async_invoker.h"

#include "core/aws_error.h"
#include "core/log.h"
#include "lambda/delivery.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda {

namespace {

constexpr int kDefaultRetries = 2;
constexpr std::int64_t kDefaultMaxAge = 21'600;  // seconds
constexpr std::chrono::minutes kFirstRetry{1};
constexpr std::chrono::minutes kSecondRetry{2};
constexpr std::chrono::seconds kFirstThrottleRetry{1};
constexpr std::chrono::seconds kLastThrottleRetry{300};
constexpr std::size_t kMaxErrorMessage = 1024;

}  // namespace

/// An accepted invocation on its way.
struct AsyncInvoker::Job {
    FunctionName name;
    std::string request_id;
    std::string payload;
    std::int64_t accepted_at = 0;  ///< milliseconds
    Json config;                   ///< PutFunctionEventInvokeConfig's, or {}
    std::string dead_letters;      ///< ARN, or ""
    ActivityId cause = 0;
    Caller caller;

    int attempts = 0;  ///< that the function ran
    int throttles = 0;
    Duration wait{0};
    Outcome outcome;
    std::string version = "$LATEST";
    std::string condition;  ///< "Success", "RetriesExhausted", "EventAgeExceeded"
};

AsyncInvoker::AsyncInvoker(Cloud& cloud, LambdaStore& store, Functions& functions, Invoker& invoker)
    : cloud_(cloud), store_(store), functions_(functions), invoker_(invoker) {}

void AsyncInvoker::accept(const FunctionName& name, std::string payload,
                          const std::string& request_id, ActivityId cause) {
    Json record = {{"FunctionName", name.name},
                   {"Qualifier", name.qualifier},
                   {"RequestId", request_id},
                   {"Payload", std::move(payload)},
                   {"AcceptedAt", epoch_millis(cloud_.clock().now())}};
    store_.accepted.put(name.scope, request_id, record);
    cloud_.spawn(run(name.scope, std::move(record), cause));
}

void AsyncInvoker::resume() {
    store_.accepted.for_each_scope([this](const Scope& scope) {
        store_.accepted.for_each(scope, [&](const std::string&, const Json& record) {
            cloud_.spawn(run(scope, record, 0));
            return true;
        });
    });
}

Task<void> AsyncInvoker::run(Scope scope, Json record, ActivityId cause) {
    Job job;
    job.name = {scope, string_member(record, "FunctionName"), string_member(record, "Qualifier")};
    job.request_id = string_member(record, "RequestId");
    job.payload = string_member(record, "Payload");
    job.accepted_at = record["AcceptedAt"].get<std::int64_t>();
    Activity activity =
        cloud_.journal().begin(ActivityKind::delivery, "async " + job.name.qualified_arn(), cause);
    job.cause = activity.id();
    job.caller.account = scope.account;
    job.caller.region = scope.region;
    bool finished = false;
    while (!finished) {
        finished = co_await attempt(job);
        if (!finished) co_await cloud_.clock().sleep_for(job.wait);
    }
    co_await conclude(job);
    if (job.condition != "Success") activity.fail(job.condition, job.outcome.payload);
    store_.accepted.erase(scope, job.request_id);
}

Task<bool> AsyncInvoker::attempt(Job& job) {
    std::shared_ptr<const FunctionSpec> spec;
    bool throttled = false;
    try {
        spec = functions_.spec(job.name);
        const Json& stored = functions_.get(job.name);
        const std::string qualifier = job.name.qualifier.empty() ? "$LATEST" : job.name.qualifier;
        const Json* config =
            store_.async_configs.find(job.name.scope, LambdaStore::key(job.name.name, qualifier));
        job.config = config == nullptr ? Json::object() : *config;
        const Json& letters = stored["Configuration"].value("DeadLetterConfig", Json::object());
        job.dead_letters = string_member(letters, "TargetArn");
        const Json* reserved = find_member(stored, "ReservedConcurrency");
        throttled = reserved != nullptr &&
                    invoker_.in_flight(job.name.scope, job.name.name) >= reserved->get<int>();
    } catch (const AwsError& error) {
        job.condition = "RetriesExhausted";
        job.outcome.error = error.code();
        job.outcome.payload =
            to_text({{"errorType", error.code()}, {"errorMessage", error.message()}});
        co_return true;
    }
    const std::int64_t max_age = job.config.value("MaximumEventAgeInSeconds", kDefaultMaxAge);
    const std::int64_t age = epoch_millis(cloud_.clock().now()) - job.accepted_at;
    if (age > max_age * 1000) {
        job.condition = "EventAgeExceeded";
        co_return true;
    }
    if (throttled) {
        const Duration wait = kFirstThrottleRetry * (1 << std::min(job.throttles++, 9));
        job.wait = std::min<Duration>(wait, kLastThrottleRetry);
        co_return false;
    }
    InvocationRequest request;
    request.payload = job.payload;
    request.invoked_arn = job.name.qualified_arn();
    request.request_id = job.request_id;
    request.cause = job.cause;
    job.version = spec->version;
    job.outcome = co_await invoker_.invoke(spec, std::move(request));
    ++job.attempts;
    if (job.outcome.error.empty()) {
        job.condition = "Success";
        co_return true;
    }
    if (job.attempts > job.config.value("MaximumRetryAttempts", kDefaultRetries)) {
        job.condition = "RetriesExhausted";
        co_return true;
    }
    job.wait = job.attempts == 1 ? kFirstRetry : kSecondRetry;
    co_return false;
}

Json AsyncInvoker::destination_record(const Job& job, const std::string& condition) const {
    FunctionName qualified = job.name;
    if (qualified.qualifier.empty()) qualified.qualifier = "$LATEST";
    Json response = {{"statusCode", 200}, {"executedVersion", job.version}};
    if (!job.outcome.error.empty()) response["functionError"] = job.outcome.error;
    Json record = {{"version", "1.0"},
                   {"timestamp", iso8601_millis(cloud_.clock().now())},
                   {"requestContext",
                    {{"requestId", job.request_id},
                     {"functionArn", qualified.qualified_arn()},
                     {"condition", condition},
                     {"approximateInvokeCount", job.attempts}}},
                   {"requestPayload", payload_value(job.payload)}};
    if (job.attempts > 0) {
        record["responseContext"] = std::move(response);
        record["responsePayload"] = payload_value(job.outcome.payload);
    }
    return record;
}

Task<void> AsyncInvoker::send(const Job& job, std::string destination, std::string condition) {
    const bool success = condition == "Success";
    Json record = destination_record(job, condition);
    const std::string detail_type =
        fmt::format("Lambda Function Invocation Result - {}", success ? "Success" : "Failure");
    Json attributes = Json::object();
    try {
        co_await deliver(cloud_, destination, std::move(record), std::move(attributes), detail_type,
                         job.caller, job.cause);
    } catch (const AwsError& error) {
        log::warn("destination {} of function {}: {}", destination, job.name.name, error.what());
    }
}

Task<void> AsyncInvoker::send_to_dead_letters(const Job& job) {
    const Json error = payload_value(job.outcome.payload);
    Json attributes = {{"RequestID", job.request_id}, {"ErrorCode", 200}};
    attributes["ErrorMessage"] =
        string_member(error, "errorMessage", job.condition).substr(0, kMaxErrorMessage);
    Json message = payload_value(job.payload);
    try {
        co_await deliver(cloud_, job.dead_letters, std::move(message), std::move(attributes), "",
                         job.caller, job.cause);
    } catch (const AwsError& failure) {
        log::warn("dead-letter queue {} of function {}: {}", job.dead_letters, job.name.name,
                  failure.what());
    }
}

Task<void> AsyncInvoker::conclude(const Job& job) {
    const bool success = job.condition == "Success";
    const Json destinations = job.config.value("DestinationConfig", Json::object());
    const Json chosen = destinations.value(success ? "OnSuccess" : "OnFailure", Json::object());
    const std::string arn = string_member(chosen, "Destination");
    if (!arn.empty()) co_await send(job, arn, job.condition);
    if (!success && !job.dead_letters.empty()) co_await send_to_dead_letters(job);
}

}  // namespace skafu::lambda

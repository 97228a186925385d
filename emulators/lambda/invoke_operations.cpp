#include "core/aws_error.h"
#include "core/base64.h"
#include "lambda/lambda_service.h"
#include "lambda/payload_error.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr std::size_t kMaxPayload = 6'291'456;       // Lambda quotas: synchronous payload
constexpr std::size_t kMaxEventPayload = 1'048'576;  // Lambda quotas: asynchronous payload

/// The event as JSON text. Over the wire it is the body; callers within the house may give JSON,
/// or the text.
std::string payload_of(const Json& input) {
    const Json* payload = find_member(input, "Payload");
    if (payload == nullptr || payload->is_null()) return "{}";
    if (!payload->is_string()) return to_text(*payload);
    const std::string& text = payload->get_ref<const std::string&>();
    if (text.empty()) return "{}";
    try {
        parse_json(text);
    } catch (const JsonError& error) {
        const std::string why = payload_error(text);
        throw AwsError(
            "InvalidRequestContentException",
            fmt::format(
                "Could not parse request body into json: Could not parse payload into json: {}",
                why.empty() ? error.what() : why),
            400, {{"Type", "User"}});
    }
    return text;
}

void check_size(const std::string& payload, std::string_view type, std::size_t limit) {
    if (payload.size() <= limit) return;
    throw AwsError("RequestEntityTooLargeException",
                   fmt::format("{} byte payload is too large for the {} invocation type (limit {} "
                               "bytes)",
                               payload.size(), type, limit),
                   413, {{"Type", "User"}});
}

void check_concurrency(LambdaService& lambda, const FunctionName& name) {
    const Json* reserved = find_member(lambda.functions.get(name), "ReservedConcurrency");
    if (reserved == nullptr) return;
    if (lambda.invoker.in_flight(name.scope, name.name) < reserved->get<int>()) return;
    throw AwsError(
        "TooManyRequestsException", "Rate Exceeded.", 429,
        {{"Type", "User"}, {"Reason", "ReservedFunctionConcurrentInvocationLimitExceeded"}});
}

Task<Json> run_now(LambdaService& lambda, Context& context, const Json& input,
                   std::shared_ptr<const FunctionSpec> spec, FunctionName name,
                   std::string payload) {
    InvocationRequest request;
    request.payload = std::move(payload);
    request.invoked_arn = name.qualified_arn();
    request.request_id = context.request_id;
    request.cause = context.activity.id();
    if (const std::string client = string_member(input, "ClientContext"); !client.empty()) {
        request.client_context = base64_decode(client).value_or("");
    }
    const bool wants_log = string_member(input, "LogType") == "Tail";
    Outcome outcome = co_await lambda.invoker.invoke(spec, std::move(request));
    Json output = {{"StatusCode", 200}, {"ExecutedVersion", spec->version}};
    if (!outcome.error.empty()) output["FunctionError"] = outcome.error;
    if (wants_log) output["LogResult"] = base64_encode(outcome.log_tail);
    output["Payload"] = std::move(outcome.payload);
    co_return output;
}

Task<Json> invoke(LambdaService& lambda, Context& context, Json input) {
    const FunctionName name = function_name(context, input);
    std::shared_ptr<const FunctionSpec> spec = lambda.functions.spec(name);
    const std::string type = string_member(input, "InvocationType", "RequestResponse");
    std::string payload = payload_of(input);
    if (type == "DryRun") co_return Json({{"__status", 204}, {"StatusCode", 204}});
    if (type == "Event") {
        check_size(payload, type, kMaxEventPayload);
        lambda.async.accept(name, std::move(payload), context.request_id, context.activity.id());
        co_return Json({{"__status", 202}, {"StatusCode", 202}, {"Payload", ""}});
    }
    check_size(payload, type, kMaxPayload);
    check_concurrency(lambda, name);
    Json output = co_await run_now(lambda, context, input, spec, name, std::move(payload));
    co_return output;
}

/// The older way to invoke a function asynchronously.
Json invoke_async(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.spec(name);
    const Json* arguments = find_member(input, "InvokeArgs");
    std::string payload = payload_of({{"Payload", arguments == nullptr ? Json() : *arguments}});
    check_size(payload, "Event", kMaxEventPayload);
    lambda.async.accept(name, std::move(payload), context.request_id, context.activity.id());
    return {{"Status", 202}};
}

}  // namespace

void add_invoke_operations(Service& service, LambdaService& lambda) {
    const Shape input = structure(
        {required("FunctionName", shape::string(1, 170)),
         optional("InvocationType", shape::enumeration({"Event", "RequestResponse", "DryRun"})),
         optional("LogType", shape::enumeration({"None", "Tail"})),
         optional("ClientContext", shape::string()), optional("Qualifier", shape::string(1, 128)),
         optional("Payload", shape::any())});
    Operation operation = rest("Invoke", "POST", "/2015-03-31/functions/{FunctionName}/invocations",
                               200, input, {{"Qualifier", "Qualifier"}});
    operation.http.headers = {{"InvocationType", "X-Amz-Invocation-Type"},
                              {"LogType", "X-Amz-Log-Type"},
                              {"ClientContext", "X-Amz-Client-Context"}};
    operation.http.payload = "Payload";
    operation.http.response_headers = {{"FunctionError", "X-Amz-Function-Error"},
                                       {"LogResult", "X-Amz-Log-Result"},
                                       {"ExecutedVersion", "X-Amz-Executed-Version"}};
    operation.http.response_payload = "Payload";
    service.add_async(std::move(operation), [&lambda](Context& context, Json given) {
        return invoke(lambda, context, std::move(given));
    });
    Operation invoke_later =
        rest("InvokeAsync", "POST", "/2014-11-13/functions/{FunctionName}/invoke-async", 202,
             structure({required("FunctionName", shape::string(1, 170)),
                        optional("InvokeArgs", shape::any())}));
    invoke_later.http.payload = "InvokeArgs";
    service.add(std::move(invoke_later), [&lambda](Context& context, const Json& given) {
        return invoke_async(lambda, context, given);
    });
}

}  // namespace skafu::lambda

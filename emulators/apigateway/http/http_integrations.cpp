#include "apigateway/errors.h"
#include "apigateway/http/http_gateway.h"
#include "apigateway/http/http_mapping.h"

// The integrations of HTTP APIs: functions, other servers, and AWS services by a subtype.

namespace skafu::apigateway::http {
namespace {

HttpRefusal failed_integration(std::string detail) {
    return {500, "Internal Server Error", {}, std::move(detail)};
}

/// "${stageVariables.x}" in a URI, and "{name}" of a path variable.
std::string filled_uri(const HttpExchange& exchange, const std::string& uri) {
    std::string out = selected(exchange, uri).get<std::string>();
    for (const auto& [name, value] : exchange.path_values) {
        for (const std::string& mark : {"{" + name + "}", "{" + name + "+}"}) {
            const std::size_t at = out.find(mark);
            if (at != std::string::npos) {
                out.replace(at, mark.size(), percent_encode(value, Slash::keep));
            }
        }
    }
    return out;
}

std::string query_text(const Pairs& query) {
    std::string text;
    for (const auto& [name, value] : query) {
        if (!text.empty()) text += '&';
        text += percent_encode(name) + "=" + percent_encode(value);
    }
    return text;
}

/// The event of a function, after the integration's mappings.
Json mapped_event(const HttpExchange& exchange, bool is_version_2) {
    if (!exchange.route->integration.contains("requestParameters")) {
        return http_event(exchange, is_version_2);
    }
    HttpExchange seen = exchange;
    std::string path;
    map_http_request(exchange, seen.headers, seen.query, path);
    if (seen.query != exchange.query) seen.raw_query = query_text(seen.query);
    if (!path.empty()) seen.full_path = path;
    return http_event(seen, is_version_2);
}

Task<Answer> call_function(HttpExchange& exchange) {
    const Json& integration = exchange.route->integration;
    const std::string uri = filled_uri(exchange, string_member(integration, "integrationUri"));
    const std::string in_path = parse_aws_target(uri).function;
    const std::string function = in_path.empty() ? uri : in_path;
    const bool is_version_2 = string_member(integration, "payloadFormatVersion") == "2.0";
    Json input = {{"FunctionName", function},
                  {"InvocationType", "RequestResponse"},
                  {"Payload", to_text(mapped_event(exchange, is_version_2))}};
    Json output;
    std::string failure;
    try {
        output = co_await exchange.store.cloud.call_json("lambda", "Invoke", std::move(input),
                                                         exchange.caller, exchange.cause);
    } catch (const AwsError& error) {
        failure = error.what();
    }
    if (!failure.empty()) throw failed_integration("invoking " + function + ": " + failure);
    const std::string payload = string_member(output, "Payload", "null");
    if (output.contains("FunctionError")) {
        throw failed_integration("the function " + function + " failed: " + payload);
    }
    co_return function_answer(payload, is_version_2);
}

HttpRequest proxied_request(const HttpExchange& exchange, std::string& url) {
    const Json& integration = exchange.route->integration;
    HttpRequest request;
    const std::string method = string_member(integration, "integrationMethod", "ANY");
    request.method = method == "ANY" ? exchange.method : method;
    Pairs headers;
    for (const auto& [name, value] : exchange.headers) {
        const bool own = iequals(name, "Host") || iequals(name, "Connection") ||
                         iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding") ||
                         iequals(name, "Expect");
        if (!own) headers.emplace_back(name, value);
    }
    set_header(headers, "Forwarded",
               fmt::format("by={};for={};host={};proto=http", exchange.host, exchange.source_ip,
                           exchange.host));
    Pairs query = exchange.query;
    std::string path;
    map_http_request(exchange, headers, query, path);
    for (auto& [name, value] : headers) request.headers.add(name, std::move(value));
    if (!path.empty()) url = url.substr(0, url.find('/', url.find("://") + 3)) + path;
    if (!query.empty()) {
        url += (url.find('?') == std::string::npos ? '?' : '&') + query_text(query);
    }
    const std::size_t target = url.find('/', url.find("://") + 3);
    request.target = target == std::string::npos ? "/" : url.substr(target);
    request.body = exchange.body;
    return request;
}

Task<Answer> call_server(HttpExchange& exchange) {
    const Json& integration = exchange.route->integration;
    std::string url = filled_uri(exchange, string_member(integration, "integrationUri"));
    HttpRequest request = proxied_request(exchange, url);
    const Duration limit = std::chrono::milliseconds(integration.value("timeoutInMillis", 30000));
    HttpResponse response;
    std::string failure;
    try {
        response = co_await exchange.store.cloud.http().fetch(url, std::move(request), limit);
    } catch (const std::runtime_error& error) {
        failure = error.what();
    }
    if (!failure.empty()) {
        throw HttpRefusal{503, "Service Unavailable", {}, url + ": " + failure};
    }
    Answer answer;
    answer.status = response.status;
    for (const auto& [name, value] : response.headers) {
        const bool own = iequals(name, "Connection") || iequals(name, "Content-Length") ||
                         iequals(name, "Transfer-Encoding");
        if (!own) answer.headers.emplace_back(name, value);
    }
    answer.body = std::move(response.body);
    co_return answer;
}

/// A subtype of AWS_PROXY ("SQS-SendMessage") and the call it means.
struct ServiceCall {
    std::string_view subtype;
    std::string_view service;
    std::string_view operation;
    bool small_names = false;  // the service's members begin with a small letter
};

constexpr ServiceCall kServiceCalls[] = {
    {"EventBridge-PutEvents", "events", "PutEvents", false},
    {"SQS-SendMessage", "sqs", "SendMessage", false},
    {"SQS-ReceiveMessage", "sqs", "ReceiveMessage", false},
    {"SQS-DeleteMessage", "sqs", "DeleteMessage", false},
    {"SQS-PurgeQueue", "sqs", "PurgeQueue", false},
    {"StepFunctions-StartExecution", "states", "StartExecution", true},
    {"StepFunctions-StartSyncExecution", "states", "StartSyncExecution", true},
    {"StepFunctions-StopExecution", "states", "StopExecution", true},
};

Json service_input(const HttpExchange& exchange, const ServiceCall& call) {
    Json input = Json::object();
    const Json* parameters = find_member(exchange.route->integration, "requestParameters");
    if (parameters != nullptr && parameters->is_object()) {
        for (const auto& [name, source] : parameters->items()) {
            if (name == "Region") continue;
            Json value =
                source.is_string() ? selected(exchange, source.get<std::string>()) : source;
            if (value.is_null()) continue;
            // The members that take text get JSON as text.
            if (value.is_object()) value = to_text(value);
            std::string member = name;
            if (call.small_names) {
                member[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(member[0])));
            }
            input[member] = std::move(value);
        }
    }
    for (const char* number :
         {"MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds", "DelaySeconds"}) {
        const Json* value = find_member(input, number);
        if (value != nullptr && value->is_string()) {
            input[number] = std::atoi(value->get<std::string>().c_str());
        }
    }
    if (call.operation == "PutEvents") return {{"Entries", Json::array({std::move(input)})}};
    return input;
}

Task<Answer> call_service(HttpExchange& exchange) {
    const std::string subtype = string_member(exchange.route->integration, "integrationSubtype");
    const auto* call = std::find_if(std::begin(kServiceCalls), std::end(kServiceCalls),
                                    [&](const ServiceCall& one) { return one.subtype == subtype; });
    if (call == std::end(kServiceCalls)) {
        throw failed_integration("integration subtype " + subtype + " is not emulated");
    }
    Answer answer;
    answer.headers.emplace_back("content-type", "application/json");
    Json input = service_input(exchange, *call);
    try {
        const Json output = co_await exchange.store.cloud.call_json(
            call->service, call->operation, std::move(input), exchange.caller, exchange.cause);
        answer.body = to_text(output);
    } catch (const AwsError& error) {
        answer.status = error.status();
        answer.body = to_text(Json{{"__type", error.code()}, {"message", error.message()}});
    }
    co_return answer;
}

}  // namespace

Task<Answer> call_integration(HttpExchange& exchange) {
    const Json& integration = exchange.route->integration;
    const std::string type = string_member(integration, "integrationType");
    Answer answer;
    if (type == "HTTP_PROXY") {
        answer = co_await call_server(exchange);
    } else if (integration.contains("integrationSubtype")) {
        answer = co_await call_service(exchange);
    } else if (type == "AWS_PROXY") {
        answer = co_await call_function(exchange);
    } else {
        throw failed_integration(type.empty() ? "the route has no integration"
                                              : "integration type " + type + " is not emulated");
    }
    map_http_response(exchange, answer);
    co_return answer;
}

}  // namespace skafu::apigateway::http

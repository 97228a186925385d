#include "apigateway/gateway_response.h"
#include "apigateway/integrations.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "core/log.h"
#include "core/text.h"

// AWS_PROXY: the function gets the whole request as an event and answers the whole response
// ("Set up Lambda proxy integrations in API Gateway").

namespace skafu::apigateway {
namespace {

Json last_values(const Pairs& pairs) {
    if (pairs.empty()) return nullptr;
    Json object = Json::object();
    for (const auto& [name, value] : pairs) object[name] = value;
    return object;
}

Json all_values(const Pairs& pairs) {
    if (pairs.empty()) return nullptr;
    Json object = Json::object();
    for (const auto& [name, value] : pairs) {
        Json& list = object[name];
        if (list.is_null()) list = Json::array();
        list.push_back(value);
    }
    return object;
}

bool is_hop_header(std::string_view name) {
    return iequals(name, "Connection") || iequals(name, "Transfer-Encoding") ||
           iequals(name, "Content-Length") || iequals(name, "Expect");
}

/// The client's headers and those that the gateway's own front adds.
Pairs event_headers(const Exchange& exchange) {
    Pairs headers;
    for (const auto& [name, value] : exchange.headers) {
        if (!is_hop_header(name)) headers.emplace_back(name, value);
    }
    const auto add = [&](const char* name, std::string value) {
        if (!find_header(headers, name)) headers.emplace_back(name, std::move(value));
    };
    add("Host", exchange.host);
    add("X-Amzn-Trace-Id", exchange.trace_id);
    add("X-Forwarded-For", exchange.source_ip);
    const std::size_t colon = exchange.host.rfind(':');
    add("X-Forwarded-Port", colon == std::string::npos ? "443" : exchange.host.substr(colon + 1));
    add("X-Forwarded-Proto", colon == std::string::npos ? "https" : "http");
    return headers;
}

Json identity(const Exchange& exchange) {
    Json identity = Json::object();
    for (const char* name : {"cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller",
                             "sourceIp", "principalOrgId", "accessKey", "cognitoAuthenticationType",
                             "cognitoAuthenticationProvider", "userArn", "userAgent", "user"}) {
        identity[name] = nullptr;
    }
    identity["sourceIp"] = exchange.source_ip;
    if (const std::string* agent = find_header(exchange.headers, "User-Agent")) {
        identity["userAgent"] = *agent;
    }
    if (!exchange.api_key.empty()) identity["apiKey"] = exchange.api_key;
    return identity;
}

Json request_context(const Exchange& exchange) {
    Json context = Json::object();
    context["resourceId"] = exchange.resource->id;
    if (exchange.authorizer) context["authorizer"] = *exchange.authorizer;
    context["resourcePath"] = exchange.resource->path;
    context["httpMethod"] = exchange.http_method;
    context["extendedRequestId"] = exchange.extended_id;
    context["requestTime"] = context_text(exchange, "requestTime");
    context["path"] = exchange.request_path;
    context["accountId"] = exchange.caller.account;
    context["protocol"] = exchange.protocol;
    context["stage"] = exchange.stage;
    context["domainPrefix"] = exchange.api_id;
    context["requestTimeEpoch"] = exchange.time_ms;
    context["requestId"] = exchange.request_id;
    context["identity"] = identity(exchange);
    context["domainName"] = exchange.host;
    context["deploymentId"] =
        exchange.deployment_id.empty() ? std::string("live") : exchange.deployment_id;
    context["apiId"] = exchange.api_id;
    return context;
}

Json path_parameters(const Exchange& exchange) {
    if (exchange.path_values.empty()) return nullptr;
    Json object = Json::object();
    for (const auto& [name, value] : exchange.path_values) object[std::string(name)] = value;
    return object;
}

Refusal malformed(std::string why) {
    return {"DEFAULT_5XX", "Internal server error",
            "Execution failed due to configuration error: Malformed Lambda proxy response (" +
                std::move(why) + ")"};
}

int status_of(const Json& result) {
    const Json* status = find_member(result, "statusCode");
    if (!status || status->is_null()) return 200;
    if (status->is_number()) return static_cast<int>(status->get<double>());
    const std::string text = status->is_string() ? status->get<std::string>() : "";
    const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    if (!number) throw malformed("statusCode is no number");
    return std::atoi(text.c_str());
}

void add_headers(const Json& result, Answer& answer) {
    if (const Json* headers = find_member(result, "multiValueHeaders");
        headers && !headers->is_null()) {
        if (!headers->is_object()) throw malformed("multiValueHeaders");
        for (const auto& [name, values] : headers->items()) {
            if (!values.is_array()) throw malformed("multiValueHeaders: no list");
            for (const Json& value : values) answer.headers.emplace_back(name, plain_text(value));
        }
    }
    const Json* headers = find_member(result, "headers");
    if (!headers || headers->is_null()) return;
    if (!headers->is_object()) throw malformed("headers");
    for (const auto& [name, value] : headers->items()) {
        std::string shown = name;
        bool known = false;
        for (const auto& [other, text] : answer.headers) {
            if (!iequals(other, name)) continue;
            shown = other;
            known = known || text == plain_text(value);
        }
        if (!known) answer.headers.emplace_back(shown, plain_text(value));
    }
}

}  // namespace

Json proxy_event(Exchange& exchange) {
    const Pairs headers = event_headers(exchange);
    Json event = Json::object();
    event["resource"] = exchange.resource->path;
    event["path"] = exchange.path;
    event["httpMethod"] = exchange.http_method;
    event["headers"] = last_values(headers);
    event["multiValueHeaders"] = all_values(headers);
    event["queryStringParameters"] = last_values(exchange.query);
    event["multiValueQueryStringParameters"] = all_values(exchange.query);
    event["pathParameters"] = path_parameters(exchange);
    event["stageVariables"] =
        exchange.stage_variables.empty() ? Json(nullptr) : exchange.stage_variables;
    event["requestContext"] = request_context(exchange);
    const std::string& body = exchange.body->text();
    const bool binary = !body.empty() && is_binary(*exchange.api, exchange.content_type());
    if (body.empty())
        event["body"] = nullptr;
    else
        event["body"] = binary ? base64_encode(body) : body;
    event["isBase64Encoded"] = binary;
    return event;
}

Answer proxy_answer(Exchange& exchange, const Json& result) {
    if (!result.is_object()) throw malformed("no object");
    for (const auto& [name, value] : result.items()) {
        const bool allowed = name == "statusCode" || name == "headers" ||
                             name == "multiValueHeaders" || name == "body" ||
                             name == "isBase64Encoded";
        if (!allowed) throw malformed("unknown member " + name);
    }
    Answer answer;
    answer.status = status_of(result);
    Answer raw;
    add_headers(result, raw);
    for (auto& [name, value] : raw.headers) answer.headers.emplace_back(name, std::move(value));
    if (const Json* body = find_member(result, "body"); body && !body->is_null()) {
        if (!body->is_string()) throw malformed("body is no text");
        answer.body = body->get<std::string>();
    }
    const Json* encoded = find_member(result, "isBase64Encoded");
    const std::string* accept = find_header(exchange.headers, "Accept");
    if (encoded && *encoded == true &&
        is_binary(*exchange.api, accept ? std::string_view(*accept) : "")) {
        const auto decoded = base64_decode(answer.body);
        if (!decoded) throw malformed("body is not base64");
        answer.body = *decoded;
    }
    if (!find_header(answer.headers, "Content-Type")) {
        answer.headers.emplace_back("Content-Type", "application/json");
    }
    return answer;
}

Task<Answer> call_function_proxy(Exchange& exchange) {
    const Integration& integration = exchange.method->integration;
    const bool plain = !integration.uri_has_variables;
    const AwsTarget target =
        plain ? integration.target : parse_aws_target(fill_uri(exchange, integration.uri, {}));
    if (integration.http_method != "POST" || target.function.empty()) {
        throw configuration_error("A function is invoked by POST on its invocations path");
    }
    std::string event = to_text(proxy_event(exchange));
    if (exchange.log) exchange.log->add_request(integration.uri, {}, event);
    Json input = {{"FunctionName", target.function},
                  {"InvocationType", "RequestResponse"},
                  {"Payload", std::move(event)}};
    Json result;
    try {
        result = co_await exchange.store.cloud.call_json("lambda", "Invoke", std::move(input),
                                                         exchange.caller, exchange.cause);
    } catch (const AwsError& error) {
        throw configuration_error(
            fmt::format("Invoking {}: {}: {}", target.function, error.code(), error.message()));
    }
    const std::string payload = string_member(result, "Payload");
    if (exchange.log) exchange.log->add_answer(200, {}, payload);
    if (find_member(result, "FunctionError")) {
        throw Refusal("DEFAULT_5XX", "Internal server error",
                      "The function " + target.function + " failed: " + payload);
    }
    Json answer;
    try {
        answer = parse_json(payload);
    } catch (const JsonError&) {
        throw malformed("not JSON");
    }
    if (answer.is_null()) answer = Json::object();
    co_return proxy_answer(exchange, answer);
}

}  // namespace skafu::apigateway

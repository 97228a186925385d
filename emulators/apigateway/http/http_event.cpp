#include "apigateway/errors.h"
#include "apigateway/http/http_request.h"
#include "core/base64.h"
#include "core/http.h"
#include "core/split.h"
#include "core/text.h"

// Payload formats 1.0 and 2.0 of functions ("Create AWS Lambda proxy integrations for HTTP APIs").

namespace skafu::apigateway::http {
namespace {

/// What arrives as text; everything else is base64.
bool is_text_type(const HttpExchange& exchange) {
    const std::string* type = find_header(exchange.headers, "Content-Type");
    if (type == nullptr) return true;
    const std::string name = lower_case(type->substr(0, type->find(';')));
    return name.starts_with("text/") || name == "application/json" ||
           name == "application/javascript" || name == "application/xml" ||
           name == "application/vnd.api+json";
}

void join_value(Json& object, const std::string& name, const std::string& value) {
    if (object.contains(name))
        object[name] = object[name].get<std::string>() + "," + value;
    else
        object[name] = value;
}

/// The client's headers and those that the gateway's own front adds.
Pairs front_headers(const HttpExchange& exchange) {
    Pairs headers;
    for (const auto& [name, value] : exchange.headers) {
        if (!iequals(name, "Connection")) headers.emplace_back(name, value);
    }
    const auto add = [&](const char* name, std::string value) {
        if (!find_header(headers, name)) headers.emplace_back(name, std::move(value));
    };
    const std::size_t colon = exchange.host.rfind(':');
    const bool has_port = colon != std::string::npos;
    add("Host", exchange.host);
    add("X-Amzn-Trace-Id", exchange.trace_id);
    add("X-Forwarded-For", exchange.source_ip);
    add("X-Forwarded-Port", has_port ? exchange.host.substr(colon + 1) : "443");
    add("X-Forwarded-Proto", has_port ? "http" : "https");
    return headers;
}

std::string user_agent(const HttpExchange& exchange) {
    const std::string* agent = find_header(exchange.headers, "User-Agent");
    return agent == nullptr ? "" : *agent;
}

Json stage_variables(const HttpExchange& exchange) {
    const Json* variables = find_member(exchange.stage_document, "stageVariables");
    return variables == nullptr || variables->empty() ? Json() : *variables;
}

Json path_values(const HttpExchange& exchange) {
    Json values;
    for (const auto& [name, value] : exchange.path_values) values[name] = value;
    return values;
}

void put_body(const HttpExchange& exchange, Json& event, bool always) {
    const bool text = is_text_type(exchange);
    if (!exchange.body.empty()) {
        event["body"] = text ? exchange.body : base64_encode(exchange.body);
    } else if (always) {
        event["body"] = nullptr;
    }
    event["isBase64Encoded"] = !exchange.body.empty() && !text;
}

Json context_2(const HttpExchange& exchange) {
    Json context = {{"accountId", exchange.caller.account}, {"apiId", exchange.api_id}};
    if (!exchange.authorizer.is_null()) context["authorizer"] = exchange.authorizer;
    context["domainName"] = exchange.host;
    context["domainPrefix"] = exchange.host.substr(0, exchange.host.find('.'));
    context["http"] = {{"method", exchange.method},
                       {"path", exchange.full_path},
                       {"protocol", "HTTP/1.1"},
                       {"sourceIp", exchange.source_ip},
                       {"userAgent", user_agent(exchange)}};
    context["requestId"] = exchange.request_id;
    context["routeKey"] = exchange.route->key;
    context["stage"] = exchange.stage;
    context["time"] = clf_time(exchange.time_ms);
    context["timeEpoch"] = exchange.time_ms;
    return context;
}

/// What both kinds of event of version 2.0 share.
Json request_2(const HttpExchange& exchange) {
    Json event = {{"version", "2.0"},
                  {"routeKey", exchange.route->key},
                  {"rawPath", exchange.full_path},
                  {"rawQueryString", exchange.raw_query}};
    Json headers = Json::object();
    for (const auto& [name, value] : front_headers(exchange)) {
        const std::string lower = lower_case(name);
        if (lower == "cookie") {
            for (const std::string_view cookie : split_entries(value, ';')) {
                event["cookies"].push_back(cookie);
            }
        } else {
            join_value(headers, lower, value);
        }
    }
    event["headers"] = std::move(headers);
    Json query;
    for (const auto& [name, value] : exchange.query) join_value(query, name, value);
    if (!query.is_null()) event["queryStringParameters"] = std::move(query);
    event["requestContext"] = context_2(exchange);
    if (Json values = path_values(exchange); !values.is_null()) {
        event["pathParameters"] = std::move(values);
    }
    if (Json variables = stage_variables(exchange); !variables.is_null()) {
        event["stageVariables"] = std::move(variables);
    }
    return event;
}

Json context_1(const HttpExchange& exchange) {
    Json identity = Json::object();
    for (const char* name :
         {"accessKey", "accountId", "caller", "cognitoAuthenticationProvider",
          "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId",
          "principalOrgId", "sourceIp", "user", "userAgent", "userArn"}) {
        identity[name] = nullptr;
    }
    identity["sourceIp"] = exchange.source_ip;
    identity["userAgent"] = user_agent(exchange);
    Json authorizer = exchange.authorizer;
    if (const Json* jwt = find_member(authorizer, "jwt")) authorizer = Json(*jwt);
    if (const Json* own = find_member(authorizer, "lambda")) authorizer = Json(*own);
    const std::string resource = exchange.route->key.substr(exchange.route->key.find(' ') + 1);
    return {{"accountId", exchange.caller.account},
            {"apiId", exchange.api_id},
            {"authorizer", authorizer.is_null() ? Json::object() : authorizer},
            {"domainName", exchange.host},
            {"domainPrefix", exchange.host.substr(0, exchange.host.find('.'))},
            {"extendedRequestId", exchange.request_id},
            {"httpMethod", exchange.method},
            {"identity", std::move(identity)},
            {"path", exchange.full_path},
            {"protocol", "HTTP/1.1"},
            {"requestId", exchange.request_id},
            {"requestTime", clf_time(exchange.time_ms)},
            {"requestTimeEpoch", exchange.time_ms},
            {"resourceId", exchange.route->key},
            {"resourcePath", resource},
            {"stage", exchange.stage}};
}

Json request_1(const HttpExchange& exchange) {
    Json headers;
    Json all_headers;
    for (const auto& [name, value] : front_headers(exchange)) {
        headers[name] = value;
        all_headers[name].push_back(value);
    }
    Json query;
    Json all_query;
    for (const auto& [name, value] : exchange.query) {
        query[name] = value;
        all_query[name].push_back(value);
    }
    return {{"version", "1.0"},
            {"resource", exchange.route->key.substr(exchange.route->key.find(' ') + 1)},
            {"path", exchange.full_path},
            {"httpMethod", exchange.method},
            {"headers", std::move(headers)},
            {"multiValueHeaders", std::move(all_headers)},
            {"queryStringParameters", std::move(query)},
            {"multiValueQueryStringParameters", std::move(all_query)},
            {"requestContext", context_1(exchange)},
            {"pathParameters", path_values(exchange)},
            {"stageVariables", stage_variables(exchange)}};
}

std::string joined_identities(const Json& identities) {
    std::string all;
    for (const Json& one : identities) all += (all.empty() ? "" : ",") + one.get<std::string>();
    return all;
}

HttpRefusal malformed_answer(const std::string& why) {
    HttpRefusal refusal;
    refusal.detail = "the function's answer is malformed: " + why;
    return refusal;
}

std::string header_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : to_text(value);
}

int answer_status(const Json& result) {
    const Json& status = result.at("statusCode");
    if (status.is_number()) return status.get<int>();
    const std::string text = status.is_string() ? status.get<std::string>() : "";
    const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    if (!number) throw malformed_answer("statusCode is no number");
    return std::atoi(text.c_str());
}

void put_headers(const Json& result, Answer& answer) {
    if (const Json* all = find_member(result, "multiValueHeaders"); all && all->is_object()) {
        for (const auto& [name, values] : all->items()) {
            if (!values.is_array()) throw malformed_answer("multiValueHeaders");
            for (const Json& value : values) answer.headers.emplace_back(name, header_text(value));
        }
    }
    const Json* headers = find_member(result, "headers");
    if (headers != nullptr && !headers->is_null()) {
        if (!headers->is_object()) throw malformed_answer("headers");
        for (const auto& [name, value] : headers->items()) {
            if (!find_header(answer.headers, name)) {
                answer.headers.emplace_back(name, header_text(value));
            }
        }
    }
    const Json* cookies = find_member(result, "cookies");
    if (cookies == nullptr || !cookies->is_array()) return;
    for (const Json& cookie : *cookies)
        answer.headers.emplace_back("set-cookie", header_text(cookie));
}

}  // namespace

std::string clf_time(std::int64_t time_ms) {
    const TimePoint time{std::chrono::milliseconds(time_ms)};
    const std::string date = http_date(time);  // "Sat, 31 Jan 2026 12:00:00 GMT"
    return fmt::format("{}/{}/{}:{} +0000", date.substr(5, 2), date.substr(8, 3),
                       date.substr(12, 4), date.substr(17, 8));
}

std::string route_arn(const HttpExchange& exchange) {
    const std::string rest = exchange.path == "/" ? "" : exchange.path;
    return fmt::format("arn:aws:execute-api:{}:{}:{}/{}/{}{}", exchange.caller.region,
                       exchange.caller.account, exchange.api_id, exchange.stage, exchange.method,
                       rest.empty() ? "/" : rest);
}

Json http_event(const HttpExchange& exchange, bool is_version_2) {
    Json event = is_version_2 ? request_2(exchange) : request_1(exchange);
    put_body(exchange, event, !is_version_2);
    return event;
}

Json authorizer_event(const HttpExchange& exchange, bool is_version_2, const Json& identities) {
    Json event = is_version_2 ? request_2(exchange) : request_1(exchange);
    event["type"] = "REQUEST";
    if (is_version_2) {
        event["routeArn"] = route_arn(exchange);
        event["identitySource"] = identities;
    } else {
        event["methodArn"] = route_arn(exchange);
        event["identitySource"] = joined_identities(identities);
        event["authorizationToken"] = joined_identities(identities);
    }
    return event;
}

Answer function_answer(const std::string& payload, bool is_version_2) {
    Json result;
    try {
        result = parse_json(payload);
    } catch (const JsonError&) {
        throw malformed_answer("no JSON");
    }
    Answer answer;
    const bool is_response = result.is_object() && result.contains("statusCode");
    if (!is_response) {
        // Format 2.0 takes whatever a function returns as the body.
        if (!is_version_2) throw malformed_answer("no statusCode");
        answer.headers.emplace_back("content-type", "application/json");
        answer.body = header_text(result);
        return answer;
    }
    answer.status = answer_status(result);
    put_headers(result, answer);
    const Json* body = find_member(result, "body");
    if (body != nullptr && !body->is_null()) {
        if (!body->is_string()) throw malformed_answer("body is no text");
        answer.body = body->get<std::string>();
    }
    const Json* encoded = find_member(result, "isBase64Encoded");
    if (encoded != nullptr && *encoded == true) {
        const auto decoded = base64_decode(answer.body);
        if (!decoded) throw malformed_answer("body is not base64");
        answer.body = *decoded;
    }
    if (!find_header(answer.headers, "content-type")) {
        answer.headers.emplace_back("content-type", "text/plain;charset=utf-8");
    }
    return answer;
}

}  // namespace skafu::apigateway::http

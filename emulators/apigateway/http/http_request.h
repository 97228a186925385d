#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apigateway/exchange.h"
#include "apigateway/http/http_routes.h"
#include "apigateway/http/http_store.h"

namespace skafu::apigateway::http {

/// A request that ends here: status, {"message"} and a header where there is one.
struct HttpRefusal {
    int status = 500;
    std::string message = "Internal Server Error";
    std::string challenge;  // WWW-Authenticate
    std::string detail;     // for the log
};

/// One request to an HTTP API, from its arrival to its answer.
struct HttpExchange {
    HttpExchange(HttpStore& of, ActivityId because) : store(of), cause(because) {}

    HttpStore& store;
    Caller caller;  // the API's account and region
    ActivityId cause = 0;

    std::string api_id;
    std::string stage;
    Json api;
    Json stage_document;
    std::string method;
    std::string path;       // behind the stage, escapes kept
    std::string full_path;  // with the stage unless that is $default, decoded
    std::string raw_query;
    Pairs query;
    Pairs headers;
    std::string body;
    std::string host;
    std::string source_ip;
    std::string request_id;
    std::string trace_id;
    std::int64_t time_ms = 0;

    std::shared_ptr<const HttpRoutes> routes;
    const HttpRoute* route = nullptr;
    HttpRoutes::Values path_values;
    Json authorizer;                 // requestContext.authorizer; null without one
    const Answer* answer = nullptr;  // the integration's, while it is mapped
};

/// The event that a function gets, payload 1.0 or 2.0.
Json http_event(const HttpExchange& exchange, bool is_version_2);
/// The event of a function that authorizes, payload 1.0 or 2.0.
Json authorizer_event(const HttpExchange& exchange, bool is_version_2, const Json& identities);
/// The answer in a function's result. Throws HttpRefusal for a malformed one.
Answer function_answer(const std::string& payload, bool is_version_2);
/// "$request.header.x", "$context.requestId", "$stageVariables.x", "$request.body.a.b",
/// "$response.header.x", text with "${…}" in it, or plain text.
Json selected(const HttpExchange& exchange, const std::string& selection);

/// "31/Jan/2026:12:00:00 +0000"
std::string clf_time(std::int64_t time_ms);
std::string route_arn(const HttpExchange& exchange);

}  // namespace skafu::apigateway::http

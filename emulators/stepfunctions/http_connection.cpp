#include "stepfunctions/http_connection.h"

#include "core/base64.h"
#include "core/text.h"
#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::chrono::seconds kTokenLimit(5);

Failure connection_failure(const std::string& cause) {
    Failure failure;
    failure.error = "Events.ConnectionResource.InvalidConnectionState";
    failure.cause = cause;
    return failure;
}

/// Adds the pairs of a list such as "header_parameters".
void add_pairs(Json& to, const Json* parameters, const char* list) {
    const Json* pairs = parameters == nullptr ? nullptr : find_member(*parameters, list);
    if (pairs == nullptr || !pairs->is_array()) return;
    for (const Json& pair : *pairs) to[string_member(pair, "key")] = string_member(pair, "value");
}

std::string encoded_pairs(const Json& pairs) {
    std::string text;
    for (const auto& [name, value] : pairs.items()) {
        text += (text.empty() ? "" : "&") + percent_encode(name) + "=" +
                percent_encode(value.get<std::string>());
    }
    return text;
}

/// The endpoint's address, and the request for a token (OAuth 2.0, client credentials).
std::pair<std::string, HttpRequest> token_request(const Json& secret) {
    const Json* more = find_member(secret, "oauth_http_parameters");
    Json form = {{"grant_type", "client_credentials"},
                 {"client_id", string_member(secret, "client_id")},
                 {"client_secret", string_member(secret, "client_secret")}};
    Json headers = Json::object();
    Json query = Json::object();
    add_pairs(form, more, "body_parameters");
    add_pairs(headers, more, "header_parameters");
    add_pairs(query, more, "query_string_parameters");
    HttpRequest request;
    request.method = string_member(secret, "http_method", "POST");
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    for (const auto& [name, value] : headers.items()) {
        request.headers.set(name, value.get<std::string>());
    }
    request.body = encoded_pairs(form);
    std::string url = string_member(secret, "authorization_endpoint");
    if (!query.empty()) {
        url += (url.find('?') == std::string::npos ? "?" : "&") + encoded_pairs(query);
    }
    return {std::move(url), std::move(request)};
}

Task<std::string> fetch_token(Cloud& cloud, Json secret) {
    auto [url, request] = token_request(secret);
    HttpResponse response = co_await cloud.http().fetch(url, std::move(request), kTokenLimit);
    std::string token;
    try {
        token = string_member(parse_json(response.body), "access_token");
    } catch (const JsonError&) {
        token.clear();
    }
    if (token.empty()) {
        throw connection_failure("The authorization endpoint gave no token: status " +
                                 std::to_string(response.status));
    }
    co_return token;
}

Task<Json> read_secret(Cloud& cloud, Json connection, Caller caller, ActivityId cause) {
    Json input = {{"SecretId", string_member(connection, "SecretArn")}};
    const Json answer = co_await cloud.call_json("secretsmanager", "GetSecretValue",
                                                 std::move(input), std::move(caller), cause);
    Json secret = parse_json(string_member(answer, "SecretString", "{}"));
    co_return secret;
}

}  // namespace

Task<Json> connection_parameters(Cloud& cloud, std::string connection_arn, Caller caller,
                                 ActivityId cause) {
    // arn:…:connection/name/id
    const std::size_t slash = connection_arn.find('/');
    const std::string rest =
        slash == std::string::npos ? connection_arn : connection_arn.substr(slash + 1);
    Json input = {{"Name", rest.substr(0, rest.find('/'))}};
    const Json connection =
        co_await cloud.call_json("events", "DescribeConnection", std::move(input), caller, cause);
    if (string_member(connection, "ConnectionState") != "AUTHORIZED") {
        throw connection_failure("The connection " + connection_arn + " is not authorized");
    }
    const Json secret = co_await read_secret(cloud, connection, caller, cause);
    const std::string type = string_member(connection, "AuthorizationType");
    Json headers = Json::object();
    if (type == "BASIC") {
        headers["Authorization"] =
            "Basic " + base64_encode(string_member(secret, "username") + ":" +
                                     string_member(secret, "password"));
    } else if (type == "API_KEY") {
        headers[string_member(secret, "api_key_name")] = string_member(secret, "api_key_value");
    } else {
        const std::string token = co_await fetch_token(cloud, secret);
        headers["Authorization"] = "Bearer " + token;
    }
    Json query = Json::object();
    Json body = Json::object();
    const Json* more = find_member(secret, "invocation_http_parameters");
    add_pairs(headers, more, "header_parameters");
    add_pairs(query, more, "query_string_parameters");
    add_pairs(body, more, "body_parameters");
    Json result = {
        {"Headers", std::move(headers)}, {"Query", std::move(query)}, {"Body", std::move(body)}};
    co_return result;
}

}  // namespace skafu::stepfunctions

#include "stepfunctions/http_task.h"

#include "core/text.h"
#include "stepfunctions/http_connection.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::chrono::seconds kTimeLimit(60);

void append_query(std::string& url, const Json* parameters) {
    if (parameters == nullptr || !parameters->is_object()) return;
    char separator = url.find('?') == std::string::npos ? '?' : '&';
    const auto append = [&](const std::string& key, const Json& value) {
        url += separator + percent_encode(key) + "=" + percent_encode(plain_text(value));
        separator = '&';
    };
    for (const auto& [key, value] : parameters->items()) {
        if (!value.is_array())
            append(key, value);
        else
            for (const Json& item : value) append(key, item);
    }
}

void add_headers(HttpHeaders& headers, const Json* from) {
    if (from == nullptr || !from->is_object()) return;
    for (const auto& [key, value] : from->items()) {
        if (!value.is_array())
            headers.add(key, plain_text(value));
        else
            for (const Json& item : value) headers.add(key, plain_text(item));
    }
}

/// Adds a value to a form under its name: members of objects and items of lists are told by
/// brackets, and lists as `format` says (AWS docs, "Call HTTPS APIs", RequestEncodingOptions).
void add_to_form(std::string& form, const std::string& name, const Json& value,
                 const std::string& format) {
    const auto add = [&form](const std::string& key, const Json& scalar) {
        form += (form.empty() ? "" : "&") + percent_encode(key) + "=" +
                percent_encode(plain_text(scalar));
    };
    if (value.is_object()) {
        for (const auto& [key, member] : value.items()) {
            add_to_form(form, name.empty() ? key : name + "[" + key + "]", member, format);
        }
        return;
    }
    if (!value.is_array()) return add(name, value);
    if (format == "COMMAS") {
        std::string list;
        for (const Json& item : value) list += (list.empty() ? "" : ",") + plain_text(item);
        return add(name, list);
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        const std::string suffix = format == "INDICES"    ? fmt::format("[{}]", i)
                                   : format == "BRACKETS" ? "[]"
                                                          : "";
        add_to_form(form, name + suffix, value[i], format);
    }
}

void add_body(HttpRequest& request, const Json& arguments) {
    const Json* body = find_member(arguments, "RequestBody");
    if (body == nullptr || body->is_null()) return;
    const std::string type(request.headers.get("Content-Type"));
    if (type.starts_with("application/x-www-form-urlencoded") && body->is_object()) {
        std::string format = "INDICES";
        if (const Json* transform = find_member(arguments, "Transform")) {
            if (const Json* options = find_member(*transform, "RequestEncodingOptions")) {
                format = string_member(*options, "ArrayFormat", format);
            }
        }
        add_to_form(request.body, "", *body, format);
        return;
    }
    if (type.empty()) request.headers.add("Content-Type", "application/json");
    request.body = body->is_string() && !type.empty() && type.find("json") == std::string::npos
                       ? body->get<std::string>()
                       : to_text(*body);
}

Json response_body(const HttpResponse& response) {
    try {
        return parse_json(response.body);
    } catch (const JsonError&) {
        return response.body;
    }
}

/// The reason phrase (RFC 9110) that goes with a status; empty for those that tasks rarely get.
std::string_view status_text(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 409:
            return "Conflict";
        case 429:
            return "Too Many Requests";
        case 500:
            return "Internal Server Error";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "";
    }
}

Json header_lists(const HttpResponse& response) {
    Json headers = Json::object();
    for (const auto& [name, value] : response.headers) {
        if (!headers.contains(name)) headers[name] = Json::array();
        headers[name].push_back(value);
    }
    return headers;
}

Json answer_of(const HttpResponse& response) {
    return {{"Headers", header_lists(response)},
            {"ResponseBody", response_body(response)},
            {"StatusCode", response.status},
            {"StatusText", status_text(response.status)}};
}

/// "https://id.execute-api.region.amazonaws.com" is served by this process.
std::string api_url(const Json& arguments, const Settings& settings) {
    std::string endpoint = string_member(arguments, "ApiEndpoint");
    if (const std::size_t scheme = endpoint.find("://"); scheme != std::string::npos) {
        endpoint = endpoint.substr(scheme + 3);
    }
    const std::string id = endpoint.substr(0, endpoint.find('.'));
    std::string path = string_member(arguments, "Path", "/");
    if (!path.starts_with("/")) path = "/" + path;
    std::string url = fmt::format("http://127.0.0.1:{}/_aws/execute-api/{}", settings.port, id);
    const std::string stage = string_member(arguments, "Stage");
    if (!stage.empty()) url += "/" + stage;
    url += path;
    append_query(url, find_member(arguments, "QueryParameters"));
    return url;
}

Task<Json> call_api(Cloud& cloud, Json arguments) {
    HttpRequest request;
    request.method = string_member(arguments, "Method", "GET");
    add_headers(request.headers, find_member(arguments, "Headers"));
    add_body(request, arguments);
    const std::string url = api_url(arguments, cloud.settings());
    HttpResponse response = co_await cloud.http().fetch(url, std::move(request), kTimeLimit);
    if (response.status >= 400) {
        Failure failure;
        failure.error = "ApiGateway." + std::to_string(response.status);
        failure.cause = response.body;
        throw failure;
    }
    Json result = answer_of(response);
    co_return result;
}

/// What a connection adds to a request's body.
void authorise_body(Json& arguments, const Json& connection) {
    const Json* parameters = find_member(connection, "Body");
    if (parameters == nullptr || parameters->empty()) return;
    Json& body = arguments["RequestBody"];
    if (body.is_null()) body = Json::object();
    if (body.is_object()) body.update(*parameters);
}

/// What a connection adds to a request's headers and query.
void authorise(HttpRequest& request, std::string& url, const Json& connection) {
    if (const Json* headers = find_member(connection, "Headers")) {
        for (const auto& [name, value] : headers->items()) {
            request.headers.set(name, value.get<std::string>());
        }
    }
    append_query(url, find_member(connection, "Query"));
}

std::string header_text(const HttpHeaders& headers) {
    std::string text;
    for (const auto& [name, value] : headers) {
        text += (text.empty() ? "" : ", ") + lower_case(name) + ": " + value;
    }
    return "[" + text + "]";
}

std::string scheme_of(const std::string& url) {
    return url.substr(0, url.find("://"));
}

Json trace_of(const HttpRequest& request, const std::string& url) {
    Json shown = {{"protocol", scheme_of(url)},
                  {"method", request.method},
                  {"url", url},
                  {"headers", header_text(request.headers)}};
    if (!request.body.empty()) shown["body"] = request.body;
    return shown;
}

Json trace_of(const HttpResponse& response, const std::string& url) {
    return {{"protocol", scheme_of(url)},
            {"statusCode", std::to_string(response.status)},
            {"statusMessage", status_text(response.status)},
            {"headers", header_text(response.headers)},
            {"body", response.body}};
}

/// The request without its connection's part of headers and query; `url` is completed.
HttpRequest endpoint_request(const Json& arguments, const Caller& caller, std::string& url) {
    HttpRequest request;
    request.method = string_member(arguments, "Method", "GET");
    add_headers(request.headers, find_member(arguments, "Headers"));
    append_query(url, find_member(arguments, "QueryParameters"));
    add_body(request, arguments);
    // What Step Functions says of itself, and the most that it reads (AWS docs, "Call HTTPS APIs").
    if (request.headers.get("User-Agent").empty()) {
        request.headers.add("User-Agent", "Amazon|StepFunctions|HttpInvoke|" + caller.region);
    }
    if (request.headers.get("Range").empty()) request.headers.add("Range", "bytes=0-262144");
    return request;
}

std::string connection_of(const Json& arguments) {
    const Json* authentication = find_member(arguments, "Authentication");
    return authentication == nullptr ? "" : string_member(*authentication, "ConnectionArn");
}

Task<Json> call_endpoint(Cloud& cloud, Json arguments, Caller caller, ActivityId cause,
                         HttpTrace& trace) {
    std::string url = string_member(arguments, "ApiEndpoint");
    if (!trace.shows_secrets) {
        std::string shown = url;
        const HttpRequest request = endpoint_request(arguments, caller, shown);
        trace.request = trace_of(request, shown);
    }
    Json connection;
    if (const std::string arn = connection_of(arguments); !arn.empty()) {
        connection = co_await connection_parameters(cloud, arn, caller, cause);
    }
    authorise_body(arguments, connection);
    HttpRequest request = endpoint_request(arguments, caller, url);
    authorise(request, url, connection);
    if (trace.shows_secrets) trace.request = trace_of(request, url);
    HttpResponse response = co_await cloud.http().fetch(url, std::move(request), kTimeLimit);
    trace.response = trace_of(response, url);
    if (response.status >= 400) {
        Failure failure;
        failure.error = "States.Http.StatusCode." + std::to_string(response.status);
        failure.cause = response.body;
        throw failure;
    }
    Json result = answer_of(response);
    co_return result;
}

}  // namespace

bool is_http_integration(const Integration& integration) {
    if (integration.is_sdk) return false;
    return integration.resource_type == "apigateway" || integration.resource_type == "http";
}

Task<Json> call_http(Cloud& cloud, Integration integration, Json arguments, Caller caller,
                     ActivityId cause, HttpTrace& trace) {
    try {
        if (integration.resource_type == "apigateway") {
            Json result = co_await call_api(cloud, std::move(arguments));
            co_return result;
        }
        Json result =
            co_await call_endpoint(cloud, std::move(arguments), std::move(caller), cause, trace);
        co_return result;
    } catch (const std::runtime_error& error) {
        Failure failure;
        failure.error = integration.resource_type == "http" ? "States.Http.Socket"
                                                            : "ApiGateway.SdkClientException";
        failure.cause = error.what();
        throw failure;
    }
}

}  // namespace skafu::stepfunctions

#include "stepfunctions/http_task.h"

#include "core/base64.h"
#include "core/text.h"

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

/// What an EventBridge connection adds to a request.
void authorise(HttpRequest& request, std::string& url, const Json& secret) {
    if (const Json* key = find_member(secret, "ApiKeyAuthParameters")) {
        request.headers.set(string_member(*key, "ApiKeyName"), string_member(*key, "ApiKeyValue"));
    }
    if (const Json* basic = find_member(secret, "BasicAuthParameters")) {
        request.headers.set("Authorization",
                            "Basic " + base64_encode(string_member(*basic, "Username") + ":" +
                                                     string_member(*basic, "Password")));
    }
    const Json* extra = find_member(secret, "InvocationHttpParameters");
    if (extra == nullptr) return;
    const Json* headers = find_member(*extra, "HeaderParameters");
    if (headers != nullptr && headers->is_array()) {
        for (const Json& header : *headers) {
            request.headers.set(string_member(header, "Key"), string_member(header, "Value"));
        }
    }
    const Json* query = find_member(*extra, "QueryStringParameters");
    if (query == nullptr || !query->is_array()) return;
    for (const Json& parameter : *query) {
        const Json pair = {{string_member(parameter, "Key"), string_member(parameter, "Value")}};
        append_query(url, &pair);
    }
}

Task<Json> call_endpoint(Cloud& cloud, Json arguments, Caller caller, ActivityId cause) {
    HttpRequest request;
    request.method = string_member(arguments, "Method", "GET");
    std::string url = string_member(arguments, "ApiEndpoint");
    add_headers(request.headers, find_member(arguments, "Headers"));
    append_query(url, find_member(arguments, "QueryParameters"));
    add_body(request, arguments);
    std::string connection;
    if (const Json* authentication = find_member(arguments, "Authentication")) {
        connection = string_member(*authentication, "ConnectionArn");
    }
    if (!connection.empty() && cloud.find_operation("events", "ResolveConnection") != nullptr) {
        Json input = {{"ConnectionArn", connection}};
        const Json secret = co_await cloud.call_json("events", "ResolveConnection",
                                                     std::move(input), caller, cause);
        authorise(request, url, secret);
    }
    HttpResponse response = co_await cloud.http().fetch(url, std::move(request), kTimeLimit);
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
                     ActivityId cause) {
    try {
        if (integration.resource_type == "apigateway") {
            Json result = co_await call_api(cloud, std::move(arguments));
            co_return result;
        }
        Json result = co_await call_endpoint(cloud, std::move(arguments), std::move(caller), cause);
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

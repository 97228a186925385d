#include "eventbridge/http_targets.h"

#include <charconv>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "core/arn.h"
#include "core/aws_error.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kDestinationTimeout = std::chrono::seconds(5);
constexpr Duration kStageTimeout = std::chrono::seconds(30);  // longer than an integration may take

/// Fills the `*` of a path, one after the other, with the target's path parameters.
std::string fill_path(std::string_view path, const Json* parameters) {
    std::string filled;
    std::size_t next = 0;
    for (const char c : path) {
        if (c != '*' || parameters == nullptr || next >= parameters->size()) {
            filled += c;
        } else {
            filled += percent_encode((*parameters)[next++].get<std::string>());
        }
    }
    return filled;
}

void add_query(std::string& url, const Json& parameters) {
    for (const auto& [name, value] : parameters.items()) {
        url += url.find('?') == std::string::npos ? '?' : '&';
        url += percent_encode(name) + "=" + percent_encode(value.get<std::string>());
    }
}

void set_headers(HttpRequest& request, const Json& headers) {
    for (const auto& [name, value] : headers.items()) {
        request.headers.set(name, value.get<std::string>());
    }
}

/// One of the maps in a target's HttpParameters.
Json parameter_map(const Json& target, const char* name) {
    const Json* parameters = find_member(target, "HttpParameters");
    const Json* map = parameters == nullptr ? nullptr : find_member(*parameters, name);
    return map == nullptr || !map->is_object() ? Json::object() : *map;
}

const Json* path_parameters(const Json& target) {
    const Json* parameters = find_member(target, "HttpParameters");
    return parameters == nullptr ? nullptr : find_member(*parameters, "PathParameterValues");
}

/// What an answer's Retry-After asks for, in seconds; 0 for nothing.
int retry_after(const HttpResponse& response) {
    const std::string* text = response.headers.find("Retry-After");
    int seconds = 0;
    if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), seconds);
    return std::max(seconds, 0);
}

/// Puts the connection's body parameters into a payload that is a JSON object.
std::string with_members(std::string payload, const Json& members) {
    if (members.empty()) return payload;
    Json body;
    try {
        body = parse_json(payload);
    } catch (const JsonError&) {
        return payload;
    }
    if (!body.is_object()) return payload;
    for (const auto& [name, value] : members.items()) body[name] = value;
    return to_text(body);
}

/// Sends, and takes anything but 2xx for a refusal: redirects are not followed. AWS retries 401,
/// 407, 409, 429 and 5xx, and nothing else (user guide, "API destinations").
Task<HttpResponse> send(Cloud& cloud, std::string url, HttpRequest request, Duration patience) {
    HttpResponse response;
    std::string problem;
    try {
        const Clock::Busy busy(cloud.clock());
        response = co_await cloud.http().fetch(url, std::move(request), patience);
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) throw;  // the house closes
        problem = error.code().message();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (!problem.empty()) throw AwsError("ConnectionFailure", problem, 503);
    if (response.status >= 200 && response.status < 300) co_return response;
    const std::string message = fmt::format("{} answered {}", url, response.status);
    const Json wait = {{"RetryAfterSeconds", retry_after(response)}};
    switch (response.status) {
        case 429:
            throw AwsError("ThrottlingException", message, response.status, wait);
        case 401:
        case 407:
        case 409:
            throw AwsError("ErrorFromTarget", message, response.status, wait);
        case 403:
            throw AwsError("AccessDeniedException", message, response.status);
        default:
            if (response.status >= 500) {
                throw AwsError("ErrorFromTarget", message, response.status, wait);
            }
            throw AwsError("InvalidRequest", message, response.status);
    }
}

Task<HttpResponse> invoke_api_gateway(Cloud& cloud, Outgoing outgoing) {
    const std::optional<Arn> arn = Arn::parse(outgoing.target.arn);
    // api-id/stage/METHOD/path
    const std::string& resource = arn->resource;
    const std::size_t stage = resource.find('/');
    const std::size_t method = resource.find('/', stage + 1);
    const std::size_t path = resource.find('/', method + 1);
    if (method == std::string::npos) {
        throw AwsError::validation("Parameter " + outgoing.target.arn + " is not valid.");
    }
    const Json& definition = outgoing.target.definition;
    HttpRequest request;
    request.method = resource.substr(method + 1, path - method - 1);
    if (request.method == "*") request.method = "POST";
    const std::string rest = path == std::string::npos ? "" : resource.substr(path + 1);
    std::string url = cloud.settings().endpoint() + "/restapis/" + resource.substr(0, stage) + "/" +
                      resource.substr(stage + 1, method - stage - 1) + "/_user_request_/" +
                      fill_path(rest, path_parameters(definition));
    add_query(url, parameter_map(definition, "QueryStringParameters"));
    request.headers.set("Content-Type", "application/json");
    set_headers(request, parameter_map(definition, "HeaderParameters"));
    request.body = std::move(outgoing.payload);
    HttpResponse response = co_await send(cloud, std::move(url), std::move(request), kStageTimeout);
    co_return response;
}

/// The request to an API destination; what its connection adds wins over the target's own.
HttpRequest destination_request(const Json& destination, Outgoing& outgoing, std::string& url) {
    const Json& definition = outgoing.target.definition;
    HttpRequest request;
    request.method = string_member(destination, "HttpMethod");
    url = fill_path(string_member(destination, "InvocationEndpoint"), path_parameters(definition));
    Json query = parameter_map(definition, "QueryStringParameters");
    for (const auto& [name, value] : destination["Query"].items()) query[name] = value;
    add_query(url, query);
    request.headers.set("Content-Type", "application/json; charset=utf-8");
    request.headers.set("User-Agent", "Amazon/EventBridge/ApiDestinations");
    set_headers(request, parameter_map(definition, "HeaderParameters"));
    set_headers(request, destination["Headers"]);
    request.body = with_members(std::move(outgoing.payload), destination["Body"]);
    return request;
}

Task<HttpResponse> invoke_api_destination(Cloud& cloud, Outgoing outgoing) {
    Caller caller{outgoing.scope.account, outgoing.scope.region, "events.amazonaws.com"};
    Json wanted = {{"Arn", outgoing.target.arn}};
    const Json destination = co_await cloud.call_json("events", "ResolveApiDestination",
                                                      std::move(wanted), caller, outgoing.cause);
    std::string url;
    HttpRequest request = destination_request(destination, outgoing, url);
    std::optional<AwsError> refusal;
    HttpResponse response;
    try {
        response = co_await send(cloud, url, std::move(request), kDestinationTimeout);
    } catch (const AwsError& error) {
        refusal = error;
    }
    if (!refusal) co_return response;
    if (refusal->status() == 401 || refusal->status() == 407) {
        Json refused = {{"ConnectionArn", destination["ConnectionArn"]},
                        {"Status", refusal->status()}};
        co_await cloud.call_json("events", "NoteConnectionRefusal", std::move(refused), caller,
                                 outgoing.cause);
    }
    throw *refusal;
}

}  // namespace

Task<HttpResponse> invoke_http(Cloud& cloud, Outgoing outgoing) {
    const std::optional<Arn> arn = Arn::parse(outgoing.target.arn);
    HttpResponse response;
    if (arn->service == "execute-api") {
        response = co_await invoke_api_gateway(cloud, std::move(outgoing));
    } else {
        response = co_await invoke_api_destination(cloud, std::move(outgoing));
    }
    co_return response;
}

}  // namespace skafu::eventbridge

#include "eventbridge/http_targets.h"

#include <charconv>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "core/arn.h"
#include "core/aws_error.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kTimeout = std::chrono::seconds(5);

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

void add_query(std::string& url, std::string_view name, std::string_view value) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += percent_encode(name) + "=" + percent_encode(value);
}

/// The target's HttpParameters, put onto a request and its URL.
void apply_parameters(const Json& target, std::string& url, HttpRequest& request) {
    const Json* parameters = find_member(target, "HttpParameters");
    if (parameters == nullptr) return;
    if (const Json* query = find_member(*parameters, "QueryStringParameters")) {
        for (const auto& [name, value] : query->items()) {
            add_query(url, name, value.get<std::string>());
        }
    }
    if (const Json* headers = find_member(*parameters, "HeaderParameters")) {
        for (const auto& [name, value] : headers->items()) {
            request.headers.set(name, value.get<std::string>());
        }
    }
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
Task<void> send(Cloud& cloud, std::string url, HttpRequest request) {
    HttpResponse response;
    std::string problem;
    try {
        const Clock::Busy busy(cloud.clock());
        response = co_await cloud.http().fetch(url, std::move(request), kTimeout);
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) throw;  // the house closes
        problem = error.code().message();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (!problem.empty()) throw AwsError("ConnectionFailure", problem, 503);
    if (response.status >= 200 && response.status < 300) co_return;
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

}  // namespace

Task<void> deliver_to_api_gateway(Cloud& cloud, Outgoing outgoing) {
    const std::optional<Arn> arn = Arn::parse(outgoing.target.arn);
    // api-id/stage/METHOD/path
    const std::string& resource = arn->resource;
    const std::size_t stage = resource.find('/');
    const std::size_t method = resource.find('/', stage + 1);
    const std::size_t path = resource.find('/', method + 1);
    if (method == std::string::npos) {
        throw AwsError::validation("Parameter " + outgoing.target.arn + " is not valid.");
    }
    HttpRequest request;
    request.method = resource.substr(method + 1, path - method - 1);
    if (request.method == "*") request.method = "POST";
    const std::string rest = path == std::string::npos ? "" : resource.substr(path + 1);
    std::string url = cloud.settings().endpoint() + "/restapis/" + resource.substr(0, stage) + "/" +
                      resource.substr(stage + 1, method - stage - 1) + "/_user_request_/" +
                      fill_path(rest, path_parameters(outgoing.target.definition));
    request.headers.set("Content-Type", "application/json");
    apply_parameters(outgoing.target.definition, url, request);
    request.body = std::move(outgoing.payload);
    co_await send(cloud, std::move(url), std::move(request));
}

Task<void> deliver_to_api_destination(Cloud& cloud, Outgoing outgoing) {
    Caller caller{outgoing.scope.account, outgoing.scope.region, "events.amazonaws.com"};
    Json wanted = {{"Arn", outgoing.target.arn}};
    Json destination = co_await cloud.call_json("events", "ResolveApiDestination",
                                                std::move(wanted), caller, outgoing.cause);
    HttpRequest request;
    request.method = string_member(destination, "HttpMethod");
    std::string url = fill_path(string_member(destination, "InvocationEndpoint"),
                                path_parameters(outgoing.target.definition));
    request.headers.set("Content-Type", "application/json; charset=utf-8");
    request.headers.set("User-Agent", "Amazon/EventBridge/ApiDestinations");
    apply_parameters(outgoing.target.definition, url, request);
    for (const auto& [name, value] : destination["Headers"].items()) {
        request.headers.set(name, value.get<std::string>());
    }
    for (const auto& [name, value] : destination["Query"].items()) {
        add_query(url, name, value.get<std::string>());
    }
    request.body = with_members(std::move(outgoing.payload), destination["Body"]);
    co_await send(cloud, std::move(url), std::move(request));
}

}  // namespace skafu::eventbridge

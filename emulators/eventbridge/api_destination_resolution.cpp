#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "core/aws_error.h"
#include "core/base64.h"
#include "eventbridge/api_destinations.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kTokenTimeout = std::chrono::seconds(5);
constexpr Duration kSecond = std::chrono::seconds(1);
constexpr int kDefaultRate = 300;

void add_all(const Json& parameters, const char* list, Json& out) {
    const Json* values = find_member(parameters, list);
    if (values == nullptr || !values->is_array()) return;
    for (const Json& value : *values) {
        out[string_member(value, "Key")] = string_member(value, "Value");
    }
}

/// Name=value pairs as a form or a query has them.
std::string form_text(const Json& pairs) {
    std::string text;
    for (const auto& [name, value] : pairs.items()) {
        if (!text.empty()) text += '&';
        text += percent_encode(name) + "=" + percent_encode(value.get<std::string>());
    }
    return text;
}

/// Asks the authorisation endpoint for a token (OAuth 2.0 client credentials), with what the
/// connection's OAuthHttpParameters add.
Task<std::string> oauth_token(EventBridge& events, Json oauth) {
    const Json client = oauth.value("ClientParameters", Json::object());
    const Json more = oauth.value("OAuthHttpParameters", Json::object());
    Json headers = Json::object();
    Json query = Json::object();
    Json form = {{"grant_type", "client_credentials"},
                 {"client_id", string_member(client, "ClientID")},
                 {"client_secret", string_member(client, "ClientSecret")}};
    add_all(more, "HeaderParameters", headers);
    add_all(more, "QueryStringParameters", query);
    add_all(more, "BodyParameters", form);
    HttpRequest request;
    request.method = string_member(oauth, "HttpMethod", "POST");
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    for (const auto& [name, value] : headers.items()) {
        request.headers.set(name, value.get<std::string>());
    }
    request.body = form_text(form);
    std::string url = string_member(oauth, "AuthorizationEndpoint");
    if (!query.empty()) url += (url.find('?') == std::string::npos ? "?" : "&") + form_text(query);
    std::string problem;
    std::string token;
    try {
        const Clock::Busy busy(events.cloud.clock());
        HttpResponse response =
            co_await events.cloud.http().fetch(url, std::move(request), kTokenTimeout);
        token = string_member(parse_json(response.body), "access_token");
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::asio::error::operation_aborted) throw;  // the house closes
        problem = error.code().message();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (token.empty()) {
        throw AwsError("ConnectionFailure", "no token from the authorization endpoint: " + problem,
                       503);
    }
    co_return token;
}

/// When the next invocation of a destination may begin: at most so many in a second.
TimePoint next_slot(RateWindow& window, TimePoint now, int rate) {
    if (now >= window.begin + kSecond) window = {now, 0};
    if (window.count >= rate) window = {window.begin + kSecond, 0};
    ++window.count;
    return std::max(now, window.begin);
}

Task<Json> resolve_destination(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    Json destination = require_destination(events, scope, name_in_arn(string_member(input, "Arn")));
    const Json connection =
        connection_of(events, scope, string_member(destination, "ConnectionArn"));
    if (string_member(connection, "ConnectionState") != "AUTHORIZED") {
        throw AwsError::access_denied("The connection of the API destination is not authorized.");
    }
    const Json* limit = find_member(destination, "InvocationRateLimitPerSecond");
    const int rate = limit != nullptr && limit->is_number() ? limit->get<int>() : kDefaultRate;
    Clock& clock = events.cloud.clock();
    RateWindow& window = events.rates[string_member(destination, "ApiDestinationArn")];
    const TimePoint slot = next_slot(window, clock.now(), rate);
    if (slot > clock.now()) co_await clock.sleep_until(slot);
    const Json parameters = connection["AuthParameters"];
    Json headers = Json::object();
    Json query = Json::object();
    Json body = Json::object();
    const std::string type = string_member(connection, "AuthorizationType");
    if (type == "BASIC") {
        const Json& basic = parameters["BasicAuthParameters"];
        headers["Authorization"] = "Basic " + base64_encode(string_member(basic, "Username") + ":" +
                                                            string_member(basic, "Password"));
    } else if (type == "API_KEY") {
        const Json& key = parameters["ApiKeyAuthParameters"];
        headers[string_member(key, "ApiKeyName")] = string_member(key, "ApiKeyValue");
    } else {
        std::string token = co_await oauth_token(events, parameters["OAuthParameters"]);
        headers["Authorization"] = "Bearer " + token;
    }
    if (const Json* more = find_member(parameters, "InvocationHttpParameters")) {
        add_all(*more, "HeaderParameters", headers);
        add_all(*more, "QueryStringParameters", query);
        add_all(*more, "BodyParameters", body);
    }
    destination["Headers"] = std::move(headers);
    destination["Query"] = std::move(query);
    destination["Body"] = std::move(body);
    co_return destination;
}

}  // namespace

void add_api_destination_resolution(Service& service, EventBridge& events) {
    Operation resolve =
        Row{"ResolveApiDestination", shape::structure({shape::required("Arn", shape::string())})};
    resolve.internal = true;
    service.add_async(std::move(resolve), [&events](Context& context, Json input) {
        return resolve_destination(events, context, std::move(input));
    });
}

}  // namespace skafu::eventbridge

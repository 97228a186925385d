#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kTokenTimeout = std::chrono::seconds(5);

const Json& require_destination(EventBridge& events, const Scope& scope, const std::string& name) {
    const Json* destination = events.api_destinations.find(scope, name);
    if (destination != nullptr) return *destination;
    throw AwsError::not_found(
        fmt::format("Failed to describe the api-destination(s). An api-destination '{}' does not "
                    "exist.",
                    name));
}

/// "connection/NAME/id" of an ARN -> NAME
std::string name_in_arn(const std::string& text) {
    const std::optional<Arn> arn = Arn::parse(text);
    if (!arn) throw AwsError::validation("Parameter " + text + " is not valid.");
    const std::string id(arn->resource_id());
    return id.substr(0, id.find('/'));
}

const Json& connection_of(EventBridge& events, const Scope& scope, const std::string& arn) {
    const std::string name = name_in_arn(arn);
    const Json* connection = events.connections.find(scope, name);
    if (connection != nullptr) return *connection;
    throw AwsError::not_found(fmt::format("Connection '{}' does not exist.", name));
}

Json summary(const Json& destination) {
    return {{"ApiDestinationArn", destination["ApiDestinationArn"]},
            {"ApiDestinationState", destination["ApiDestinationState"]},
            {"CreationTime", destination["CreationTime"]},
            {"LastModifiedTime", destination["LastModifiedTime"]}};
}

Json described(const Json& destination) {
    Json answer = summary(destination);
    for (const char* member : {"Name", "Description", "ConnectionArn", "InvocationEndpoint",
                               "HttpMethod", "InvocationRateLimitPerSecond"}) {
        if (const Json* value = find_member(destination, member)) answer[member] = *value;
    }
    return answer;
}

Json create_destination(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    if (events.api_destinations.find(scope, name) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException",
                       fmt::format("An api-destination '{}' already exists.", name));
    }
    connection_of(events, scope, string_member(input, "ConnectionArn"));
    const Json now = epoch_seconds(context.cloud.clock().now());
    Json destination = {{"ApiDestinationArn", make_arn("events", scope.region, scope.account,
                                                       "api-destination/" + name + "/" +
                                                           context.cloud.entropy().uuid())},
                        {"ApiDestinationState", "ACTIVE"},
                        {"CreationTime", now},
                        {"LastModifiedTime", now},
                        {"InvocationRateLimitPerSecond", 300}};
    for (const char* member : {"Name", "Description", "ConnectionArn", "InvocationEndpoint",
                               "HttpMethod", "InvocationRateLimitPerSecond"}) {
        if (const Json* value = find_member(input, member)) destination[member] = *value;
    }
    Json answer = summary(destination);
    events.api_destinations.put(scope, name, std::move(destination));
    return answer;
}

Json update_destination(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    Json destination = require_destination(events, scope, name);
    for (const char* member : {"Description", "ConnectionArn", "InvocationEndpoint", "HttpMethod",
                               "InvocationRateLimitPerSecond"}) {
        if (const Json* value = find_member(input, member)) destination[member] = *value;
    }
    connection_of(events, scope, string_member(destination, "ConnectionArn"));
    destination["LastModifiedTime"] = epoch_seconds(context.cloud.clock().now());
    Json answer = summary(destination);
    events.api_destinations.put(scope, name, std::move(destination));
    return answer;
}

Json delete_destination(EventBridge& events, Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    require_destination(events, context.caller.scope(), name);
    events.api_destinations.erase(context.caller.scope(), name);
    return Json::object();
}

Json list_destinations(EventBridge& events, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "NamePrefix");
    const std::string connection = string_member(input, "ConnectionArn");
    Json all = Json::array();
    events.api_destinations.for_each(
        context.caller.scope(), [&](const std::string& name, const Json& destination) {
            const bool wanted =
                name.starts_with(prefix) &&
                (connection.empty() || string_member(destination, "ConnectionArn") == connection);
            if (wanted) all.push_back(described(destination));
            return true;
        });
    return page(input, "ApiDestinations", std::move(all));
}

// --- what a delivery needs to know

/// Asks the authorisation endpoint for a token (OAuth 2.0 client credentials).
Task<std::string> oauth_token(EventBridge& events, Json oauth) {
    const Json client = oauth.value("ClientParameters", Json::object());
    HttpRequest request;
    request.method = string_member(oauth, "HttpMethod", "POST");
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = "grant_type=client_credentials&client_id=" +
                   percent_encode(string_member(client, "ClientID")) +
                   "&client_secret=" + percent_encode(string_member(client, "ClientSecret"));
    std::string problem;
    std::string token;
    try {
        const Clock::Busy busy(events.cloud.clock());
        HttpResponse response = co_await events.cloud.http().fetch(
            string_member(oauth, "AuthorizationEndpoint"), std::move(request), kTokenTimeout);
        token = string_member(parse_json(response.body), "access_token");
    } catch (const boost::system::system_error&) {
        throw;
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (token.empty()) {
        throw AwsError("ConnectionFailure", "no token from the authorization endpoint: " + problem,
                       503);
    }
    co_return token;
}

void add_all(const Json& parameters, const char* list, Json& out) {
    const Json* values = find_member(parameters, list);
    if (values == nullptr || !values->is_array()) return;
    for (const Json& value : *values) {
        out[string_member(value, "Key")] = string_member(value, "Value");
    }
}

Task<Json> resolve_destination(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    Json destination = require_destination(events, scope, name_in_arn(string_member(input, "Arn")));
    const Json connection =
        connection_of(events, scope, string_member(destination, "ConnectionArn"));
    const Json parameters = connection["AuthParameters"];
    Json headers = Json::object();
    Json query = Json::object();
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
    }
    destination["Headers"] = std::move(headers);
    destination["Query"] = std::move(query);
    co_return destination;
}

}  // namespace

void add_api_destination_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape name = string(1, 64, "[\\.\\-_A-Za-z0-9]+");
    const Shape endpoint = string(1, 2048, "(https?://[^\\s]+)");
    const Shape method = enumeration({"POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"});
    const Shape named = structure({required("Name", name)});
    add({"CreateApiDestination",
         structure({required("Name", name), optional("Description", string(0, 512)),
                    required("ConnectionArn", string(1, 1600)),
                    required("InvocationEndpoint", endpoint), required("HttpMethod", method),
                    optional("InvocationRateLimitPerSecond", integer(1))})},
        create_destination);
    add({"UpdateApiDestination",
         structure({required("Name", name), optional("Description", string(0, 512)),
                    optional("ConnectionArn", string(1, 1600)),
                    optional("InvocationEndpoint", endpoint), optional("HttpMethod", method),
                    optional("InvocationRateLimitPerSecond", integer(1))})},
        update_destination);
    add({"DescribeApiDestination", named},
        [](EventBridge& all, Context& context, const Json& input) {
            return described(
                require_destination(all, context.caller.scope(), string_member(input, "Name")));
        });
    add({"DeleteApiDestination", named}, delete_destination);
    add({"ListApiDestinations",
         structure({optional("NamePrefix", name), optional("ConnectionArn", string(1, 1600)),
                    optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))})},
        list_destinations);
    Operation resolve = Row{"ResolveApiDestination", structure({required("Arn", string())})};
    resolve.internal = true;
    service.add_async(std::move(resolve), [&events](Context& context, Json input) {
        return resolve_destination(events, context, std::move(input));
    });
}

}  // namespace skafu::eventbridge

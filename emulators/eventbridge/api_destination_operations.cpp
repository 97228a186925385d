#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/api_destinations.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMostDestinations = 3000;

/// A destination is inactive for as long as its connection is not authorized.
const char* destination_state(EventBridge& events, const Scope& scope, const Json& destination) {
    const std::string arn = string_member(destination, "ConnectionArn");
    const Json* connection = events.connections.find(scope, name_in_arn(arn));
    const bool is_usable =
        connection != nullptr && string_member(*connection, "ConnectionState") != "DEAUTHORIZED";
    return is_usable ? "ACTIVE" : "INACTIVE";
}

Json destination_summary(EventBridge& events, const Scope& scope, const Json& destination) {
    return {{"ApiDestinationArn", destination["ApiDestinationArn"]},
            {"ApiDestinationState", destination_state(events, scope, destination)},
            {"CreationTime", destination["CreationTime"]},
            {"LastModifiedTime", destination["LastModifiedTime"]}};
}

Json described(EventBridge& events, const Scope& scope, const Json& destination) {
    Json answer = destination_summary(events, scope, destination);
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
    check_quota(context, "API destinations", events.api_destinations.size(scope),
                kMostDestinations);
    const Json now = epoch_seconds(context.cloud.clock().now());
    Json destination = {{"ApiDestinationArn", make_arn("events", scope.region, scope.account,
                                                       "api-destination/" + name + "/" +
                                                           context.cloud.entropy().uuid())},
                        {"CreationTime", now},
                        {"LastModifiedTime", now},
                        {"InvocationRateLimitPerSecond", 300}};
    for (const char* member : {"Name", "Description", "ConnectionArn", "InvocationEndpoint",
                               "HttpMethod", "InvocationRateLimitPerSecond"}) {
        if (const Json* value = find_member(input, member)) destination[member] = *value;
    }
    Json answer = destination_summary(events, scope, destination);
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
    Json answer = destination_summary(events, scope, destination);
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
    const Scope scope = context.caller.scope();
    Json all = Json::array();
    events.api_destinations.for_each(scope, [&](const std::string& name, const Json& destination) {
        const bool wanted =
            name.starts_with(prefix) &&
            (connection.empty() || string_member(destination, "ConnectionArn") == connection);
        if (wanted) all.push_back(described(events, scope, destination));
        return true;
    });
    return page(input, "ApiDestinations", std::move(all));
}

}  // namespace

const Json& require_destination(EventBridge& events, const Scope& scope, const std::string& name) {
    const Json* destination = events.api_destinations.find(scope, name);
    if (destination != nullptr) return *destination;
    throw AwsError::not_found(
        fmt::format("Failed to describe the api-destination(s). An api-destination '{}' does not "
                    "exist.",
                    name));
}

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

void add_api_destination_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape name = name_shape();
    const Shape endpoint = endpoint_url_shape();
    const Shape method = enumeration({"POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"});
    const Shape named = structure({required("Name", name)});
    add({"CreateApiDestination",
         structure({required("Name", name), optional("Description", string(0, 512)),
                    required("ConnectionArn", connection_arn_shape()),
                    required("InvocationEndpoint", endpoint), required("HttpMethod", method),
                    optional("InvocationRateLimitPerSecond", integer(1))})},
        create_destination);
    add({"UpdateApiDestination",
         structure({required("Name", name), optional("Description", string(0, 512)),
                    optional("ConnectionArn", connection_arn_shape()),
                    optional("InvocationEndpoint", endpoint), optional("HttpMethod", method),
                    optional("InvocationRateLimitPerSecond", integer(1))})},
        update_destination);
    add({"DescribeApiDestination", named}, [](EventBridge& all, Context& context,
                                              const Json& input) {
        const Scope scope = context.caller.scope();
        return described(all, scope, require_destination(all, scope, string_member(input, "Name")));
    });
    add({"DeleteApiDestination", named}, delete_destination);
    add({"ListApiDestinations",
         structure({optional("NamePrefix", name), optional("ConnectionArn", connection_arn_shape()),
                    optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))})},
        list_destinations);
    add_api_destination_resolution(service, events);
}

}  // namespace skafu::eventbridge

#include <algorithm>

#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {
namespace {

/// Global endpoints are kept and described; PutEvents does not go by them.
constexpr const char* kGivenOfEndpoint[] = {"Description", "RoutingConfig", "ReplicationConfig",
                                            "EventBuses", "RoleArn"};

const Json& require_endpoint(EventBridge& events, const Context& context, const Json& input) {
    const std::string name = string_member(input, "Name");
    const Json* endpoint = events.endpoints.find(context.caller.scope(), name);
    if (endpoint != nullptr) return *endpoint;
    throw AwsError::not_found(fmt::format("Endpoint {} does not exist.", name));
}

/// What CreateEndpoint and UpdateEndpoint answer: the endpoint on its way to be.
Json stored_endpoint(EventBridge& events, Context& context, Json endpoint, const char* state) {
    const std::string name = string_member(endpoint, "Name");
    endpoint["LastModifiedTime"] = epoch_seconds(context.cloud.clock().now());
    Json answer = {{"Name", name}, {"Arn", endpoint["Arn"]}, {"State", state}};
    for (const char* member : {"RoutingConfig", "ReplicationConfig", "EventBuses", "RoleArn"}) {
        if (const Json* value = find_member(endpoint, member)) answer[member] = *value;
    }
    events.endpoints.put(context.caller.scope(), name, std::move(endpoint));
    return answer;
}

/// An endpoint stands before two buses of one name, in two regions; the events go over to the
/// second.
void check_endpoint(const Json& endpoint) {
    std::vector<Arn> buses;
    for (const Json& bus : endpoint["EventBuses"]) {
        const std::optional<Arn> arn = Arn::parse(string_member(bus, "EventBusArn"));
        if (arn) buses.push_back(*arn);
    }
    const Json& failover = endpoint["RoutingConfig"]["FailoverConfig"];
    const std::string second = string_member(failover["Secondary"], "Route");
    const bool is_in_second = std::any_of(buses.begin(), buses.end(),
                                          [&](const Arn& bus) { return bus.region == second; });
    if (buses.size() != 2 || buses[0].region == buses[1].region || !is_in_second) {
        throw AwsError::validation(
            "An event bus must be provided in both the primary and secondary regions.");
    }
    if (buses[0].resource != buses[1].resource) {
        throw AwsError::validation(
            "Event bus names must match in the primary and secondary regions.");
    }
    const bool replicates = string_member(endpoint["ReplicationConfig"], "State") == "ENABLED";
    if (replicates && string_member(endpoint, "RoleArn").empty()) {
        throw AwsError::validation("When replication is enabled, role cannot be empty.");
    }
}

Json create_endpoint(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    if (events.endpoints.find(scope, name) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException",
                       fmt::format("Endpoint {} already exists.", name));
    }
    const std::string id = context.cloud.entropy().hex(10) + ".veo";
    Json endpoint = {{"Name", name},
                     {"Arn", make_arn("events", scope.region, scope.account, "endpoint/" + name)},
                     {"EndpointId", id},
                     {"EndpointUrl", "https://" + id + ".endpoint.events.amazonaws.com"},
                     {"State", "ACTIVE"},
                     {"ReplicationConfig", {{"State", "ENABLED"}}},
                     {"CreationTime", epoch_seconds(context.cloud.clock().now())}};
    for (const char* member : kGivenOfEndpoint) {
        if (const Json* value = find_member(input, member)) endpoint[member] = *value;
    }
    check_endpoint(endpoint);
    return stored_endpoint(events, context, std::move(endpoint), "CREATING");
}

Json update_endpoint(EventBridge& events, Context& context, const Json& input) {
    Json endpoint = require_endpoint(events, context, input);
    const Json id = endpoint["EndpointId"];
    const Json url = endpoint["EndpointUrl"];
    for (const char* member : kGivenOfEndpoint) {
        if (const Json* value = find_member(input, member)) endpoint[member] = *value;
    }
    check_endpoint(endpoint);
    Json answer = stored_endpoint(events, context, std::move(endpoint), "UPDATING");
    answer["EndpointId"] = id;
    answer["EndpointUrl"] = url;
    return answer;
}

Json list_endpoints(EventBridge& events, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "NamePrefix");
    const std::string home = string_member(input, "HomeRegion");
    Json all = Json::array();
    if (home.empty() || home == context.caller.region) {
        events.endpoints.for_each(context.caller.scope(),
                                  [&](const std::string& name, const Json& endpoint) {
                                      if (name.starts_with(prefix)) all.push_back(endpoint);
                                      return true;
                                  });
    }
    Json limited = input;
    if (const Json* most = find_member(input, "MaxResults")) limited["Limit"] = *most;
    return page(limited, "Endpoints", std::move(all));
}

}  // namespace

void add_endpoint_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape::Member name = required("Name", name_shape());
    const Shape::Member description = optional("Description", string(0, 512));
    const Shape region = string(9, 20, "^[\\-a-z0-9]+$");
    const Shape role = string(1, 256, "^arn:aws[a-z-]*:iam::\\d{12}:role\\/[\\w+=,.@/-]+$");
    const Shape bus = structure({required(
        "EventBusArn",
        string(1, 512, "^arn:aws[a-z-]*:events:[a-z]+-[a-z-]+-\\d+:\\d{12}:event-bus/[\\w.-]+$"))});
    const Shape routing = structure({required(
        "FailoverConfig",
        structure(
            {required("Primary",
                      structure({required(
                          "HealthCheck",
                          string(1, 1600,
                                 "^arn:aws([a-z]|\\-)*:route53:::healthcheck/[\\-a-z0-9]+$"))})),
             required("Secondary", structure({required("Route", region)}))}))});
    const Shape replication = structure({optional("State", enumeration({"ENABLED", "DISABLED"}))});
    add({"CreateEndpoint",
         structure({name, description, required("RoutingConfig", routing),
                    optional("ReplicationConfig", replication),
                    required("EventBuses", list(bus, 2, 2)), optional("RoleArn", role)})},
        create_endpoint);
    add({"UpdateEndpoint",
         structure({name, description, optional("RoutingConfig", routing),
                    optional("ReplicationConfig", replication),
                    optional("EventBuses", list(bus, 2, 2)), optional("RoleArn", role)})},
        update_endpoint);
    add({"DescribeEndpoint", structure({name, optional("HomeRegion", region)})},
        [](EventBridge& all, Context& context, const Json& input) {
            return require_endpoint(all, context, input);
        });
    add({"DeleteEndpoint", structure({name})},
        [](EventBridge& all, Context& context, const Json& input) {
            require_endpoint(all, context, input);
            all.endpoints.erase(context.caller.scope(), string_member(input, "Name"));
            return Json::object();
        });
    add({"ListEndpoints",
         structure({optional("NamePrefix", name_shape()), optional("HomeRegion", region),
                    optional("NextToken", string(1, 2048)),
                    optional("MaxResults", integer(1, 100))})},
        list_endpoints);
}

}  // namespace skafu::eventbridge

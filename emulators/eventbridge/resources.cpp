#include <charconv>

#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge::resources {
namespace {

Task<Json> call(Cloud& cloud, const ResourceRequest& request, std::string_view operation,
                Json input) {
    Json answer = co_await cloud.call_json("events", operation, std::move(input), request.caller,
                                           request.cause);
    co_return answer;
}

/// The properties of the operation's input, as far as the template has them.
Json chosen(const Json& properties, std::initializer_list<const char*> names) {
    Json input = Json::object();
    for (const char* name : names) {
        const Json* value = find_member(properties, name);
        if (value != nullptr && !value->is_null()) input[name] = *value;
    }
    return input;
}

/// A property that a template gives as an object and the API wants as JSON text.
void as_text(Json& input, const char* name) {
    const auto found = input.find(name);
    if (found != input.end() && !found->is_string()) *found = to_text(*found);
}

/// A number that a template gives as text.
void as_number(Json& input, const char* name) {
    const auto found = input.find(name);
    if (found == input.end() || !found->is_string()) return;
    const std::string text = found->get<std::string>();
    int number = 0;
    const char* last = text.data() + text.size();
    const auto read = std::from_chars(text.data(), last, number);
    if (read.ec == std::errc() && read.ptr == last) *found = number;
}

// --- AWS::Events::EventBus

Task<ResourceState> create_bus(Cloud& cloud, ResourceRequest request) {
    Json input = chosen(request.properties,
                        {"Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig", "Tags"});
    const std::string name = string_member(input, "Name");
    Json made = co_await call(cloud, request, "CreateEventBus", std::move(input));
    if (const Json* policy = find_member(request.properties, "Policy")) {
        Json permission = {{"EventBusName", name}, {"Policy", to_text(*policy)}};
        co_await call(cloud, request, "PutPermission", std::move(permission));
    }
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"Arn", made["EventBusArn"]}, {"Name", name}, {"Policy", ""}};
    co_return state;
}

Task<ResourceState> update_bus(Cloud& cloud, ResourceRequest request) {
    Json input =
        chosen(request.properties, {"Description", "KmsKeyIdentifier", "DeadLetterConfig"});
    input["Name"] = request.physical_id;
    Json changed = co_await call(cloud, request, "UpdateEventBus", std::move(input));
    ResourceState state;
    state.physical_id = request.physical_id;
    state.attributes = {{"Arn", changed["Arn"]}, {"Name", request.physical_id}, {"Policy", ""}};
    co_return state;
}

Task<void> remove_bus(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Name", request.physical_id}};
    co_await call(cloud, request, "DeleteEventBus", std::move(input));
}

// --- AWS::Events::Rule

/// The physical id of a rule: its name, behind its bus and a bar where that is not the default.
struct RuleId {
    std::string bus;
    std::string name;

    static RuleId parse(const std::string& text) {
        const std::size_t bar = text.find('|');
        if (bar == std::string::npos) return {"default", text};
        return {text.substr(0, bar), text.substr(bar + 1)};
    }
    std::string text() const { return bus == "default" ? name : bus + "|" + name; }
};

std::string bus_name(const Json& properties) {
    const std::string given = string_member(properties, "EventBusName", "default");
    const std::size_t slash = given.rfind(":event-bus/");
    return slash == std::string::npos ? given : given.substr(slash + 11);
}

/// Replaces the targets that were by those that are.
Task<void> put_targets(Cloud& cloud, const ResourceRequest& request, const RuleId& id) {
    Json wanted = request.properties.value("Targets", Json::array());
    for (Json& target : wanted) {
        const auto policy = target.find("RetryPolicy");
        if (policy == target.end() || !policy->is_object()) continue;
        as_number(*policy, "MaximumRetryAttempts");
        as_number(*policy, "MaximumEventAgeInSeconds");
    }
    Json listing = {{"Rule", id.name}, {"EventBusName", id.bus}};
    Json existing = co_await call(cloud, request, "ListTargetsByRule", std::move(listing));
    Json gone = Json::array();
    for (const Json& target : existing["Targets"]) {
        bool is_kept = false;
        for (const Json& kept : wanted) {
            is_kept = is_kept || string_member(kept, "Id") == string_member(target, "Id");
        }
        if (!is_kept) gone.push_back(target["Id"]);
    }
    if (!gone.empty()) {
        Json input = {{"Rule", id.name}, {"EventBusName", id.bus}, {"Ids", std::move(gone)}};
        co_await call(cloud, request, "RemoveTargets", std::move(input));
    }
    if (!wanted.empty()) {
        Json input = {{"Rule", id.name}, {"EventBusName", id.bus}, {"Targets", std::move(wanted)}};
        co_await call(cloud, request, "PutTargets", std::move(input));
    }
}

Task<ResourceState> put_rule(Cloud& cloud, ResourceRequest request, RuleId id) {
    Json input = chosen(request.properties, {"Description", "EventPattern", "RoleArn",
                                             "ScheduleExpression", "State", "Tags"});
    as_text(input, "EventPattern");
    input["Name"] = id.name;
    input["EventBusName"] = id.bus;
    Json made = co_await call(cloud, request, "PutRule", std::move(input));
    co_await put_targets(cloud, request, id);
    ResourceState state;
    state.physical_id = id.text();
    state.attributes = {{"Arn", made["RuleArn"]}};
    co_return state;
}

Task<ResourceState> create_rule(Cloud& cloud, ResourceRequest request) {
    RuleId id{bus_name(request.properties), string_member(request.properties, "Name")};
    if (id.name.empty()) id.name = request.generated_name.substr(0, 64);
    ResourceState state = co_await put_rule(cloud, std::move(request), std::move(id));
    co_return state;
}

Task<ResourceState> update_rule(Cloud& cloud, ResourceRequest request) {
    RuleId id = RuleId::parse(request.physical_id);
    ResourceState state = co_await put_rule(cloud, std::move(request), std::move(id));
    co_return state;
}

Task<void> remove_rule(Cloud& cloud, ResourceRequest request) {
    const RuleId id = RuleId::parse(request.physical_id);
    request.properties = Json::object();
    std::string problem;
    try {
        co_await put_targets(cloud, request, id);
    } catch (const AwsError& error) {
        problem = error.message();
    }
    if (!problem.empty()) co_return;  // the rule or its bus is gone already
    Json input = {{"Name", id.name}, {"EventBusName", id.bus}};
    co_await call(cloud, request, "DeleteRule", std::move(input));
}

// --- AWS::Events::Archive

Json archive_input(const ResourceRequest& request) {
    Json input = chosen(request.properties, {"Description", "EventPattern", "RetentionDays"});
    as_text(input, "EventPattern");
    as_number(input, "RetentionDays");
    return input;
}

ResourceState archive_state(const ResourceRequest& request, const std::string& name) {
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"ArchiveName", name},
                        {"Arn", make_arn("events", request.caller.region, request.caller.account,
                                         "archive/" + name)}};
    return state;
}

Task<ResourceState> create_archive(Cloud& cloud, ResourceRequest request) {
    std::string name = string_member(request.properties, "ArchiveName");
    if (name.empty()) name = request.generated_name.substr(0, 48);
    Json input = archive_input(request);
    input["ArchiveName"] = name;
    input["EventSourceArn"] = string_member(request.properties, "SourceArn");
    co_await call(cloud, request, "CreateArchive", std::move(input));
    co_return archive_state(request, name);
}

Task<ResourceState> update_archive(Cloud& cloud, ResourceRequest request) {
    Json input = archive_input(request);
    input["ArchiveName"] = request.physical_id;
    co_await call(cloud, request, "UpdateArchive", std::move(input));
    co_return archive_state(request, request.physical_id);
}

Task<void> remove_archive(Cloud& cloud, ResourceRequest request) {
    Json input = {{"ArchiveName", request.physical_id}};
    co_await call(cloud, request, "DeleteArchive", std::move(input));
}

// --- AWS::Events::Connection and ApiDestination

Task<ResourceState> create_connection(Cloud& cloud, ResourceRequest request) {
    Json input =
        chosen(request.properties, {"Name", "Description", "AuthorizationType", "AuthParameters"});
    if (!input.contains("Name")) input["Name"] = request.generated_name.substr(0, 64);
    const std::string name = string_member(input, "Name");
    Json made = co_await call(cloud, request, "CreateConnection", std::move(input));
    Json wanted = {{"Name", name}};
    Json described = co_await call(cloud, request, "DescribeConnection", std::move(wanted));
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"Arn", made["ConnectionArn"]},
                        {"SecretArn", string_member(described, "SecretArn")}};
    co_return state;
}

Task<void> remove_connection(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Name", request.physical_id}};
    co_await call(cloud, request, "DeleteConnection", std::move(input));
}

Task<ResourceState> create_api_destination(Cloud& cloud, ResourceRequest request) {
    Json input =
        chosen(request.properties, {"Name", "Description", "ConnectionArn", "InvocationEndpoint",
                                    "HttpMethod", "InvocationRateLimitPerSecond"});
    if (!input.contains("Name")) input["Name"] = request.generated_name.substr(0, 64);
    const std::string name = string_member(input, "Name");
    Json made = co_await call(cloud, request, "CreateApiDestination", std::move(input));
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"Arn", made["ApiDestinationArn"]}};
    co_return state;
}

Task<void> remove_api_destination(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Name", request.physical_id}};
    co_await call(cloud, request, "DeleteApiDestination", std::move(input));
}

// --- AWS::Events::EventBusPolicy

Task<ResourceState> create_policy(Cloud& cloud, ResourceRequest request) {
    Json input = chosen(request.properties,
                        {"EventBusName", "StatementId", "Action", "Principal", "Condition"});
    // A whole statement has no operation of its own: it goes in as its action and principal.
    if (const Json* statement = find_member(request.properties, "Statement")) {
        const Json* principal = find_member(*statement, "Principal");
        const bool is_account = principal != nullptr && principal->is_object() &&
                                principal->contains("AWS") && (*principal)["AWS"].is_string();
        std::string account = is_account ? (*principal)["AWS"].get<std::string>() : "*";
        if (const std::optional<Arn> arn = Arn::parse(account)) account = arn->account;
        input["Principal"] = account;
        input["Action"] = "events:PutEvents";
    }
    co_await call(cloud, request, "PutPermission", std::move(input));
    ResourceState state;
    state.physical_id = string_member(request.properties, "EventBusName", "default") + "|" +
                        string_member(request.properties, "StatementId");
    co_return state;
}

Task<void> remove_policy(Cloud& cloud, ResourceRequest request) {
    const RuleId id = RuleId::parse(request.physical_id);
    Json input = {{"EventBusName", id.bus}, {"StatementId", id.name}};
    co_await call(cloud, request, "RemovePermission", std::move(input));
}

}  // namespace

void add_types(Cloud& cloud) {
    ResourceTypes& types = cloud.resource_types();
    types.add({"AWS::Events::EventBus", create_bus, update_bus, remove_bus, {"Name"}});
    types.add(
        {"AWS::Events::Rule", create_rule, update_rule, remove_rule, {"Name", "EventBusName"}});
    types.add({"AWS::Events::Archive",
               create_archive,
               update_archive,
               remove_archive,
               {"ArchiveName", "SourceArn"}});
    types.add({"AWS::Events::Connection", create_connection, {}, remove_connection, {}});
    types.add(
        {"AWS::Events::ApiDestination", create_api_destination, {}, remove_api_destination, {}});
    types.add({"AWS::Events::EventBusPolicy", create_policy, {}, remove_policy, {}});
}

}  // namespace skafu::eventbridge::resources

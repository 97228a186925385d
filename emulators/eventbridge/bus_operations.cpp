#include "core/aws_error.h"
#include "eventbridge/operations.h"
#include "eventbridge/targets.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMostBuses = 100;
constexpr std::size_t kLongestPolicy = 10'240;

Json described(const Bus& bus) {
    Json answer = {{"Name", bus.name()}, {"Arn", bus.arn()}};
    for (const char* name : {"Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig",
                             "Policy", "CreationTime", "LastModifiedTime"}) {
        if (const Json* value = find_member(bus.document(), name)) answer[name] = *value;
    }
    return answer;
}

Json create_bus(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    if (name == "default" || events.buses.find(scope, name) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException",
                       fmt::format("Event bus {} already exists.", name));
    }
    const std::string partner = string_member(input, "EventSourceName");
    if (!partner.empty() && partner != name) {
        throw AwsError::validation("Event bus name must match event source name.");
    }
    if (!partner.empty()) {
        throw AwsError::not_found(fmt::format("Event source {} does not exist.", partner));
    }
    if (name.find('/') != std::string::npos) {
        throw AwsError::validation("Event bus name must not contain '/'.");
    }
    check_dead_letter_queue(input, context.caller.region);
    if (const Json* tags = find_member(input, "Tags")) check_tags(*tags);
    std::size_t count = 0;
    events.buses.for_each(scope, [&](Bus& bus) { count += bus.name() == "default" ? 0 : 1; });
    check_quota(context, "event buses", count, kMostBuses);
    Json document = {{"Name", name}};
    for (const char* member :
         {"Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig", "Tags"}) {
        if (const Json* value = find_member(input, member)) document[member] = *value;
    }
    const Json now = epoch_seconds(context.cloud.clock().now());
    document["CreationTime"] = now;
    document["LastModifiedTime"] = now;
    const Bus& bus = events.buses.create(scope, name, std::move(document));
    Json answer = {{"EventBusArn", bus.arn()}};
    for (const char* member :
         {"Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"}) {
        if (const Json* value = find_member(input, member)) answer[member] = *value;
    }
    return answer;
}

Json update_bus(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = events.buses.require(context.caller.scope(), string_member(input, "Name"));
    check_dead_letter_queue(input, context.caller.region);
    Json answer = {{"Arn", bus.arn()}, {"Name", bus.name()}};
    for (const char* member :
         {"Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"}) {
        if (const Json* value = find_member(input, member)) {
            bus.document()[member] = *value;
            answer[member] = *value;
        }
    }
    bus.document()["LastModifiedTime"] = epoch_seconds(context.cloud.clock().now());
    events.buses.store(bus);
    return answer;
}

Json delete_bus(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    if (name == "default") throw AwsError::validation("Cannot delete event bus default.");
    Bus& bus = events.buses.require(scope, name);
    if (!bus.rules().empty()) {
        throw AwsError::validation(
            fmt::format("Event bus {} can't be deleted since it has rules.", bus.name()));
    }
    const std::string own_name = bus.name();
    events.buses.remove(bus.scope(), own_name);
    return Json::object();
}

Json list_buses(EventBridge& events, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "NamePrefix");
    Json all = Json::array();
    events.buses.for_each(context.caller.scope(), [&](Bus& bus) {
        if (bus.name().starts_with(prefix)) all.push_back(described(bus));
    });
    return page(input, "EventBuses", std::move(all));
}

// --- permissions: the statements of the bus's policy

Json policy_of(const Bus& bus) {
    const std::string text = string_member(bus.document(), "Policy");
    if (text.empty()) return {{"Version", "2012-10-17"}, {"Statement", Json::array()}};
    Json policy = parse_json(text);
    if (!policy["Statement"].is_array()) {  // one statement needs no list
        policy["Statement"] = Json::array({policy["Statement"]});
    }
    return policy;
}

void store_policy(EventBridge& events, const Context& context, Bus& bus, const Json& policy) {
    if (to_text(policy).size() > kLongestPolicy && context.cloud.settings().strict) {
        throw AwsError("PolicyLengthExceededException",
                       fmt::format("A policy may be {} characters long.", kLongestPolicy));
    }
    const Json* statements = find_member(policy, "Statement");
    if (statements == nullptr || (statements->is_array() && statements->empty())) {
        bus.document().erase("Policy");
    } else {
        bus.document()["Policy"] = to_text(policy);
    }
    events.buses.store(bus);
}

Json statement_of(const Bus& bus, const Json& input) {
    const std::string principal = string_member(input, "Principal");
    Json statement = {{"Sid", string_member(input, "StatementId")}, {"Effect", "Allow"}};
    if (principal == "*") {
        statement["Principal"] = "*";
    } else {
        statement["Principal"] = {{"AWS", "arn:aws:iam::" + principal + ":root"}};
    }
    statement["Action"] = string_member(input, "Action", "events:PutEvents");
    statement["Resource"] = bus.arn();
    if (const Json* condition = find_member(input, "Condition")) {
        statement["Condition"] = {
            {string_member(*condition, "Type"),
             {{string_member(*condition, "Key"), string_member(*condition, "Value")}}}};
    }
    return statement;
}

Json put_permission(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = events.buses.require(context.caller.scope(), string_member(input, "EventBusName"));
    const std::string whole = string_member(input, "Policy");
    if (!whole.empty()) {
        Json policy;
        try {
            policy = parse_json(whole);
        } catch (const JsonError&) {
            throw AwsError::validation("Parameter Policy is not valid.");
        }
        if (!policy.is_object() || !policy.contains("Statement")) {
            throw AwsError::validation("Parameter Policy is not valid.");
        }
        store_policy(events, context, bus, policy);
        return Json::object();
    }
    for (const char* name : {"Action", "Principal", "StatementId"}) {
        if (!string_member(input, name).empty()) continue;
        throw AwsError::validation(fmt::format("Parameter {} must be specified.", name));
    }
    const Json statement = statement_of(bus, input);
    Json policy = policy_of(bus);
    Json kept = Json::array();
    for (const Json& existing : policy["Statement"]) {
        if (string_member(existing, "Sid") != string_member(statement, "Sid")) {
            kept.push_back(existing);
        }
    }
    kept.push_back(statement);
    policy["Statement"] = std::move(kept);
    store_policy(events, context, bus, policy);
    return Json::object();
}

Json remove_permission(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = events.buses.require(context.caller.scope(), string_member(input, "EventBusName"));
    const Json* all = find_member(input, "RemoveAllPermissions");
    Json policy = policy_of(bus);
    if (all != nullptr && *all == true) {
        policy["Statement"] = Json::array();
        store_policy(events, context, bus, policy);
        return Json::object();
    }
    const std::string id = string_member(input, "StatementId");
    Json kept = Json::array();
    for (const Json& statement : policy["Statement"]) {
        if (string_member(statement, "Sid") != id) kept.push_back(statement);
    }
    if (kept.size() == policy["Statement"].size()) {
        throw AwsError::not_found("Statement with the provided id does not exist.");
    }
    policy["Statement"] = std::move(kept);
    store_policy(events, context, bus, policy);
    return Json::object();
}

}  // namespace

void add_bus_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const Shape dead_letter = dead_letter_shape();
    const Shape key = key_identifier_shape();
    const Shape bus_name = string(1, 256, "[/\\.\\-_A-Za-z0-9]+");
    const Shape plain_name = string(1, 256, "[\\.\\-_A-Za-z0-9]+");
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    add({"CreateEventBus",
         structure({required("Name", bus_name),
                    optional("EventSourceName", partner_source_name_shape()),
                    optional("Description", string(0, 512)), optional("KmsKeyIdentifier", key),
                    optional("LogConfig", bus_log_shape()),
                    optional("DeadLetterConfig", dead_letter), optional("Tags", tags_shape())})},
        create_bus);
    add({"UpdateEventBus",
         structure({optional("Name", bus_name), optional("Description", string(0, 512)),
                    optional("KmsKeyIdentifier", key), optional("LogConfig", bus_log_shape()),
                    optional("DeadLetterConfig", dead_letter)})},
        update_bus);
    add({"DeleteEventBus", structure({required("Name", bus_name)})}, delete_bus);
    add({"DescribeEventBus", structure({optional("Name", bus_name_shape())})},
        [](EventBridge& all, Context& context, const Json& input) {
            return described(
                all.buses.require(context.caller.scope(), string_member(input, "Name")));
        });
    add({"ListEventBuses",
         structure({optional("NamePrefix", bus_name), optional("NextToken", string(1, 2048)),
                    optional("Limit", integer(1, 100))})},
        list_buses);
    add({"PutPermission",
         structure({optional("EventBusName", plain_name),
                    optional("Action", string(1, 64, "events:[a-zA-Z]+")),
                    optional("Principal", string(1, 12, "(\\d{12}|\\*)")),
                    optional("StatementId", string(1, 64, "[a-zA-Z0-9-_]+")),
                    optional("Condition",
                             structure({required("Type", string()), required("Key", string()),
                                        required("Value", string())})),
                    optional("Policy", string())})},
        put_permission);
    add({"RemovePermission", structure({optional("StatementId", string(1, 64, "[a-zA-Z0-9-_]+")),
                                        optional("RemoveAllPermissions", boolean()),
                                        optional("EventBusName", plain_name)})},
        remove_permission);
}

}  // namespace skafu::eventbridge

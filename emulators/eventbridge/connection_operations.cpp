#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {
namespace {

const Json& require_connection(EventBridge& events, const Scope& scope, const std::string& name) {
    const Json* connection = events.connections.find(scope, name);
    if (connection != nullptr) return *connection;
    throw AwsError::not_found(
        fmt::format("Failed to describe the connection(s). Connection '{}' does not exist.", name));
}

/// The authorisation parameters without what is secret, as DescribeConnection shows them.
Json without_secrets(Json value) {
    if (value.is_array()) {
        for (Json& element : value) element = without_secrets(std::move(element));
        return value;
    }
    if (!value.is_object()) return value;
    for (const char* secret : {"Password", "ApiKeyValue", "ClientSecret"}) value.erase(secret);
    const Json* hidden = find_member(value, "IsValueSecret");
    if (hidden != nullptr && *hidden == true) value.erase("Value");
    Json shown = Json::object();
    for (const auto& [name, inner] : value.items()) shown[name] = without_secrets(inner);
    return shown;
}

void check_parameters(const std::string& type, const Json& parameters) {
    const char* wanted = type == "BASIC"     ? "BasicAuthParameters"
                         : type == "API_KEY" ? "ApiKeyAuthParameters"
                                             : "OAuthParameters";
    if (find_member(parameters, wanted) == nullptr) {
        throw AwsError::validation(
            fmt::format("Parameter AuthParameters is not valid. Reason: {} must be provided for "
                        "authorization type {}.",
                        wanted, type));
    }
}

Json connection_summary(const Json& connection) {
    return {{"ConnectionArn", connection["ConnectionArn"]},
            {"ConnectionState", connection["ConnectionState"]},
            {"CreationTime", connection["CreationTime"]},
            {"LastModifiedTime", connection["LastModifiedTime"]},
            {"LastAuthorizedTime", connection["LastModifiedTime"]}};
}

/// Keeps the parameters in Secrets Manager, where people look for them.
Task<std::string> store_secret(EventBridge& events, Caller caller, std::string name,
                               Json parameters, ActivityId cause) {
    const std::string secret = "events!connection/" + name + "/" + events.cloud.entropy().uuid();
    if (events.cloud.find_operation("secretsmanager", "CreateSecret") == nullptr) co_return "";
    Json input = {{"Name", secret}, {"SecretString", to_text(parameters)}};
    Json made = co_await events.cloud.call_json("secretsmanager", "CreateSecret", std::move(input),
                                                std::move(caller), cause);
    co_return string_member(made, "ARN");
}

Task<Json> create_connection(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    if (events.connections.find(scope, name) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException",
                       fmt::format("Connection {} already exists.", name));
    }
    check_parameters(string_member(input, "AuthorizationType"), input["AuthParameters"]);
    std::string secret = co_await store_secret(events, context.caller, name,
                                               input["AuthParameters"], context.activity.id());
    const Json now = epoch_seconds(context.cloud.clock().now());
    Json connection = {
        {"Name", name},
        {"ConnectionArn", make_arn("events", scope.region, scope.account,
                                   "connection/" + name + "/" + context.cloud.entropy().uuid())},
        {"ConnectionState", "AUTHORIZED"},
        {"Description", string_member(input, "Description")},
        {"AuthorizationType", input["AuthorizationType"]},
        {"AuthParameters", input["AuthParameters"]},
        {"SecretArn", secret},
        {"CreationTime", now},
        {"LastModifiedTime", now}};
    Json answer = connection_summary(connection);
    answer.erase("LastAuthorizedTime");
    events.connections.put(scope, name, std::move(connection));
    co_return answer;
}

Json update_connection(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    Json connection = require_connection(events, scope, name);
    for (const char* member : {"Description", "AuthorizationType", "AuthParameters"}) {
        if (const Json* value = find_member(input, member)) connection[member] = *value;
    }
    check_parameters(string_member(connection, "AuthorizationType"), connection["AuthParameters"]);
    connection["LastModifiedTime"] = epoch_seconds(context.cloud.clock().now());
    Json answer = connection_summary(connection);
    events.connections.put(scope, name, std::move(connection));
    return answer;
}

Json describe_connection(EventBridge& events, Context& context, const Json& input) {
    const Json& connection =
        require_connection(events, context.caller.scope(), string_member(input, "Name"));
    Json answer = connection_summary(connection);
    answer["Name"] = connection["Name"];
    answer["AuthorizationType"] = connection["AuthorizationType"];
    answer["AuthParameters"] = without_secrets(connection["AuthParameters"]);
    for (const char* member : {"Description", "SecretArn"}) {
        if (!string_member(connection, member).empty()) answer[member] = connection[member];
    }
    return answer;
}

Json delete_connection(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    Json answer = connection_summary(require_connection(events, scope, name));
    answer["ConnectionState"] = "DELETING";
    events.connections.erase(scope, name);
    return answer;
}

Json list_connections(EventBridge& events, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "NamePrefix");
    const std::string state = string_member(input, "ConnectionState");
    Json all = Json::array();
    events.connections.for_each(
        context.caller.scope(), [&](const std::string& name, const Json& connection) {
            if (name.starts_with(prefix) &&
                (state.empty() || string_member(connection, "ConnectionState") == state)) {
                Json one = connection_summary(connection);
                one["Name"] = name;
                one["AuthorizationType"] = connection["AuthorizationType"];
                all.push_back(std::move(one));
            }
            return true;
        });
    return page(input, "Connections", std::move(all));
}

}  // namespace

void add_connection_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape name = string(1, 64, "[\\.\\-_A-Za-z0-9]+");
    const Shape type = enumeration({"BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"});
    const Shape named = structure({required("Name", name)});
    service.add_async(
        Row{"CreateConnection",
            structure({required("Name", name), optional("Description", string(0, 512)),
                       required("AuthorizationType", type), required("AuthParameters", any())})},
        [&events](Context& context, Json input) {
            return create_connection(events, context, std::move(input));
        });
    add({"UpdateConnection",
         structure({required("Name", name), optional("Description", string(0, 512)),
                    optional("AuthorizationType", type), optional("AuthParameters", any())})},
        update_connection);
    add({"DescribeConnection", named}, describe_connection);
    add({"DeauthorizeConnection", named},
        [](EventBridge& all, Context& context, const Json& input) {
            const Scope scope = context.caller.scope();
            const std::string which = string_member(input, "Name");
            Json connection = require_connection(all, scope, which);
            connection["ConnectionState"] = "DEAUTHORIZED";
            Json answer = connection_summary(connection);
            all.connections.put(scope, which, std::move(connection));
            return answer;
        });
    add({"DeleteConnection", named}, delete_connection);
    add({"ListConnections",
         structure({optional("NamePrefix", name), optional("ConnectionState", string()),
                    optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))})},
        list_connections);
}

}  // namespace skafu::eventbridge

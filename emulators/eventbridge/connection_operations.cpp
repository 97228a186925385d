#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/connections.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMostConnections = 3000;

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
            fmt::format("Parameter {} is not valid. Reason: Missing required field(s).", wanted));
    }
}

Json connection_summary(const Json& connection) {
    Json answer = Json::object();
    for (const char* member : {"ConnectionArn", "ConnectionState", "CreationTime",
                               "LastModifiedTime", "LastAuthorizedTime"}) {
        if (const Json* value = find_member(connection, member)) answer[member] = *value;
    }
    return answer;
}

/// "ApiKeyName" -> "api_key_name", as the names in the secret are.
std::string snake_case(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool is_upper = name[i] >= 'A' && name[i] <= 'Z';
        const bool follows_lower = i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
        if (is_upper && follows_lower) out += '_';
        out += is_upper ? static_cast<char>(name[i] + 32) : name[i];
    }
    return out;
}

Json snake_cased(const Json& value) {
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json& element : value) list.push_back(snake_cased(element));
        return list;
    }
    if (!value.is_object()) return value;
    Json object = Json::object();
    for (const auto& [name, inner] : value.items()) object[snake_case(name)] = snake_cased(inner);
    return object;
}

/// The secret of a connection: its authorisation parameters, flat.
std::string secret_text(const Json& parameters) {
    Json secret = Json::object();
    for (const auto& [name, value] : parameters.items()) {
        if (name == "InvocationHttpParameters") {
            secret[snake_case(name)] = snake_cased(value);
            continue;
        }
        for (const auto& [inner, member] : value.items()) {
            if (inner == "ClientParameters") {
                secret.update(snake_cased(member));
            } else {
                secret[snake_case(inner)] = snake_cased(member);
            }
        }
    }
    return to_text(secret);
}

bool has_secrets(EventBridge& events) {
    return events.cloud.find_operation("secretsmanager", "CreateSecret") != nullptr;
}

/// Keeps the parameters in Secrets Manager, where people look for them.
Task<std::string> store_secret(EventBridge& events, Caller caller, std::string name,
                               Json parameters, ActivityId cause) {
    const std::string secret = "events!connection/" + name + "/" + events.cloud.entropy().uuid();
    if (!has_secrets(events)) co_return "";
    Json input = {{"Name", secret}, {"SecretString", secret_text(parameters)}};
    Json made = co_await events.cloud.call_json("secretsmanager", "CreateSecret", std::move(input),
                                                std::move(caller), cause);
    co_return string_member(made, "ARN");
}

/// A call to Secrets Manager about a connection's secret. It may have been deleted by hand.
Task<void> change_secret(EventBridge& events, Caller caller, std::string_view operation, Json input,
                         ActivityId cause) {
    if (!has_secrets(events) || string_member(input, "SecretId").empty()) co_return;
    std::optional<AwsError> refusal;
    try {
        co_await events.cloud.call_json("secretsmanager", operation, std::move(input),
                                        std::move(caller), cause);
    } catch (const AwsError& error) {
        refusal = error;
    }
    if (refusal && refusal->code() != "ResourceNotFoundException") throw *refusal;
}

Task<Json> create_connection(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    if (events.connections.find(scope, name) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException",
                       fmt::format("Connection {} already exists.", name));
    }
    check_parameters(string_member(input, "AuthorizationType"), input["AuthParameters"]);
    check_quota(context, "connections", events.connections.size(scope), kMostConnections);
    std::string secret = co_await store_secret(events, context.caller, name,
                                               input["AuthParameters"], context.activity.id());
    const Json now = epoch_seconds(context.cloud.clock().now());
    Json connection = {
        {"Name", name},
        {"ConnectionArn", make_arn("events", scope.region, scope.account,
                                   "connection/" + name + "/" + context.cloud.entropy().uuid())},
        {"ConnectionState", "CREATING"},
        {"Description", string_member(input, "Description")},
        {"AuthorizationType", input.at("AuthorizationType")},
        {"AuthParameters", input.at("AuthParameters")},
        {"SecretArn", secret},
        {"CreationTime", now},
        {"LastModifiedTime", now}};
    Json answer = connection_summary(connection);
    answer["ConnectionState"] =
        authorize(events, scope, std::move(connection), context.activity.id());
    co_return answer;
}

Task<Json> update_connection(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    Json connection = require_connection(events, scope, name);
    for (const char* member : {"Description", "AuthorizationType", "AuthParameters"}) {
        if (const Json* value = find_member(input, member)) connection[member] = *value;
    }
    check_parameters(string_member(connection, "AuthorizationType"), connection["AuthParameters"]);
    if (string_member(connection, "SecretArn").empty()) {  // it was deauthorized
        std::string made = co_await store_secret(
            events, context.caller, name, connection["AuthParameters"], context.activity.id());
        connection["SecretArn"] = made;
    } else {
        Json secret = {{"SecretId", string_member(connection, "SecretArn")},
                       {"SecretString", secret_text(connection["AuthParameters"])}};
        co_await change_secret(events, context.caller, "PutSecretValue", std::move(secret),
                               context.activity.id());
    }
    connection["LastModifiedTime"] = epoch_seconds(context.cloud.clock().now());
    const std::string state =
        authorize(events, scope, std::move(connection), context.activity.id());
    Json answer = connection_summary(require_connection(events, scope, name));
    answer["ConnectionState"] = state;
    co_return answer;
}

Json describe_connection(EventBridge& events, Context& context, const Json& input) {
    const Json& connection =
        require_connection(events, context.caller.scope(), string_member(input, "Name"));
    Json answer = connection_summary(connection);
    answer["Name"] = connection["Name"];
    answer["AuthorizationType"] = connection["AuthorizationType"];
    answer["AuthParameters"] = without_secrets(connection["AuthParameters"]);
    for (const char* member : {"Description", "SecretArn", "StateReason"}) {
        if (!string_member(connection, member).empty()) answer[member] = connection[member];
    }
    return answer;
}

Task<Json> remove_secret(EventBridge& events, Context& context, Json connection) {
    Json gone = {{"SecretId", string_member(connection, "SecretArn")},
                 {"ForceDeleteWithoutRecovery", true}};
    co_await change_secret(events, context.caller, "DeleteSecret", std::move(gone),
                           context.activity.id());
    co_return connection;
}

Task<Json> delete_connection(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    Json connection = require_connection(events, scope, name);
    connection = co_await remove_secret(events, context, std::move(connection));
    Json answer = connection_summary(connection);
    answer["ConnectionState"] = "DELETING";
    events.tokens.erase(string_member(connection, "ConnectionArn"));
    events.connections.erase(scope, name);
    co_return answer;
}

/// Takes the parameters from a connection: destinations cannot use it until it is updated.
Task<Json> deauthorize_connection(EventBridge& events, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "Name");
    Json connection = require_connection(events, scope, name);
    connection = co_await remove_secret(events, context, std::move(connection));
    connection["SecretArn"] = "";
    connection["AuthParameters"] = without_secrets(connection["AuthParameters"]);
    connection["LastModifiedTime"] = epoch_seconds(context.cloud.clock().now());
    Json answer = connection_summary(connection);
    answer["ConnectionState"] = "DEAUTHORIZING";
    events.tokens.erase(string_member(connection, "ConnectionArn"));
    enter_state(events, scope, std::move(connection), "DEAUTHORIZED", "", context.activity.id());
    co_return answer;
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
                if (const Json* reason = find_member(connection, "StateReason")) {
                    one["StateReason"] = *reason;
                }
                all.push_back(std::move(one));
            }
            return true;
        });
    return page(input, "Connections", std::move(all));
}

}  // namespace

const Json& require_connection(EventBridge& events, const Scope& scope, const std::string& name) {
    const Json* connection = events.connections.find(scope, name);
    if (connection != nullptr) return *connection;
    throw AwsError::not_found(
        fmt::format("Failed to describe the connection(s). Connection '{}' does not exist.", name));
}

void add_connection_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape name = name_shape();
    const Shape type = enumeration({"BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"});
    const Shape named = structure({required("Name", name)});
    const auto add_async = [&](Row row, Task<Json> (*handler)(EventBridge&, Context&, Json)) {
        service.add_async(std::move(row), [&events, handler](Context& context, Json input) {
            return handler(events, context, std::move(input));
        });
    };
    add_async({"CreateConnection",
               structure({required("Name", name), optional("Description", string(0, 512)),
                          required("AuthorizationType", type),
                          required("AuthParameters", auth_parameters_shape(true)),
                          optional("KmsKeyIdentifier", key_identifier_shape())})},
              create_connection);
    add_async({"UpdateConnection",
               structure({required("Name", name), optional("Description", string(0, 512)),
                          optional("AuthorizationType", type),
                          optional("AuthParameters", auth_parameters_shape(false)),
                          optional("KmsKeyIdentifier", key_identifier_shape())})},
              update_connection);
    add_async({"DeleteConnection", named}, delete_connection);
    add_async({"DeauthorizeConnection", named}, deauthorize_connection);
    add({"DescribeConnection", named}, describe_connection);
    add({"ListConnections",
         structure({optional("NamePrefix", name),
                    optional("ConnectionState",
                             enumeration({"CREATING", "UPDATING", "DELETING", "AUTHORIZED",
                                          "DEAUTHORIZED", "AUTHORIZING", "DEAUTHORIZING", "ACTIVE",
                                          "FAILED_CONNECTIVITY"})),
                    optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))})},
        list_connections);
    add_connection_resolution(service, events);
}

}  // namespace skafu::eventbridge

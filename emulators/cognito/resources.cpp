#include "cognito/operations.h"

// AWS::Cognito::* : properties become calls of our own operations; names are the same.

namespace skafu::cognito::resources {
namespace {

std::string property(const ResourceRequest& request, std::string_view name) {
    const Json* value = find_member(request.properties, name);
    if (!value || value->is_null()) return {};
    return value->is_string() ? value->get<std::string>() : to_text(*value);
}

/// "true" and "8" of templates as the flags and numbers that calls take.
Json typed(const Json& value) {
    if (value.is_object()) {
        Json result = Json::object();
        for (const auto& [name, member] : value.items()) result[name] = typed(member);
        return result;
    }
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& item : value) result.push_back(typed(item));
        return result;
    }
    if (!value.is_string()) return value;
    const std::string& text = value.get_ref<const std::string&>();
    if (text == "true" || text == "false") return text == "true";
    return value;
}

Json numbers(Json value, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto found = value.find(name);
        if (found == value.end() || !found->is_string()) continue;
        *found = std::atoi(found->get<std::string>().c_str());
    }
    return value;
}

Task<Json> call(Cloud& cloud, const ResourceRequest& request, std::string_view service,
                std::string_view operation, Json input) {
    Json result = co_await cloud.call_json(service, operation, std::move(input), request.caller,
                                           request.cause);
    co_return result;
}

Task<void> remove(Cloud& cloud, ResourceRequest request, std::string_view service,
                  std::string_view operation, Json input) {
    try {
        co_await call(cloud, request, service, operation, std::move(input));
    } catch (const AwsError& error) {
        const bool gone =
            error.code() == "ResourceNotFoundException" || error.code() == "UserNotFoundException";
        if (!gone) throw;
    }
}

// ---- user pool ----

Json pool_input(const ResourceRequest& request) {
    Json input = typed(request.properties);
    input["PoolName"] = property(request, "UserPoolName");
    if (property(request, "UserPoolName").empty()) input["PoolName"] = request.generated_name;
    if (find_member(input, "Policies") && find_member(input["Policies"], "PasswordPolicy")) {
        input["Policies"]["PasswordPolicy"] =
            numbers(input["Policies"]["PasswordPolicy"],
                    {"MinimumLength", "TemporaryPasswordValidityDays", "PasswordHistorySize"});
    }
    return input;
}

ResourceState pool_state(const std::string& id, const Caller& caller) {
    const std::string name = fmt::format("cognito-idp.{}.amazonaws.com/{}", caller.region, id);
    ResourceState state;
    state.physical_id = id;
    state.attributes = {{"Arn", fmt::format("arn:aws:cognito-idp:{}:{}:userpool/{}", caller.region,
                                            caller.account, id)},
                        {"ProviderName", name},
                        {"ProviderURL", "https://" + name},
                        {"UserPoolId", id}};
    return state;
}

Task<ResourceState> create_pool(Cloud& cloud, ResourceRequest request) {
    Json input = pool_input(request);
    const Json made =
        co_await call(cloud, request, "cognito-idp", "CreateUserPool", std::move(input));
    co_return pool_state(string_member(made.at("UserPool"), "Id"), request.caller);
}

Task<ResourceState> update_pool(Cloud& cloud, ResourceRequest request) {
    Json input = pool_input(request);
    input["UserPoolId"] = request.physical_id;
    co_await call(cloud, request, "cognito-idp", "UpdateUserPool", std::move(input));
    co_return pool_state(request.physical_id, request.caller);
}

Task<void> remove_pool(Cloud& cloud, ResourceRequest request) {
    Json input = {{"UserPoolId", request.physical_id}};
    co_await remove(cloud, std::move(request), "cognito-idp", "DeleteUserPool", std::move(input));
}

// ---- client ----

Json client_input(const ResourceRequest& request) {
    Json input = numbers(typed(request.properties), {"RefreshTokenValidity", "AccessTokenValidity",
                                                     "IdTokenValidity", "AuthSessionValidity"});
    if (!find_member(input, "ClientName")) input["ClientName"] = request.generated_name;
    return input;
}

ResourceState client_state(const Json& client) {
    ResourceState state;
    state.physical_id = string_member(client, "ClientId");
    state.attributes = {{"ClientId", state.physical_id},
                        {"Name", client.at("ClientName")},
                        {"ClientSecret", string_member(client, "ClientSecret")}};
    return state;
}

Task<ResourceState> create_client(Cloud& cloud, ResourceRequest request) {
    Json input = client_input(request);
    const Json made =
        co_await call(cloud, request, "cognito-idp", "CreateUserPoolClient", std::move(input));
    co_return client_state(made.at("UserPoolClient"));
}

Task<ResourceState> update_client(Cloud& cloud, ResourceRequest request) {
    Json input = client_input(request);
    input["ClientId"] = request.physical_id;
    const Json made =
        co_await call(cloud, request, "cognito-idp", "UpdateUserPoolClient", std::move(input));
    co_return client_state(made.at("UserPoolClient"));
}

Task<void> remove_client(Cloud& cloud, ResourceRequest request) {
    Json input = {{"UserPoolId", property(request, "UserPoolId")},
                  {"ClientId", request.physical_id}};
    co_await remove(cloud, std::move(request), "cognito-idp", "DeleteUserPoolClient",
                    std::move(input));
}

// ---- group, user, membership, domain ----

Task<ResourceState> create_group(Cloud& cloud, ResourceRequest request) {
    Json input = numbers(typed(request.properties), {"Precedence"});
    if (!find_member(input, "GroupName")) input["GroupName"] = request.generated_name;
    ResourceState state;
    state.physical_id = string_member(input, "GroupName");
    co_await call(cloud, request, "cognito-idp", "CreateGroup", std::move(input));
    co_return state;
}

Task<ResourceState> update_group(Cloud& cloud, ResourceRequest request) {
    Json input = numbers(typed(request.properties), {"Precedence"});
    input["GroupName"] = request.physical_id;
    co_await call(cloud, request, "cognito-idp", "UpdateGroup", std::move(input));
    ResourceState state;
    state.physical_id = request.physical_id;
    co_return state;
}

Task<void> remove_group(Cloud& cloud, ResourceRequest request) {
    Json input = {{"UserPoolId", property(request, "UserPoolId")},
                  {"GroupName", request.physical_id}};
    co_await remove(cloud, std::move(request), "cognito-idp", "DeleteGroup", std::move(input));
}

Task<ResourceState> create_user(Cloud& cloud, ResourceRequest request) {
    Json input = request.properties;
    if (!find_member(input, "Username")) input["Username"] = request.generated_name;
    input["MessageAction"] = "SUPPRESS";
    const Json made =
        co_await call(cloud, request, "cognito-idp", "AdminCreateUser", std::move(input));
    ResourceState state;
    state.physical_id = string_member(made.at("User"), "Username");
    co_return state;
}

Task<void> remove_user(Cloud& cloud, ResourceRequest request) {
    Json input = {{"UserPoolId", property(request, "UserPoolId")},
                  {"Username", request.physical_id}};
    co_await remove(cloud, std::move(request), "cognito-idp", "AdminDeleteUser", std::move(input));
}

Task<ResourceState> create_membership(Cloud& cloud, ResourceRequest request) {
    Json input = request.properties;
    co_await call(cloud, request, "cognito-idp", "AdminAddUserToGroup", std::move(input));
    ResourceState state;
    state.physical_id = request.generated_name;
    co_return state;
}

Task<void> remove_membership(Cloud& cloud, ResourceRequest request) {
    Json input = request.properties;
    co_await remove(cloud, std::move(request), "cognito-idp", "AdminRemoveUserFromGroup",
                    std::move(input));
}

Task<ResourceState> create_domain(Cloud& cloud, ResourceRequest request) {
    Json input = request.properties;
    co_await call(cloud, request, "cognito-idp", "CreateUserPoolDomain", std::move(input));
    ResourceState state;
    state.physical_id = property(request, "Domain");
    state.attributes = {{"CloudFrontDistribution", state.physical_id + ".cloudfront.net"}};
    co_return state;
}

Task<void> remove_domain(Cloud& cloud, ResourceRequest request) {
    Json input = {{"UserPoolId", property(request, "UserPoolId")}, {"Domain", request.physical_id}};
    co_await remove(cloud, std::move(request), "cognito-idp", "DeleteUserPoolDomain",
                    std::move(input));
}

// ---- identity pools ----

Task<ResourceState> create_identity_pool(Cloud& cloud, ResourceRequest request) {
    Json input = typed(request.properties);
    if (!find_member(input, "IdentityPoolName")) {
        input["IdentityPoolName"] = request.generated_name;
    }
    ResourceState state;
    if (find_member(input, "Tags")) {
        // AWS refuses this name, and a finding says so; what is meant is plain.
        input["IdentityPoolTags"] = input["Tags"];
    }
    state.attributes = {{"Name", input["IdentityPoolName"]}};
    const Json made =
        co_await call(cloud, request, "cognito-identity", "CreateIdentityPool", std::move(input));
    state.physical_id = string_member(made, "IdentityPoolId");
    co_return state;
}

Task<ResourceState> update_identity_pool(Cloud& cloud, ResourceRequest request) {
    Json input = typed(request.properties);
    input["IdentityPoolId"] = request.physical_id;
    co_await call(cloud, request, "cognito-identity", "UpdateIdentityPool", std::move(input));
    ResourceState state;
    state.physical_id = request.physical_id;
    state.attributes = {{"Name", property(request, "IdentityPoolName")}};
    co_return state;
}

Task<void> remove_identity_pool(Cloud& cloud, ResourceRequest request) {
    Json input = {{"IdentityPoolId", request.physical_id}};
    co_await remove(cloud, std::move(request), "cognito-identity", "DeleteIdentityPool",
                    std::move(input));
}

Task<ResourceState> attach_roles(Cloud& cloud, ResourceRequest request) {
    Json input = request.properties;
    co_await call(cloud, request, "cognito-identity", "SetIdentityPoolRoles", std::move(input));
    ResourceState state;
    state.physical_id = property(request, "IdentityPoolId");
    co_return state;
}

Task<void> forget(Cloud&, ResourceRequest) {
    co_return;
}

}  // namespace

void add_types(Cloud& cloud, Store&) {
    ResourceTypes& types = cloud.resource_types();
    types.add({"AWS::Cognito::UserPool",
               create_pool,
               update_pool,
               remove_pool,
               {"UsernameAttributes", "AliasAttributes"}});
    types.add({"AWS::Cognito::UserPoolClient",
               create_client,
               update_client,
               remove_client,
               {"UserPoolId", "GenerateSecret"}});
    types.add({"AWS::Cognito::UserPoolGroup",
               create_group,
               update_group,
               remove_group,
               {"UserPoolId", "GroupName"}});
    types.add({"AWS::Cognito::UserPoolUser", create_user, {}, remove_user, {}});
    types.add({"AWS::Cognito::UserPoolUserToGroupAttachment",
               create_membership,
               {},
               remove_membership,
               {}});
    types.add({"AWS::Cognito::UserPoolDomain", create_domain, {}, remove_domain, {}});
    types.add({"AWS::Cognito::IdentityPool",
               create_identity_pool,
               update_identity_pool,
               remove_identity_pool,
               {}});
    types.add({"AWS::Cognito::IdentityPoolRoleAttachment", attach_roles, attach_roles, forget, {}});
}

}  // namespace skafu::cognito::resources

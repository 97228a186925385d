#include "cognito/operations.h"

namespace skafu::cognito {
namespace {

void copy_client_settings(const Json& input, Json& client) {
    copy_members(input, client,
                 {"ClientName",
                  "RefreshTokenValidity",
                  "AccessTokenValidity",
                  "IdTokenValidity",
                  "TokenValidityUnits",
                  "ReadAttributes",
                  "WriteAttributes",
                  "ExplicitAuthFlows",
                  "SupportedIdentityProviders",
                  "CallbackURLs",
                  "LogoutURLs",
                  "DefaultRedirectURI",
                  "AllowedOAuthFlows",
                  "AllowedOAuthScopes",
                  "AllowedOAuthFlowsUserPoolClient",
                  "AnalyticsConfiguration",
                  "PreventUserExistenceErrors",
                  "EnableTokenRevocation",
                  "EnablePropagateAdditionalUserContextData",
                  "AuthSessionValidity"});
}

Json create_client(Store& store, Context& context, const Json& input) {
    const std::string pool_id = required(input, "UserPoolId");
    store.pool(context.caller.scope(), pool_id);
    const std::string id = store.cloud.entropy().lower_alphanumeric(26);
    Json client = {{"UserPoolId", pool_id}, {"ClientName", required(input, "ClientName")}};
    client["ClientId"] = id;
    const Json* secret = find_member(input, "GenerateSecret");
    if (secret && *secret == true) {
        client["ClientSecret"] = store.cloud.entropy().lower_alphanumeric(51);
    }
    client["LastModifiedDate"] = store.now();
    client["CreationDate"] = store.now();
    client["RefreshTokenValidity"] = 30;
    client["TokenValidityUnits"] = Json::object();
    client["AllowedOAuthFlowsUserPoolClient"] = false;
    client["EnableTokenRevocation"] = true;
    client["EnablePropagateAdditionalUserContextData"] = false;
    client["AuthSessionValidity"] = 3;
    copy_client_settings(input, client);
    store.clients.put(context.caller.scope(), id, client);
    return {{"UserPoolClient", client}};
}

const Json& client_of(Store& store, Context& context, const Json& input) {
    const std::string pool_id = required(input, "UserPoolId");
    const std::string id = required(input, "ClientId");
    store.pool(context.caller.scope(), pool_id);
    const Json& client = store.client(context.caller.scope(), id);
    if (string_member(client, "UserPoolId") != pool_id) {
        throw resource_not_found("User pool client " + id + " does not exist.");
    }
    return client;
}

Json describe_client(Store& store, Context& context, const Json& input) {
    return {{"UserPoolClient", client_of(store, context, input)}};
}

Json update_client(Store& store, Context& context, const Json& input) {
    Json client = client_of(store, context, input);
    copy_client_settings(input, client);
    client["LastModifiedDate"] = store.now();
    store.clients.put(context.caller.scope(), text(input, "ClientId"), client);
    return {{"UserPoolClient", client}};
}

Json delete_client(Store& store, Context& context, const Json& input) {
    client_of(store, context, input);
    store.clients.erase(context.caller.scope(), text(input, "ClientId"));
    return Json::object();
}

Json list_clients(Store& store, Context& context, const Json& input) {
    const std::string pool_id = required(input, "UserPoolId");
    store.pool(context.caller.scope(), pool_id);
    std::vector<Json> items;
    store.clients.for_each(context.caller.scope(), [&](const std::string&, const Json& client) {
        if (string_member(client, "UserPoolId") == pool_id) {
            Json item = Json::object();
            copy_members(client, item, {"ClientId", "UserPoolId", "ClientName"});
            items.push_back(std::move(item));
        }
        return true;
    });
    return page(std::move(items), "UserPoolClients", input, "MaxResults", "NextToken", 60);
}

}  // namespace

void add_client_operations(Service& service, Store& store) {
    add(service, store, "CreateUserPoolClient", create_client);
    add(service, store, "DescribeUserPoolClient", describe_client);
    add(service, store, "UpdateUserPoolClient", update_client);
    add(service, store, "DeleteUserPoolClient", delete_client);
    add(service, store, "ListUserPoolClients", list_clients);
}

}  // namespace skafu::cognito

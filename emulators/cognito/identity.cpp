#include "cognito/operations.h"

// Identity pools (cognito-identity), narrowly: they hand out identities and fake credentials.

namespace skafu::cognito {
namespace {

const Json& pool_of(Store& store, Context& context, const Json& input) {
    const std::string id = required(input, "IdentityPoolId");
    const Json* found = store.identity_pools.find(context.caller.scope(), id);
    if (!found) throw resource_not_found("IdentityPool '" + id + "' not found.");
    return *found;
}

Json shown(Json pool) {
    pool.erase("private");
    return pool;
}

void copy_identity_settings(const Json& input, Json& pool) {
    copy_members(input, pool,
                 {"IdentityPoolName", "AllowUnauthenticatedIdentities", "AllowClassicFlow",
                  "SupportedLoginProviders", "DeveloperProviderName", "OpenIdConnectProviderARNs",
                  "CognitoIdentityProviders", "SamlProviderARNs", "IdentityPoolTags"});
}

Json create_identity_pool(Store& store, Context& context, const Json& input) {
    const std::string id = context.caller.region + ":" + store.cloud.entropy().uuid();
    Json pool = {{"IdentityPoolId", id}};
    copy_identity_settings(input, pool);
    store.identity_pools.put(context.caller.scope(), id, pool);
    return pool;
}

Json describe_identity_pool(Store& store, Context& context, const Json& input) {
    return shown(pool_of(store, context, input));
}

Json update_identity_pool(Store& store, Context& context, const Json& input) {
    Json pool = pool_of(store, context, input);
    copy_identity_settings(input, pool);
    store.identity_pools.put(context.caller.scope(), text(input, "IdentityPoolId"), pool);
    return shown(pool);
}

Json delete_identity_pool(Store& store, Context& context, const Json& input) {
    pool_of(store, context, input);
    store.identity_pools.erase(context.caller.scope(), text(input, "IdentityPoolId"));
    return Json::object();
}

Json list_identity_pools(Store& store, Context& context, const Json& input) {
    std::vector<Json> items;
    store.identity_pools.for_each(
        context.caller.scope(), [&](const std::string&, const Json& pool) {
            Json item = Json::object();
            copy_members(pool, item, {"IdentityPoolId", "IdentityPoolName"});
            items.push_back(std::move(item));
            return true;
        });
    return page(std::move(items), "IdentityPools", input, "MaxResults", "NextToken", 60);
}

Json set_roles(Store& store, Context& context, const Json& input) {
    Json pool = pool_of(store, context, input);
    copy_members(input, pool["private"], {"Roles", "RoleMappings"});
    store.identity_pools.put(context.caller.scope(), text(input, "IdentityPoolId"), pool);
    return Json::object();
}

Json get_roles(Store& store, Context& context, const Json& input) {
    const Json& pool = pool_of(store, context, input);
    Json result = {{"IdentityPoolId", text(input, "IdentityPoolId")}, {"Roles", Json::object()}};
    if (const Json* hidden = find_member(pool, "private")) {
        copy_members(*hidden, result, {"Roles", "RoleMappings"});
    }
    return result;
}

/// One identity for each login, or a new one without any.
Json get_id(Store& store, Context& context, const Json& input) {
    const Json& pool = pool_of(store, context, input);
    const Json* logins = find_member(input, "Logins");
    const bool anonymous = !logins || !logins->is_object() || logins->empty();
    const Json* allowed = find_member(pool, "AllowUnauthenticatedIdentities");
    if (anonymous && (!allowed || *allowed != true)) {
        throw not_authorized("Unauthenticated access is not supported for this identity pool.");
    }
    std::string login;
    if (!anonymous) {
        for (const auto& [provider, token] : logins->items()) {
            const auto parsed = jwt::parse(token.is_string() ? token.get<std::string>() : "");
            if (!parsed)
                throw not_authorized(
                    "Invalid login token. Not a valid OpenId Connect identity token.");
            login = provider + "/" + string_member(parsed->claims, "sub");
        }
        const Json* known = store.identities.find(context.caller.scope(), login);
        if (known) return {{"IdentityId", known->at("IdentityId")}};
    }
    const std::string id = context.caller.region + ":" + store.cloud.entropy().uuid();
    const std::string key = login.empty() ? id : login;
    store.identities.put(context.caller.scope(), key,
                         {{"IdentityId", id}, {"IdentityPoolId", text(input, "IdentityPoolId")}});
    return {{"IdentityId", id}};
}

Json get_credentials(Store& store, Context&, const Json& input) {
    Entropy& entropy = store.cloud.entropy();
    return {{"IdentityId", required(input, "IdentityId")},
            {"Credentials",
             {{"AccessKeyId", "ASIA" + entropy.upper_alphanumeric(16)},
              {"SecretKey", entropy.lower_alphanumeric(40)},
              {"SessionToken", entropy.lower_alphanumeric(200)},
              {"Expiration", store.now() + 3600}}}};
}

}  // namespace

void register_identity(Cloud& cloud, Store& store) {
    Service service;
    service.name = "cognito-identity";
    service.protocols = {Protocol::json_1_1};
    service.target_prefix = "AWSCognitoIdentityService";
    service.signing_names = {"cognito-identity"};
    service.sdk_names = {"cognitoidentity"};
    service.describe = [&store](Service& service) {
        add(service, store, "CreateIdentityPool", create_identity_pool);
        add(service, store, "DescribeIdentityPool", describe_identity_pool);
        add(service, store, "UpdateIdentityPool", update_identity_pool);
        add(service, store, "DeleteIdentityPool", delete_identity_pool);
        add(service, store, "ListIdentityPools", list_identity_pools);
        add(service, store, "SetIdentityPoolRoles", set_roles);
        add(service, store, "GetIdentityPoolRoles", get_roles);
        add(service, store, "GetId", get_id);
        add(service, store, "GetCredentialsForIdentity", get_credentials);
    };
    cloud.add_service(std::move(service));
}

}  // namespace skafu::cognito

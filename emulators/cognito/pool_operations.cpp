#include <re2/re2.h>

#include "cognito/operations.h"

namespace skafu::cognito {
namespace {

struct StandardAttribute {
    std::string_view name;
    std::string_view type;
    bool mutable_;
};

constexpr StandardAttribute kStandard[] = {{"sub", "String", false},
                                           {"name", "String", true},
                                           {"given_name", "String", true},
                                           {"family_name", "String", true},
                                           {"middle_name", "String", true},
                                           {"nickname", "String", true},
                                           {"preferred_username", "String", true},
                                           {"profile", "String", true},
                                           {"picture", "String", true},
                                           {"website", "String", true},
                                           {"email", "String", true},
                                           {"email_verified", "Boolean", true},
                                           {"gender", "String", true},
                                           {"birthdate", "String", true},
                                           {"zoneinfo", "String", true},
                                           {"locale", "String", true},
                                           {"phone_number", "String", true},
                                           {"phone_number_verified", "Boolean", true},
                                           {"address", "String", true},
                                           {"updated_at", "Number", true},
                                           {"identities", "String", true}};

Json standard_attribute(const StandardAttribute& standard) {
    Json attribute = {{"Name", standard.name},
                      {"AttributeDataType", standard.type},
                      {"DeveloperOnlyAttribute", false},
                      {"Mutable", standard.mutable_},
                      {"Required", standard.name == "sub"}};
    if (standard.type == "String") {
        attribute["StringAttributeConstraints"] = {
            {"MinLength", standard.name == "sub" ? "1" : "0"}, {"MaxLength", "2048"}};
    }
    return attribute;
}

bool is_standard(std::string_view name) {
    return std::any_of(std::begin(kStandard), std::end(kStandard),
                       [name](const StandardAttribute& one) { return one.name == name; });
}

void add_schema(Json& schema, const Json& given, std::string_view prefix) {
    Json attribute = given;
    const std::string name = string_member(given, "Name");
    if (!is_standard(name)) {
        const bool developer = find_member(given, "DeveloperOnlyAttribute") &&
                               given.at("DeveloperOnlyAttribute") == true;
        if (!name.starts_with("custom:")) {
            attribute["Name"] = (developer ? "dev:" : "") + std::string(prefix) + name;
        }
        if (!find_member(attribute, "AttributeDataType")) attribute["AttributeDataType"] = "String";
        if (!find_member(attribute, "DeveloperOnlyAttribute")) {
            attribute["DeveloperOnlyAttribute"] = false;
        }
        if (!find_member(attribute, "Mutable")) attribute["Mutable"] = true;
        attribute["Required"] = false;
        schema.push_back(std::move(attribute));
        return;
    }
    for (Json& known : schema) {
        if (string_member(known, "Name") != name) continue;
        for (const auto& [member, value] : given.items()) known[member] = value;
    }
}

Json schema_of(const Json& input) {
    Json schema = Json::array();
    for (const StandardAttribute& standard : kStandard) {
        schema.push_back(standard_attribute(standard));
    }
    const Json* given = find_member(input, "Schema");
    if (given && given->is_array()) {
        for (const Json& attribute : *given) add_schema(schema, attribute, "custom:");
    }
    return schema;
}

Json password_policy(const Json& input) {
    Json policy = {{"MinimumLength", 8},       {"RequireUppercase", true},
                   {"RequireLowercase", true}, {"RequireNumbers", true},
                   {"RequireSymbols", true},   {"TemporaryPasswordValidityDays", 7}};
    const Json* policies = find_member(input, "Policies");
    const Json* given = policies ? find_member(*policies, "PasswordPolicy") : nullptr;
    if (!given || !given->is_object()) return policy;
    for (const char* flag :
         {"RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols"}) {
        policy[flag] = false;
    }
    for (const auto& [name, value] : given->items()) policy[name] = value;
    return policy;
}

void copy_settings(const Json& input, Json& pool) {
    copy_members(input, pool,
                 {"DeletionProtection",
                  "LambdaConfig",
                  "AutoVerifiedAttributes",
                  "AliasAttributes",
                  "UsernameAttributes",
                  "SmsVerificationMessage",
                  "EmailVerificationMessage",
                  "EmailVerificationSubject",
                  "VerificationMessageTemplate",
                  "SmsAuthenticationMessage",
                  "UserAttributeUpdateSettings",
                  "MfaConfiguration",
                  "DeviceConfiguration",
                  "EmailConfiguration",
                  "SmsConfiguration",
                  "UserPoolTags",
                  "AdminCreateUserConfig",
                  "UserPoolAddOns",
                  "UsernameConfiguration",
                  "AccountRecoverySetting",
                  "UserPoolTier"});
}

Json create_pool(Store& store, Context& context, const Json& input) {
    const Caller& caller = context.caller;
    const std::string name = required(input, "PoolName");
    static const re2::RE2 valid_name(R"re([\w\s+=,.@-]{1,128})re");
    if (!re2::RE2::FullMatch(name, valid_name)) {
        throw invalid_parameter(
            fmt::format("1 validation error detected: Value '{}' at 'poolName' failed to satisfy "
                        "constraint: Member must satisfy regular expression pattern: "
                        "[\\w\\s+=,.@-]+",
                        name));
    }
    // A fixed id, so that configurations stay valid from start to start.
    const Json* tags = find_member(input, "UserPoolTags");
    std::string id = tags ? string_member(*tags, "_custom_id_") : "";
    if (id.empty()) {
        id = caller.region + "_" +
             store.cloud.entropy().pick(
                 9, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    }
    Json pool = {{"Id", id},
                 {"Name", name},
                 {"Policies", {{"PasswordPolicy", password_policy(input)}}},
                 {"DeletionProtection", "INACTIVE"},
                 {"LambdaConfig", Json::object()},
                 {"LastModifiedDate", store.now()},
                 {"CreationDate", store.now()},
                 {"SchemaAttributes", schema_of(input)},
                 {"MfaConfiguration", "OFF"},
                 {"EstimatedNumberOfUsers", 0},
                 {"EmailConfiguration", {{"EmailSendingAccount", "COGNITO_DEFAULT"}}},
                 {"UserPoolTags", Json::object()},
                 {"AdminCreateUserConfig",
                  {{"AllowAdminCreateUserOnly", false}, {"UnusedAccountValidityDays", 7}}}};
    copy_settings(input, pool);
    pool["Arn"] =
        fmt::format("arn:aws:cognito-idp:{}:{}:userpool/{}", caller.region, caller.account, id);
    store.pools.put(caller.scope(), id, pool);
    return {{"UserPool", pool}};
}

Json describe_pool(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string id = required(input, "UserPoolId");
    Json pool = store.pool(scope, id);
    pool["EstimatedNumberOfUsers"] = store.parts(store.users, scope, id).size();
    return {{"UserPool", std::move(pool)}};
}

Json list_pools(Store& store, Context& context, const Json& input) {
    std::vector<Json> items;
    store.pools.for_each(context.caller.scope(), [&](const std::string&, const Json& pool) {
        Json item = Json::object();
        copy_members(pool, item,
                     {"Id", "Name", "LambdaConfig", "LastModifiedDate", "CreationDate"});
        items.push_back(std::move(item));
        return true;
    });
    return page(std::move(items), "UserPools", input, "MaxResults", "NextToken", 60);
}

Json update_pool(Store& store, Context& context, const Json& input) {
    const std::string id = required(input, "UserPoolId");
    Json pool = store.pool(context.caller.scope(), id);
    copy_settings(input, pool);
    copy_members(input, pool, {"Name"});
    if (find_member(input, "PoolName")) pool["Name"] = input.at("PoolName");
    if (find_member(input, "Policies")) {
        pool["Policies"]["PasswordPolicy"] = password_policy(input);
    }
    pool["LastModifiedDate"] = store.now();
    store.pools.put(context.caller.scope(), id, std::move(pool));
    return Json::object();
}

void erase_parts(Collection& collection, const Scope& scope, const std::string& pool_id) {
    std::vector<std::string> keys;
    collection.for_each(
        scope,
        [&](const std::string& key, const Json&) {
            if (!key.starts_with(pool_id + "/")) return false;
            keys.push_back(key);
            return true;
        },
        pool_id + "/");
    for (const std::string& key : keys) collection.erase(scope, key);
}

Json delete_pool(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string id = required(input, "UserPoolId");
    if (string_member(store.pool(scope, id), "DeletionProtection") == "ACTIVE") {
        throw invalid_parameter(
            "The user pool cannot be deleted because deletion protection is activated. Deletion "
            "protection must be inactivated first.");
    }
    for (const Json& user : store.parts(store.users, scope, id)) {
        store.erase_user(scope, id, string_member(user, "Username"));
    }
    erase_parts(store.groups, scope, id);
    erase_parts(store.providers, scope, id);
    std::vector<std::string> clients;
    store.clients.for_each(scope, [&](const std::string& key, const Json& client) {
        if (string_member(client, "UserPoolId") == id) clients.push_back(key);
        return true;
    });
    for (const std::string& client : clients) store.clients.erase(scope, client);
    store.pools.erase(scope, id);
    return Json::object();
}

Json add_custom_attributes(Store& store, Context& context, const Json& input) {
    const std::string id = required(input, "UserPoolId");
    Json pool = store.pool(context.caller.scope(), id);
    const Json* given = find_member(input, "CustomAttributes");
    if (given && given->is_array()) {
        for (const Json& attribute : *given) {
            add_schema(pool["SchemaAttributes"], attribute, "custom:");
        }
    }
    store.pools.put(context.caller.scope(), id, std::move(pool));
    return Json::object();
}

Json set_mfa(Store& store, Context& context, const Json& input) {
    const std::string id = required(input, "UserPoolId");
    Json pool = store.pool(context.caller.scope(), id);
    copy_members(input, pool, {"MfaConfiguration"});
    Json result = {{"MfaConfiguration", pool["MfaConfiguration"]}};
    store.pools.put(context.caller.scope(), id, std::move(pool));
    return result;
}

Json get_mfa(Store& store, Context& context, const Json& input) {
    const Json& pool = store.pool(context.caller.scope(), required(input, "UserPoolId"));
    return {{"MfaConfiguration", pool.at("MfaConfiguration")}};
}

Json create_domain(Store& store, Context& context, const Json& input) {
    const std::string id = required(input, "UserPoolId");
    const std::string domain = required(input, "Domain");
    store.pool(context.caller.scope(), id);
    if (store.domains.find(context.caller.scope(), domain)) {
        throw invalid_parameter("Domain already associated with another user pool.");
    }
    Json document = {{"UserPoolId", id},
                     {"AWSAccountId", context.caller.account},
                     {"Domain", domain},
                     {"Status", "ACTIVE"},
                     {"CloudFrontDistribution", domain + ".cloudfront.net"}};
    copy_members(input, document, {"CustomDomainConfig"});
    store.domains.put(context.caller.scope(), domain, document);
    Json pool = store.pool(context.caller.scope(), id);
    pool["Domain"] = domain;
    store.pools.put(context.caller.scope(), id, std::move(pool));
    return Json::object();
}

Json describe_domain(Store& store, Context& context, const Json& input) {
    const Json* found = store.domains.find(context.caller.scope(), required(input, "Domain"));
    return {{"DomainDescription", found ? *found : Json::object()}};
}

Json delete_domain(Store& store, Context& context, const Json& input) {
    const std::string id = text(input, "UserPoolId");
    store.domains.erase(context.caller.scope(), required(input, "Domain"));
    if (const Json* known = store.pools.find(context.caller.scope(), id)) {
        Json pool = *known;
        pool.erase("Domain");
        store.pools.put(context.caller.scope(), id, std::move(pool));
    }
    return Json::object();
}

std::string pool_of_arn(const Json& input) {
    const std::string arn = required(input, "ResourceArn");
    return arn.substr(arn.rfind('/') + 1);
}

Json list_tags(Store& store, Context& context, const Json& input) {
    const Json& pool = store.pool(context.caller.scope(), pool_of_arn(input));
    return {{"Tags", pool.at("UserPoolTags")}};
}

Json tag(Store& store, Context& context, const Json& input) {
    Json pool = store.pool(context.caller.scope(), pool_of_arn(input));
    const Json* tags = find_member(input, "Tags");
    if (tags) {
        for (const auto& [name, value] : tags->items()) pool["UserPoolTags"][name] = value;
    }
    store.pools.put(context.caller.scope(), pool_of_arn(input), std::move(pool));
    return Json::object();
}

Json untag(Store& store, Context& context, const Json& input) {
    Json pool = store.pool(context.caller.scope(), pool_of_arn(input));
    if (const Json* keys = find_member(input, "TagKeys")) {
        for (const Json& key : *keys) pool["UserPoolTags"].erase(key.get<std::string>());
    }
    store.pools.put(context.caller.scope(), pool_of_arn(input), std::move(pool));
    return Json::object();
}

}  // namespace

void add_pool_operations(Service& service, Store& store) {
    add(service, store, "CreateUserPool", create_pool);
    add(service, store, "DescribeUserPool", describe_pool);
    add(service, store, "ListUserPools", list_pools);
    add(service, store, "UpdateUserPool", update_pool);
    add(service, store, "DeleteUserPool", delete_pool);
    add(service, store, "AddCustomAttributes", add_custom_attributes);
    add(service, store, "SetUserPoolMfaConfig", set_mfa);
    add(service, store, "GetUserPoolMfaConfig", get_mfa);
    add(service, store, "CreateUserPoolDomain", create_domain);
    add(service, store, "DescribeUserPoolDomain", describe_domain);
    add(service, store, "DeleteUserPoolDomain", delete_domain);
    add(service, store, "ListTagsForResource", list_tags);
    add(service, store, "TagResource", tag);
    add(service, store, "UntagResource", untag);
}

}  // namespace skafu::cognito

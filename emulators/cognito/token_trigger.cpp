#include "cognito/token_trigger.h"

#include "cognito/triggers.h"

namespace skafu::cognito {
namespace {

constexpr std::string_view kScope = "aws.cognito.signin.user.admin";

/// Claims that functions cannot change ("Pre token generation Lambda trigger").
bool is_fixed(std::string_view claim) {
    static constexpr std::string_view kFixed[] = {
        "acr",       "amr",      "aud",        "at_hash",    "auth_time",       "azp",
        "client_id", "exp",      "iat",        "iss",        "identities",      "jti",
        "nbf",       "nonce",    "origin_jti", "sub",        "scope",           "token_use",
        "username",  "event_id", "version",    "device_key", "cognito:username"};
    return claim.starts_with("dev:") ||
           std::find(std::begin(kFixed), std::end(kFixed), claim) != std::end(kFixed);
}

const Json* object_in(const Json& parent, std::string_view name) {
    const Json* value = find_member(parent, name);
    if (!value || value->is_null()) return nullptr;
    if (!value->is_object()) throw unrecognizable_output();
    return value;
}

/// A list of strings; empty where there is none.
Json strings_in(const Json& parent, std::string_view name) {
    const Json* value = find_member(parent, name);
    if (!value || value->is_null()) return Json::array();
    if (!value->is_array()) throw unrecognizable_output();
    for (const Json& item : *value) {
        if (!item.is_string()) throw unrecognizable_output();
    }
    return *value;
}

Json changes_of(const Json& details, bool only_strings) {
    Json changes = {{"claimsToAddOrOverride", Json::object()},
                    {"claimsToSuppress", strings_in(details, "claimsToSuppress")},
                    {"scopesToAdd", strings_in(details, "scopesToAdd")},
                    {"scopesToSuppress", strings_in(details, "scopesToSuppress")}};
    const Json* claims = object_in(details, "claimsToAddOrOverride");
    if (!claims) return changes;
    for (const auto& [name, value] : claims->items()) {
        const bool plain = !only_strings || value.is_string();
        if (!plain && value.is_structured()) throw unrecognizable_output();
        changes["claimsToAddOrOverride"][name] = plain ? value : Json(to_text(value));
    }
    return changes;
}

/// The groups that the details leave. An empty configuration takes all of them away, none at all
/// leaves them as they are.
std::optional<Groups> groups_in(const Json& details) {
    if (!find_member(details, "groupOverrideDetails")) return std::nullopt;
    Groups groups;
    const Json* given = object_in(details, "groupOverrideDetails");
    if (!given) return groups;
    groups.names = strings_in(*given, "groupsToOverride");
    groups.roles = strings_in(*given, "iamRolesToOverride");
    groups.preferred_role = string_member(*given, "preferredRole");
    return groups;
}

void change_scopes(Json& claims, const Json& changes) {
    const Json* given = find_member(claims, "scope");
    if (!given) return;
    std::vector<std::string> scopes = {given->get<std::string>()};
    for (const Json& scope : changes.at("scopesToAdd")) scopes.push_back(scope.get<std::string>());
    for (const Json& scope : changes.at("scopesToSuppress")) {
        std::erase(scopes, scope.get<std::string>());
    }
    claims["scope"] = fmt::format("{}", fmt::join(scopes, " "));
}

}  // namespace

Task<TokenChanges> token_changes(Store& store, Context& context, Json pool, std::string client_id,
                                 Json user, Groups groups, SignIn sign_in) {
    TokenChanges changes;
    const TriggerTarget target = trigger_target(pool, "PreTokenGeneration");
    if (target.function.empty()) co_return changes;
    const bool first_version = target.version == "1";
    const std::string_view member =
        first_version ? "claimsOverrideDetails" : "claimsAndScopeOverrideDetails";
    Trigger trigger;
    trigger.name = "PreTokenGeneration";
    trigger.source = sign_in.trigger_source;
    trigger.client_id = std::move(client_id);
    trigger.username = string_member(user, "Username");
    trigger.request = std::move(sign_in.trigger_request);
    trigger.request["userAttributes"] = trigger_attributes(user);
    trigger.request["groupConfiguration"] = {
        {"groupsToOverride", groups.names},
        {"iamRolesToOverride", groups.roles},
        {"preferredRole", groups.preferred_role.empty() ? Json() : Json(groups.preferred_role)}};
    if (!first_version) trigger.request["scopes"] = Json::array({kScope});
    trigger.response = Json::object();
    trigger.response[std::string(member)] = nullptr;
    const Json response = co_await run_trigger(store, context, std::move(pool), std::move(trigger));
    const Json* details = object_in(response, member);
    if (!details) co_return changes;
    changes.groups = groups_in(*details);
    if (first_version) {
        changes.id_token = changes_of(*details, true);
        co_return changes;
    }
    if (const Json* id = object_in(*details, "idTokenGeneration")) {
        changes.id_token = changes_of(*id, false);
    }
    if (const Json* access = object_in(*details, "accessTokenGeneration")) {
        changes.access_token = changes_of(*access, false);
    }
    co_return changes;
}

void change_claims(Json& claims, const Json& changes) {
    if (changes.empty()) return;
    for (const auto& [name, value] : changes.at("claimsToAddOrOverride").items()) {
        if (!is_fixed(name)) claims[name] = value;
    }
    // What is both added and suppressed is suppressed.
    for (const Json& name : changes.at("claimsToSuppress")) {
        const std::string claim = name.get<std::string>();
        if (!is_fixed(claim)) claims.erase(claim);
    }
    change_scopes(claims, changes);
}

}  // namespace skafu::cognito

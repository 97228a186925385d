#include "cognito/operations.h"
#include "cognito/token_trigger.h"
#include "core/base64.h"
#include "core/digest.h"

// The tokens of user pools ("Using tokens with user pools", Cognito developer guide).

namespace skafu::cognito {
namespace {

/// How long a kind of token lives, in seconds.
double lifetime(const Json& client, std::string_view kind, double fallback,
                std::string_view fallback_unit) {
    const Json* given = find_member(client, std::string(kind) + "Validity");
    const Json* units = find_member(client, "TokenValidityUnits");
    std::string unit = units ? string_member(*units, kind) : "";
    if (!given || !given->is_number() || given->get<double>() <= 0) return fallback;
    if (unit.empty()) unit = fallback_unit;
    const double factor = unit == "seconds"   ? 1
                          : unit == "minutes" ? 60
                          : unit == "hours"   ? 3600
                                              : 86400;
    return given->get<double>() * factor;
}

Groups groups_of(Store& store, const Scope& scope, const std::string& pool_id, const Json& user) {
    constexpr double kLast = 1e9;
    std::vector<std::pair<double, Json>> ordered;
    for (const Json& name : user.at("private").at("groups")) {
        const Json* group = store.groups.find(scope, pool_id + "/" + name.get<std::string>());
        if (!group) continue;
        const Json* precedence = find_member(*group, "Precedence");
        ordered.emplace_back(
            precedence && precedence->is_number() ? precedence->get<double>() : kLast, *group);
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Groups groups;
    for (const auto& [precedence, group] : ordered) {
        groups.names.push_back(group.at("GroupName"));
        const std::string role = string_member(group, "RoleArn");
        if (!role.empty()) groups.roles.push_back(role);
    }
    const bool has_first =
        !ordered.empty() && (ordered.size() == 1 || ordered[0].first < ordered[1].first);
    if (has_first) groups.preferred_role = string_member(ordered[0].second, "RoleArn");
    return groups;
}

/// What both tokens carry.
Json common_claims(const Json& user, const Json& groups, const std::string& issuer) {
    Json claims = {{"sub", attribute(user, "sub")}};
    if (!groups.empty()) claims["cognito:groups"] = groups;
    claims["iss"] = issuer;
    return claims;
}

Json claim_value(const std::string& name, const Json& value) {
    if (name == "email_verified" || name == "phone_number_verified") return value == "true";
    return value;
}

}  // namespace

Task<Json> issue_tokens(Store& store, Context& context, Scope scope, std::string pool_id,
                        std::string client_id, std::string username, SignIn earlier) {
    const jwt::SigningKey key = co_await store.signing_key();
    const std::string kid = co_await store.key_id(pool_id);
    const Json client = store.client(scope, client_id);
    const Json user = store.user(scope, pool_id, username);
    Entropy& entropy = store.cloud.entropy();
    const auto now = static_cast<std::int64_t>(store.now());
    const auto access_life =
        static_cast<std::int64_t>(lifetime(client, "AccessToken", 3600, "hours"));
    const auto id_life = static_cast<std::int64_t>(lifetime(client, "IdToken", 3600, "hours"));
    const auto refresh_life =
        static_cast<std::int64_t>(lifetime(client, "RefreshToken", 30 * 86400.0, "days"));
    Groups groups = groups_of(store, scope, pool_id, user);
    const TokenChanges changes = co_await token_changes(store, context, store.pool(scope, pool_id),
                                                        client_id, user, groups, earlier);
    if (changes.groups) groups = *changes.groups;
    const std::string issuer =
        fmt::format("https://cognito-idp.{}.amazonaws.com/{}", scope.region, pool_id);
    const bool refreshed = !earlier.origin.empty();
    const std::string origin = refreshed ? earlier.origin : entropy.uuid();
    const std::string event_id = refreshed ? earlier.event_id : entropy.uuid();
    const std::int64_t signed_in = refreshed ? earlier.time : now;

    Json access = common_claims(user, groups.names, issuer);
    access["client_id"] = client_id;
    access["origin_jti"] = origin;
    access["event_id"] = event_id;
    access["token_use"] = "access";
    access["scope"] = "aws.cognito.signin.user.admin";
    access["auth_time"] = signed_in;
    access["exp"] = now + access_life;
    access["iat"] = now;
    access["jti"] = entropy.uuid();
    access["username"] = user.at("Username");

    Json id = common_claims(user, groups.names, issuer);
    if (!groups.roles.empty()) id["cognito:roles"] = groups.roles;
    if (!groups.preferred_role.empty()) id["cognito:preferred_role"] = groups.preferred_role;
    id["cognito:username"] = user.at("Username");
    id["origin_jti"] = origin;
    id["aud"] = client_id;
    id["event_id"] = event_id;
    id["token_use"] = "id";
    id["auth_time"] = signed_in;
    id["exp"] = now + id_life;
    id["iat"] = now;
    id["jti"] = entropy.uuid();
    for (const auto& [name, value] : user.at("Attributes").items()) {
        if (name != "sub") id[name] = claim_value(name, value);
    }
    change_claims(id, changes.id_token);
    change_claims(access, changes.access_token);

    Json result = {{"AccessToken", key.sign(kid, access)},
                   {"ExpiresIn", access_life},
                   {"TokenType", "Bearer"},
                   {"IdToken", key.sign(kid, id)}};
    context.activity.note(string_member(user, "Username"));
    if (refreshed) co_return result;
    const std::string refresh = base64url_encode(entropy.bytes(192));
    result["RefreshToken"] = refresh;
    store.refresh_tokens.put(scope, digest::hex(digest::sha256(refresh)),
                             {{"poolId", pool_id},
                              {"clientId", client_id},
                              {"username", user.at("Username")},
                              {"issued", store.now()},
                              {"origin", origin},
                              {"eventId", event_id},
                              {"expires", now + refresh_life}});
    co_return result;
}

Task<Bearer> bearer_of(Store& store, const Caller& caller, std::string access_token) {
    const std::optional<jwt::Token> token = jwt::parse(access_token);
    if (!token || string_member(token->claims, "token_use") != "access") {
        throw not_authorized("Invalid Access Token");
    }
    const std::string issuer = string_member(token->claims, "iss");
    Bearer bearer;
    bearer.pool_id = issuer.substr(issuer.rfind('/') + 1);
    bearer.client_id = string_member(token->claims, "client_id");
    bearer.username = string_member(token->claims, "username");
    bearer.scope = store.scope_of_pool(caller, bearer.pool_id);
    const jwt::SigningKey key = co_await store.signing_key();
    const jwt::VerifyingKey check = jwt::VerifyingKey::from_jwk(key.public_jwk(""));
    if (!check.accepts(*token)) throw not_authorized("Invalid Access Token");
    const Json* expiry = find_member(token->claims, "exp");
    if (!expiry || !expiry->is_number() || expiry->get<double>() <= store.now()) {
        throw not_authorized("Access Token has expired");
    }
    const Json* user = store.find_user(bearer.scope, bearer.pool_id, bearer.username);
    if (!user) throw user_not_found();
    if (user->at("Enabled") != true) throw not_authorized("User is disabled.");
    const Json* signed_out = find_member(user->at("private"), "signedOutAt");
    const Json* issued = find_member(token->claims, "iat");
    const bool revoked = signed_out && issued && issued->is_number() &&
                         issued->get<double>() <= signed_out->get<double>();
    if (revoked) throw not_authorized("Access Token has been revoked");
    co_return bearer;
}

}  // namespace skafu::cognito

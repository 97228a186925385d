#include "cognito/store.h"

#include "cognito/errors.h"
#include "core/base64.h"
#include "core/digest.h"

namespace skafu::cognito {
namespace {

constexpr std::string_view kService = "cognito-idp";
constexpr std::int64_t kChallengeLifetimeMs = 3 * 60 * 1000;
constexpr std::size_t kMostChallenges = 10'000;

std::string key_of(const std::string& pool_id, std::string_view name) {
    return fmt::format("{}/{}", pool_id, name);
}

/// Keys of the whole house, not of one account.
const Scope kHouse{"000000000000", "global"};

}  // namespace

Store::Store(Cloud& cloud)
    : cloud(cloud),
      pools(cloud.database(), kService, "pool"),
      clients(cloud.database(), kService, "client"),
      users(cloud.database(), kService, "user"),
      groups(cloud.database(), kService, "group"),
      domains(cloud.database(), kService, "domain"),
      providers(cloud.database(), kService, "provider"),
      refresh_tokens(cloud.database(), kService, "refresh-token"),
      identity_pools(cloud.database(), kService, "identity-pool"),
      identities(cloud.database(), kService, "identity"),
      keys_(cloud.database(), kService, "key") {}

const Json& Store::pool(const Scope& scope, const std::string& pool_id) const {
    const Json* found = pools.find(scope, pool_id);
    if (!found) throw resource_not_found("User pool " + pool_id + " does not exist.");
    return *found;
}

const Json& Store::client(const Scope& scope, const std::string& client_id) const {
    const Json* found = clients.find(scope, client_id);
    if (!found) throw resource_not_found("User pool client " + client_id + " does not exist.");
    return *found;
}

namespace {

Scope scope_of(const Collection& collection, const Caller& caller, const std::string& key) {
    Scope scope = caller.scope();
    if (collection.find(scope, key)) return scope;
    collection.for_each_scope([&](const Scope& other) {
        if (collection.find(other, key)) scope = other;
    });
    return scope;
}

}  // namespace

Scope Store::scope_of_client(const Caller& caller, const std::string& client_id) const {
    return scope_of(clients, caller, client_id);
}

Scope Store::scope_of_pool(const Caller& caller, const std::string& pool_id) const {
    return scope_of(pools, caller, pool_id);
}

Store::Aliases& Store::aliases_of(const Scope& scope, const std::string& pool_id) {
    const std::string key = scope.account + "/" + scope.region + "/" + pool_id;
    const auto [at, added] = aliases_.try_emplace(key);
    if (!added) return at->second;
    for (const Json& user : parts(users, scope, pool_id)) {
        const std::string username = string_member(user, "Username");
        for (const char* name : {"sub", "email", "phone_number", "preferred_username"}) {
            const std::string value = attribute(user, name);
            if (!value.empty()) at->second[lower_case(value)] = username;
        }
    }
    return at->second;
}

const Json* Store::find_user(const Scope& scope, const std::string& pool_id,
                             const std::string& name) {
    const std::string lower = lower_case(name);
    if (const Json* found = users.find(scope, key_of(pool_id, lower))) return found;
    const Aliases& aliases = aliases_of(scope, pool_id);
    const auto alias = aliases.find(lower);
    if (alias == aliases.end()) return nullptr;
    return users.find(scope, key_of(pool_id, lower_case(alias->second)));
}

const Json& Store::user(const Scope& scope, const std::string& pool_id, const std::string& name) {
    const Json* found = find_user(scope, pool_id, name);
    if (!found) throw user_not_found();
    return *found;
}

void Store::put_user(const Scope& scope, const std::string& pool_id, Json user) {
    user["UserLastModifiedDate"] = now();
    const std::string key = key_of(pool_id, lower_case(string_member(user, "Username")));
    users.put(scope, key, std::move(user));
    aliases_.erase(scope.account + "/" + scope.region + "/" + pool_id);
}

void Store::erase_user(const Scope& scope, const std::string& pool_id,
                       const std::string& username) {
    users.erase(scope, key_of(pool_id, lower_case(username)));
    aliases_.erase(scope.account + "/" + scope.region + "/" + pool_id);
}

std::vector<Json> Store::parts(const Collection& collection, const Scope& scope,
                               const std::string& pool_id) const {
    std::vector<Json> found;
    const std::string prefix = pool_id + "/";
    collection.for_each(
        scope,
        [&](const std::string& key, const Json& document) {
            if (!key.starts_with(prefix)) return false;
            found.push_back(document);
            return true;
        },
        prefix);
    return found;
}

std::string Store::remember(Challenge challenge) {
    const std::int64_t now_ms = epoch_millis(cloud.clock().now());
    if (challenges.size() >= kMostChallenges) {
        std::erase_if(challenges, [&](const auto& one) { return one.second.until_ms < now_ms; });
        if (challenges.size() >= kMostChallenges) challenges.clear();
    }
    challenge.until_ms = now_ms + kChallengeLifetimeMs;
    std::string session = base64url_encode(cloud.entropy().bytes(96));
    challenges.emplace(session, std::move(challenge));
    return session;
}

Challenge Store::recall(const std::string& session) {
    const auto found = challenges.find(session);
    const bool valid =
        found != challenges.end() && found->second.until_ms >= epoch_millis(cloud.clock().now());
    if (!valid) throw not_authorized("Invalid session for the user, session is expired.");
    Challenge challenge = std::move(found->second);
    challenges.erase(found);
    return challenge;
}

Task<jwt::SigningKey> Store::signing_key() {
    if (key_) co_return *key_;
    if (const Json* kept = keys_.find(kHouse, "signing")) {
        key_ = jwt::SigningKey::from_pem(string_member(*kept, "pem"));
        co_return *key_;
    }
    std::function<jwt::SigningKey()> work = [] { return jwt::SigningKey::generate(); };
    const jwt::SigningKey made = co_await cloud.in_background(std::move(work));
    if (!key_) {  // another call may have been first
        key_ = made;
        keys_.put(kHouse, "signing", {{"pem", made.pem()}});
    }
    co_return *key_;
}

Task<std::string> Store::key_id(std::string pool_id) {
    const jwt::SigningKey key = co_await signing_key();
    if (key_fingerprint_.empty()) key_fingerprint_ = string_member(key.public_jwk(""), "n");
    co_return base64_encode(digest::sha256(pool_id + key_fingerprint_));
}

void Store::clear_users(const Scope* scope) {
    for (Collection* collection : {&users, &refresh_tokens, &identities}) collection->clear(scope);
    aliases_.clear();
    challenges.clear();
}

void Store::reset(const Scope* scope) {
    clear_users(scope);
    for (Collection* collection :
         {&pools, &clients, &groups, &domains, &providers, &identity_pools}) {
        collection->clear(scope);
    }
}

std::string attribute(const Json& user, std::string_view name) {
    const Json* attributes = find_member(user, "Attributes");
    return attributes ? string_member(*attributes, name) : "";
}

}  // namespace skafu::cognito

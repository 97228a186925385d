#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "core/cloud.h"
#include "core/collection.h"
#include "core/jwt.h"
#include "core/text.h"

namespace skafu::cognito {

/// What a challenge or a pending step remembers until it is answered; gone after minutes.
struct Challenge {
    std::string kind;  ///< "NEW_PASSWORD_REQUIRED", "PASSWORD_VERIFIER"
    std::string pool_id;
    std::string client_id;
    std::string username;
    std::string srp_secret;  ///< the server's private number, hexadecimal
    std::string srp_a;       ///< the client's public number, hexadecimal
    std::string srp_b;       ///< the server's
    std::int64_t until_ms = 0;
};

/// User pools with their clients, groups and users, in the form in which the API shows them;
/// what it never shows stands under "private". Documents of a pool have the key "poolId/name".
class Store {
  public:
    explicit Store(Cloud& cloud);

    Cloud& cloud;
    Collection pools;
    Collection clients;  // by client id alone
    Collection users;
    Collection groups;
    Collection domains;
    Collection providers;
    Collection refresh_tokens;
    Collection identity_pools;
    Collection identities;

    /// Throws ResourceNotFoundException.
    const Json& pool(const Scope& scope, const std::string& pool_id) const;
    const Json& client(const Scope& scope, const std::string& client_id) const;
    /// Of a client id: calls from browsers are not signed, so the account is found by it.
    Scope scope_of_client(const Caller& caller, const std::string& client_id) const;
    Scope scope_of_pool(const Caller& caller, const std::string& pool_id) const;

    /// A user by username or alias (email, phone number, sub); nullptr if there is none.
    const Json* find_user(const Scope& scope, const std::string& pool_id, const std::string& name);
    const Json& user(const Scope& scope, const std::string& pool_id, const std::string& name);
    void put_user(const Scope& scope, const std::string& pool_id, Json user);
    void erase_user(const Scope& scope, const std::string& pool_id, const std::string& username);
    /// All documents of a pool in one collection.
    std::vector<Json> parts(const Collection& collection, const Scope& scope,
                            const std::string& pool_id) const;

    std::unordered_map<std::string, Challenge> challenges;  // by session
    std::string remember(Challenge challenge);
    /// The challenge of a session, taken out. Throws NotAuthorizedException.
    Challenge recall(const std::string& session);

    /// The key that signs all pools' tokens. Made on first use, off the loop, and kept.
    Task<jwt::SigningKey> signing_key();
    /// Its id in a pool's key set.
    Task<std::string> key_id(std::string pool_id);

    double now() const { return epoch_seconds(cloud.clock().now()); }
    void reset(const Scope* scope);
    /// Drops the users of one scope, or all when nullptr, with their tokens; the pools stay.
    void clear_users(const Scope* scope);

  private:
    using Aliases = std::unordered_map<std::string, std::string>;
    Aliases& aliases_of(const Scope& scope, const std::string& pool_id);

    std::unordered_map<std::string, Aliases> aliases_;  // by "account/region/pool"
    Collection keys_;
    std::optional<jwt::SigningKey> key_;
    std::string key_fingerprint_;
};

/// An attribute of a user document; "" if absent.
std::string attribute(const Json& user, std::string_view name);

}  // namespace skafu::cognito

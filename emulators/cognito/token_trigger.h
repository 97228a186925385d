#pragma once

#include <optional>
#include <string>

#include "cognito/operations.h"

namespace skafu::cognito {

/// A user's groups by their precedence, with the roles that identity pools choose from.
struct Groups {
    Json names = Json::array();
    Json roles = Json::array();
    std::string preferred_role;  ///< of the first group, unless another one ranks alike
};

/// What a PreTokenGeneration function wants changed; each token's claims as {claimsToAddOrOverride,
/// claimsToSuppress, scopesToAdd, scopesToSuppress}.
struct TokenChanges {
    std::optional<Groups> groups;
    Json id_token = Json::object();
    Json access_token = Json::object();
};

/// Asks the pool's PreTokenGeneration function, in its event's version 1 (the identity token
/// alone) or a later one (both) ("Pre token generation Lambda trigger").
Task<TokenChanges> token_changes(Store& store, Context& context, Json pool, std::string client_id,
                                 Json user, Groups groups, SignIn sign_in);

/// Applies changes to a token's claims, but for those that are Cognito's own.
void change_claims(Json& claims, const Json& changes);

}  // namespace skafu::cognito

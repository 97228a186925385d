#pragma once

namespace skafu {
class Cloud;
}

namespace skafu::cognito {

/// Amazon Cognito: user pools (service `cognito-idp`), their keys and OpenID configuration at
/// /{poolId}/.well-known/…, and identity pools (`cognito-identity`) narrowly.
/// Its internal operation GetSigningKeys {UserPoolId} -> {keys} is what token checkers ask.
void register_cognito(Cloud& cloud);

}  // namespace skafu::cognito

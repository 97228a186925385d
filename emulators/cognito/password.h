#pragma once

#include <string>

#include "core/entropy.h"
#include "core/json.h"

namespace skafu::cognito {

/// Throws InvalidPasswordException in AWS's words where `password` breaks the pool's policy.
void check_password(const Json& pool, const std::string& password);

/// A password that keeps to every policy, for users made without one.
std::string make_password(Entropy& entropy);

/// What is kept of a password: salted digest and SRP verifier. The digest is fast on purpose:
/// an emulator holds no real people's passwords, and tests sign in many times.
Json protect_password(Entropy& entropy, const std::string& pool_id, const std::string& username,
                      const std::string& password);
bool password_matches(const Json& user, const std::string& password);

/// base64(HMAC-SHA256(client secret, username + client id)), as clients with a secret send it.
std::string secret_hash(const std::string& secret, const std::string& username,
                        const std::string& client_id);

}  // namespace skafu::cognito

#pragma once

#include <string>

#include "core/entropy.h"

/// The server's side of SRP-6a with the 3072-bit group, as Cognito's clients do it
/// ("USER_SRP_AUTH"; RFC 5054 appendix A for the group). Numbers are hexadecimal.
namespace skafu::cognito::srp {

struct Verifier {
    std::string salt;
    std::string verifier;
};

Verifier make_verifier(Entropy& entropy, const std::string& pool_id, const std::string& username,
                       const std::string& password);

struct ServerKey {
    std::string secret;      ///< b
    std::string public_key;  ///< B
};

ServerKey make_server_key(Entropy& entropy, const std::string& verifier);

/// Whether A is acceptable: not zero modulo N.
bool is_valid_public_key(const std::string& a);

/// The signature that a client with the right password gives, as base64.
std::string expected_signature(const std::string& pool_id, const std::string& username,
                               const std::string& verifier, const std::string& client_public,
                               const ServerKey& server, const std::string& secret_block,
                               const std::string& timestamp);

}  // namespace skafu::cognito::srp

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"

/// JSON Web Tokens signed with RS256 (RFC 7519, RFC 7515), and their RSA keys (RFC 7517).
namespace skafu::jwt {

/// A token's parts, read but not checked.
struct Token {
    Json header;
    Json claims;
    std::string signed_part;  ///< the two first parts, which the signature covers
    std::string signature;
};

/// nullopt for a text that is no token.
std::optional<Token> parse(std::string_view text);

/// A 2048-bit RSA key with which tokens are signed. Cheap to copy.
class SigningKey {
  public:
    /// Makes a new one. Takes 50 to 500 ms: not for the loop.
    static SigningKey generate();
    /// Throws std::invalid_argument for what is no private key in PEM.
    static SigningKey from_pem(const std::string& pem);

    std::string pem() const;
    /// The public part as a JSON Web Key: alg, e, kid, kty, n, use.
    Json public_jwk(const std::string& kid) const;
    /// The compact token of `claims`, with alg RS256 and `kid` in its header.
    std::string sign(const std::string& kid, const Json& claims) const;

  private:
    explicit SigningKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
    std::shared_ptr<void> key_;
};

/// The public part, which checks signatures. Cheap to copy.
class VerifyingKey {
  public:
    /// Throws std::invalid_argument for what is no RSA key.
    static VerifyingKey from_jwk(const Json& jwk);

    bool accepts(const Token& token) const;

  private:
    explicit VerifyingKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
    std::shared_ptr<void> key_;
};

}  // namespace skafu::jwt

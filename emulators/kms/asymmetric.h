#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skafu::kms {

/// Whether keys of that spec ("RSA_2048", "ECC_NIST_P256") can be made here.
bool is_asymmetric(std::string_view key_spec);
/// A new private key in DER (PKCS #8).
std::string make_private_key(std::string_view key_spec);
/// Its public half in DER (SubjectPublicKeyInfo).
std::string public_key_of(std::string_view private_key);
/// What can be done with such a key: "RSASSA_PSS_SHA_256" …
std::vector<std::string> signing_algorithms(std::string_view key_spec);

/// What a signature is made of.
enum class MessageKind { kRaw, kDigest };

/// Throws std::runtime_error where OpenSSL cannot (a digest of the wrong length).
std::string sign(std::string_view private_key, std::string_view algorithm, MessageKind kind,
                 std::string_view message);
bool verify(std::string_view private_key, std::string_view algorithm, MessageKind kind,
            std::string_view message, std::string_view signature);

}  // namespace skafu::kms

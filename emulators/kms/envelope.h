#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::kms {

/// A ciphertext that says which key made it.
struct Envelope {
    std::string key_id;  ///< UUID text, 36 characters
    std::string nonce;   ///< 12 bytes
    std::string sealed;  ///< AES-256-GCM ciphertext and 16 bytes of tag
};
std::string to_blob(const Envelope& envelope);
/// nullopt for bytes that are no such ciphertext.
std::optional<Envelope> parse_blob(std::string_view blob);

/// AES-256-GCM; `material` has 32 bytes, `nonce` 12, `context` is authenticated along.
std::string seal(std::string_view material, std::string_view nonce, std::string_view plaintext,
                 const Json& context);
/// nullopt where key, context or ciphertext do not belong together.
std::optional<std::string> unseal(std::string_view material, const Envelope& envelope,
                                  const Json& context);

}  // namespace skafu::kms

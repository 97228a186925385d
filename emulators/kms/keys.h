#pragma once

#include <string>
#include <string_view>

#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::kms {

/// All keys and aliases. A key's document: {metadata: what DescribeKey answers, material (base64),
/// policy, tags, rotates}.
class Keys {
  public:
    explicit Keys(Cloud& cloud);

    Cloud& cloud() const { return cloud_; }

    /// By id, ARN, alias name or alias ARN; `alias/aws/…` keys come into being when they are asked
    /// for. Throws NotFoundException.
    const Json& require(const Caller& caller, std::string_view reference);
    /// The same, and the key must be enabled (DisabledException, KMSInvalidStateException).
    const Json& require_usable(const Caller& caller, std::string_view reference);
    /// Makes a key by the parameters of CreateKey.
    const Json& create(const Caller& caller, const Json& input);
    void save(Json key);
    static std::string id_of(const Json& key);
    static Scope scope_of(const Json& key);

    Collection& keys() { return keys_; }
    Collection& aliases() { return aliases_; }

  private:
    Cloud& cloud_;
    Collection keys_;
    Collection aliases_;  ///< "alias/name" -> {id, created}
};

void add_key_operations(Service& service, Keys& keys);
void add_crypto_operations(Service& service, Keys& keys);
namespace resources {
void add_types(Cloud& cloud);
}

}  // namespace skafu::kms

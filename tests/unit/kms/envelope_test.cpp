#include "kms/envelope.h"

#include <doctest/doctest.h>

#include "kms/asymmetric.h"

using namespace skafu;
using namespace skafu::kms;

TEST_CASE("ciphertexts open with their key, context and bytes only") {
    const std::string key(32, 'k');
    const Json context = {{"b", "2"}, {"a", "1"}};
    const Json reordered = {{"a", "1"}, {"b", "2"}};
    const std::string id = "00000000-0000-4000-8000-000000000000";
    const Envelope envelope = {id, std::string(12, 'n'),
                               seal(key, std::string(12, 'n'), "secret", context)};
    const auto parsed = parse_blob(to_blob(envelope));
    REQUIRE(parsed.has_value());
    CHECK(parsed->key_id == id);
    CHECK(unseal(key, *parsed, reordered) == "secret");
    CHECK_FALSE(unseal(key, *parsed, Json::object()).has_value());
    CHECK_FALSE(unseal(std::string(32, 'x'), *parsed, context).has_value());
    Envelope broken = *parsed;
    broken.sealed[0] = static_cast<char>(broken.sealed[0] ^ 1);
    CHECK_FALSE(unseal(key, broken, context).has_value());
    CHECK_FALSE(parse_blob("short").has_value());
    CHECK_FALSE(parse_blob(std::string(100, 'x')).has_value());
}

TEST_CASE("signatures hold for what was signed") {
    const std::string key = make_private_key("ECC_NIST_P256");
    const std::string signature = sign(key, "ECDSA_SHA_256", MessageKind::kRaw, "message");
    CHECK(verify(key, "ECDSA_SHA_256", MessageKind::kRaw, "message", signature));
    CHECK_FALSE(verify(key, "ECDSA_SHA_256", MessageKind::kRaw, "other", signature));
    CHECK_FALSE(public_key_of(key).empty());
}

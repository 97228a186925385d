#include "kms/keys.h"

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "kms/asymmetric.h"

namespace skafu::kms {
namespace {

AwsError key_not_found(std::string_view what) {
    return {"NotFoundException", fmt::format("{} is not found.", what)};
}

Json algorithms_of(std::string_view key_spec, std::string_view usage) {
    Json out = Json::array();
    if (usage == "SIGN_VERIFY") {
        for (std::string& name : signing_algorithms(key_spec)) out.push_back(std::move(name));
    } else if (usage == "GENERATE_VERIFY_MAC") {
        out.push_back("HMAC_SHA_" + std::string(key_spec.substr(key_spec.size() - 3)));
    } else {
        out.push_back("SYMMETRIC_DEFAULT");
    }
    return out;
}

}  // namespace

Keys::Keys(Cloud& cloud)
    : cloud_(cloud),
      keys_(cloud.database(), "kms", "key"),
      aliases_(cloud.database(), "kms", "alias") {}

std::string Keys::id_of(const Json& key) {
    return string_member(key.at("metadata"), "KeyId");
}

Scope Keys::scope_of(const Json& key) {
    const auto arn = Arn::parse(string_member(key.at("metadata"), "Arn"));
    return {arn->account, arn->region};
}

const Json& Keys::require(const Caller& caller, std::string_view reference) {
    Scope scope = caller.scope();
    std::string name(reference);
    if (const auto arn = Arn::parse(reference)) {
        scope = {arn->account, arn->region};
        name = arn->resource.starts_with("key/") ? arn->resource.substr(4) : arn->resource;
    }
    if (name.starts_with("alias/")) {
        const Json* alias = aliases_.find(scope, name);
        if (alias == nullptr && name.starts_with("alias/aws/")) {
            const Json& made =
                create(caller, {{"Description", "Default key of " + name.substr(10)}});
            const std::string id = id_of(made);
            Json managed = made;
            managed["metadata"]["KeyManager"] = "AWS";
            save(std::move(managed));
            aliases_.put(scope, name,
                         {{"id", id}, {"created", epoch_seconds(cloud_.clock().now())}});
            alias = aliases_.find(scope, name);
        }
        if (alias == nullptr) {
            throw key_not_found("Alias " + make_arn("kms", scope.region, scope.account, name));
        }
        name = string_member(*alias, "id");
    }
    const Json* found = keys_.find(scope, name);
    if (found == nullptr) {
        throw key_not_found("Key '" + make_arn("kms", scope.region, scope.account, "key/" + name) +
                            "'");
    }
    return *found;
}

const Json& Keys::require_usable(const Caller& caller, std::string_view reference) {
    const Json& key = require(caller, reference);
    const std::string arn = string_member(key.at("metadata"), "Arn");
    const std::string state = string_member(key.at("metadata"), "KeyState");
    if (state == "Disabled") throw AwsError("DisabledException", arn + " is disabled.");
    if (state == "PendingDeletion") {
        throw AwsError("KMSInvalidStateException", arn + " is pending deletion.");
    }
    return key;
}

const Json& Keys::create(const Caller& caller, const Json& input) {
    const std::string spec = string_member(
        input, "KeySpec", string_member(input, "CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"));
    const bool hmac = spec.starts_with("HMAC_");
    if (spec != "SYMMETRIC_DEFAULT" && !hmac && !is_asymmetric(spec)) {
        throw AwsError("UnsupportedOperationException",
                       fmt::format("Keys of the spec {} cannot be made here.", spec));
    }
    const std::string usage = string_member(input, "KeyUsage",
                                            hmac                  ? "GENERATE_VERIFY_MAC"
                                            : is_asymmetric(spec) ? "SIGN_VERIFY"
                                                                  : "ENCRYPT_DECRYPT");
    const Scope scope = caller.scope();
    const std::string id = cloud_.entropy().uuid();
    Json metadata = {{"AWSAccountId", scope.account},
                     {"KeyId", id},
                     {"Arn", make_arn("kms", scope.region, scope.account, "key/" + id)},
                     {"CreationDate", epoch_seconds(cloud_.clock().now())},
                     {"Enabled", true},
                     {"Description", string_member(input, "Description")},
                     {"KeyUsage", usage},
                     {"KeyState", "Enabled"},
                     {"Origin", "AWS_KMS"},
                     {"KeyManager", "CUSTOMER"},
                     {"CustomerMasterKeySpec", spec},
                     {"KeySpec", spec},
                     {"MultiRegion", input.value("MultiRegion", false)}};
    metadata[usage == "SIGN_VERIFY"           ? "SigningAlgorithms"
             : usage == "GENERATE_VERIFY_MAC" ? "MacAlgorithms"
                                              : "EncryptionAlgorithms"] =
        algorithms_of(spec, usage);
    const std::string material =
        is_asymmetric(spec) ? make_private_key(spec) : cloud_.entropy().bytes(hmac ? 64 : 32);
    keys_.put(scope, id,
              {{"metadata", std::move(metadata)},
               {"material", base64_encode(material)},
               {"policy", string_member(input, "Policy")},
               {"tags", input.value("Tags", Json::array())},
               {"rotates", false}});
    return *keys_.find(scope, id);
}

void Keys::save(Json key) {
    const Scope scope = scope_of(key);
    const std::string id = id_of(key);
    keys_.put(scope, id, std::move(key));
}

}  // namespace skafu::kms

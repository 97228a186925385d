#include <stdexcept>

#include "core/aws_error.h"
#include "core/base64.h"
#include "core/digest.h"
#include "kms/asymmetric.h"
#include "kms/envelope.h"
#include "kms/keys.h"

namespace skafu::kms {
namespace {

constexpr std::size_t kMostPlaintext = 4096;

std::string bytes_member(const Json& input, std::string_view name) {
    const auto bytes = base64_decode(string_member(input, name));
    if (!bytes) {
        throw AwsError::serialization(fmt::format("'{}' is no base64 text", name));
    }
    return *bytes;
}

std::string material_of(const Json& key) {
    return base64_decode(string_member(key, "material")).value_or("");
}

void require_usage(const Json& key, std::string_view usage) {
    if (string_member(key["metadata"], "KeyUsage") == usage) return;
    throw AwsError("InvalidKeyUsageException",
                   fmt::format("{} key usage is {} which is not valid for this operation.",
                               string_member(key["metadata"], "Arn"),
                               string_member(key["metadata"], "KeyUsage")));
}

std::string encrypted(Keys& keys, const Json& key, std::string_view plaintext,
                      const Json& context) {
    Envelope envelope;
    envelope.key_id = Keys::id_of(key);
    envelope.nonce = keys.cloud().entropy().bytes(12);
    envelope.sealed = seal(material_of(key), envelope.nonce, plaintext, context);
    return base64_encode(to_blob(envelope));
}

Json encrypt(Keys& keys, Context& context, const Json& input) {
    const Json& key = keys.require_usable(context.caller, string_member(input, "KeyId"));
    require_usage(key, "ENCRYPT_DECRYPT");
    const std::string plaintext = bytes_member(input, "Plaintext");
    if (plaintext.size() > kMostPlaintext) {
        throw AwsError::validation(
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
            "Member must have length less than or equal to 4096");
    }
    return {{"CiphertextBlob",
             encrypted(keys, key, plaintext, input.value("EncryptionContext", Json()))},
            {"KeyId", key["metadata"]["Arn"]},
            {"EncryptionAlgorithm", "SYMMETRIC_DEFAULT"}};
}

struct Decrypted {
    std::string plaintext;
    Json key_arn;
};

Decrypted decrypt_blob(Keys& keys, Context& context, const Json& input,
                       std::string_view context_member) {
    const AwsError invalid = {"InvalidCiphertextException", ""};
    const auto envelope = parse_blob(bytes_member(input, "CiphertextBlob"));
    if (!envelope) throw invalid;
    // The ciphertext names its key, wherever in this account and region it came from.
    const Json& key = keys.require_usable(context.caller, envelope->key_id);
    for (const std::string_view member : {"KeyId", "SourceKeyId"}) {
        const std::string wanted = string_member(input, member);
        if (wanted.empty() ||
            Keys::id_of(keys.require(context.caller, wanted)) == envelope->key_id) {
            continue;
        }
        throw AwsError("IncorrectKeyException",
                       "The key ID in the request does not identify a CMK that can perform this "
                       "operation.");
    }
    auto plaintext = unseal(material_of(key), *envelope, input.value(context_member, Json()));
    if (!plaintext) throw invalid;
    return {std::move(*plaintext), key["metadata"]["Arn"]};
}

Json decrypt(Keys& keys, Context& context, const Json& input) {
    const Decrypted done = decrypt_blob(keys, context, input, "EncryptionContext");
    return {{"KeyId", done.key_arn},
            {"Plaintext", base64_encode(done.plaintext)},
            {"EncryptionAlgorithm", "SYMMETRIC_DEFAULT"}};
}

Json re_encrypt(Keys& keys, Context& context, const Json& input) {
    const Decrypted done = decrypt_blob(keys, context, input, "SourceEncryptionContext");
    const Json& key = keys.require_usable(context.caller, string_member(input, "DestinationKeyId"));
    return {{"CiphertextBlob", encrypted(keys, key, done.plaintext,
                                         input.value("DestinationEncryptionContext", Json()))},
            {"SourceKeyId", done.key_arn},
            {"KeyId", key["metadata"]["Arn"]}};
}

Json generate_data_key(Keys& keys, Context& context, const Json& input) {
    const Json& key = keys.require_usable(context.caller, string_member(input, "KeyId"));
    require_usage(key, "ENCRYPT_DECRYPT");
    const std::string spec = string_member(input, "KeySpec");
    const auto asked = input.value("NumberOfBytes", std::int64_t{0});
    if (spec.empty() == (asked == 0)) {
        throw AwsError::validation("Please specify either number of bytes or key spec.");
    }
    const auto size = spec == "AES_128" ? 16 : spec == "AES_256" ? 32 : asked;
    const std::string plaintext = keys.cloud().entropy().bytes(static_cast<std::size_t>(size));
    Json out = {{"CiphertextBlob",
                 encrypted(keys, key, plaintext, input.value("EncryptionContext", Json()))},
                {"KeyId", key["metadata"]["Arn"]}};
    if (context.operation == "GenerateDataKey") out["Plaintext"] = base64_encode(plaintext);
    return out;
}

Json generate_random(Keys& keys, Context&, const Json& input) {
    const auto size = input.value("NumberOfBytes", std::int64_t{32});
    return {
        {"Plaintext", base64_encode(keys.cloud().entropy().bytes(static_cast<std::size_t>(size)))}};
}

MessageKind kind_of(const Json& input) {
    return string_member(input, "MessageType") == "DIGEST" ? MessageKind::kDigest
                                                           : MessageKind::kRaw;
}

Json sign_or_verify(Keys& keys, Context& context, const Json& input) {
    const Json& key = keys.require_usable(context.caller, string_member(input, "KeyId"));
    require_usage(key, "SIGN_VERIFY");
    const std::string algorithm = string_member(input, "SigningAlgorithm");
    const Json& known = key["metadata"]["SigningAlgorithms"];
    if (std::find(known.begin(), known.end(), Json(algorithm)) == known.end()) {
        throw AwsError("InvalidKeyUsageException",
                       fmt::format("Algorithm {} and key spec {} are incompatible.", algorithm,
                                   string_member(key["metadata"], "KeySpec")));
    }
    const std::string message = bytes_member(input, "Message");
    Json out = {{"KeyId", key["metadata"]["Arn"]}, {"SigningAlgorithm", algorithm}};
    try {
        if (context.operation == "Sign") {
            out["Signature"] =
                base64_encode(sign(material_of(key), algorithm, kind_of(input), message));
            return out;
        }
        if (!verify(material_of(key), algorithm, kind_of(input), message,
                    bytes_member(input, "Signature"))) {
            throw AwsError("KMSInvalidSignatureException", "");
        }
        out["SignatureValid"] = true;
    } catch (const std::runtime_error&) {
        throw AwsError::validation("Digest is invalid length for algorithm " + algorithm + ".");
    }
    return out;
}

Json mac(Keys& keys, Context& context, const Json& input) {
    const Json& key = keys.require_usable(context.caller, string_member(input, "KeyId"));
    require_usage(key, "GENERATE_VERIFY_MAC");
    const std::string algorithm = string_member(input, "MacAlgorithm");
    if (algorithm != "HMAC_SHA_256") {
        throw AwsError("UnsupportedOperationException",
                       fmt::format("{} is not emulated.", algorithm));
    }
    const std::string computed =
        digest::hmac_sha256(material_of(key), bytes_member(input, "Message"));
    Json out = {{"KeyId", key["metadata"]["Arn"]}, {"MacAlgorithm", algorithm}};
    if (context.operation == "GenerateMac") {
        out["Mac"] = base64_encode(computed);
    } else {
        if (bytes_member(input, "Mac") != computed) throw AwsError("KMSInvalidMacException", "");
        out["MacValid"] = true;
    }
    return out;
}

Json get_public_key(Keys& keys, Context& context, const Json& input) {
    const Json& key = keys.require_usable(context.caller, string_member(input, "KeyId"));
    const Json& metadata = key["metadata"];
    if (!is_asymmetric(string_member(metadata, "KeySpec"))) {
        throw AwsError("UnsupportedOperationException",
                       string_member(metadata, "Arn") + " is not an asymmetric key.");
    }
    return {{"KeyId", metadata["Arn"]},
            {"PublicKey", base64_encode(public_key_of(material_of(key)))},
            {"CustomerMasterKeySpec", metadata["KeySpec"]},
            {"KeySpec", metadata["KeySpec"]},
            {"KeyUsage", metadata["KeyUsage"]},
            {"SigningAlgorithms", metadata["SigningAlgorithms"]}};
}

}  // namespace

void add_crypto_operations(Service& service, Keys& keys) {
    using namespace shape;
    using Plain = Json (*)(Keys&, Context&, const Json&);
    const auto add = [&](std::string name, std::vector<Shape::Member> members, Plain handler) {
        Operation operation;
        operation.name = std::move(name);
        operation.input = structure(std::move(members));
        service.add(std::move(operation), [&keys, handler](Context& context, const Json& input) {
            return handler(keys, context, input);
        });
    };
    const Shape::Member id = required("KeyId", string(1, 2048));
    const Shape::Member size = optional("NumberOfBytes", integer(1, 1024));
    const Shape::Member cipher = required("CiphertextBlob", sensitive(blob()));
    const Shape::Member message = required("Message", sensitive(blob()));
    add("Encrypt", {id, required("Plaintext", sensitive(blob()))}, encrypt);
    add("Decrypt", {cipher}, decrypt);
    add("ReEncrypt", {cipher, required("DestinationKeyId", string())}, re_encrypt);
    add("GenerateDataKey", {id, size}, generate_data_key);
    add("GenerateDataKeyWithoutPlaintext", {id, size}, generate_data_key);
    add("GenerateRandom", {size}, generate_random);
    add("Sign", {id, message, required("SigningAlgorithm", string())}, sign_or_verify);
    add("Verify", {id, message, required("SigningAlgorithm", string())}, sign_or_verify);
    add("GenerateMac", {id, message, required("MacAlgorithm", string())}, mac);
    add("VerifyMac", {id, message, required("MacAlgorithm", string())}, mac);
    add("GetPublicKey", {id}, get_public_key);
}

}  // namespace skafu::kms

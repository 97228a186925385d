#include "kms/asymmetric.h"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace skafu::kms {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void check(int result, const char* doing) {
    if (result <= 0) throw std::runtime_error(std::string("OpenSSL refused: ") + doing);
}

std::string_view curve_of(std::string_view key_spec) {
    if (key_spec == "ECC_NIST_P256") return "P-256";
    if (key_spec == "ECC_NIST_P384") return "P-384";
    if (key_spec == "ECC_NIST_P521") return "P-521";
    if (key_spec == "ECC_SECG_P256K1") return "secp256k1";
    return {};
}

unsigned rsa_bits(std::string_view key_spec) {
    if (key_spec == "RSA_2048") return 2048;
    if (key_spec == "RSA_3072") return 3072;
    return key_spec == "RSA_4096" ? 4096 : 0;
}

Key parse_key(std::string_view private_key) {
    const unsigned char* data = bytes_of(private_key);
    Key key(d2i_AutoPrivateKey(nullptr, &data, static_cast<long>(private_key.size())),
            EVP_PKEY_free);
    if (!key) throw std::runtime_error("the stored key cannot be read");
    return key;
}

const EVP_MD* digest_of(std::string_view algorithm) {
    if (algorithm.ends_with("_512")) return EVP_sha512();
    return algorithm.ends_with("_384") ? EVP_sha384() : EVP_sha256();
}

std::string digest_message(const EVP_MD* type, MessageKind kind, std::string_view message) {
    if (kind == MessageKind::kDigest) return std::string(message);
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(type)), '\0');
    check(EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(out.data()),
                     nullptr, type, nullptr),
          "digest");
    return out;
}

void set_up(EVP_PKEY_CTX* context, std::string_view algorithm) {
    check(EVP_PKEY_CTX_set_signature_md(context, digest_of(algorithm)), "digest of signature");
    if (algorithm.starts_with("RSASSA_PSS")) {
        check(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING), "padding");
        check(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST), "salt");
    } else if (algorithm.starts_with("RSASSA_PKCS1")) {
        check(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), "padding");
    }
}

}  // namespace

bool is_asymmetric(std::string_view key_spec) {
    return rsa_bits(key_spec) != 0 || !curve_of(key_spec).empty();
}

std::string make_private_key(std::string_view key_spec) {
    const unsigned bits = rsa_bits(key_spec);
    const std::string curve(curve_of(key_spec));
    const Key key(bits != 0 ? EVP_RSA_gen(bits) : EVP_EC_gen(curve.c_str()), EVP_PKEY_free);
    if (!key) throw std::runtime_error("OpenSSL could not make a key");
    unsigned char* data = nullptr;
    const int size = i2d_PrivateKey(key.get(), &data);
    check(size, "export of the key");
    std::string out(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return out;
}

std::string public_key_of(std::string_view private_key) {
    const Key key = parse_key(private_key);
    unsigned char* data = nullptr;
    const int size = i2d_PUBKEY(key.get(), &data);
    check(size, "export of the public key");
    std::string out(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return out;
}

std::vector<std::string> signing_algorithms(std::string_view key_spec) {
    if (rsa_bits(key_spec) != 0) {
        return {"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384",
                "RSASSA_PKCS1_V1_5_SHA_512", "RSASSA_PSS_SHA_256",
                "RSASSA_PSS_SHA_384",        "RSASSA_PSS_SHA_512"};
    }
    if (key_spec == "ECC_NIST_P384") return {"ECDSA_SHA_384"};
    if (key_spec == "ECC_NIST_P521") return {"ECDSA_SHA_512"};
    return {"ECDSA_SHA_256"};
}

std::string sign(std::string_view private_key, std::string_view algorithm, MessageKind kind,
                 std::string_view message) {
    const Key key = parse_key(private_key);
    const std::string digest = digest_message(digest_of(algorithm), kind, message);
    const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
    check(EVP_PKEY_sign_init(context.get()), "signing");
    set_up(context.get(), algorithm);
    std::size_t size = 0;
    check(EVP_PKEY_sign(context.get(), nullptr, &size, bytes_of(digest), digest.size()),
          "size of the signature");
    std::string out(size, '\0');
    check(EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                        bytes_of(digest), digest.size()),
          "signature");
    out.resize(size);
    return out;
}

bool verify(std::string_view private_key, std::string_view algorithm, MessageKind kind,
            std::string_view message, std::string_view signature) {
    const Key key = parse_key(private_key);
    const std::string digest = digest_message(digest_of(algorithm), kind, message);
    const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
    check(EVP_PKEY_verify_init(context.get()), "verification");
    set_up(context.get(), algorithm);
    return EVP_PKEY_verify(context.get(), bytes_of(signature), signature.size(), bytes_of(digest),
                           digest.size()) == 1;
}

}  // namespace skafu::kms

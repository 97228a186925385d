#include "core/jwt.h"

#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "core/base64.h"

namespace skafu::jwt {
namespace {

EVP_PKEY* key_of(const std::shared_ptr<void>& key) {
    return static_cast<EVP_PKEY*>(key.get());
}

std::shared_ptr<void> own(EVP_PKEY* key) {
    return {key, [](void* held) { EVP_PKEY_free(static_cast<EVP_PKEY*>(held)); }};
}

template <class T, void (*Free)(T*)>
struct Deleter {
    void operator()(T* held) const { Free(held); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX, EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BIGNUM, BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM, OSSL_PARAM_free>>;

struct BioFree {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string big_number(EVP_PKEY* key, const char* name) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key, name, &value);
    const Number held(value);
    std::string out(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(out.data()));
    return base64url_encode(out);
}

std::optional<Json> part(std::string_view text) {
    const std::optional<std::string> decoded = base64_decode(text);
    if (!decoded) return std::nullopt;
    try {
        Json value = parse_json(*decoded);
        if (value.is_object()) return value;
    } catch (const JsonError&) {
        return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Token> parse(std::string_view text) {
    const std::size_t first = text.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = text.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    std::optional<Json> header = part(text.substr(0, first));
    std::optional<Json> claims = part(text.substr(first + 1, second - first - 1));
    std::optional<std::string> signature = base64_decode(text.substr(second + 1));
    if (!header || !claims || !signature) return std::nullopt;
    return Token{std::move(*header), std::move(*claims), std::string(text.substr(0, second)),
                 std::move(*signature)};
}

SigningKey SigningKey::generate() {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    if (!key) throw std::runtime_error("cannot make an RSA key");
    return SigningKey(own(key));
}

SigningKey SigningKey::from_pem(const std::string& pem) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr);
    if (!key) throw std::invalid_argument("not a private key");
    return SigningKey(own(key));
}

std::string SigningKey::pem() const {
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key_of(key_), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Json SigningKey::public_jwk(const std::string& kid) const {
    return {
        {"alg", "RS256"}, {"e", big_number(key_of(key_), OSSL_PKEY_PARAM_RSA_E)}, {"kid", kid},
        {"kty", "RSA"},   {"n", big_number(key_of(key_), OSSL_PKEY_PARAM_RSA_N)}, {"use", "sig"}};
}

std::string SigningKey::sign(const std::string& kid, const Json& claims) const {
    const Json header = {{"kid", kid}, {"alg", "RS256"}};
    std::string token = base64url_encode(to_text(header)) + "." + base64url_encode(to_text(claims));
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    const bool ready =
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_of(key_)) == 1 &&
        EVP_DigestSign(context.get(), nullptr, &size, bytes(token), token.size()) == 1;
    std::string signature(size, '\0');
    if (!ready || EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                 &size, bytes(token), token.size()) != 1) {
        throw std::runtime_error("cannot sign a token");
    }
    signature.resize(size);
    token += ".";
    token += base64url_encode(signature);
    return token;
}

VerifyingKey VerifyingKey::from_jwk(const Json& jwk) {
    const auto modulus = base64_decode(string_member(jwk, "n"));
    const auto exponent = base64_decode(string_member(jwk, "e"));
    if (!modulus || !exponent) throw std::invalid_argument("not an RSA key");
    const Number n(BN_bin2bn(bytes(*modulus), static_cast<int>(modulus->size()), nullptr));
    const Number e(BN_bin2bn(bytes(*exponent), static_cast<int>(exponent->size()), nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    const bool made =
        EVP_PKEY_fromdata_init(context.get()) == 1 &&
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
    if (!made) throw std::invalid_argument("not an RSA key");
    return VerifyingKey(own(key));
}

bool VerifyingKey::accepts(const Token& token) const {
    if (string_member(token.header, "alg") != "RS256") return false;
    const DigestContext context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_of(key_)) == 1 &&
           EVP_DigestVerify(context.get(), bytes(token.signature), token.signature.size(),
                            bytes(token.signed_part), token.signed_part.size()) == 1;
}

}  // namespace skafu::jwt

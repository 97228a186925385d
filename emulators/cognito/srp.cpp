#include "cognito/srp.h"

#include <memory>

#include <openssl/bn.h>

#include "core/base64.h"
#include "core/digest.h"

namespace skafu::cognito::srp {
namespace {

struct NumberFree {
    void operator()(BIGNUM* number) const { BN_free(number); }
};
struct ContextFree {
    void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, NumberFree>;
using Scratch = std::unique_ptr<BN_CTX, ContextFree>;

Number from_hex(const std::string& hex) {
    BIGNUM* number = nullptr;
    if (BN_hex2bn(&number, hex.c_str()) == 0) number = BN_new();
    return Number(number);
}

std::string to_hex(const Number& number) {
    std::unique_ptr<char, void (*)(char*)> text(BN_bn2hex(number.get()),
                                                [](char* held) { OPENSSL_free(held); });
    std::string hex = text.get();
    for (char& c : hex) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    return hex;
}

const Number& modulus() {
    // The 3072-bit MODP group of RFC 3526, which OpenSSL knows.
    static const Number n(BN_get_rfc3526_prime_3072(nullptr));
    return n;
}

std::string bytes_of_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

/// Bytes of a number as a signed one: a zero byte in front where the first bit is set.
std::string padded(const Number& number) {
    std::string hex = to_hex(number);
    if (hex.size() % 2 == 1) hex.insert(0, "0");
    if (hex.find_first_of("89abcdef") == 0) hex.insert(0, "00");
    return bytes_of_hex(hex);
}

Number hash_number(const std::string& bytes) {
    return from_hex(digest::hex(digest::sha256(bytes)));
}

/// k of SRP-6a: H(N, g).
const Number& multiplier() {
    static const Number k = [] {
        const Number g = from_hex("2");
        return hash_number(padded(modulus()) + padded(g));
    }();
    return k;
}

std::string pool_name(const std::string& pool_id) {
    return pool_id.substr(pool_id.find('_') + 1);
}

Number power_of_two(const Number& exponent) {
    const Scratch scratch(BN_CTX_new());
    const Number g = from_hex("2");
    Number result(BN_new());
    BN_mod_exp(result.get(), g.get(), exponent.get(), modulus().get(), scratch.get());
    return result;
}

}  // namespace

Verifier make_verifier(Entropy& entropy, const std::string& pool_id, const std::string& username,
                       const std::string& password) {
    const std::string salt = entropy.hex(32);
    const std::string inner = digest::sha256(pool_name(pool_id) + username + ":" + password);
    const Number x = hash_number(padded(from_hex(salt)) + inner);
    return {salt, to_hex(power_of_two(x))};
}

ServerKey make_server_key(Entropy& entropy, const std::string& verifier) {
    const Scratch scratch(BN_CTX_new());
    const Number b = from_hex(entropy.hex(256));
    const Number v = from_hex(verifier);
    const Number gb = power_of_two(b);
    Number product(BN_new());
    Number public_key(BN_new());
    BN_mod_mul(product.get(), multiplier().get(), v.get(), modulus().get(), scratch.get());
    BN_mod_add(public_key.get(), product.get(), gb.get(), modulus().get(), scratch.get());
    return {to_hex(b), to_hex(public_key)};
}

bool is_valid_public_key(const std::string& a) {
    const Scratch scratch(BN_CTX_new());
    const Number number = from_hex(a);
    Number rest(BN_new());
    BN_mod(rest.get(), number.get(), modulus().get(), scratch.get());
    return !BN_is_zero(rest.get());
}

std::string expected_signature(const std::string& pool_id, const std::string& username,
                               const std::string& verifier, const std::string& client_public,
                               const ServerKey& server, const std::string& secret_block,
                               const std::string& timestamp) {
    const Scratch scratch(BN_CTX_new());
    const Number a = from_hex(client_public);
    const Number b_public = from_hex(server.public_key);
    const Number b = from_hex(server.secret);
    const Number v = from_hex(verifier);
    const Number u = hash_number(padded(a) + padded(b_public));
    Number vu(BN_new());
    Number base(BN_new());
    Number shared(BN_new());
    BN_mod_exp(vu.get(), v.get(), u.get(), modulus().get(), scratch.get());
    BN_mod_mul(base.get(), a.get(), vu.get(), modulus().get(), scratch.get());
    BN_mod_exp(shared.get(), base.get(), b.get(), modulus().get(), scratch.get());
    const std::string extracted = digest::hmac_sha256(padded(u), padded(shared));
    std::string info = "Caldera Derived Key";
    info += '\x01';
    const std::string key = digest::hmac_sha256(extracted, info).substr(0, 16);
    const std::string message =
        pool_name(pool_id) + username + base64_decode(secret_block).value_or("") + timestamp;
    return base64_encode(digest::hmac_sha256(key, message));
}

}  // namespace skafu::cognito::srp

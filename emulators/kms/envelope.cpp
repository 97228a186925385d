#include "kms/envelope.h"

#include <memory>

#include <openssl/evp.h>

namespace skafu::kms {
namespace {

constexpr std::string_view kMagic = "\x01\x02\x02\x00";
constexpr std::string_view kPrefix(kMagic.data(), 4);
constexpr std::size_t kIdSize = 36;
constexpr std::size_t kNonceSize = 12;
constexpr int kTagSize = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// The encryption context as the bytes that are authenticated: names in order.
std::string associated_data(const Json& context) {
    std::map<std::string, std::string> sorted;
    if (context.is_object()) {
        for (const auto& [name, value] : context.items()) {
            sorted[name] = value.is_string() ? value.get<std::string>() : to_text(value);
        }
    }
    std::string out;
    for (const auto& [name, value] : sorted) {
        out += fmt::format("{}:{}{}:{}", name.size(), name, value.size(), value);
    }
    return out;
}

}  // namespace

std::string to_blob(const Envelope& envelope) {
    return std::string(kPrefix) + envelope.key_id + envelope.nonce + envelope.sealed;
}

std::optional<Envelope> parse_blob(std::string_view blob) {
    if (blob.size() < 4 + kIdSize + kNonceSize + kTagSize || !blob.starts_with(kPrefix)) {
        return std::nullopt;
    }
    blob.remove_prefix(4);
    return Envelope{std::string(blob.substr(0, kIdSize)),
                    std::string(blob.substr(kIdSize, kNonceSize)),
                    std::string(blob.substr(kIdSize + kNonceSize))};
}

std::string seal(std::string_view material, std::string_view nonce, std::string_view plaintext,
                 const Json& context) {
    const CipherContext cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    const std::string associated = associated_data(context);
    std::string out(plaintext.size() + kTagSize, '\0');
    auto* data = reinterpret_cast<unsigned char*>(out.data());
    int size = 0;
    EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(material), octets(nonce));
    EVP_EncryptUpdate(cipher.get(), nullptr, &size, octets(associated),
                      static_cast<int>(associated.size()));
    EVP_EncryptUpdate(cipher.get(), data, &size, octets(plaintext),
                      static_cast<int>(plaintext.size()));
    EVP_EncryptFinal_ex(cipher.get(), data + size, &size);
    EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, data + plaintext.size());
    return out;
}

std::optional<std::string> unseal(std::string_view material, const Envelope& envelope,
                                  const Json& context) {
    const CipherContext cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    const std::string associated = associated_data(context);
    const std::size_t length = envelope.sealed.size() - kTagSize;
    std::string out(length, '\0');
    auto* data = reinterpret_cast<unsigned char*>(out.data());
    std::string tag = envelope.sealed.substr(length);
    int size = 0;
    EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets(material),
                       octets(envelope.nonce));
    EVP_DecryptUpdate(cipher.get(), nullptr, &size, octets(associated),
                      static_cast<int>(associated.size()));
    EVP_DecryptUpdate(cipher.get(), data, &size, octets(envelope.sealed), static_cast<int>(length));
    EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data());
    if (EVP_DecryptFinal_ex(cipher.get(), data + size, &size) != 1) return std::nullopt;
    return out;
}

}  // namespace skafu::kms

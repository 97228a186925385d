#include "core/digest.h"

#include <array>
#include <cstddef>
#include <zlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace skafu::digest {
namespace {

// Fetched once: OpenSSL 3 looks an algorithm up by name on each use of EVP_md5() and the like.
class Algorithm {
  public:
    explicit Algorithm(const char* name)
        : type_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {}
    Algorithm(const Algorithm&) = delete;
    Algorithm& operator=(const Algorithm&) = delete;
    ~Algorithm() {
        EVP_MD_CTX_free(context_);
        EVP_MD_free(type_);
    }

    std::string run(std::string_view bytes) const {
        std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
        unsigned size = 0;
        EVP_DigestInit_ex2(context_, type_, nullptr);
        EVP_DigestUpdate(context_, bytes.data(), bytes.size());
        EVP_DigestFinal_ex(context_, out.data(), &size);
        return {reinterpret_cast<const char*>(out.data()), size};
    }

  private:
    EVP_MD* type_;
    EVP_MD_CTX* context_;
};

template <class Word>
std::array<Word, 256> reflected_table(Word polynomial) {
    std::array<Word, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        Word value = static_cast<Word>(i);
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : Word{0});
        }
        table[i] = value;
    }
    return table;
}

template <class Word>
Word reflected_crc(const std::array<Word, 256>& table, std::string_view bytes) {
    Word crc = ~Word{0};
    for (const char c : bytes) {
        crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
    }
    return ~crc;
}

}  // namespace

std::string md5(std::string_view bytes) {
    thread_local const Algorithm algorithm("MD5");
    return algorithm.run(bytes);
}

std::string sha1(std::string_view bytes) {
    thread_local const Algorithm algorithm("SHA1");
    return algorithm.run(bytes);
}

std::string sha256(std::string_view bytes) {
    thread_local const Algorithm algorithm("SHA256");
    return algorithm.run(bytes);
}

std::string sha384(std::string_view bytes) {
    thread_local const Algorithm algorithm("SHA384");
    return algorithm.run(bytes);
}

std::string sha512(std::string_view bytes) {
    thread_local const Algorithm algorithm("SHA512");
    return algorithm.run(bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data(), &size);
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::uint32_t crc32(std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint32_t crc32c(std::string_view bytes) {
    static const auto table = reflected_table<std::uint32_t>(0x82f63b78u);
    return reflected_crc(table, bytes);
}

std::uint64_t crc64nvme(std::string_view bytes) {
    static const auto table = reflected_table<std::uint64_t>(0x9a6c9329ac4bc9b5ull);
    return reflected_crc(table, bytes);
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        out += kDigits[static_cast<unsigned char>(c) >> 4];
        out += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string big_endian(std::uint64_t number, unsigned size) {
    std::string out(size, '\0');
    for (unsigned i = 0; i < size; ++i) {
        out[size - 1 - i] = static_cast<char>(number & 0xff);
        number >>= 8;
    }
    return out;
}

}  // namespace skafu::digest

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Checksums and digests of bytes. All give raw bytes; hex() makes them readable.
namespace skafu::digest {

/// 16 bytes.
std::string md5(std::string_view bytes);
/// 20 bytes.
std::string sha1(std::string_view bytes);
/// 32 bytes.
std::string sha256(std::string_view bytes);
/// 48 bytes.
std::string sha384(std::string_view bytes);
/// 64 bytes.
std::string sha512(std::string_view bytes);
/// 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// CRC-32 (IEEE 802.3, as zlib's).
std::uint32_t crc32(std::string_view bytes);
/// CRC-32C (Castagnoli).
std::uint32_t crc32c(std::string_view bytes);
/// CRC-64/NVME, reflected, the default checksum of newer S3 clients.
std::uint64_t crc64nvme(std::string_view bytes);

/// Lower-case hexadecimal digits of the bytes.
std::string hex(std::string_view bytes);
/// The bytes of a number, most significant first (`size` of them).
std::string big_endian(std::uint64_t number, unsigned size);

}  // namespace skafu::digest

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu::s3 {

/// The checksum algorithms of S3 ("Checking object integrity", S3 User Guide).
struct ChecksumAlgorithm {
    std::string_view name;    ///< "CRC32"
    std::string_view member;  ///< "ChecksumCRC32"
    std::string_view header;  ///< "x-amz-checksum-crc32"
    std::string (*digest)(std::string_view bytes);
};

const std::vector<ChecksumAlgorithm>& checksum_algorithms();
/// nullptr for a name that S3 does not know.
const ChecksumAlgorithm* find_checksum(std::string_view name);

/// The checksums of a body as S3 keeps them ({"ChecksumCRC32": base64}): those that the request
/// gives in members or trailers, checked (BadDigest otherwise), and the one it asks for by
/// ChecksumAlgorithm.
Json checked_checksums(const Json& input, const Json& trailers, std::string_view body);

/// The checksum of a multipart object from those of its parts: base64(digest(digests))-count.
std::string composite_checksum(const ChecksumAlgorithm& algorithm,
                               const std::vector<std::string>& part_checksums);

}  // namespace skafu::s3

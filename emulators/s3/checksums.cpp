#include "s3/checksums.h"

#include "core/aws_error.h"
#include "core/base64.h"
#include "core/digest.h"
#include "core/http.h"

namespace skafu::s3 {

const std::vector<ChecksumAlgorithm>& checksum_algorithms() {
    static const std::vector<ChecksumAlgorithm> kAll = {
        {"CRC32", "ChecksumCRC32", "x-amz-checksum-crc32",
         [](std::string_view bytes) { return digest::big_endian(digest::crc32(bytes), 4); }},
        {"CRC32C", "ChecksumCRC32C", "x-amz-checksum-crc32c",
         [](std::string_view bytes) { return digest::big_endian(digest::crc32c(bytes), 4); }},
        {"CRC64NVME", "ChecksumCRC64NVME", "x-amz-checksum-crc64nvme",
         [](std::string_view bytes) { return digest::big_endian(digest::crc64nvme(bytes), 8); }},
        {"SHA1", "ChecksumSHA1", "x-amz-checksum-sha1", digest::sha1},
        {"SHA256", "ChecksumSHA256", "x-amz-checksum-sha256", digest::sha256},
    };
    return kAll;
}

const ChecksumAlgorithm* find_checksum(std::string_view name) {
    for (const ChecksumAlgorithm& algorithm : checksum_algorithms()) {
        if (iequals(algorithm.name, name)) return &algorithm;
    }
    return nullptr;
}

Json checked_checksums(const Json& input, const Json& trailers, std::string_view body) {
    const std::string wanted = string_member(input, "ChecksumAlgorithm");
    Json out = Json::object();
    for (const ChecksumAlgorithm& algorithm : checksum_algorithms()) {
        std::string given = string_member(input, algorithm.member);
        if (given.empty()) given = string_member(trailers, algorithm.header);
        if (given.empty() && !iequals(wanted, algorithm.name)) continue;
        std::string computed = base64_encode(algorithm.digest(body));
        if (!given.empty() && given != computed) {
            throw AwsError(
                "BadDigest",
                fmt::format("The {} you specified did not match the calculated checksum.",
                            algorithm.name));
        }
        out[algorithm.member] = std::move(computed);
    }
    return out;
}

std::string composite_checksum(const ChecksumAlgorithm& algorithm,
                               const std::vector<std::string>& part_checksums) {
    std::string all;
    for (const std::string& checksum : part_checksums) all += base64_decode(checksum).value_or("");
    return fmt::format("{}-{}", base64_encode(algorithm.digest(all)), part_checksums.size());
}

}  // namespace skafu::s3

#include "core/aws_error.h"
#include "core/base64.h"
#include "core/digest.h"
#include "s3/checksums.h"
#include "s3/operations.h"
#include "s3/wire.h"

namespace skafu::s3 {
namespace {

constexpr std::size_t kMd5Bytes = 16;

}  // namespace

const std::vector<std::pair<std::string, std::string>>& object_headers() {
    static const std::vector<std::pair<std::string, std::string>> kHeaders = {
        {"ContentType", "Content-Type"},
        {"CacheControl", "Cache-Control"},
        {"ContentDisposition", "Content-Disposition"},
        {"ContentEncoding", "Content-Encoding"},
        {"ContentLanguage", "Content-Language"},
        {"Expires", "Expires"},
        {"StorageClass", "x-amz-storage-class"},
        {"WebsiteRedirectLocation", "x-amz-website-redirect-location"},
        {"ServerSideEncryption", "x-amz-server-side-encryption"},
        {"SSEKMSKeyId", "x-amz-server-side-encryption-aws-kms-key-id"}};
    return kHeaders;
}

void bind_write_headers(Operation& operation) {
    auto& headers = operation.http.headers;
    headers = object_headers();
    headers.insert(headers.end(), {{"ContentMD5", "Content-MD5"},
                                   {"ContentSHA256", "x-amz-content-sha256"},
                                   {"ChecksumAlgorithm", "x-amz-sdk-checksum-algorithm"},
                                   {"Tagging", "x-amz-tagging"},
                                   {"IfMatch", "If-Match"},
                                   {"IfNoneMatch", "If-None-Match"},
                                   {"Metadata", "x-amz-meta-*"}});
    for (const ChecksumAlgorithm& algorithm : checksum_algorithms()) {
        headers.emplace_back(algorithm.member, algorithm.header);
    }
}

ReceivedBody receive_body(const Json& input) {
    ReceivedBody out;
    Json trailers = Json::object();
    if (const Json* body = find_member(input, "Body"); body != nullptr && !body->is_null()) {
        out.bytes = body->is_string() ? body->get<std::string>() : to_text(*body);
    }
    if (string_member(input, "ContentSHA256").starts_with("STREAMING-") ||
        string_member(input, "ContentEncoding").starts_with("aws-chunked")) {
        ChunkedBody decoded = decode_chunked(out.bytes);
        out.bytes = std::move(decoded.bytes);
        trailers = std::move(decoded.trailers);
    }
    const std::string md5 = string_member(input, "ContentMD5");
    if (!md5.empty() && base64_decode(md5).value_or("").size() != kMd5Bytes) {
        throw AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400,
                       {{"Content-MD5", md5}});
    }
    if (!md5.empty() && md5 != base64_encode(digest::md5(out.bytes))) {
        throw AwsError("BadDigest",
                       "The Content-MD5 you specified did not match what we received.");
    }
    out.checksums = checked_checksums(input, trailers, out.bytes);
    return out;
}

Json info_of_write(const Json& input) {
    Json headers = Json::object();
    for (const auto& [member, header] : object_headers()) {
        std::string value = string_member(input, member);
        if (member == "ContentEncoding" && value.starts_with("aws-chunked")) {
            value = value.substr(std::min(value.find_first_not_of(", ", 11), value.size()));
        }
        if (!value.empty()) headers[member] = std::move(value);
    }
    Json info = {{"Headers", std::move(headers)}};
    if (const Json* metadata = find_member(input, "Metadata")) info["Metadata"] = *metadata;
    if (const std::string tagging = string_member(input, "Tagging"); !tagging.empty()) {
        info["Tags"] = parse_tagging_header(tagging);
    }
    return info;
}

Json describe(const ObjectVersion& version, const Bucket& bucket) {
    const Json none = Json::object();
    const auto part = [&](std::string_view name) -> const Json& {
        const Json* found = find_member(version.info, name);
        return found == nullptr ? none : *found;
    };
    const TimePoint modified{std::chrono::milliseconds(version.modified_ms)};
    Json out = {{"AcceptRanges", "bytes"},
                {"LastModified", http_date(modified)},
                {"ETag", version.etag},
                {"ContentType", "binary/octet-stream"},
                {"ServerSideEncryption", "AES256"}};
    for (const auto& [name, value] : part("Headers").items()) out[name] = value;
    if (string_member(out, "StorageClass") == "STANDARD") out.erase("StorageClass");
    if (const Json& metadata = part("Metadata"); !metadata.empty()) out["Metadata"] = metadata;
    if (const Json& tags = part("Tags"); !tags.empty()) out["TagCount"] = tags.size();
    if (bucket.versioning() != Versioning::kOff) out["VersionId"] = version.version_id;
    return out;
}

}  // namespace skafu::s3

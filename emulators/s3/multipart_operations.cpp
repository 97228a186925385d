#include <charconv>

#include "core/aws_error.h"
#include "core/base64.h"
#include "core/digest.h"
#include "core/http.h"
#include "s3/checksums.h"
#include "s3/errors.h"
#include "s3/notifications.h"
#include "s3/operations.h"
#include "s3/wire.h"

namespace skafu::s3 {
namespace {

constexpr std::uint64_t kSmallestPart = 5 * 1024 * 1024;
constexpr std::int64_t kMostParts = 10'000;

/// An upload's document: {Key, Initiated, info, algorithm, checksum_type,
/// parts: {number: {blob, size, etag, modified, checksums}}}.
Json require_upload(Store& store, const Bucket& bucket, const Json& input) {
    const std::string id = string_member(input, "UploadId");
    const Json* found = store.uploads().find(Store::upload_scope(bucket), id);
    if (found == nullptr || string_member(*found, "Key") != string_member(input, "Key")) {
        throw no_such_upload(id);
    }
    return *found;
}

std::string part_key(std::int64_t number) {
    return fmt::format("{:05}", number);
}

Json create_upload(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const std::string key = string_member(input, "Key");
    const std::string id = base64url_encode(context.cloud.entropy().bytes(48));
    const std::string algorithm = string_member(input, "MultipartChecksumAlgorithm");
    std::string type = string_member(input, "ChecksumType");
    if (type.empty() && !algorithm.empty()) {
        type = iequals(algorithm, "CRC64NVME") ? "FULL_OBJECT" : "COMPOSITE";
    }
    store.uploads().put(Store::upload_scope(bucket), id,
                        {{"Key", key},
                         {"Initiated", iso8601_millis(store.cloud().clock().now())},
                         {"info", info_of_write(input)},
                         {"algorithm", algorithm},
                         {"checksum_type", type},
                         {"parts", Json::object()}});
    Json out = {{"Bucket", bucket.name}, {"Key", key}, {"UploadId", id}};
    if (!algorithm.empty()) {
        out["ChecksumAlgorithm"] = algorithm;
        out["ChecksumType"] = type;
    }
    return out;
}

/// Keeps the bytes as a part of the upload and gives the part's record.
Json keep_part(Store& store, const Bucket& bucket, const Json& input, std::string bytes,
               Json checksums) {
    Json upload = require_upload(store, bucket, input);
    const Json* given = find_member(input, "PartNumber");
    const std::int64_t number =
        given != nullptr && given->is_number_integer() ? given->get<std::int64_t>() : 0;
    if (number < 1 || number > kMostParts) {
        throw invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                               "partNumber", std::to_string(number));
    }
    if (const ChecksumAlgorithm* algorithm = find_checksum(string_member(upload, "algorithm"))) {
        if (!checksums.contains(algorithm->member)) {
            checksums[algorithm->member] = base64_encode(algorithm->digest(bytes));
        }
    }
    Json& kept = upload["parts"][part_key(number)];
    if (kept.is_object()) store.blobs().remove(string_member(kept, "blob"));
    const TimePoint now = store.cloud().clock().now();
    kept = {{"size", bytes.size()},
            {"etag", fmt::format("\"{}\"", digest::hex(digest::md5(bytes)))},
            {"modified", iso8601_millis(now)},
            {"checksums", std::move(checksums)},
            {"blob", store.blobs().put(std::move(bytes))}};
    Json part = kept;
    store.uploads().put(Store::upload_scope(bucket), string_member(input, "UploadId"),
                        std::move(upload));
    return part;
}

Json upload_part(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    ReceivedBody body = receive_body(input);
    const Json part =
        keep_part(store, bucket, input, std::move(body.bytes), std::move(body.checksums));
    Json out = {{"ETag", part.at("etag")}, {"ServerSideEncryption", "AES256"}};
    for (const auto& [member, value] : part.at("checksums").items()) out[member] = value;
    return out;
}

Json upload_part_copy(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    std::string source = percent_decode(string_member(input, "CopySource"));
    if (source.starts_with('/')) source.erase(0, 1);
    source = source.substr(0, source.rfind("?versionId="));
    const std::size_t slash = std::min(source.find('/'), source.size());
    const Bucket& from = store.require(context.caller, source.substr(0, slash));
    const std::string key = source.substr(std::min(slash + 1, source.size()));
    const ObjectVersion* original = store.latest(from, key);
    if (original == nullptr) throw no_such_key(key);
    std::string bytes = *store.blobs().get(original->blob);
    if (const auto range = parse_range(string_member(input, "CopySourceRange"), bytes.size())) {
        bytes = bytes.substr(range->first, range->last - range->first + 1);
    }
    const Json part = keep_part(store, bucket, input, std::move(bytes), Json::object());
    return {{"ETag", part.at("etag")}, {"LastModified", part.at("modified")}};
}

AwsError invalid_part(std::string_view upload) {
    return {"InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been "
            "uploaded, or the specified entity tag may not match the part's entity tag.",
            400,
            {{"UploadId", upload}}};
}

std::string without_quotes(std::string text) {
    std::erase(text, '"');
    return text;
}

/// The records of the parts that a completion names, checked for order, tags and sizes.
std::vector<const Json*> chosen_parts(const Json& upload, const Json& input) {
    const std::string id = string_member(input, "UploadId");
    const Json* wish = find_member(input, "MultipartUpload");
    const Json* named = wish == nullptr ? nullptr : find_member(*wish, "Parts");
    if (named == nullptr || !named->is_array() || named->empty()) throw malformed_xml();
    std::vector<const Json*> parts;
    std::int64_t last = 0;
    for (const Json& name : *named) {
        const auto number = name.value("PartNumber", std::int64_t{0});
        if (number <= last) {
            throw AwsError("InvalidPartOrder",
                           "The list of parts was not in ascending order. Parts must be ordered by "
                           "part number.");
        }
        last = number;
        const Json* part = find_member(upload.at("parts"), part_key(number));
        if (part == nullptr || without_quotes(string_member(name, "ETag")) !=
                                   without_quotes(string_member(*part, "etag"))) {
            throw invalid_part(id);
        }
        parts.push_back(part);
    }
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        if (parts[i]->at("size").get<std::uint64_t>() < kSmallestPart) {
            throw AwsError("EntityTooSmall",
                           "Your proposed upload is smaller than the minimum allowed size");
        }
    }
    return parts;
}

void add_checksum(const Json& upload, const std::vector<const Json*>& parts, std::string_view bytes,
                  ObjectVersion& object) {
    const ChecksumAlgorithm* algorithm = find_checksum(string_member(upload, "algorithm"));
    if (algorithm == nullptr) return;
    const std::string type = string_member(upload, "checksum_type");
    std::string checksum;
    if (type == "FULL_OBJECT") {
        checksum = base64_encode(algorithm->digest(bytes));
    } else {
        std::vector<std::string> all;
        for (const Json* part : parts) {
            all.push_back(string_member(part->at("checksums"), algorithm->member));
        }
        checksum = composite_checksum(*algorithm, all);
    }
    object.info["Checksums"] = Json{{std::string(algorithm->member), checksum}};
    object.info["ChecksumType"] = type;
}

Json complete_upload(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const std::string key = string_member(input, "Key");
    const Json upload = require_upload(store, bucket, input);
    const std::vector<const Json*> parts = chosen_parts(upload, input);
    if (string_member(input, "IfNoneMatch") == "*" && store.latest(bucket, key) != nullptr) {
        throw precondition_failed("If-None-Match");
    }
    std::string bytes;
    std::string digests;
    for (const Json* part : parts) {
        const auto piece = store.blobs().get(string_member(*part, "blob"));
        bytes += *piece;
        digests += digest::md5(*piece);
    }
    ObjectVersion object;
    object.size = bytes.size();
    const std::string tag = fmt::format("{}-{}", digest::hex(digest::md5(digests)), parts.size());
    object.etag = fmt::format("\"{}\"", tag);
    object.info = upload.at("info");
    object.info["PartSizes"] = Json::array();
    for (const Json* part : parts) object.info["PartSizes"].push_back(part->at("size"));
    add_checksum(upload, parts, bytes, object);
    object.blob = store.blobs().put(std::move(bytes));
    const ObjectVersion& added = store.add(bucket, key, std::move(object));
    store.remove_upload(bucket, string_member(input, "UploadId"));
    Json out = {{"Location", fmt::format("{}/{}/{}", store.cloud().settings().endpoint(),
                                         bucket.name, percent_encode(key, Slash::keep))},
                {"Bucket", bucket.name},
                {"Key", key},
                {"ETag", added.etag}};
    if (const Json* checksums = find_member(added.info, "Checksums")) {
        for (const auto& [member, value] : checksums->items()) out[member] = value;
        out["ChecksumType"] = added.info.at("ChecksumType");
    }
    if (bucket.versioning() == Versioning::kEnabled) out["VersionId"] = added.version_id;
    notify(context, bucket,
           {"ObjectCreated:CompleteMultipartUpload", "CompleteMultipartUpload", key, added.size,
            tag, string_member(out, "VersionId")});
    return out;
}

Json abort_upload(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    require_upload(store, bucket, input);
    store.remove_upload(bucket, string_member(input, "UploadId"));
    return Json::object();
}

Json list_parts(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const Json upload = require_upload(store, bucket, input);
    const auto after = input.value("PartNumberMarker", std::int64_t{0});
    const auto most =
        std::clamp<std::int64_t>(input.value("MaxParts", std::int64_t{1000}), 1, 1000);
    Json parts = Json::array();
    Json out = {{"Bucket", bucket.name},
                {"Key", upload.at("Key")},
                {"UploadId", string_member(input, "UploadId")},
                {"PartNumberMarker", after},
                {"MaxParts", most},
                {"IsTruncated", false},
                {"StorageClass", "STANDARD"}};
    std::map<std::string, const Json*> ordered;
    for (const auto& [number, part] : upload.at("parts").items()) ordered[number] = &part;
    for (const auto& [text, part] : ordered) {
        std::int64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        if (number <= after) continue;
        if (static_cast<std::int64_t>(parts.size()) == most) {
            out["IsTruncated"] = true;
            out["NextPartNumberMarker"] = parts.back().at("PartNumber");
            break;
        }
        parts.push_back({{"PartNumber", number},
                         {"LastModified", part->at("modified")},
                         {"ETag", part->at("etag")},
                         {"Size", part->at("size")}});
    }
    if (!parts.empty()) out["Parts"] = std::move(parts);
    return out;
}

Json list_uploads(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const std::string prefix = string_member(input, "Prefix");
    Json uploads = Json::array();
    store.uploads().for_each(Store::upload_scope(bucket), [&](const auto& id, const Json& upload) {
        if (string_member(upload, "Key").starts_with(prefix)) {
            uploads.push_back({{"UploadId", id},
                               {"Key", upload.at("Key")},
                               {"Initiated", upload.at("Initiated")},
                               {"StorageClass", "STANDARD"}});
        }
        return true;
    });
    Json out = {{"Bucket", bucket.name}, {"MaxUploads", 1000}, {"IsTruncated", false}};
    if (!uploads.empty()) out["Uploads"] = std::move(uploads);
    return out;
}

void add_completion(Service& service, Store& store) {
    using namespace shape;
    Operation complete = on_object("CompleteMultipartUpload", "POST", "uploadId");
    std::vector<Shape::Member> part = {required("PartNumber", integer()),
                                       required("ETag", string())};
    complete.input =
        with(complete.input,
             {optional("MultipartUpload",
                       structure({optional("Parts", flat(list(structure(part)), "Part"))}))});
    complete.http.payload = "MultipartUpload";
    complete.http.query = {{"UploadId", "uploadId"}};
    complete.http.headers = {{"IfNoneMatch", "If-None-Match"}};
    complete.http.response_headers = {{"VersionId", "x-amz-version-id"}};
    complete.xml.root = "CompleteMultipartUploadResult";
    add_row(service, store, std::move(complete), complete_upload);
}

void add_part_uploads(Service& service, Store& store) {
    using namespace shape;
    const Shape::Member number = required("PartNumber", integer());
    Operation upload = on_object("UploadPart", "PUT", "partNumber&uploadId");
    upload.input = with(upload.input, {number});
    bind_write_headers(upload);
    upload.http.payload = "Body";
    upload.http.query = {{"UploadId", "uploadId"}, {"PartNumber", "partNumber"}};
    upload.http.response_headers = {{"ETag", "ETag"},
                                    {"ServerSideEncryption", "x-amz-server-side-encryption"}};
    for (const ChecksumAlgorithm& algorithm : checksum_algorithms()) {
        upload.http.response_headers.emplace_back(algorithm.member, algorithm.header);
    }
    add_row(service, store, std::move(upload), upload_part);

    Operation copy = on_object("UploadPartCopy", "PUT", "partNumber&uploadId");
    copy.input = with(copy.input, {number});
    copy.http.requires_headers = {"x-amz-copy-source"};
    copy.http.headers = {{"CopySource", "x-amz-copy-source"},
                         {"CopySourceRange", "x-amz-copy-source-range"}};
    copy.http.query = {{"UploadId", "uploadId"}, {"PartNumber", "partNumber"}};
    copy.xml.root = "CopyPartResult";
    add_row(service, store, std::move(copy), upload_part_copy);
}

}  // namespace

void add_multipart_operations(Service& service, Store& store) {
    using namespace shape;
    Operation create = on_object("CreateMultipartUpload", "POST", "uploads");
    bind_write_headers(create);
    create.http.headers.insert(create.http.headers.end(),
                               {{"MultipartChecksumAlgorithm", "x-amz-checksum-algorithm"},
                                {"ChecksumType", "x-amz-checksum-type"}});
    create.http.response_headers = {{"ChecksumAlgorithm", "x-amz-checksum-algorithm"},
                                    {"ChecksumType", "x-amz-checksum-type"}};
    create.xml.root = "InitiateMultipartUploadResult";
    add_row(service, store, std::move(create), create_upload);
    add_part_uploads(service, store);
    add_completion(service, store);

    Operation abort = on_object("AbortMultipartUpload", "DELETE", "uploadId");
    abort.http.query = {{"UploadId", "uploadId"}};
    abort.http.status = 204;
    add_row(service, store, std::move(abort), abort_upload);

    Operation parts = on_object("ListParts", "GET", "uploadId");
    parts.input = with(parts.input,
                       {optional("MaxParts", integer()), optional("PartNumberMarker", integer())});
    parts.http.query = {{"UploadId", "uploadId"},
                        {"MaxParts", "max-parts"},
                        {"PartNumberMarker", "part-number-marker"}};
    parts.xml.root = "ListPartsResult";
    parts.xml.flattened = {{"Parts", "Part"}};
    add_row(service, store, std::move(parts), list_parts);

    Operation uploads = on_bucket("ListMultipartUploads", "GET", "uploads");
    uploads.http.query = {{"Prefix", "prefix"}};
    uploads.xml.root = "ListMultipartUploadsResult";
    uploads.xml.flattened = {{"Uploads", "Upload"}};
    add_row(service, store, std::move(uploads), list_uploads);
}

}  // namespace skafu::s3

#include "core/aws_error.h"
#include "core/digest.h"
#include "core/http.h"
#include "core/split.h"
#include "s3/checksums.h"
#include "s3/errors.h"
#include "s3/notifications.h"
#include "s3/operations.h"
#include "s3/wire.h"

namespace skafu::s3 {
namespace {

std::string bare(const std::string& etag) {
    return etag.substr(1, etag.size() - 2);
}

void check_write_conditions(Store& store, const Bucket& bucket, const std::string& key,
                            const Json& input) {
    const ObjectVersion* existing = store.latest(bucket, key);
    if (string_member(input, "IfNoneMatch") == "*" && existing != nullptr) {
        throw precondition_failed("If-None-Match");
    }
    const std::string match = string_member(input, "IfMatch");
    if (match.empty()) return;
    if (existing == nullptr) throw no_such_key(key);
    check_read_conditions({{"IfMatch", match}}, existing->etag, TimePoint());
}

void add_checksum_members(const Json& checksums, Json& out) {
    for (const auto& [member, value] : checksums.items()) out[member] = value;
    if (!checksums.empty()) out["ChecksumType"] = "FULL_OBJECT";
}

Json put_object(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const std::string key = string_member(input, "Key");
    check_write_conditions(store, bucket, key, input);
    ReceivedBody body = receive_body(input);
    ObjectVersion object;
    object.size = body.bytes.size();
    object.etag = fmt::format("\"{}\"", digest::hex(digest::md5(body.bytes)));
    object.info = info_of_write(input);
    if (!body.checksums.empty()) {
        object.info["Checksums"] = body.checksums;
        object.info["ChecksumType"] = "FULL_OBJECT";
    }
    object.blob = store.blobs().put(std::move(body.bytes));
    const ObjectVersion& added = store.add(bucket, key, std::move(object));
    Json out = {{"ETag", added.etag}, {"ServerSideEncryption", "AES256"}};
    if (bucket.versioning() == Versioning::kEnabled) out["VersionId"] = added.version_id;
    add_checksum_members(body.checksums, out);
    notify(context, bucket,
           {"ObjectCreated:Put", "PutObject", key, added.size, bare(added.etag),
            string_member(out, "VersionId")});
    return out;
}

/// The version that a read asks for; throws NoSuchKey, NoSuchVersion or MethodNotAllowed.
const ObjectVersion& find_for_read(Store& store, Bucket& bucket, const Json& input) {
    const std::string key = string_member(input, "Key");
    const std::string version_id = string_member(input, "VersionId");
    if (version_id.empty()) {
        const ObjectVersion* latest = store.latest(bucket, key);
        if (latest == nullptr) throw no_such_key(key);
        return *latest;
    }
    const ObjectVersion& version = store.require_version(bucket, key, version_id);
    if (version.is_delete_marker) {
        throw AwsError("MethodNotAllowed",
                       "The specified method is not allowed against this resource.", 405);
    }
    return version;
}

/// The bytes that partNumber names: of an object that was put whole, all are its first part.
ByteRange part_range(const ObjectVersion& version, std::int64_t number) {
    const Json* sizes = find_member(version.info, "PartSizes");
    const auto count =
        sizes == nullptr ? std::int64_t{1} : static_cast<std::int64_t>(sizes->size());
    if (number < 1 || number > count) {
        throw AwsError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416,
                       {{"ActualPartCount", count}, {"PartNumberRequested", number}});
    }
    std::uint64_t first = 0;
    std::uint64_t size = version.size;
    for (std::int64_t i = 1; sizes != nullptr && i <= number; ++i) {
        size = sizes->at(static_cast<std::size_t>(i - 1)).get<std::uint64_t>();
        if (i < number) first += size;
    }
    return {first, first + size - 1};
}

/// What GET and HEAD answer alike; `range` is set where only a part is wanted.
Json read_answer(Store& store, Context& context, const Json& input, const ObjectVersion*& version,
                 std::optional<ByteRange>& range) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    version = &find_for_read(store, bucket, input);
    check_read_conditions(input, version->etag,
                          TimePoint{std::chrono::milliseconds(version->modified_ms)});
    Json out = describe(*version, bucket);
    range = parse_range(string_member(input, "Range"), version->size);
    if (const Json* part = find_member(input, "PartNumber")) {
        if (range) {
            throw AwsError("InvalidRequest",
                           "Cannot specify both Range header and partNumber query parameter");
        }
        const ByteRange bytes = part_range(*version, part->get<std::int64_t>());
        if (version->size > 0) range = bytes;
        if (const Json* sizes = find_member(version->info, "PartSizes")) {
            out["PartsCount"] = sizes->size();
        }
    }
    if (range) {
        out["ContentRange"] =
            fmt::format("bytes {}-{}/{}", range->first, range->last, version->size);
        out["__status"] = 206;
    } else if (iequals(string_member(input, "ChecksumMode"), "ENABLED")) {
        if (const Json* checksums = find_member(version->info, "Checksums")) {
            for (const auto& [member, value] : checksums->items()) out[member] = value;
            out["ChecksumType"] = string_member(version->info, "ChecksumType", "FULL_OBJECT");
        }
    }
    for (const std::string_view name : {"ContentType", "CacheControl", "ContentDisposition",
                                        "ContentEncoding", "ContentLanguage", "Expires"}) {
        const std::string given = string_member(input, "Response" + std::string(name));
        if (!given.empty()) out[name] = given;
    }
    out["ContentLength"] = range ? range->last - range->first + 1 : version->size;
    return out;
}

Json get_object(Store& store, Context& context, const Json& input) {
    const ObjectVersion* version = nullptr;
    std::optional<ByteRange> range;
    Json out = read_answer(store, context, input, version, range);
    const std::shared_ptr<const std::string> bytes = store.blobs().get(version->blob);
    out["Body"] = range ? bytes->substr(range->first, range->last - range->first + 1) : *bytes;
    return out;
}

Json head_object(Store& store, Context& context, const Json& input) {
    const ObjectVersion* version = nullptr;
    std::optional<ByteRange> range;
    return read_answer(store, context, input, version, range);
}

bool asks_for(const std::string& list, std::string_view attribute) {
    const std::vector<std::string_view> all = split_entries(list, ',');
    return std::find(all.begin(), all.end(), attribute) != all.end();
}

/// GetObjectAttributes: of what HEAD tells, only what was asked for.
Json get_attributes(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const ObjectVersion& version = find_for_read(store, bucket, input);
    const std::string wanted = string_member(input, "ObjectAttributes");
    if (wanted.empty()) {
        throw invalid_argument(
            "The x-amz-object-attributes header specifying the attributes to be "
            "retrieved is either missing or empty",
            "x-amz-object-attributes", wanted);
    }
    const TimePoint modified{std::chrono::milliseconds(version.modified_ms)};
    Json out = {{"LastModified", http_date(modified)}};
    if (bucket.versioning() != Versioning::kOff) out["VersionId"] = version.version_id;
    if (asks_for(wanted, "ETag")) out["ETag"] = bare(version.etag);
    const Json* checksums = find_member(version.info, "Checksums");
    if (checksums != nullptr && asks_for(wanted, "Checksum")) {
        out["Checksum"] = *checksums;
        out["Checksum"]["ChecksumType"] =
            string_member(version.info, "ChecksumType", "FULL_OBJECT");
    }
    const Json* sizes = find_member(version.info, "PartSizes");
    if (sizes != nullptr && asks_for(wanted, "ObjectParts")) {
        out["ObjectParts"] = {{"PartsCount", sizes->size()}};
    }
    if (asks_for(wanted, "StorageClass")) {
        const Json* headers = find_member(version.info, "Headers");
        out["StorageClass"] =
            headers == nullptr ? "STANDARD" : string_member(*headers, "StorageClass", "STANDARD");
    }
    if (asks_for(wanted, "ObjectSize")) out["ObjectSize"] = version.size;
    return out;
}

/// "bucket/key?versionId=v", percent-encoded, with or without a leading slash.
struct CopySource {
    std::string bucket;
    std::string key;
    std::string version;
};

CopySource parse_copy_source(const Json& input) {
    std::string source = string_member(input, "CopySource");
    CopySource out;
    const std::size_t mark = source.rfind("?versionId=");
    if (mark != std::string::npos) {
        out.version = source.substr(mark + 11);
        source.resize(mark);
    }
    source = percent_decode(source);
    if (source.starts_with('/')) source.erase(0, 1);
    const std::size_t slash = source.find('/');
    if (slash == std::string::npos || slash + 1 == source.size()) {
        throw invalid_argument(
            "Copy Source must mention the source bucket and key: "
            "sourcebucket/sourcekey",
            "x-amz-copy-source", source);
    }
    out.bucket = source.substr(0, slash);
    out.key = source.substr(slash + 1);
    return out;
}

Json copy_object(Store& store, Context& context, const Json& input) {
    const CopySource source = parse_copy_source(input);
    Bucket& from = store.require(context.caller, source.bucket);
    Bucket& to = store.require(context.caller, string_member(input, "Bucket"));
    const std::string key = string_member(input, "Key");
    const ObjectVersion& original =
        find_for_read(store, from, {{"Key", source.key}, {"VersionId", source.version}});
    check_read_conditions(input, original.etag,
                          TimePoint{std::chrono::milliseconds(original.modified_ms)}, "CopySource");
    const bool replace = string_member(input, "MetadataDirective") == "REPLACE";
    if (&from == &to && source.key == key && !replace && source.version.empty() &&
        string_member(input, "StorageClass").empty()) {
        throw AwsError("InvalidRequest",
                       "This copy request is illegal because it is trying to copy an object to "
                       "itself without changing the object's metadata, storage class, website "
                       "redirect location or encryption attributes.");
    }
    ObjectVersion copy;
    copy.size = original.size;
    copy.info = original.info;
    if (replace) {
        const Json given = info_of_write(input);
        copy.info["Headers"] = given.at("Headers");
        copy.info["Metadata"] = given.value("Metadata", Json::object());
    }
    if (string_member(input, "TaggingDirective") == "REPLACE") {
        copy.info["Tags"] = parse_tagging_header(string_member(input, "Tagging"));
    }
    std::string bytes = *store.blobs().get(original.blob);
    copy.etag = fmt::format("\"{}\"", digest::hex(digest::md5(bytes)));
    copy.blob = store.blobs().put(std::move(bytes));
    const ObjectVersion& added = store.add(to, key, std::move(copy));
    const TimePoint modified{std::chrono::milliseconds(added.modified_ms)};
    Json out = {{"ETag", added.etag}, {"LastModified", iso8601_millis(modified)}};
    if (to.versioning() == Versioning::kEnabled) out["VersionId"] = added.version_id;
    notify(context, to,
           {"ObjectCreated:Copy", "CopyObject", key, added.size, bare(added.etag),
            string_member(out, "VersionId")});
    return out;
}

void bind_read(Operation& operation) {
    operation.input =
        shape::with(operation.input, {shape::optional("PartNumber", shape::integer())});
    operation.http.query = {{"VersionId", "versionId"},
                            {"PartNumber", "partNumber"},
                            {"ResponseContentType", "response-content-type"},
                            {"ResponseCacheControl", "response-cache-control"},
                            {"ResponseContentDisposition", "response-content-disposition"},
                            {"ResponseContentEncoding", "response-content-encoding"},
                            {"ResponseContentLanguage", "response-content-language"},
                            {"ResponseExpires", "response-expires"}};
    operation.http.headers = {{"Range", "Range"},
                              {"IfMatch", "If-Match"},
                              {"IfNoneMatch", "If-None-Match"},
                              {"IfModifiedSince", "If-Modified-Since"},
                              {"IfUnmodifiedSince", "If-Unmodified-Since"},
                              {"ChecksumMode", "x-amz-checksum-mode"}};
    auto& headers = operation.http.response_headers;
    headers = object_headers();
    headers.insert(headers.end(), {{"AcceptRanges", "Accept-Ranges"},
                                   {"LastModified", "Last-Modified"},
                                   {"ETag", "ETag"},
                                   {"ContentRange", "Content-Range"},
                                   {"ContentLength", "Content-Length"},
                                   {"Metadata", "x-amz-meta-*"},
                                   {"TagCount", "x-amz-tagging-count"},
                                   {"PartsCount", "x-amz-mp-parts-count"},
                                   {"VersionId", "x-amz-version-id"},
                                   {"ChecksumType", "x-amz-checksum-type"}});
    for (const ChecksumAlgorithm& algorithm : checksum_algorithms()) {
        headers.emplace_back(algorithm.member, algorithm.header);
    }
}

}  // namespace

void add_object_operations(Service& service, Store& store) {
    using namespace shape;
    Operation put = on_object("PutObject", "PUT");
    bind_write_headers(put);
    put.http.payload = "Body";
    put.http.response_headers = {{"ETag", "ETag"},
                                 {"VersionId", "x-amz-version-id"},
                                 {"ServerSideEncryption", "x-amz-server-side-encryption"},
                                 {"ChecksumType", "x-amz-checksum-type"}};
    for (const ChecksumAlgorithm& algorithm : checksum_algorithms()) {
        put.http.response_headers.emplace_back(algorithm.member, algorithm.header);
    }
    add_row(service, store, std::move(put), put_object);

    Operation get = on_object("GetObject", "GET");
    bind_read(get);
    get.http.response_payload = "Body";
    add_row(service, store, std::move(get), get_object);

    Operation head = on_object("HeadObject", "HEAD");
    bind_read(head);
    add_row(service, store, std::move(head), head_object);

    Operation attributes = on_object("GetObjectAttributes", "GET", "attributes");
    attributes.http.query = {{"VersionId", "versionId"}};
    attributes.http.headers = {{"ObjectAttributes", "x-amz-object-attributes"}};
    attributes.http.response_headers = {{"LastModified", "Last-Modified"},
                                        {"VersionId", "x-amz-version-id"}};
    attributes.xml.root = "GetObjectAttributesResponse";
    add_row(service, store, std::move(attributes), get_attributes);

    Operation copy = on_object("CopyObject", "PUT");
    bind_write_headers(copy);
    copy.http.requires_headers = {"x-amz-copy-source"};
    copy.http.headers.insert(
        copy.http.headers.end(),
        {{"CopySource", "x-amz-copy-source"},
         {"MetadataDirective", "x-amz-metadata-directive"},
         {"TaggingDirective", "x-amz-tagging-directive"},
         {"CopySourceIfMatch", "x-amz-copy-source-if-match"},
         {"CopySourceIfNoneMatch", "x-amz-copy-source-if-none-match"},
         {"CopySourceIfModifiedSince", "x-amz-copy-source-if-modified-since"},
         {"CopySourceIfUnmodifiedSince", "x-amz-copy-source-if-unmodified-since"}});
    copy.http.response_headers = {{"VersionId", "x-amz-version-id"}};
    copy.xml.root = "CopyObjectResult";
    add_row(service, store, std::move(copy), copy_object);
}

}  // namespace skafu::s3

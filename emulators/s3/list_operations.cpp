#include "core/aws_error.h"
#include "core/http.h"
#include "core/page_token.h"
#include "s3/errors.h"
#include "s3/operations.h"

namespace skafu::s3 {
namespace {

constexpr std::int64_t kMostKeys = 1000;

struct ListRequest {
    std::string prefix;
    std::string delimiter;
    std::string after;  ///< only what comes after this key or common prefix
    std::size_t most = kMostKeys;
    bool url_encoded = false;

    explicit ListRequest(const Json& input)
        : prefix(string_member(input, "Prefix")),
          delimiter(string_member(input, "Delimiter")),
          url_encoded(string_member(input, "EncodingType") == "url") {
        const Json* given = find_member(input, "MaxKeys");
        if (given == nullptr || !given->is_number_integer()) return;
        if (given->get<std::int64_t>() < 0) {
            throw invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647",
                                   "maxKeys", to_text(*given));
        }
        most = static_cast<std::size_t>(std::min(given->get<std::int64_t>(), kMostKeys));
    }
    std::string shown(const std::string& text) const {
        return url_encoded ? percent_encode(text, Slash::keep) : text;
    }
};

struct Page {
    std::vector<std::pair<const std::string*, const Versions*>> keys;
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    std::string last;  ///< the last key or common prefix of the page
};

/// Walks the keys in order, rolling up those that share what stands before the delimiter.
Page list_keys(const Bucket& bucket, const ListRequest& request,
               const std::function<bool(const Versions&)>& counts) {
    Page page;
    auto at = bucket.keys.lower_bound(std::max(request.prefix, request.after));
    while (at != bucket.keys.end() && at->first.starts_with(request.prefix)) {
        const std::size_t split = request.delimiter.empty()
                                      ? std::string::npos
                                      : at->first.find(request.delimiter, request.prefix.size());
        const std::string rolled = split == std::string::npos
                                       ? std::string()
                                       : at->first.substr(0, split + request.delimiter.size());
        const bool passed = rolled.empty() ? at->first <= request.after && !request.after.empty()
                                           : rolled <= request.after && !request.after.empty();
        if (passed || !counts(at->second)) {
            ++at;
            continue;
        }
        if (page.keys.size() + page.common_prefixes.size() == request.most) {
            page.truncated = request.most > 0;
            return page;
        }
        if (rolled.empty()) {
            page.keys.emplace_back(&at->first, &at->second);
            page.last = at->first;
            ++at;
            continue;
        }
        page.common_prefixes.push_back(rolled);
        page.last = rolled;
        while (at != bucket.keys.end() && at->first.starts_with(rolled)) ++at;
    }
    return page;
}

bool is_listed(const Versions& versions) {
    return !versions.front().is_delete_marker;
}

Json contents_entry(const ListRequest& request, const std::string& key,
                    const ObjectVersion& version) {
    const TimePoint modified{std::chrono::milliseconds(version.modified_ms)};
    Json entry = {{"Key", request.shown(key)},
                  {"LastModified", iso8601_millis(modified)},
                  {"ETag", version.etag},
                  {"Size", version.size},
                  {"StorageClass", "STANDARD"}};
    if (const Json* headers = find_member(version.info, "Headers")) {
        entry["StorageClass"] = string_member(*headers, "StorageClass", "STANDARD");
    }
    return entry;
}

void add_page(const ListRequest& request, const Page& page, Json& out) {
    if (request.url_encoded) out["EncodingType"] = "url";
    if (!request.delimiter.empty()) out["Delimiter"] = request.shown(request.delimiter);
    out["IsTruncated"] = page.truncated;
    Json prefixes = Json::array();
    for (const std::string& prefix : page.common_prefixes) {
        prefixes.push_back({{"Prefix", request.shown(prefix)}});
    }
    if (!prefixes.empty()) out["CommonPrefixes"] = std::move(prefixes);
}

Json contents_of(const ListRequest& request, const Page& page, const Json* owner) {
    Json contents = Json::array();
    for (const auto& [key, versions] : page.keys) {
        contents.push_back(contents_entry(request, *key, versions->front()));
        if (owner != nullptr) contents.back()["Owner"] = *owner;
    }
    return contents;
}

Json list_objects_v2(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    ListRequest request(input);
    const std::string token = string_member(input, "ContinuationToken");
    const std::string start_after = string_member(input, "StartAfter");
    if (!token.empty()) {
        std::optional<std::string> key = key_of_page_token(token);
        if (!key) {
            throw invalid_argument("The continuation token provided is incorrect",
                                   "continuation-token", token);
        }
        request.after = std::move(*key);
    } else {
        request.after = start_after;
    }
    const Page page = list_keys(bucket, request, is_listed);
    Json out = {{"Name", bucket.name}, {"Prefix", request.shown(request.prefix)}};
    if (!start_after.empty()) out["StartAfter"] = request.shown(start_after);
    if (!token.empty()) out["ContinuationToken"] = token;
    out["KeyCount"] = page.keys.size() + page.common_prefixes.size();
    out["MaxKeys"] = request.most;
    if (page.truncated) out["NextContinuationToken"] = page_token(page.last);
    const Json owner = {{"ID", bucket.account}, {"DisplayName", "owner"}};
    const bool with_owner = input.value("FetchOwner", false);
    Json contents = contents_of(request, page, with_owner ? &owner : nullptr);
    if (!contents.empty()) out["Contents"] = std::move(contents);
    add_page(request, page, out);
    return out;
}

Json list_objects(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    ListRequest request(input);
    request.after = string_member(input, "Marker");
    const Page page = list_keys(bucket, request, is_listed);
    Json out = {{"Name", bucket.name},
                {"Prefix", request.shown(request.prefix)},
                {"Marker", request.shown(request.after)},
                {"MaxKeys", request.most}};
    if (page.truncated && !request.delimiter.empty()) out["NextMarker"] = request.shown(page.last);
    const Json owner = {{"ID", bucket.account}, {"DisplayName", "owner"}};
    Json contents = contents_of(request, page, &owner);
    if (!contents.empty()) out["Contents"] = std::move(contents);
    add_page(request, page, out);
    return out;
}

Json list_versions(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    ListRequest request(input);
    request.after = string_member(input, "KeyMarker");
    const Page page = list_keys(bucket, request, [](const Versions&) { return true; });
    Json versions = Json::array();
    Json markers = Json::array();
    const Json owner = {{"ID", bucket.account}, {"DisplayName", "owner"}};
    for (const auto& [key, all] : page.keys) {
        for (const ObjectVersion& version : *all) {
            Json entry = contents_entry(request, *key, version);
            entry["VersionId"] = version.version_id;
            entry["IsLatest"] = &version == &all->front();
            entry["Owner"] = owner;
            if (version.is_delete_marker) {
                for (const char* absent : {"ETag", "Size", "StorageClass"}) entry.erase(absent);
                markers.push_back(std::move(entry));
            } else {
                versions.push_back(std::move(entry));
            }
        }
    }
    Json out = {{"Name", bucket.name},
                {"Prefix", request.shown(request.prefix)},
                {"KeyMarker", request.shown(request.after)},
                {"MaxKeys", request.most}};
    if (page.truncated) out["NextKeyMarker"] = request.shown(page.last);
    if (!versions.empty()) out["Versions"] = std::move(versions);
    if (!markers.empty()) out["DeleteMarkers"] = std::move(markers);
    add_page(request, page, out);
    return out;
}

}  // namespace

void add_list_operations(Service& service, Store& store) {
    using namespace shape;
    const auto add = [&](std::string name, std::string_view marker, std::string root,
                         std::vector<std::pair<std::string, std::string>> more, Handler handler) {
        Operation operation = on_bucket(std::move(name), "GET", marker);
        operation.input = with(operation.input,
                               {optional("MaxKeys", integer()), optional("FetchOwner", boolean())});
        operation.http.query = {{"Prefix", "prefix"},
                                {"Delimiter", "delimiter"},
                                {"MaxKeys", "max-keys"},
                                {"EncodingType", "encoding-type"}};
        operation.http.query.insert(operation.http.query.end(), more.begin(), more.end());
        operation.xml.root = std::move(root);
        operation.xml.flattened = {{"Contents", "Contents"},
                                   {"CommonPrefixes", "CommonPrefixes"},
                                   {"Versions", "Version"},
                                   {"DeleteMarkers", "DeleteMarker"}};
        add_row(service, store, std::move(operation), handler);
    };
    add("ListObjectsV2", "list-type=2", "ListBucketResult",
        {{"ContinuationToken", "continuation-token"},
         {"StartAfter", "start-after"},
         {"FetchOwner", "fetch-owner"}},
        list_objects_v2);
    add("ListObjects", "", "ListBucketResult", {{"Marker", "marker"}}, list_objects);
    add("ListObjectVersions", "versions", "ListVersionsResult", {{"KeyMarker", "key-marker"}},
        list_versions);
}

}  // namespace skafu::s3

#include "core/aws_error.h"
#include "s3/errors.h"
#include "s3/notifications.h"
#include "s3/operations.h"

namespace skafu::s3 {
namespace {

constexpr std::size_t kMostDeleted = 1000;

/// Deletes one key or version and says what became of it, in DeleteObjects' words.
Json delete_one(Store& store, Context& context, Bucket& bucket, const std::string& key,
                const std::string& version_id) {
    Json out = {{"Key", key}};
    if (!version_id.empty()) {
        const auto found = bucket.keys.find(key);
        bool marker = false;
        if (found != bucket.keys.end()) {
            for (const ObjectVersion& version : found->second) {
                if (version.version_id == version_id) marker = version.is_delete_marker;
            }
        }
        out["VersionId"] = version_id;
        if (marker) {
            out["DeleteMarker"] = true;
            out["DeleteMarkerVersionId"] = version_id;
        }
        if (store.remove_version(bucket, key, version_id)) {
            notify(context, bucket,
                   {"ObjectRemoved:Delete", "DeleteObject", key, 0, "", version_id});
        }
        return out;
    }
    if (bucket.versioning() == Versioning::kOff) {
        if (store.remove_version(bucket, key, "null")) {
            notify(context, bucket, {"ObjectRemoved:Delete", "DeleteObject", key, 0, "", ""});
        }
        return out;
    }
    ObjectVersion marker;
    marker.is_delete_marker = true;
    const std::string id = store.add(bucket, key, std::move(marker)).version_id;
    out["DeleteMarker"] = true;
    out["DeleteMarkerVersionId"] = id;
    notify(context, bucket, {"ObjectRemoved:DeleteMarkerCreated", "DeleteObject", key, 0, "", id});
    return out;
}

Json delete_object(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    Json out = delete_one(store, context, bucket, string_member(input, "Key"),
                          string_member(input, "VersionId"));
    if (const Json* id = find_member(out, "DeleteMarkerVersionId")) out["VersionId"] = *id;
    out.erase("Key");
    out.erase("DeleteMarkerVersionId");
    return out;
}

Json delete_objects(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const Json* wish = find_member(input, "Delete");
    const Json* objects = wish == nullptr ? nullptr : find_member(*wish, "Objects");
    if (objects == nullptr || !objects->is_array() || objects->empty() ||
        objects->size() > kMostDeleted) {
        throw malformed_xml();
    }
    const Json* quiet = find_member(*wish, "Quiet");
    Json deleted = Json::array();
    for (const Json& object : *objects) {
        deleted.push_back(delete_one(store, context, bucket, string_member(object, "Key"),
                                     string_member(object, "VersionId")));
    }
    if (quiet != nullptr && *quiet == true) return Json::object();
    return {{"Deleted", std::move(deleted)}};
}

}  // namespace

void add_delete_operations(Service& service, Store& store) {
    using namespace shape;
    Operation one = on_object("DeleteObject", "DELETE");
    one.http.query = {{"VersionId", "versionId"}};
    one.http.status = 204;
    one.http.response_headers = {{"VersionId", "x-amz-version-id"},
                                 {"DeleteMarker", "x-amz-delete-marker"}};
    add_row(service, store, std::move(one), delete_object);

    Operation many = on_bucket("DeleteObjects", "POST", "delete");
    const Shape object = structure({required("Key", string()), optional("VersionId", string())});
    many.input =
        with(many.input,
             {required("Delete", structure({required("Objects", flat(list(object), "Object")),
                                            optional("Quiet", boolean())}))});
    many.http.payload = "Delete";
    many.xml.root = "DeleteResult";
    many.xml.flattened = {{"Deleted", "Deleted"}, {"Errors", "Error"}};
    add_row(service, store, std::move(many), delete_objects);
}

}  // namespace skafu::s3

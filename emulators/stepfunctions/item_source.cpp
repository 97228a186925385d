#include "core/arn.h"
#include "core/clock.h"
#include "core/zstream.h"
#include "stepfunctions/item_reader.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::size_t kMostBytes = 1024UL * 1024 * 1024;

/// The text of an object, unpacked where it is a gzip stream. Throws AwsError of S3.
Task<std::string> read_object(Cloud& cloud, Json place, Caller caller, ActivityId cause) {
    Json output =
        co_await cloud.call_json("s3", "GetObject", std::move(place), std::move(caller), cause);
    std::string body = string_member(output, "Body");
    if (!body.starts_with("\x1f\x8b")) co_return body;
    try {
        body = gunzip(body, kMostBytes);
    } catch (const std::runtime_error& error) {
        throw reader_failure(error.what());
    }
    co_return body;
}

/// The objects of a bucket as items (AWS docs, "ItemReader": "Iterating over a collection of
/// Amazon S3 objects"): the time in seconds, the ETag under the name that Step Functions has for
/// it.
Task<Json> list_objects(Cloud& cloud, std::string operation, Json parameters, Caller caller,
                        ActivityId cause, std::size_t most) {
    Json items = Json::array();
    while (items.size() < most) {
        Json input = parameters;
        Json page = co_await cloud.call_json("s3", operation, std::move(input), caller, cause);
        if (const Json* contents = find_member(page, "Contents")) {
            for (const Json& object : *contents) {
                if (items.size() == most) break;
                const TimePoint modified = parse_iso8601(string_member(object, "LastModified"));
                items.push_back({{"Etag", object["ETag"]},
                                 {"Key", object["Key"]},
                                 {"LastModified", epoch_millis(modified) / 1000},
                                 {"Size", object["Size"]},
                                 {"StorageClass", object.value("StorageClass", "STANDARD")}});
            }
        }
        const std::string next = string_member(page, "NextContinuationToken");
        if (next.empty()) break;
        parameters["ContinuationToken"] = next;
    }
    co_return items;
}

std::string uri_of(const Json& place) {
    const std::string key = string_member(place, "Key");
    return "S3://" + string_member(place, "Bucket") + (key.empty() ? "" : "/" + key);
}

/// Adds what the object at `place` holds, by the reader's settings, up to `most` items in all.
Task<void> append_object(Cloud& cloud, const ReaderPart& reader, Json place, Caller caller,
                         ActivityId cause, std::size_t most, MapItems& items) {
    const std::string source = uri_of(place);
    const std::string body =
        co_await read_object(cloud, std::move(place), std::move(caller), cause);
    MapItems more = items_from_file(reader, body, most - items.list.size());
    items.sources.emplace_back(items.list.size(), source);
    for (Json& item : more.list) items.list.push_back(std::move(item));
}

/// What the objects of a listing hold, one after the other (Transformation LOAD_AND_FLATTEN).
Task<MapItems> load_objects(Cloud& cloud, const ReaderPart& reader, Json listed, std::string bucket,
                            Caller caller, ActivityId cause, std::size_t most) {
    MapItems items;
    for (const Json& object : listed) {
        if (items.list.size() >= most) break;
        // The objects that consoles make for folders hold nothing.
        const bool is_folder = object["Size"] == 0 && string_member(object, "Key").ends_with("/");
        if (is_folder) continue;
        Json place = {{"Bucket", bucket}, {"Key", object["Key"]}};
        co_await append_object(cloud, reader, std::move(place), caller, cause, most, items);
    }
    co_return items;
}

/// The objects that an S3 inventory lists: rows of its data files under the names of its schema.
Task<MapItems> read_inventory(Cloud& cloud, std::string text, Caller caller, ActivityId cause,
                              std::size_t most) {
    Json manifest;
    try {
        manifest = parse_json(text);
    } catch (const JsonError&) {
        throw reader_failure("The manifest file is not valid JSON.");
    }
    if (string_member(manifest, "fileFormat", "CSV") != "CSV") {
        throw reader_failure("The file format " + string_member(manifest, "fileFormat") +
                             " of the manifest is not supported.");
    }
    ReaderPart rows;
    rows.input_type = "CSV";
    rows.headers_given = true;
    const auto schema = parse_csv(string_member(manifest, "fileSchema"), ',', 1);
    if (schema.empty()) throw reader_failure("The manifest file has no schema.");
    for (const std::string& name : schema[0]) {
        rows.headers.push_back(name.substr(std::min(name.find_first_not_of(' '), name.size())));
    }
    std::string bucket = string_member(manifest, "destinationBucket");
    if (const auto arn = Arn::parse(bucket)) bucket = arn->resource;
    MapItems items;
    for (const Json& file : manifest.value("files", Json::array())) {
        if (items.list.size() >= most) break;
        Json place = {{"Bucket", bucket}, {"Key", string_member(file, "key")}};
        co_await append_object(cloud, rows, std::move(place), caller, cause, most, items);
    }
    co_return items;
}

/// The files that a manifest of Athena names, one "s3://bucket/key" a line, each with items of the
/// reader's type.
Task<MapItems> read_data_files(Cloud& cloud, const ReaderPart& reader, std::string text,
                               Caller caller, ActivityId cause, std::size_t most) {
    MapItems items;
    for (const auto& row : parse_csv(text, ',', most)) {
        constexpr std::string_view kScheme = "s3://";
        if (items.list.size() >= most || !row[0].starts_with(kScheme)) continue;
        const std::string path = row[0].substr(kScheme.size());
        const std::size_t slash = std::min(path.find('/'), path.size() - 1);
        Json place = {{"Bucket", path.substr(0, slash)}, {"Key", path.substr(slash + 1)}};
        co_await append_object(cloud, reader, std::move(place), caller, cause, most, items);
    }
    co_return items;
}

}  // namespace

Task<MapItems> read_source(Cloud& cloud, const ReaderPart& reader, Json parameters, Caller caller,
                           ActivityId cause, std::size_t most) {
    MapItems items;
    const std::string& operation = reader.integration.operation;
    if (operation.starts_with("ListObjects")) {
        const std::string bucket = string_member(parameters, "Bucket");
        const std::size_t listed_most = reader.loads_objects ? SIZE_MAX : most;
        Json listed = co_await list_objects(cloud, operation, std::move(parameters), caller, cause,
                                            listed_most);
        if (reader.loads_objects) {
            items = co_await load_objects(cloud, reader, std::move(listed), bucket,
                                          std::move(caller), cause, most);
            co_return items;
        }
        items.list = std::move(listed);
        items.sources.emplace_back(0, "S3://" + bucket);
        co_return items;
    }
    const std::string source = uri_of(parameters);
    std::string body = co_await read_object(cloud, std::move(parameters), caller, cause);
    if (reader.input_type == "MANIFEST" || reader.manifest_type == "S3_INVENTORY") {
        items = co_await read_inventory(cloud, std::move(body), std::move(caller), cause, most);
    } else if (reader.manifest_type == "ATHENA_DATA") {
        items = co_await read_data_files(cloud, reader, std::move(body), std::move(caller), cause,
                                         most);
    } else {
        items = items_from_file(reader, body, most);
    }
    // Of a manifest it is the manifest that is told.
    items.sources = {{0, source}};
    co_return items;
}

}  // namespace skafu::stepfunctions

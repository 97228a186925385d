#include "core/aws_error.h"
#include "s3/errors.h"
#include "s3/operations.h"
#include "s3/wire.h"

namespace skafu::s3 {
namespace {

Json owner_of(const std::string& account) {
    return {{"ID", account}, {"DisplayName", "owner"}};
}

Json create_bucket(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "Bucket");
    if (!is_bucket_name(name)) {
        throw AwsError("InvalidBucketName", "The specified bucket is not valid.", 400,
                       {{"BucketName", name}});
    }
    const Json location = {{"Location", "/" + name}};
    std::string region = context.caller.region;
    if (const Json* given = find_member(input, "CreateBucketConfiguration")) {
        region = string_member(*given, "LocationConstraint", region);
    }
    if (store.find(context.caller.account, name) != nullptr) {
        // The oldest region answers as if it had just been made.
        if (region == "us-east-1") return location;
        throw AwsError("BucketAlreadyOwnedByYou",
                       "Your previous request to create the named bucket succeeded and you already "
                       "own it.",
                       409, {{"BucketName", name}});
    }
    store.create(context.caller, name,
                 {{"region", region},
                  {"created", iso8601_millis(store.cloud().clock().now())},
                  {"configuration", Json::object()}});
    return location;
}

Json delete_bucket(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    if (!bucket.keys.empty()) {
        throw AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409,
                       {{"BucketName", bucket.name}});
    }
    store.remove(bucket);
    return Json::object();
}

Json head_bucket(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    return {{"BucketRegion", bucket.document.at("region")}};
}

Json list_buckets(Store& store, Context& context, const Json& input) {
    const std::string prefix = string_member(input, "Prefix");
    Json buckets = Json::array();
    store.for_each(context.caller.account, [&](const Bucket& bucket) {
        if (!bucket.name.starts_with(prefix)) return;
        buckets.push_back({{"Name", bucket.name},
                           {"CreationDate", bucket.document.at("created")},
                           {"BucketRegion", bucket.document.at("region")}});
    });
    return {{"Owner", owner_of(context.caller.account)}, {"Buckets", std::move(buckets)}};
}

Json get_location(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const std::string region = string_member(bucket.document, "region");
    // The answer is the bare text inside the root element, which a JSON member cannot say.
    const std::string shown = region == "us-east-1" ? "" : region;
    return {{"LocationConstraint",
             fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint "
                         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}"
                         "</LocationConstraint>",
                         shown)},
            {"ContentType", "application/xml"}};
}

Json get_versioning(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const std::string status = string_member(bucket.document, "versioning");
    return status.empty() ? Json::object() : Json{{"Status", status}};
}

Json put_versioning(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const Json* given = find_member(input, "VersioningConfiguration");
    const std::string status = given == nullptr ? "" : string_member(*given, "Status");
    if (status != "Enabled" && status != "Suspended") {
        throw AwsError("IllegalVersioningConfigurationException",
                       "The Versioning element must be specified");
    }
    bucket.document["versioning"] = status;
    store.save(bucket);
    return Json::object();
}

}  // namespace

void add_bucket_operations(Service& service, Store& store) {
    using namespace shape;
    Operation create = on_bucket("CreateBucket", "PUT");
    create.input =
        with(create.input, {optional("CreateBucketConfiguration",
                                     structure({optional("LocationConstraint", string())}))});
    create.http.payload = "CreateBucketConfiguration";
    create.http.response_headers = {{"Location", "Location"}};
    add_row(service, store, std::move(create), create_bucket);

    Operation remove = on_bucket("DeleteBucket", "DELETE");
    remove.http.status = 204;
    add_row(service, store, std::move(remove), delete_bucket);

    Operation head = on_bucket("HeadBucket", "HEAD");
    head.http.response_headers = {{"BucketRegion", "x-amz-bucket-region"}};
    add_row(service, store, std::move(head), head_bucket);

    Operation list_all;
    list_all.name = "ListBuckets";
    list_all.http.method = "GET";
    list_all.http.uri = "/";
    list_all.http.query = {{"Prefix", "prefix"}};
    list_all.xml.root = "ListAllMyBucketsResult";
    list_all.xml.element_names = {{"Buckets", "Bucket"}};
    add_row(service, store, std::move(list_all), list_buckets);

    Operation location = on_bucket("GetBucketLocation", "GET", "location");
    location.http.response_payload = "LocationConstraint";
    location.http.response_headers = {{"ContentType", "Content-Type"}};
    add_row(service, store, std::move(location), get_location);

    Operation get = on_bucket("GetBucketVersioning", "GET", "versioning");
    get.xml.root = "VersioningConfiguration";
    add_row(service, store, std::move(get), get_versioning);

    Operation put = on_bucket("PutBucketVersioning", "PUT", "versioning");
    put.input =
        with(put.input,
             {optional("VersioningConfiguration", structure({optional("Status", string())}))});
    put.http.payload = "VersioningConfiguration";
    add_row(service, store, std::move(put), put_versioning);
}

}  // namespace skafu::s3

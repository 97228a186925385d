#include "core/aws_error.h"
#include "core/text.h"
#include "s3/errors.h"
#include "s3/notifications.h"
#include "s3/operations.h"

namespace skafu::s3 {
namespace {

/// A configuration that is kept and given back as it came, XML or JSON, and means nothing here.
struct PlainConfiguration {
    std::string_view name;          ///< "BucketPolicy" of Get…, Put… and Delete…
    std::string_view marker;        ///< the query parameter
    std::string_view missing_code;  ///< empty: there is always one
    std::string_view missing_message;
    std::string_view standard = {};  ///< of buckets that nobody gave one
};

constexpr PlainConfiguration kPlain[] = {
    {"BucketPolicy", "policy", "NoSuchBucketPolicy", "The bucket policy does not exist"},
    {"BucketLifecycleConfiguration", "lifecycle", "NoSuchLifecycleConfiguration",
     "The lifecycle configuration does not exist"},
    // Encrypted without being asked since January 2023; private since April 2023.
    {"BucketEncryption", "encryption", "", "",
     "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>"
     "AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false"
     "</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"},
    {"BucketWebsite", "website", "NoSuchWebsiteConfiguration",
     "The specified bucket does not have a website configuration"},
    {"PublicAccessBlock", "publicAccessBlock", "NoSuchPublicAccessBlockConfiguration",
     "The public access block configuration was not found",
     "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true"
     "</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true"
     "</RestrictPublicBuckets></PublicAccessBlockConfiguration>"},
    {"BucketOwnershipControls", "ownershipControls", "OwnershipControlsNotFoundError",
     "The bucket ownership controls were not found",
     "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
     "</OwnershipControls>"},
    {"BucketReplication", "replication", "ReplicationConfigurationNotFoundError",
     "The replication configuration was not found"},
    {"ObjectLockConfiguration", "object-lock", "ObjectLockConfigurationNotFoundError",
     "Object Lock configuration does not exist for this bucket"},
    {"BucketCors", "cors", "NoSuchCORSConfiguration", "The CORS configuration does not exist"},
    {"BucketLogging", "logging", "", "", "<BucketLoggingStatus></BucketLoggingStatus>"},
    {"BucketAccelerateConfiguration", "accelerate", "", "",
     "<AccelerateConfiguration></AccelerateConfiguration>"},
    {"BucketRequestPayment", "requestPayment", "", "",
     "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"},
};

void store_configuration(Store& store, Bucket& bucket, std::string_view kind, Json value) {
    if (value.is_null()) {
        bucket.document["configuration"].erase(std::string(kind));
    } else {
        bucket.document["configuration"][kind] = std::move(value);
    }
    store.save(bucket);
}

Json get_plain(Store& store, Context& context, const Json& input,
               const PlainConfiguration& configuration) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const Json* kept = find_member(bucket.document.at("configuration"), configuration.marker);
    const bool deleted = kept != nullptr && is_empty_text(*kept);
    if (deleted || (kept == nullptr && configuration.standard.empty())) {
        throw AwsError(std::string(configuration.missing_code),
                       std::string(configuration.missing_message), 404,
                       {{"BucketName", bucket.name}});
    }
    std::string text = kept == nullptr     ? std::string(configuration.standard)
                       : kept->is_string() ? kept->get<std::string>()
                                           : to_text(*kept);
    const bool json = text.starts_with('{');
    return {{"Document", std::move(text)},
            {"ContentType", json ? "application/json" : "application/xml"}};
}

void add_plain(Service& service, Store& store, const PlainConfiguration& configuration) {
    const std::string name(configuration.name);
    Operation get = on_bucket("Get" + name, "GET", configuration.marker);
    get.http.response_payload = "Document";
    get.http.response_headers = {{"ContentType", "Content-Type"}};
    service.add(std::move(get), [&store, &configuration](Context& context, const Json& input) {
        return get_plain(store, context, input, configuration);
    });
    Operation put = on_bucket("Put" + name, "PUT", configuration.marker);
    put.http.payload = "Document";
    put.http.status = configuration.marker == "policy" ? 204 : 200;
    service.add(std::move(put), [&store, &configuration](Context& context, const Json& input) {
        Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
        store_configuration(store, bucket, configuration.marker, input.value("Document", Json("")));
        return Json::object();
    });
    Operation remove = on_bucket("Delete" + name, "DELETE", configuration.marker);
    remove.http.status = 204;
    service.add(std::move(remove), [&store, &configuration](Context& context, const Json& input) {
        Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
        const bool has_standard =
            !configuration.missing_code.empty() && !configuration.standard.empty();
        store_configuration(store, bucket, configuration.marker, has_standard ? Json("") : Json());
        return Json::object();
    });
}

Json tags_to_list(const Json& tags) {
    Json out = Json::array();
    for (const auto& [key, value] : tags.items()) out.push_back({{"Key", key}, {"Value", value}});
    return {{"TagSet", std::move(out)}};
}

Json tags_from_input(const Json& input) {
    const Json* tagging = find_member(input, "Tagging");
    const Json* set = tagging == nullptr ? nullptr : find_member(*tagging, "TagSet");
    if (set == nullptr || !set->is_array()) throw malformed_xml();
    Json out = Json::object();
    for (const Json& tag : *set) out[string_member(tag, "Key")] = string_member(tag, "Value");
    return out;
}

Json bucket_tagging(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    if (context.operation == "PutBucketTagging") {
        store_configuration(store, bucket, "tagging", tags_from_input(input));
        return Json::object();
    }
    if (context.operation == "DeleteBucketTagging") {
        store_configuration(store, bucket, "tagging", Json());
        return Json::object();
    }
    const Json* tags = find_member(bucket.document.at("configuration"), "tagging");
    if (tags == nullptr) {
        throw AwsError("NoSuchTagSet", "The TagSet does not exist", 404,
                       {{"BucketName", bucket.name}});
    }
    return tags_to_list(*tags);
}

Json object_tagging(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const std::string key = string_member(input, "Key");
    const ObjectVersion* latest = store.latest(bucket, key);
    const std::string asked = string_member(input, "VersionId");
    if (asked.empty() && latest == nullptr) throw no_such_key(key);
    ObjectVersion& version =
        store.require_version(bucket, key, asked.empty() ? latest->version_id : asked);
    if (context.operation == "GetObjectTagging") {
        const Json* tags = find_member(version.info, "Tags");
        return tags_to_list(tags == nullptr ? Json::object() : *tags);
    }
    if (context.operation == "PutObjectTagging") {
        version.info["Tags"] = tags_from_input(input);
    } else {
        version.info.erase("Tags");
    }
    store.update(version);
    return Json::object();
}

void add_tagging(Service& service, Store& store) {
    using namespace shape;
    const Shape set =
        named(list(structure({required("Key", string()), required("Value", string())})), "Tag");
    const Shape::Member tagging = required("Tagging", structure({required("TagSet", set)}));
    const auto add = [&](Operation operation, Handler handler) {
        if (operation.http.method == "PUT") {
            operation.input = with(operation.input, {tagging});
            operation.http.payload = "Tagging";
        } else if (operation.http.method == "DELETE") {
            operation.http.status = 204;
        } else {
            operation.xml.root = "Tagging";
            operation.xml.element_names = {{"TagSet", "Tag"}};
        }
        operation.http.query = {{"VersionId", "versionId"}};
        add_row(service, store, std::move(operation), handler);
    };
    for (const auto& [verb, method] :
         {std::pair{"Get", "GET"}, std::pair{"Put", "PUT"}, std::pair{"Delete", "DELETE"}}) {
        add(on_bucket(std::string(verb) + "BucketTagging", method, "tagging"), bucket_tagging);
        add(on_object(std::string(verb) + "ObjectTagging", method, "tagging"), object_tagging);
    }
}

// The XML of notifications has other names than the SDKs; the SDKs' are what is kept.
Json to_wire_rules(const Json& rules, std::string_view arn, std::string_view wire_arn) {
    Json out = Json::array();
    for (const Json& rule : rules) {
        Json entry = {{"Id", string_member(rule, "Id")}, {wire_arn, string_member(rule, arn)}};
        entry["Event"] = rule.value("Events", Json::array());
        const Json* filter = find_member(rule, "Filter");
        const Json* key = filter == nullptr ? nullptr : find_member(*filter, "Key");
        const Json* filters = key == nullptr ? nullptr : find_member(*key, "FilterRules");
        if (filters != nullptr) entry["Filter"] = {{"S3Key", {{"FilterRule", *filters}}}};
        out.push_back(std::move(entry));
    }
    return out;
}

constexpr struct {
    std::string_view list, wire_list, arn, wire_arn;
} kNotificationLists[] = {{"QueueConfigurations", "QueueConfiguration", "QueueArn", "Queue"},
                          {"TopicConfigurations", "TopicConfiguration", "TopicArn", "Topic"},
                          {"LambdaFunctionConfigurations", "CloudFunctionConfiguration",
                           "LambdaFunctionArn", "CloudFunction"}};

Json get_notification(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const Json* kept = find_member(bucket.document.at("configuration"), "notification");
    Json out = Json::object();
    if (kept == nullptr) return out;
    for (const auto& names : kNotificationLists) {
        if (const Json* rules = find_member(*kept, names.list)) {
            out[names.wire_list] = to_wire_rules(*rules, names.arn, names.wire_arn);
        }
    }
    if (kept->contains("EventBridgeConfiguration")) {
        out["EventBridgeConfiguration"] = Json::object();
    }
    return out;
}

Json put_notification(Store& store, Context& context, const Json& input) {
    Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    Json given = input.value("NotificationConfiguration", Json::object());
    for (const auto& names : kNotificationLists) {
        const auto rules = given.find(names.list);
        if (rules == given.end()) continue;
        for (Json& rule : *rules) {
            if (string_member(rule, "Id").empty()) rule["Id"] = context.cloud.entropy().uuid();
        }
    }
    store_configuration(store, bucket, "notification", std::move(given));
    notify_test(context, bucket);
    return Json::object();
}

void add_notification(Service& service, Store& store) {
    using namespace shape;
    const Shape filter_rule = structure({optional("Name", string()), optional("Value", string())});
    const Shape filter = structure({optional(
        "Key", structure({optional("FilterRules", flat(list(filter_rule), "FilterRule"))}),
        "S3Key")});
    std::vector<Shape::Member> lists = {optional("EventBridgeConfiguration", structure({}))};
    Operation get = on_bucket("GetBucketNotificationConfiguration", "GET", "notification");
    get.xml.root = "NotificationConfiguration";
    for (const auto& names : kNotificationLists) {
        const std::string wire(names.wire_list);
        const Shape rule = structure(
            {optional("Id", string()),
             required(kept(std::string(names.arn)), string(), kept(std::string(names.wire_arn))),
             required("Events", flat(list(string()), "Event")), optional("Filter", filter)});
        lists.push_back(optional(kept(std::string(names.list)), flat(list(rule), kept(wire))));
        get.xml.flattened.insert(get.xml.flattened.end(),
                                 {{wire, wire},
                                  {wire + ".Event", "Event"},
                                  {wire + ".Filter.S3Key.FilterRule", "FilterRule"}});
    }
    add_row(service, store, std::move(get), get_notification);
    Operation put = on_bucket("PutBucketNotificationConfiguration", "PUT", "notification");
    put.input =
        with(put.input, {required("NotificationConfiguration", structure(std::move(lists)))});
    put.http.payload = "NotificationConfiguration";
    add_row(service, store, std::move(put), put_notification);
}

/// Everything belongs to its owner, who may do everything.
Json get_acl(Store& store, Context& context, const Json& input) {
    const Bucket& bucket = store.require(context.caller, string_member(input, "Bucket"));
    const std::string key = string_member(input, "Key");
    if (!key.empty() && store.latest(bucket, key) == nullptr) throw no_such_key(key);
    return {{"Document",
             fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AccessControlPolicy "
                         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>{0}</ID>"
                         "</Owner><AccessControlList><Grant><Grantee "
                         "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                         "xsi:type=\"CanonicalUser\"><ID>{0}</ID></Grantee>"
                         "<Permission>FULL_CONTROL</Permission></Grant></AccessControlList>"
                         "</AccessControlPolicy>",
                         bucket.account)},
            {"ContentType", "application/xml"}};
}

Json put_acl(Store& store, Context& context, const Json& input) {
    store.require(context.caller, string_member(input, "Bucket"));
    return Json::object();
}

void add_acls(Service& service, Store& store) {
    const auto add = [&](Operation operation, Handler handler) {
        operation.http.response_payload = "Document";
        operation.http.response_headers = {{"ContentType", "Content-Type"}};
        add_row(service, store, std::move(operation), handler);
    };
    add(on_bucket("GetBucketAcl", "GET", "acl"), get_acl);
    add(on_object("GetObjectAcl", "GET", "acl"), get_acl);
    Operation bucket = on_bucket("PutBucketAcl", "PUT", "acl");
    bucket.http.payload = "AccessControlPolicy";
    add_row(service, store, std::move(bucket), put_acl);
    Operation object = on_object("PutObjectAcl", "PUT", "acl");
    object.http.payload = "AccessControlPolicy";
    add_row(service, store, std::move(object), put_acl);
}

}  // namespace

void add_configuration_operations(Service& service, Store& store) {
    for (const PlainConfiguration& configuration : kPlain) {
        add_plain(service, store, configuration);
    }
    add_tagging(service, store);
    add_notification(service, store);
    add_acls(service, store);
}

}  // namespace skafu::s3

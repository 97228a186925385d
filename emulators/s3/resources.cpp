#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/text.h"
#include "s3/configuration_xml.h"
#include "s3/operations.h"

namespace skafu::s3::resources {
namespace {

/// S3's own configuration from the template's: Event becomes Events, Queue becomes QueueArn.
Json to_notification(const Json& properties) {
    const Json* given = find_member(properties, "NotificationConfiguration");
    Json out = Json::object();
    if (given == nullptr) return out;
    constexpr struct {
        std::string_view from, to, arn, to_arn;
    } kLists[] = {
        {"QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"},
        {"TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"},
        {"LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"}};
    for (const auto& names : kLists) {
        const Json* rules = find_member(*given, names.from);
        if (rules == nullptr || !rules->is_array()) continue;
        Json converted = Json::array();
        for (const Json& rule : *rules) {
            Json entry = {{names.to_arn, string_member(rule, names.arn)}};
            const Json* event = find_member(rule, "Event");
            entry["Events"] = event != nullptr && event->is_array()
                                  ? *event
                                  : Json::array({string_member(rule, "Event")});
            const Json* filter = find_member(rule, "Filter");
            const Json* key = filter == nullptr ? nullptr : find_member(*filter, "S3Key");
            const Json* filters = key == nullptr ? nullptr : find_member(*key, "Rules");
            if (filters != nullptr) entry["Filter"] = {{"Key", {{"FilterRules", *filters}}}};
            converted.push_back(std::move(entry));
        }
        out[names.to] = std::move(converted);
    }
    if (const Json* bridge = find_member(*given, "EventBridgeConfiguration")) {
        const Json* enabled = find_member(*bridge, "EventBridgeEnabled");
        if (enabled == nullptr || *enabled == true || *enabled == "true") {
            out["EventBridgeConfiguration"] = Json::object();
        }
    }
    return out;
}

/// Templates' configurations that are kept as they are.
struct KeptConfiguration {
    std::string_view property;
    std::string_view operation;
    std::string_view root;  ///< of its XML
};

constexpr KeptConfiguration kKept[] = {
    {"CorsConfiguration", "PutBucketCors", "CORSConfiguration"},
    {"LifecycleConfiguration", "PutBucketLifecycleConfiguration", "LifecycleConfiguration"},
    {"BucketEncryption", "PutBucketEncryption", "ServerSideEncryptionConfiguration"},
    {"WebsiteConfiguration", "PutBucketWebsite", "WebsiteConfiguration"},
    {"PublicAccessBlockConfiguration", "PutPublicAccessBlock", "PublicAccessBlockConfiguration"},
    {"OwnershipControls", "PutBucketOwnershipControls", "OwnershipControls"}};

Task<void> configure(Cloud& cloud, const ResourceRequest& request, const std::string& bucket) {
    const auto run = [&](std::string_view operation, Json input) {
        input["Bucket"] = bucket;
        cloud.call_now(
            {"s3", operation, Document(std::move(input)), request.caller, request.cause, {}});
    };
    for (const KeptConfiguration& kept : kKept) {
        const Json* value = find_member(request.properties, kept.property);
        if (value == nullptr) continue;
        run(kept.operation, {{"Document", to_configuration_xml(kept.root, *value)}});
    }
    if (const Json* versioning = find_member(request.properties, "VersioningConfiguration")) {
        run("PutBucketVersioning", {{"VersioningConfiguration", *versioning}});
    }
    if (const Json* tags = find_member(request.properties, "Tags")) {
        run("PutBucketTagging", {{"Tagging", {{"TagSet", *tags}}}});
    }
    const bool had_notification = find_member(request.old_properties, "NotificationConfiguration");
    Json notification = to_notification(request.properties);
    if (!notification.empty() || had_notification) {
        run("PutBucketNotificationConfiguration",
            {{"NotificationConfiguration", std::move(notification)}});
    }
    co_return;
}

ResourceState bucket_state(Cloud& cloud, const std::string& name, const std::string& region) {
    const std::string website =
        fmt::format("http://{}.s3-website.localhost:{}", name, cloud.settings().port);
    ResourceState state;
    state.physical_id = name;
    state.attributes = {
        {"Arn", "arn:aws:s3:::" + name},
        {"DomainName", fmt::format("{}.s3.localhost:{}", name, cloud.settings().port)},
        {"RegionalDomainName",
         fmt::format("{}.s3.{}.localhost:{}", name, region, cloud.settings().port)},
        {"DualStackDomainName",
         fmt::format("{}.s3.{}.localhost:{}", name, region, cloud.settings().port)},
        {"WebsiteURL", website}};
    return state;
}

Task<ResourceState> create_bucket(Cloud& cloud, ResourceRequest request) {
    std::string name = string_member(request.properties, "BucketName");
    if (name.empty()) {
        name = lower_case(request.generated_name);
        // Long names keep their end, which makes them unique.
        if (name.size() > 63) name = name.substr(0, 50) + name.substr(name.size() - 13);
    }
    Json input = {{"Bucket", name}};
    cloud.call_now(
        {"s3", "CreateBucket", Document(std::move(input)), request.caller, request.cause, {}});
    co_await configure(cloud, request, name);
    co_return bucket_state(cloud, name, request.caller.region);
}

Task<ResourceState> update_bucket(Cloud& cloud, ResourceRequest request) {
    co_await configure(cloud, request, request.physical_id);
    co_return bucket_state(cloud, request.physical_id, request.caller.region);
}

Task<void> remove_bucket(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Bucket", request.physical_id}};
    try {
        cloud.call_now(
            {"s3", "DeleteBucket", Document(std::move(input)), request.caller, request.cause, {}});
    } catch (const AwsError& error) {
        if (error.code() != "NoSuchBucket") throw;
    }
    co_return;
}

Task<ResourceState> put_policy(Cloud& cloud, ResourceRequest request) {
    const std::string bucket = string_member(request.properties, "Bucket");
    const Json* document = find_member(request.properties, "PolicyDocument");
    Json input = {{"Bucket", bucket},
                  {"Document", document == nullptr ? std::string("{}") : to_text(*document)}};
    cloud.call_now(
        {"s3", "PutBucketPolicy", Document(std::move(input)), request.caller, request.cause, {}});
    ResourceState state;
    state.physical_id = bucket;
    co_return state;
}

Task<void> remove_policy(Cloud& cloud, ResourceRequest request) {
    Json input = {{"Bucket", request.physical_id}};
    try {
        cloud.call_now({"s3",
                        "DeleteBucketPolicy",
                        Document(std::move(input)),
                        request.caller,
                        request.cause,
                        {}});
    } catch (const AwsError& error) {
        if (error.code() != "NoSuchBucket") throw;
    }
    co_return;
}

}  // namespace

void add_types(Cloud& cloud) {
    cloud.resource_types().add(
        {"AWS::S3::Bucket", create_bucket, update_bucket, remove_bucket, {"BucketName"}});
    cloud.resource_types().add(
        {"AWS::S3::BucketPolicy", put_policy, put_policy, remove_policy, {"Bucket"}});
}

}  // namespace skafu::s3::resources

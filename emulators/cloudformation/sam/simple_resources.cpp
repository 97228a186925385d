#include "cloudformation/sam/simple_resources.h"

#include "cloudformation/sam/function.h"
#include "cloudformation/sam/schema.h"

namespace skafu::cloudformation::sam {
namespace {

std::string attribute_type(const Source& source, const Json& type) {
    if (type == "String") return "S";
    if (type == "Number") return "N";
    if (type == "Binary") return "B";
    throw SamProblem::resource(source.id, fmt::format("Invalid 'Type' \"{}\".", printed(type)));
}

/// A property of a layer with the parameters in it replaced: a text, or a function still.
void resolve_text(const Context& context, Source& source, const std::string& name) {
    const Json* value = source.find(name);
    if (value == nullptr) return;
    Json resolved = context.resolve(*value);
    if (!resolved.is_string() && !resolved.is_object()) {
        throw SamProblem::resource(
            source.id,
            fmt::format("Could not resolve parameter for '{}' or parameter is not a String.",
                        name));
    }
    source.properties[name] = std::move(resolved);
}

/// The DeletionPolicy that RetentionPolicy asks for; empty where it is not set.
std::string retention_policy(const Source& source) {
    const Json* wanted = source.find("RetentionPolicy");
    if (wanted == nullptr) return "";
    if (wanted->is_object()) {
        throw SamProblem::resource(source.id,
                                   "'RetentionPolicy' does not accept intrinsic functions, please "
                                   "use one of the following options: ['Retain', 'Delete']");
    }
    const std::string lower = lower_case(printed(*wanted));
    if (lower != "retain" && lower != "delete") {
        throw SamProblem::resource(source.id,
                                   "'RetentionPolicy' must be one of the following options: "
                                   "['Retain', 'Delete'].");
    }
    return lower == "delete" ? "Delete" : "Retain";
}

void check_architectures(const Source& source, const std::string& id) {
    const Json* list = source.find("CompatibleArchitectures");
    if (list == nullptr || !list->is_array()) return;
    for (const Json& name : *list) {
        if (is_function(name) || name == "arm64" || name == "x86_64") continue;
        throw SamProblem::resource(
            id, "CompatibleArchitectures needs to be a list of 'x86_64' or 'arm64'");
    }
}

}  // namespace

void translate_simple_table(Context& context, Source source) {
    check_properties(source);
    Json name = "id";
    std::string type = "S";
    if (source.is_set("PrimaryKey")) {
        const Json& key = *source.find("PrimaryKey");
        name = expect_member(source.id, key, "Name", "PrimaryKey.Name");
        type = attribute_type(source, expect_member(source.id, key, "Type", "PrimaryKey.Type"));
    }
    Json table = {
        {"AttributeDefinitions", Json::array({{{"AttributeName", name}, {"AttributeType", type}}})},
        {"KeySchema", Json::array({{{"AttributeName", name}, {"KeyType", "HASH"}}})}};
    if (const Json* throughput = source.find("ProvisionedThroughput")) {
        table["ProvisionedThroughput"] = *throughput;
    } else {
        table["BillingMode"] = "PAY_PER_REQUEST";
    }
    copy_members(source.properties, table,
                 {"TableName", "SSESpecification", "PointInTimeRecoverySpecification"});
    if (const Json* tags = source.find("Tags")) table["Tags"] = tag_list("", tags);
    context.add(source.id, source.id,
                make_resource("AWS::DynamoDB::Table", std::move(table), source.main_attributes()));
}

void translate_layer(Context& context, Source source) {
    check_properties(source);
    const Json* content = source.find("ContentUri");
    for (const std::string name : {"LayerName", "LicenseInfo", "Description", "RetentionPolicy"}) {
        resolve_text(context, source, name);
    }
    const std::string policy = retention_policy(source);
    Json described = {{"Type", "AWS::Serverless::LayerVersion"}, {"Properties", source.properties}};
    copy_members(source.resource, described, {"DependsOn", "Condition"});
    const std::string id =
        source.id + short_digest(canonical_text(Json{{source.id, std::move(described)}}));
    check_architectures(source, id);
    Json layer = {{"Content", s3_location(source.id, *content, "ContentUri", "S3Bucket", "S3Key",
                                          "S3ObjectVersion")}};
    copy_members(source.properties, layer,
                 {"LayerName", "Description", "CompatibleArchitectures", "CompatibleRuntimes",
                  "LicenseInfo"});
    if (!layer.contains("LayerName")) layer["LayerName"] = source.id;
    Json attributes = source.main_attributes();
    attributes.erase("Metadata");
    if (!attributes.contains("DeletionPolicy")) attributes["DeletionPolicy"] = "Retain";
    if (!policy.empty()) attributes["DeletionPolicy"] = policy;
    context.add(source.id, id,
                make_resource("AWS::Lambda::LayerVersion", std::move(layer), attributes));
    context.note_reference(source.id, "", id);
}

void translate_application(Context& context, Source source) {
    check_properties(source);
    const Json* location = source.find("Location");
    Json stack = Json::object();
    Json tags = tag_list("lambda:createdBy", nullptr);
    if (location->is_string()) {
        stack["TemplateURL"] = *location;
    } else {
        const Json* application = find_member(*location, "ApplicationId");
        const Json* version = find_member(*location, "SemanticVersion");
        if (application == nullptr || version == nullptr) {
            throw SamProblem::resource(
                source.id,
                fmt::format("Resource is missing the required [{}] property.",
                            application == nullptr ? "ApplicationId" : "SemanticVersion"));
        }
        stack["TemplateURL"] = "./";
        tags.push_back({{"Key", "serverlessrepo:applicationId"}, {"Value", *application}});
        tags.push_back({{"Key", "serverlessrepo:semanticVersion"}, {"Value", *version}});
    }
    copy_members(source.properties, stack, {"Parameters", "NotificationARNs", "TimeoutInMinutes"});
    const Json own = tag_list("", source.find("Tags"));
    for (const Json& tag : own) tags.push_back(tag);
    stack["Tags"] = std::move(tags);
    context.add(
        source.id, source.id,
        make_resource("AWS::CloudFormation::Stack", std::move(stack), source.main_attributes()));
}

}  // namespace skafu::cloudformation::sam

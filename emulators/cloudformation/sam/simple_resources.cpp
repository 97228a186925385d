#include "cloudformation/sam/simple_resources.h"

#include "cloudformation/sam/function.h"

namespace skafu::cloudformation::sam {
namespace {

std::string attribute_type(const Source& source, const Json& key) {
    const std::string type = string_member(key, "Type");
    if (type.empty()) {
        throw SamProblem::resource(source.id, "Property 'PrimaryKey.Type' is required.");
    }
    if (type == "String") return "S";
    if (type == "Number") return "N";
    if (type == "Binary") return "B";
    throw SamProblem::resource(source.id, fmt::format("Invalid 'Type' \"{}\".", type));
}

}  // namespace

void translate_simple_table(Context& context, Source source) {
    check_names(source, "AWS::Serverless::SimpleTable",
                {"PointInTimeRecoverySpecification", "PrimaryKey", "ProvisionedThroughput",
                 "TableName", "Tags", "SSESpecification"});
    Json name = "id";
    std::string type = "S";
    if (const Json* key = source.find("PrimaryKey")) {
        const Json* given = find_member(*key, "Name");
        if (given == nullptr) {
            throw SamProblem::resource(source.id, "Property 'PrimaryKey.Name' is required.");
        }
        name = *given;
        type = attribute_type(source, *key);
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
    check_names(source, "AWS::Serverless::LayerVersion",
                {"LayerName", "Description", "ContentUri", "CompatibleArchitectures",
                 "CompatibleRuntimes", "LicenseInfo", "RetentionPolicy", "PublishLambdaVersion"});
    const Json* content = source.find("ContentUri");
    if (content == nullptr) {
        throw SamProblem::resource(source.id, "Missing required property 'ContentUri'.");
    }
    for (const std::string_view name :
         {"LayerName", "LicenseInfo", "Description", "RetentionPolicy"}) {
        if (const Json* value = source.find(name)) {
            source.properties[std::string(name)] = context.resolve(*value);
        }
    }
    std::string policy = "Retain";
    if (const Json* wanted = source.find("RetentionPolicy")) {
        policy = wanted->is_string() ? wanted->get<std::string>() : "";
        std::string lower = policy;
        for (char& c : lower) c = static_cast<char>(std::tolower(c));
        if (lower != "retain" && lower != "delete") {
            throw SamProblem::resource(source.id,
                                       "'RetentionPolicy' must be one of the following options: "
                                       "['Retain', 'Delete'].");
        }
        policy = lower == "delete" ? "Delete" : "Retain";
    }
    Json described = {{"Type", "AWS::Serverless::LayerVersion"}, {"Properties", source.properties}};
    copy_members(source.resource, described, {"DependsOn", "Condition"});
    const std::string id =
        source.id + short_digest(canonical_text(Json{{source.id, std::move(described)}}));
    Json layer = {{"Content", s3_location(source.id, *content, "ContentUri", "S3Bucket", "S3Key",
                                          "S3ObjectVersion")}};
    copy_members(source.properties, layer,
                 {"LayerName", "Description", "CompatibleArchitectures", "CompatibleRuntimes",
                  "LicenseInfo"});
    if (!layer.contains("LayerName")) layer["LayerName"] = source.id;
    Json attributes = source.main_attributes();
    attributes.erase("Metadata");
    if (!attributes.contains("DeletionPolicy")) attributes["DeletionPolicy"] = policy;
    context.add(source.id, id,
                make_resource("AWS::Lambda::LayerVersion", std::move(layer), attributes));
    context.note_reference(source.id, "", id);
}

void translate_application(Context& context, Source source) {
    check_names(
        source, "AWS::Serverless::Application",
        {"Location", "TemplateUrl", "Parameters", "NotificationARNs", "Tags", "TimeoutInMinutes"});
    const Json* location = source.find("Location");
    if (location == nullptr) {
        throw SamProblem::resource(source.id,
                                   "Resource is missing the required [Location] "
                                   "property.");
    }
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

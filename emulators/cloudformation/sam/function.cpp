#include "cloudformation/sam/function.h"

#include "cloudformation/intrinsics.h"
#include "cloudformation/sam/api_events.h"
#include "cloudformation/sam/function_events.h"
#include "cloudformation/sam/policies.h"

namespace skafu::cloudformation::sam {
namespace {

class Function {
  public:
    Function(Context& context, Source source) : context_(context), source_(source) {}

    void translate() {
        check();
        Json lambda = properties();
        Json alias_target = ref_to(source_.id);
        if (const Json* alias = source_.find("AutoPublishAlias"))
            alias_target = add_alias(*alias, lambda);
        target_ = alias_target;
        add_invoke_config();
        add_url();
        add_events();
        if (!source_.properties.contains("Role")) {
            lambda["Role"] = get_att(source_.id + "Role", "Arn");
            add_role();
        } else {
            lambda["Role"] = *source_.find("Role");
        }
        context_.add(
            source_.id, source_.id,
            make_resource("AWS::Lambda::Function", std::move(lambda), source_.main_attributes()));
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    void check() {
        check_names(source_, "AWS::Serverless::Function",
                    {"FunctionName",
                     "Handler",
                     "Runtime",
                     "CodeUri",
                     "ImageUri",
                     "PackageType",
                     "InlineCode",
                     "DeadLetterQueue",
                     "Description",
                     "MemorySize",
                     "Timeout",
                     "VpcConfig",
                     "Role",
                     "AssumeRolePolicyDocument",
                     "Policies",
                     "RolePath",
                     "PermissionsBoundary",
                     "Environment",
                     "Events",
                     "Tags",
                     "PropagateTags",
                     "Tracing",
                     "KmsKeyArn",
                     "DeploymentPreference",
                     "ReservedConcurrentExecutions",
                     "Layers",
                     "EventInvokeConfig",
                     "AutoPublishAlias",
                     "AutoPublishAliasAllProperties",
                     "AutoPublishCodeSha256",
                     "VersionDescription",
                     "ProvisionedConcurrencyConfig",
                     "FileSystemConfigs",
                     "ImageConfig",
                     "CodeSigningConfigArn",
                     "Architectures",
                     "EphemeralStorage",
                     "SnapStart",
                     "FunctionUrlConfig",
                     "RuntimeManagementConfig",
                     "LoggingConfig",
                     "RecursiveLoop",
                     "SourceKMSKeyArn",
                     "PublishToLatestPublished",
                     "TenancyConfig",
                     "CapacityProviderConfig",
                     "FunctionScalingConfig",
                     "VersionDeletionPolicy",
                     "DurableConfig"});
        if (source_.properties.contains("DeploymentPreference") &&
            !source_.properties.contains("AutoPublishAlias")) {
            throw problem(
                "'DeploymentPreference' requires AutoPublishAlias property to be "
                "specified.");
        }
        const Json* layers = source_.find("Layers");
        if (layers != nullptr && !layers->is_array() && !is_function(*layers)) {
            throw problem("Type of property 'Layers' is invalid.");
        }
        if (source_.properties.contains("ProvisionedConcurrencyConfig") &&
            !source_.properties.contains("AutoPublishAlias")) {
            throw problem(
                "To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on "
                "the function");
        }
    }

    Json code() const {
        if (const Json* text = source_.find("InlineCode")) return Json{{"ZipFile", *text}};
        if (const Json* image = source_.find("ImageUri")) {
            if (source_.text("PackageType") == "Image") return Json{{"ImageUri", *image}};
        }
        const Json* uri = source_.find("CodeUri");
        if (uri == nullptr) {
            if (source_.text("PackageType") == "Image") {
                throw problem("'ImageUri' must be set.");
            }
            throw problem("One of 'InlineCode' or 'CodeUri' must be set.");
        }
        Json location =
            s3_location(source_.id, *uri, "CodeUri", "S3Bucket", "S3Key", "S3ObjectVersion");
        if (const Json* key = source_.find("SourceKMSKeyArn")) location["SourceKMSKeyArn"] = *key;
        return location;
    }

    Json properties() const {
        Json lambda = Json::object();
        copy_members(source_.properties, lambda,
                     {"FunctionName",
                      "Handler",
                      "Runtime",
                      "PackageType",
                      "Description",
                      "MemorySize",
                      "Timeout",
                      "VpcConfig",
                      "Environment",
                      "KmsKeyArn",
                      "ReservedConcurrentExecutions",
                      "Layers",
                      "FileSystemConfigs",
                      "ImageConfig",
                      "CodeSigningConfigArn",
                      "Architectures",
                      "EphemeralStorage",
                      "SnapStart",
                      "RuntimeManagementConfig",
                      "LoggingConfig",
                      "RecursiveLoop",
                      "TenancyConfig",
                      "DurableConfig",
                      "CapacityProviderConfig",
                      "FunctionScalingConfig"});
        if (const Json* mode = source_.find("Tracing")) {
            lambda["TracingConfig"] = Json{{"Mode", *mode}};
        }
        if (const Json* queue = source_.find("DeadLetterQueue")) {
            lambda["DeadLetterConfig"] = Json{{"TargetArn", dead_letter_target(*queue)}};
        }
        lambda["Code"] = code();
        lambda["Tags"] = tag_list("lambda:createdBy", source_.find("Tags"));
        return lambda;
    }

    Json dead_letter_target(const Json& queue) const {
        const std::string type = string_member(queue, "Type");
        const Json* arn = find_member(queue, "TargetArn");
        if (type.empty() || arn == nullptr) {
            throw problem(
                "'DeadLetterQueue' requires Type and TargetArn properties to be "
                "specified.");
        }
        if (type != "SQS" && type != "SNS") {
            throw problem("'DeadLetterQueue' requires Type of ['SQS', 'SNS']");
        }
        return *arn;
    }

    Json add_alias(const Json& setting, const Json& lambda) {
        const Json name = context_.resolve(setting);
        if (!name.is_string()) {
            throw problem("'AutoPublishAlias' must be a string or a Ref to a template parameter");
        }
        const std::string alias_name = name.get<std::string>();
        const std::string version_id = source_.id + "Version" + version_digest(lambda);
        Json version = {{"FunctionName", ref_to(source_.id)}};
        if (const Json* text = source_.find("VersionDescription")) version["Description"] = *text;
        Json attributes = source_.attributes();
        if (!attributes.contains("DeletionPolicy")) attributes["DeletionPolicy"] = "Retain";
        if (const Json* policy = source_.find("VersionDeletionPolicy")) {
            attributes["DeletionPolicy"] = *policy;
        }
        context_.add(source_.id, version_id,
                     make_resource("AWS::Lambda::Version", std::move(version), attributes));
        std::string suffix;
        for (const char c : alias_name) {
            if (c == '-')
                suffix += 'D';
            else if (c == '_')
                suffix += 'U';
            else
                suffix += c;
        }
        const std::string alias_id = source_.id + "Alias" + suffix;
        Json alias = {{"FunctionName", ref_to(source_.id)},
                      {"FunctionVersion", get_att(version_id, "Version")},
                      {"Name", alias_name}};
        copy_members(source_.properties, alias, {"ProvisionedConcurrencyConfig"});
        context_.add(source_.id, alias_id,
                     make_resource("AWS::Lambda::Alias", std::move(alias), source_.attributes()));
        context_.note_reference(source_.id, "Version", version_id);
        context_.note_reference(source_.id, "Alias", alias_id);
        alias_name_ = alias_name;
        alias_id_ = alias_id;
        return ref_to(alias_id);
    }

    std::string version_digest(const Json& lambda) const {
        if (const Json* sha = source_.find("AutoPublishCodeSha256")) {
            const Json value = context_.resolve(*sha);
            if (!value.is_string()) {
                throw problem("AutoPublishCodeSha256 must be a string");
            }
            return value.get<std::string>().substr(0, 10);
        }
        const Json* all = source_.find("AutoPublishAliasAllProperties");
        if (all != nullptr && *all == true) return short_digest(canonical_text(lambda));
        Json digested = context_.resolve(lambda["Code"]);
        copy_members(lambda, digested, {"MemorySize"});
        if (const Json* environment = find_member(lambda, "Environment")) {
            for (const auto& [name, value] : environment->items()) digested[name] = value;
        }
        const Json* snapshot = find_member(lambda, "SnapStart");
        if (snapshot != nullptr && string_member(*snapshot, "ApplyOn") != "None") {
            digested["SnapStart"] = *snapshot;
        }
        return short_digest(canonical_text(digested));
    }

    /// The queue or topic of a destination, made here where its ARN is absent.
    Json destination(const std::string& when, const Json& config) {
        const std::string type = string_member(config, "Type");
        const Json* given = find_member(config, "Destination");
        Json arn;
        const std::string prefix = source_.id + "EventInvokeConfig";
        if (type.empty() && given != nullptr) return *given;
        if (given != nullptr) {
            arn = context_.resolve(*given);
        } else if (type == "SQS") {
            const std::string id = prefix + when + "Queue";
            context_.add(source_.id, id,
                         make_resource("AWS::SQS::Queue", Json::object(), source_.attributes()));
            context_.note_reference(source_.id, "DestinationQueue", id);
            arn = get_att(id, "Arn");
        } else if (type == "SNS") {
            const std::string id = prefix + when + "Topic";
            context_.add(source_.id, id,
                         make_resource("AWS::SNS::Topic", Json::object(), source_.attributes()));
            context_.note_reference(source_.id, "DestinationTopic", id);
            arn = ref_to(id);
        } else {
            throw problem("'Destination' is required for 'Type' " + type);
        }
        add_destination_policy(prefix + when, type, arn);
        return arn;
    }

    void add_destination_policy(const std::string& prefix, const std::string& type,
                                const Json& arn) {
        Json document;
        if (type == "SQS") document = allow("sqs:SendMessage", arn);
        if (type == "SNS") document = allow("sns:publish", arn);
        if (type == "Lambda") document = allow("lambda:InvokeFunction", arn);
        if (type == "EventBridge") document = allow("events:PutEvents", arn);
        if (type == "S3Bucket") {
            document = allow("s3:PutObject",
                             Json{{"Fn::Join", Json::array({"/", Json::array({arn, "*"})})}});
            document["Statement"].push_back(
                {{"Effect", "Allow"}, {"Action", "s3:ListBucket"}, {"Resource", arn}});
        }
        if (document.is_null()) {
            throw problem("'Type: " + type +
                          "' must be one of ['SQS', 'SNS', 'EventBridge', 'Lambda', 'S3Bucket']");
        }
        const std::string kind = type == "S3Bucket" ? "S3" : type;
        invoke_policies_.push_back(
            {{"PolicyName", prefix + kind + "Policy"}, {"PolicyDocument", std::move(document)}});
    }

    void add_invoke_config() {
        const Json* config = source_.find("EventInvokeConfig");
        if (config == nullptr) return;
        Json properties = {{"FunctionName", ref_to(source_.id)},
                           {"Qualifier", alias_name_.empty() ? "$LATEST" : alias_name_}};
        copy_members(*config, properties, {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"});
        properties["DestinationConfig"] = Json::object();
        if (const Json* destinations = find_member(*config, "DestinationConfig")) {
            Json result = Json::object();
            for (const auto& [when, target] : destinations->items()) {
                if (when != "OnSuccess" && when != "OnFailure") {
                    throw problem(
                        "'EventInvokeConfig.DestinationConfig' must be OnSuccess or "
                        "OnFailure");
                }
                result[when] = Json{{"Destination", destination(when, target)}};
            }
            properties["DestinationConfig"] = std::move(result);
        }
        Json attributes = source_.attributes();
        if (!alias_id_.empty()) attributes["DependsOn"] = Json::array({alias_id_});
        context_.add(
            source_.id, source_.id + "EventInvokeConfig",
            make_resource("AWS::Lambda::EventInvokeConfig", std::move(properties), attributes));
    }

    void add_url() {
        const Json* config = source_.find("FunctionUrlConfig");
        if (config == nullptr) return;
        const Json* auth = find_member(*config, "AuthType");
        Json url = {{"TargetFunctionArn", target_}};
        copy_members(*config, url, {"AuthType", "Cors", "InvokeMode"});
        const Json attributes = source_.attributes();
        context_.add(source_.id, source_.id + "Url",
                     make_resource("AWS::Lambda::Url", std::move(url), attributes));
        if (auth == nullptr || *auth != "NONE") return;
        Json permission = {{"Action", "lambda:InvokeFunctionUrl"},
                           {"FunctionName", target_},
                           {"FunctionUrlAuthType", *auth},
                           {"Principal", "*"}};
        context_.add(source_.id, source_.id + "UrlPublicPermissions",
                     make_resource("AWS::Lambda::Permission", permission, source_.attributes()));
        Json invoke = {{"Action", "lambda:InvokeFunction"},
                       {"FunctionName", target_},
                       {"InvokedViaFunctionUrl", true},
                       {"Principal", "*"}};
        context_.add(source_.id, source_.id + "URLInvokeAllowPublicAccess",
                     make_resource("AWS::Lambda::Permission", invoke, source_.attributes()));
    }

    void add_events() {
        const Json* events = source_.find("Events");
        if (events == nullptr || events->is_null()) return;
        if (!events->is_object()) throw problem("Property 'Events' should be a map.");
        for (const auto& [name, entry] : events->items()) {
            const std::string type = string_member(entry, "Type");
            const Json* given = find_member(entry, "Properties");
            EventSource event{context_,
                              source_,
                              name,
                              source_.id + name,
                              given == nullptr ? Json::object() : *given,
                              target_,
                              alias_id_.empty() ? get_att(source_.id, "Arn") : target_};
            if (type.empty()) throw event.problem("Resource dictionary is missing 'Type'.");
            if (translate_push_event(type, event, needs_)) continue;
            if (translate_pull_event(type, event, needs_)) continue;
            if (translate_api_event(type, event)) continue;
            throw event.problem(fmt::format("Invalid event type: {}", type));
        }
    }

    void add_role() {
        const std::string base = "arn:" + context_.partition() + ":iam::aws:policy/";
        RoleParts parts;
        parts.id = source_.id + "Role";
        const Json* trust = source_.find("AssumeRolePolicyDocument");
        parts.trust = trust != nullptr ? *trust : trust_policy("lambda.amazonaws.com");
        const bool durable = source_.find("DurableConfig") != nullptr;
        parts.managed.push_back(base +
                                (durable ? "service-role/AWSLambdaBasicDurableExecutionRolePolicy"
                                         : "service-role/AWSLambdaBasicExecutionRole"));
        const std::string tracing = source_.text("Tracing");
        if (tracing == "Active" || tracing == "PassThrough") {
            parts.managed.push_back(base + (context_.partition() == "aws"
                                                ? "AWSXrayWriteOnlyAccess"
                                                : "AWSXRayDaemonWriteAccess"));
        }
        if (source_.find("VpcConfig") != nullptr) {
            parts.managed.push_back(base + "service-role/AWSLambdaVPCAccessExecutionRole");
        }
        if (const Json* queue = source_.find("DeadLetterQueue")) {
            const bool topic = string_member(*queue, "Type") == "SNS";
            parts.inline_policies.push_back(
                {{"PolicyName", "DeadLetterQueuePolicy"},
                 {"PolicyDocument",
                  {{"Version", "2012-10-17"},
                   {"Statement", allow(topic ? "sns:Publish" : "sqs:SendMessage",
                                       dead_letter_target(*queue))["Statement"]}}}});
        }
        for (const Json& policy : invoke_policies_) parts.inline_policies.push_back(policy);
        parts.policies = source_.find("Policies");
        parts.path = source_.find("RolePath");
        parts.boundary = source_.find("PermissionsBoundary");
        parts.tags = tag_list("lambda:createdBy", source_.find("Tags"));
        Json role = make_role(source_, context_, parts);
        Json& properties = role["Properties"];
        for (const std::string& managed : needs_.managed) {
            Json& list = properties["ManagedPolicyArns"];
            const Json arn = base + managed;
            if (std::find(list.begin(), list.end(), arn) == list.end()) list.push_back(arn);
        }
        if (!needs_.inline_policies.empty()) {
            if (!properties.contains("Policies")) properties["Policies"] = Json::array();
            for (const Json& policy : needs_.inline_policies) {
                properties["Policies"].push_back(policy);
            }
        }
        context_.add(source_.id, source_.id + "Role", std::move(role));
    }

    Context& context_;
    Source source_;
    Json target_;
    std::string alias_name_;
    std::string alias_id_;
    Json invoke_policies_ = Json::array();
    RoleNeeds needs_;
};

}  // namespace

Json s3_location(const std::string& id, const Json& location, std::string_view property,
                 std::string_view bucket, std::string_view key, std::string_view version) {
    Json result = Json::object();
    if (location.is_object()) {
        const Json* in_bucket = find_member(location, "Bucket");
        const Json* at_key = find_member(location, "Key");
        if (in_bucket == nullptr || at_key == nullptr) {
            throw SamProblem::resource(
                id,
                fmt::format("'{}' requires Bucket and Key properties to be specified.", property));
        }
        result[std::string(bucket)] = *in_bucket;
        result[std::string(key)] = *at_key;
        if (const Json* v = find_member(location, "Version")) result[std::string(version)] = *v;
        return result;
    }
    constexpr std::string_view scheme = "s3://";
    const std::string text = location.is_string() ? location.get<std::string>() : "";
    const std::size_t slash = text.find('/', scheme.size());
    if (!text.starts_with(scheme) || slash == std::string::npos || slash + 1 == text.size()) {
        throw SamProblem::resource(
            id,
            fmt::format("'{}' is not a valid S3 Uri of the form 's3://bucket/key' with optional "
                        "versionId query parameter.",
                        property));
    }
    constexpr std::string_view query = "?versionId=";
    std::string path = text.substr(slash + 1);
    result[std::string(bucket)] = text.substr(scheme.size(), slash - scheme.size());
    if (const std::size_t at = path.find(query); at != std::string::npos) {
        result[std::string(version)] = path.substr(at + query.size());
        path = path.substr(0, at);
    }
    result[std::string(key)] = path;
    return result;
}

void check_names(const Source& source, std::string_view type,
                 std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : source.properties.items()) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        throw SamProblem::resource(
            source.id, fmt::format("property {} not defined for resource of type {}", name, type));
    }
}

void translate_function(Context& context, Source source) {
    Function(context, source).translate();
}

}  // namespace skafu::cloudformation::sam

#include "cloudformation/sam/function.h"

#include <algorithm>

#include "cloudformation/sam/api_events.h"
#include "cloudformation/sam/code_deploy.h"
#include "cloudformation/sam/function_work.h"
#include "cloudformation/sam/policies.h"
#include "cloudformation/sam/schema.h"

namespace skafu::cloudformation::sam {
namespace {

class Function {
  public:
    Function(Context& context, const Source& source) : work_{context, source} {}

    void translate() {
        check_properties(work_.source);
        std::vector<EventSource> events = link_events();
        check_tenancy(events);
        check_capacity();
        make_lambda();
        if (source().is_set("ProvisionedConcurrencyConfig") &&
            !source().is_set("AutoPublishAlias")) {
            throw work_.problem(
                "To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the "
                "function");
        }
        if (source().is_set("PropagateTags") && source().is_set("Tags")) {
            context().propagate_tags(*source().find("Tags"));
        }
        add_alias(work_);
        add_function_url(work_);
        note_deployment_preference(context(), source(), work_.alias_id);
        add_invoke_config(work_);
        translate_events(events);
        add_role();
        context().add(source().id, source().id,
                      make_resource("AWS::Lambda::Function", std::move(work_.lambda),
                                    source().main_attributes()));
        context().propagate_tags(Json());
    }

  private:
    Context& context() { return work_.context; }
    const Source& source() const { return work_.source; }

    /// Every event is checked, and what it refers to is found, before anything else.
    std::vector<EventSource> link_events() {
        std::vector<EventSource> result;
        const Json* events = source().find("Events");
        if (!is_truthy(events)) return result;
        for (const auto& [name, entry] : events->items()) {
            result.push_back(link_event(context(), source(), "Function", name, entry));
        }
        return result;
    }

    void check_tenancy(const std::vector<EventSource>& events) const {
        if (!source().is_set("TenancyConfig")) return;
        constexpr std::string_view why =
            "is not supported for functions enabled with tenancy configuration.";
        if (source().is_set("ProvisionedConcurrencyConfig")) {
            throw work_.problem(fmt::format("Provisioned concurrency {}", why));
        }
        if (source().is_set("FunctionUrlConfig")) {
            throw work_.problem(fmt::format("Function URL {}", why));
        }
        if (source().is_set("SnapStart")) throw work_.problem(fmt::format("SnapStart {}", why));
        for (const EventSource& event : events) {
            if (event.type == "Api" || event.type == "HttpApi") continue;
            throw work_.problem(
                fmt::format("Event source '{}' {} Only Api and HttpApi event sources are "
                            "supported.",
                            event.type, why));
        }
    }

    void check_capacity() const {
        if (source().find("CapacityProviderConfig") != nullptr &&
            source().find("ProvisionedConcurrencyConfig") != nullptr) {
            throw work_.problem(
                "Cannot specify 'CapacityProviderConfig' and 'ProvisionedConcurrencyConfig' "
                "together.");
        }
    }

    Json code(const std::string& package) const {
        if (package != "Zip" && package != "Image") {
            throw work_.problem("invalid 'PackageType' : " + package);
        }
        if (package == "Image") {
            const Json* image = source().find("ImageUri");
            if (image == nullptr) throw work_.problem("'ImageUri' must be set.");
            if (!is_truthy(image)) {
                throw work_.problem(
                    "'ImageUri' requires that a image hosted at a registry be specified.");
            }
            return Json{{"ImageUri", *image}};
        }
        if (const Json* text = source().find("InlineCode")) return Json{{"ZipFile", *text}};
        const Json* uri = source().find("CodeUri");
        if (uri == nullptr) {
            throw work_.problem("Only one of 'InlineCode' or 'CodeUri' can be set.");
        }
        Json location =
            s3_location(source().id, *uri, "CodeUri", "S3Bucket", "S3Key", "S3ObjectVersion");
        copy_members(source().properties, location, {"SourceKMSKeyArn"});
        return location;
    }

    void check_package(const std::string& package) const {
        const bool runtime = is_truthy(work_.lambda, "Runtime");
        const bool handler = is_truthy(work_.lambda, "Handler");
        if (package == "Zip") {
            if (!runtime || !handler) {
                throw work_.problem(
                    "Runtime and Handler needs to be present when PackageType is of type `Zip`");
            }
            if (is_truthy(work_.lambda, "ImageConfig")) {
                throw work_.problem(
                    "ImageUri or ImageConfig cannot be present when PackageType is of type `Zip`");
            }
        } else if (runtime || handler || is_truthy(work_.lambda, "Layers")) {
            throw work_.problem(
                "Runtime, Handler, Layers cannot be present when PackageType is of type `Image`");
        }
    }

    void make_lambda() {
        const Json* queue = source().find("DeadLetterQueue");
        const Json dead_letters = is_truthy(queue) ? dead_letter_target(*queue) : Json();
        Json& lambda = work_.lambda;
        copy_members(source().properties, lambda,
                     {"FunctionName",
                      "Handler",
                      "Runtime",
                      "PackageType",
                      "Description",
                      "MemorySize",
                      "Timeout",
                      "VpcConfig",
                      "Role",
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
                      "PublishToLatestPublished",
                      "FunctionScalingConfig"});
        if (source().is_set("Tracing")) {
            lambda["TracingConfig"] = Json{{"Mode", *source().find("Tracing")}};
        }
        if (!dead_letters.is_null()) lambda["DeadLetterConfig"] = Json{{"TargetArn", dead_letters}};
        if (const Json* capacity = source().find("CapacityProviderConfig")) {
            add_capacity(*capacity);
        }
        const Json* type = source().find("PackageType");
        const std::string package = type == nullptr ? "Zip" : printed(*type);
        lambda["Code"] = code(package);
        lambda["Tags"] = checked_tags();
        check_package(package);
    }

    void add_capacity(const Json& capacity) {
        Json settings = {{"CapacityProviderArn", expect_member(source().id, capacity, "Arn",
                                                               "CapacityProviderConfig.Arn")}};
        copy_members(
            capacity, settings,
            {"PerExecutionEnvironmentMaxConcurrency", "ExecutionEnvironmentMemoryGiBPerVCpu"});
        work_.lambda["CapacityProviderConfig"] =
            Json{{"LambdaManagedInstancesCapacityProviderConfig", std::move(settings)}};
    }

    Json checked_tags() const {
        const Json* tags = source().find("Tags");
        for (const std::string_view reserved : {"lambda:createdBy", "serverlessrepo:applicationId",
                                                "serverlessrepo:semanticVersion"}) {
            if (tags == nullptr || !tags->contains(std::string(reserved))) continue;
            throw work_.problem(
                fmt::format("{} is a reserved Tag key name and cannot be set on your resource. "
                            "Please change the tag key in the input.",
                            reserved));
        }
        return tag_list("lambda:createdBy", tags);
    }

    Json dead_letter_target(const Json& queue) const {
        const Json* type = given(queue, "Type");
        const Json* arn = given(queue, "TargetArn");
        if (!is_truthy(type) || !is_truthy(arn)) {
            throw work_.problem(
                "'DeadLetterQueue' requires Type and TargetArn properties to be specified.");
        }
        expect_string(source().id, *type, "DeadLetterQueue.Type");
        if (*type != "SQS" && *type != "SNS") {
            throw work_.problem("'DeadLetterQueue' requires Type of ['SQS', 'SNS']");
        }
        return *arn;
    }

    void translate_events(std::vector<EventSource>& events) {
        std::vector<EventSource*> order;
        for (EventSource& event : events) order.push_back(&event);
        // By path where there is one: the default route comes before all others.
        std::stable_sort(order.begin(), order.end(),
                         [](const EventSource* a, const EventSource* b) {
                             return a->sort_key() < b->sort_key();
                         });
        for (EventSource* event : order) {
            event->target = work_.target;
            event->arn = work_.alias_id.empty() ? get_att(source().id, "Arn") : work_.target;
            if (translate_push_event(event->type, *event, needs_)) continue;
            if (translate_pull_event(event->type, *event, needs_)) continue;
            translate_api_event(event->type, *event);
        }
    }

    std::vector<std::string> managed_policies(const std::string& base) const {
        std::vector<std::string> managed;
        managed.push_back(base + (source().find("DurableConfig") != nullptr
                                      ? "service-role/AWSLambdaBasicDurableExecutionRolePolicy"
                                      : "service-role/AWSLambdaBasicExecutionRole"));
        if (source().is_set("Tracing")) {
            managed.push_back(base + (work_.context.partition() == "aws"
                                          ? "AWSXrayWriteOnlyAccess"
                                          : "AWSXRayDaemonWriteAccess"));
        }
        if (source().is_set("VpcConfig")) {
            managed.push_back(base + "service-role/AWSLambdaVPCAccessExecutionRole");
        }
        return managed;
    }

    /// The role of the function, unless one is given; Fn::If may leave that open.
    void add_role() {
        const Json* own = source().find("Role");
        const std::string id = source().id + "Role";
        const Json generated = get_att(id, "Arn");
        std::string condition;
        if (own != nullptr) {
            work_.lambda["Role"] = *own;
            if (!own->is_object() || !own->contains("Fn::If")) return;
            const Json& branches = (*own)["Fn::If"];
            if (!branches.is_array() || branches.size() != 3) return;
            const bool first = is_no_value(&branches[1]);
            if (first == is_no_value(&branches[2])) return;
            Json filled = branches;
            filled[first ? 1 : 2] = generated;
            work_.lambda["Role"] = Json{{"Fn::If", std::move(filled)}};
            condition = role_condition(branches[0].get<std::string>(), first);
        } else {
            work_.lambda["Role"] = generated;
        }
        Json role = make_function_role(id);
        if (!condition.empty()) role["Condition"] = condition;
        context().add(source().id, id, std::move(role));
    }

    std::string role_condition(const std::string& condition, bool as_it_is) {
        if (as_it_is) return condition;
        const std::string name = "NOT" + condition;
        context().add_condition(name,
                                Json{{"Fn::Not", Json::array({Json{{"Condition", condition}}})}});
        return name;
    }

    Json make_function_role(const std::string& id) {
        const std::string base = "arn:" + context().partition() + ":iam::aws:policy/";
        RoleParts parts;
        parts.id = id;
        const Json* trust = source().find("AssumeRolePolicyDocument");
        parts.trust = trust != nullptr ? *trust : trust_policy("lambda.amazonaws.com");
        parts.managed = managed_policies(base);
        if (const Json* queue = source().find("DeadLetterQueue")) {
            const bool topic = string_member(*queue, "Type") == "SNS";
            Json document = {{"Version", "2012-10-17"}};
            document["Statement"] = allow(topic ? "sns:Publish" : "sqs:SendMessage",
                                          dead_letter_target(*queue))["Statement"];
            parts.inline_policies.push_back(
                {{"PolicyName", "DeadLetterQueuePolicy"}, {"PolicyDocument", std::move(document)}});
        }
        for (const Json& policy : work_.role_policies) parts.inline_policies.push_back(policy);
        parts.policies = source().find("Policies");
        parts.path = source().find("RolePath");
        parts.boundary = source().find("PermissionsBoundary");
        parts.tags = tag_list("lambda:createdBy", source().find("Tags"));
        Json role = make_role(source(), context(), parts);
        add_needs(base, role["Properties"]);
        return role;
    }

    /// What the events need: each managed policy and each document once.
    void add_needs(const std::string& base, Json& properties) {
        for (const std::string& managed : needs_.managed) {
            Json& list = properties["ManagedPolicyArns"];
            const Json arn = base + managed;
            if (std::find(list.begin(), list.end(), arn) == list.end()) list.push_back(arn);
        }
        for (const Json& policy : needs_.inline_policies) {
            if (!properties.contains("Policies")) properties["Policies"] = Json::array();
            Json& list = properties["Policies"];
            const bool known = std::any_of(list.begin(), list.end(), [&](const Json& other) {
                return other.contains("PolicyDocument") &&
                       other["PolicyDocument"] == policy["PolicyDocument"];
            });
            if (!known) list.push_back(policy);
        }
    }

    FunctionWork work_;
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
    // Brackets in the place of a host are for IPv6 addresses, and no bucket has such a name.
    const bool bracketed = text.find_first_of("[]") < slash;
    if (!text.starts_with(scheme) || slash == std::string::npos || slash + 1 == text.size() ||
        bracketed) {
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

void translate_function(Context& context, Source source) {
    Function(context, source).translate();
}

}  // namespace skafu::cloudformation::sam

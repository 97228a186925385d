// How the engine makes one resource: evaluation of its names, its type's handlers, nested stacks.

#include <fstream>
#include <sstream>

#include "cloudformation/change_set.h"
#include "cloudformation/inert_resource.h"
#include "cloudformation/s3_url.h"
#include "cloudformation/stack_work.h"
#include "cloudformation/template_check.h"
#include "core/arn.h"
#include "core/aws_error.h"

namespace skafu::cloudformation {
namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

/// Puts the values of DefinitionSubstitutions into a definition's text.
std::string substituted(std::string text, const Json& values) {
    for (const auto& [name, value] : values.items()) {
        const std::string from = "${" + name + "}";
        const std::string to = scalar_text(value);
        for (std::size_t at = text.find(from); at != std::string::npos;
             at = text.find(from, at + to.size())) {
            text.replace(at, from.size(), to);
        }
    }
    return text;
}

bool already_exists(const AwsError& error) {
    static const std::set<std::string_view> codes = {
        "ResourceInUseException", "ResourceConflictException", "ResourceAlreadyExistsException",
        "EntityAlreadyExists",    "QueueAlreadyExists",        "BucketAlreadyOwnedByYou",
        "BucketAlreadyExists",    "StateMachineAlreadyExists", "ResourceExistsException",
        "AlreadyExistsException", "ConflictException",         "QueueNameExists",
        "ResourceInUse"};
    return codes.contains(error.code());
}

}  // namespace

Names StackEngine::evaluation(Work& work) {
    Names scope;
    scope.region = work.identity.region;
    scope.mappings = find_member(work.prepared.document, "Mappings");
    scope.ref = [&work](const std::string& name) -> std::optional<Json> {
        if (const Json* value = find_member(work.prepared.parameters.values, name)) return *value;
        if (std::optional<Json> value = pseudo_parameter(name, work.identity)) return value;
        const auto found = work.resources.find(name);
        if (found == work.resources.end() || !found->second.contains("Ref")) return std::nullopt;
        return found->second["Ref"];
    };
    scope.get_att = [this, &work](const std::string& id, const std::string& attribute) {
        return attribute_of(work, id, attribute);
    };
    scope.import_value = [this, &work](const std::string& name) -> Json {
        const Json* stack = store_.find_export(this->scope(), name);
        if (stack == nullptr) {
            throw AwsError("ValidationError", fmt::format("No export named {} found", name));
        }
        if (std::find(work.imports.begin(), work.imports.end(), Json(name)) == work.imports.end()) {
            work.imports.push_back(name);
        }
        return (*stack)["Exports"][name];
    };
    scope.condition = [&work](const std::string& name) {
        const auto found = work.prepared.conditions.find(name);
        return found != work.prepared.conditions.end() && found->second;
    };
    scope.dynamic_reference = [this](const std::string& reference) {
        return dynamic_reference(reference);
    };
    return scope;
}

Json StackEngine::attribute_of(Work& work, const std::string& id, const std::string& attribute) {
    const auto found = work.resources.find(id);
    if (found == work.resources.end() || !found->second.contains("Ref")) {
        throw AwsError(
            "ValidationError",
            "Template error: instance of Fn::GetAtt references undefined resource " + id);
    }
    const Json& resource = found->second;
    if (const Json* value = find_member(resource["Attributes"], attribute)) return *value;
    // Below a map: "Endpoint.Address".
    const std::size_t dot = attribute.find('.');
    if (dot != std::string::npos) {
        const Json* outer = find_member(resource["Attributes"], attribute.substr(0, dot));
        const Json* inner =
            outer == nullptr ? nullptr : find_member(*outer, attribute.substr(dot + 1));
        if (inner != nullptr) return *inner;
    }
    if (resource.contains("Inert"))
        return fmt::format("{}.{}", scalar_text(resource["Ref"]), attribute);
    throw AwsError("ValidationError",
                   fmt::format("Template error: resource {} does not support attribute type {} in "
                               "Fn::GetAtt",
                               id, attribute));
}

std::string StackEngine::dynamic_reference(const std::string& reference) {
    const std::size_t colon = reference.find(':');
    const std::string service = reference.substr(0, colon);
    const std::string rest = colon == std::string::npos ? "" : reference.substr(colon + 1);
    if (service == "ssm" || service == "ssm-secure") return stored_parameter(rest);
    if (service != "secretsmanager") {
        throw AwsError("ValidationError", "Unknown dynamic reference: " + reference);
    }
    // name-or-ARN:SecretString:json-key:version-stage:version-id; an ARN holds six colons itself.
    std::vector<std::string> parts;
    std::size_t start = 0;
    if (rest.starts_with("arn:")) {
        for (int i = 0; i < 6 && start != std::string::npos; ++i) {
            const std::size_t next = rest.find(':', start);
            start = next == std::string::npos ? next : next + 1;
        }
        const std::size_t end = start == std::string::npos ? start : rest.find(':', start);
        parts.push_back(rest.substr(0, end));
        start = end == std::string::npos ? rest.size() + 1 : end + 1;
    }
    for (; start <= rest.size();) {
        const std::size_t end = std::min(rest.find(':', start), rest.size());
        parts.push_back(rest.substr(start, end - start));
        start = end + 1;
    }
    Json input = {{"SecretId", parts.empty() ? "" : parts[0]}};
    if (parts.size() > 3 && !parts[3].empty()) input["VersionStage"] = parts[3];
    if (parts.size() > 4 && !parts[4].empty()) input["VersionId"] = parts[4];
    Call call{"secretsmanager", "GetSecretValue", Document(std::move(input)), caller_, cause_, {}};
    const Document answer = cloud_.call_now(std::move(call));
    const std::string secret = string_member(answer.value(), "SecretString");
    if (parts.size() <= 2 || parts[2].empty()) return secret;
    try {
        const Json fields = parse_json(secret);
        if (const Json* value = find_member(fields, parts[2])) return scalar_text(*value);
    } catch (const JsonError&) {
        // Reported below like a missing key: the secret is no JSON object.
    }
    throw AwsError("ValidationError",
                   fmt::format("Could not find a value associated with JSONKey in "
                               "SecretString: {}",
                               parts[2]));
}

void StackEngine::localize(Work& work, const std::string& id, Json& properties,
                           std::string& local_path) {
    if (files_ == nullptr) return;
    const std::string type = string_member(work.resources[id], "ResourceType");
    for (const std::string_view name :
         {"Code", "Content", "DefinitionS3Location", "BodyS3Location", "TemplateURL"}) {
        const Json* location = find_member(properties, name);
        if (location == nullptr) continue;
        const std::filesystem::path path = files_->path_of(*location);
        if (!path.empty()) local_path = path.string();
    }
    if (local_path.empty()) return;
    if (type == "AWS::StepFunctions::StateMachine") {
        const Json values = properties.value("DefinitionSubstitutions", Json::object());
        std::string text = substituted(text_of(local_path), values);
        try {
            parse_json(text);
        } catch (const JsonError&) {
            text = to_pretty_text(read_template(text, local_path).value);
        }
        properties.erase("DefinitionS3Location");
        properties.erase("DefinitionSubstitutions");
        properties["DefinitionString"] = std::move(text);
    } else if (properties.contains("BodyS3Location")) {
        properties.erase("BodyS3Location");
        properties["Body"] = read_template_file(local_path).value;
    }
}

/// One finding for a type, with all its resources: their number would hide the rest.
void StackEngine::find_inert(const Work& work, const ResourceRequest& request) {
    const auto [known, added] = inert_.emplace(request.type, findings_.size());
    if (!added) {
        Finding& finding = findings_[known->second];
        finding.logical_id += ", " + request.logical_id;
        return;
    }
    const TemplateSource& source = work.prepared.source;
    Finding finding{
        source.file, line_of_resource(source, request.logical_id), request.logical_id, "", "", ""};
    finding.message = fmt::format(
        "{} is not emulated: its resources exist by name only, and do "
        "nothing.",
        request.type);
    findings_.push_back(std::move(finding));
}

ResourceState StackEngine::inert(Work& work, const ResourceRequest& request) {
    find_inert(work, request);
    ResourceState state = inert_state(request, cloud_.entropy());
    work.resources[request.logical_id]["Inert"] = true;
    return state;
}

Task<ResourceState> StackEngine::make(WorkPtr work, ResourceRequest request, const Json* old,
                                      bool& replaced) {
    if (request.type == "AWS::CloudFormation::Stack") {
        ResourceState state = co_await nested(work, std::move(request), old);
        co_return state;
    }
    const ResourceType* type = cloud_.resource_types().find(request.type);
    if (type == nullptr) co_return inert(*work, request);
    const bool same_type = old != nullptr && string_member(*old, "ResourceType") == request.type &&
                           !old->contains("Inert");
    if (!same_type) {
        request.physical_id.clear();
        ResourceState state = co_await type->create(cloud_, std::move(request));
        co_return state;
    }
    request.old_properties = old->value("Properties", Json::object());
    bool replace = !type->update;
    for (const std::string& name : changed_properties(request.old_properties, request.properties)) {
        replace = replace || replaces(*type, name);
    }
    if (!replace) {
        ResourceState state = co_await type->update(cloud_, std::move(request));
        co_return state;
    }
    bool taken_over = false;
    ResourceState state = co_await create_or_take_over(type, std::move(request), old, taken_over);
    replaced = !taken_over;
    co_return state;
}

/// A resource with a name of its own cannot stand beside the one it replaces: where the name is
/// taken by the old one, that goes first.
Task<ResourceState> StackEngine::create_or_take_over(const ResourceType* type,
                                                     ResourceRequest request, const Json* old,
                                                     bool& taken_over) {
    ResourceRequest removal = request;
    removal.physical_id = string_member(*old, "PhysicalResourceId");
    removal.properties = old->value("Properties", Json::object());
    request.physical_id.clear();
    request.old_properties = Json();
    ResourceRequest first = request;
    std::optional<AwsError> refused;
    try {
        ResourceState state = co_await type->create(cloud_, std::move(first));
        taken_over = state.physical_id == removal.physical_id;
        co_return state;
    } catch (const AwsError& error) {
        refused = error;
    }
    if (!already_exists(*refused) || !type->remove) throw *refused;
    co_await type->remove(cloud_, std::move(removal));
    taken_over = true;
    ResourceState state = co_await type->create(cloud_, std::move(request));
    co_return state;
}

namespace {

/// Deeper than any application, and far from what a template that includes itself would use up.
constexpr int kDeepestStack = 32;

}  // namespace

/// How many stacks a stack stands in.
int StackEngine::depth_of(const Json& stack) const {
    int depth = 0;
    const Json* at = &stack;
    while (at != nullptr && depth < kDeepestStack) {
        const std::string parent = string_member(*at, "ParentId");
        if (parent.empty()) break;
        at = store_.find(scope(), parent);
        ++depth;
    }
    return depth;
}

Task<TemplateSource> StackEngine::nested_source(std::string url, std::string local_path) {
    if (!local_path.empty()) co_return files_->template_at(local_path);
    const auto [bucket, key] = s3_object_of(url);
    if (bucket.empty()) {
        throw AwsError("ValidationError", "TemplateURL must be a supported URL.");
    }
    Json input = {{"Bucket", bucket}, {"Key", key}};
    const Json object =
        co_await cloud_.call_json("s3", "GetObject", std::move(input), caller_, cause_);
    co_return read_template(string_member(object, "Body"), url);
}

Task<ResourceState> StackEngine::nested(WorkPtr work, ResourceRequest request, const Json* old) {
    StackRequest child;
    std::string url = string_member(request.properties, "TemplateURL");
    std::string reason;
    try {
        child.source = co_await nested_source(url, request.local_path);
    } catch (const TemplateError& error) {
        reason = error.problems().front().message;
    }
    if (!reason.empty()) throw AwsError("ValidationError", reason);
    if (depth_of(work->stack) >= kDeepestStack) {
        throw AwsError("ValidationError",
                       fmt::format("Stacks are nested more than {} deep.", kDeepestStack));
    }
    const Json* given = find_member(request.properties, "Parameters");
    if (given != nullptr && given->is_object()) child.parameters = *given;
    if (const Json* tags = find_member(request.properties, "Tags")) child.tags = *tags;
    child.parent_id = work->identity.id;
    child.root_id = string_member(work->stack, "RootId", work->identity.id);
    const Json* existing =
        old == nullptr ? nullptr : store_.find(scope(), string_member(*old, "PhysicalResourceId"));
    const auto earlier =
        old == nullptr ? earlier_.end() : earlier_.find(string_member(*old, "PhysicalResourceId"));
    // The file may have changed since.
    if (restoring_ && earlier != earlier_.end()) child.source = earlier->second.source;
    child.name =
        existing != nullptr ? string_member(*existing, "StackName") : request.generated_name;
    std::string id;
    try {
        id = existing != nullptr ? begin_update(std::move(child)) : begin_create(std::move(child));
    } catch (const TemplateError& error) {
        for (const Problem& problem : error.problems()) failures_.push_back(problem);
        reason = first_message(error.problems());
    } catch (const AwsError& error) {
        if (existing == nullptr || error.message() != "No updates are to be performed.") throw;
        id = string_member(*existing, "StackId");
    }
    if (!reason.empty()) throw AwsError("ValidationError", reason);
    work->resources[request.logical_id]["PhysicalResourceId"] = id;
    co_await run(id);
    const Json* stack = store_.find(scope(), id);
    const std::string status = stack == nullptr ? "" : string_member(*stack, "StackStatus");
    if (status != "CREATE_COMPLETE" && status != "UPDATE_COMPLETE") {
        throw AwsError("ValidationError",
                       fmt::format("Embedded stack {} was not successfully {}: {}", id,
                                   existing != nullptr ? "updated" : "created",
                                   stack == nullptr ? "" : string_member(*stack, "FailureReason")));
    }
    ResourceState state;
    state.physical_id = id;
    if (const Json* outputs = find_member(*stack, "Outputs")) {
        for (const Json& output : *outputs) {
            state.attributes["Outputs." + string_member(output, "OutputKey")] =
                output["OutputValue"];
        }
    }
    co_return state;
}

}  // namespace skafu::cloudformation

#include "cloudformation/stack_engine.h"

#include <fstream>
#include <sstream>

#include "cloudformation/change_set.h"
#include "cloudformation/findings.h"
#include "cloudformation/property_types.h"
#include "cloudformation/stack_work.h"
#include "cloudformation/template_check.h"
#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "core/principals.h"

namespace skafu::cloudformation {
namespace {

constexpr std::size_t kRandomSuffix = 12;

/// A text that has an unknown part is unknown as a whole.
void forget_parts(Json& value) {
    if (value.is_string() &&
        value.get_ref<const std::string&>().find(kKnownAfterApply) != std::string::npos)
        value = kKnownAfterApply;
    if (!value.is_structured()) return;
    for (Json& item : value) forget_parts(item);
}

/// A resource as a change set shows it: with what is known of its properties.
Json previewed(const Json& declaration, const Names& names) {
    Json entry = {{"ResourceType", declaration["Type"]}, {"Properties", Json::object()}};
    if (const Json* properties = find_member(declaration, "Properties")) {
        entry["Properties"] = evaluate(*properties, names).value_or(Json::object());
        convert_scalars(string_member(declaration, "Type"), entry["Properties"]);
        forget_parts(entry["Properties"]);
    }
    if (const Json* policy = find_member(declaration, "DeletionPolicy")) {
        entry["DeletionPolicy"] = *policy;
    }
    return entry;
}

bool names_iam(const Json& resource) {
    const Json* properties = find_member(resource, "Properties");
    if (properties == nullptr) return false;
    for (const std::string_view name :
         {"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"}) {
        if (find_member(*properties, name) != nullptr) return true;
    }
    return false;
}

bool is_iam(const std::string& type) {
    static const std::set<std::string_view> types = {"AWS::IAM::AccessKey",
                                                     "AWS::IAM::Group",
                                                     "AWS::IAM::InstanceProfile",
                                                     "AWS::IAM::Policy",
                                                     "AWS::IAM::ManagedPolicy",
                                                     "AWS::IAM::Role",
                                                     "AWS::IAM::User",
                                                     "AWS::IAM::UserToGroupAddition"};
    return types.contains(type);
}

Json described_parameters(const Parameters& parameters) {
    Json list = Json::array();
    for (const auto& [name, value] : parameters.described.items()) {
        Json entry = {{"ParameterKey", name}, {"ParameterValue", value}};
        const Json* resolved = find_member(parameters.values, name);
        if (resolved != nullptr && resolved->is_string() && *resolved != value && value != "****") {
            entry["ResolvedValue"] = *resolved;
        }
        list.push_back(std::move(entry));
    }
    return list;
}

}  // namespace

StackEngine::StackEngine(Cloud& cloud, StackStore& store, Caller caller, ActivityId cause,
                         LocalFiles* files)
    : cloud_(cloud), store_(store), caller_(std::move(caller)), cause_(cause), files_(files) {}

std::string StackEngine::stored_parameter(const std::string& name) {
    Json input = {{"Name", name}, {"WithDecryption", true}};
    Call call{"ssm", "GetParameter", Document(std::move(input)), caller_, cause_, {}};
    try {
        const Document answer = cloud_.call_now(std::move(call));
        return string_member(answer.value()["Parameter"], "Value");
    } catch (const AwsError& error) {
        if (error.code() != "ParameterNotFound") throw;
        throw AwsError("ValidationError", fmt::format("Parameters: [{}] cannot be found.", name));
    }
}

StackTemplate StackEngine::prepare(const StackRequest& request, const StackIdentity& stack) {
    const StoredParameter stored = [this](const std::string& name) {
        return stored_parameter(name);
    };
    if (files_ != nullptr) templates_.emplace_back(request.source.file);
    StackTemplate prepared =
        keep_going_ ? prepare_what_can_be(request.source, request.parameters, stack, stored)
                    : prepare_template(request.source, request.parameters, stack, stored, files_);
    if (files_ != nullptr) {
        for (Finding& finding : findings_of(prepared)) findings_.push_back(std::move(finding));
        const bool fix = cloud_.settings().fix_handlers;
        for (Finding& finding : check_handlers(prepared, *files_, fix)) {
            findings_.push_back(std::move(finding));
        }
        for (Finding& finding : leave_out_policies(prepared)) {
            findings_.push_back(std::move(finding));
        }
    }
    return prepared;
}

/// Leaves out the resources and outputs that have problems, until the rest can be prepared.
StackTemplate StackEngine::prepare_what_can_be(TemplateSource source, const Json& given,
                                               const StackIdentity& stack,
                                               const StoredParameter& stored) {
    for (;;) {
        std::vector<Problem> problems;
        try {
            return prepare_template(source, given, stack, stored, files_);
        } catch (const TemplateError& error) {
            problems = error.problems();
        }
        bool dropped = false;
        for (Problem& problem : problems) {
            const std::string id = problem.logical_id;
            const bool output = problem.message.ends_with("in the Outputs block of the template");
            const char* block = output ? "Outputs" : "Resources";
            const Json* entries = find_member(source.value, block);
            if (!id.empty() && entries != nullptr && entries->contains(id)) {
                source.value[block].erase(id);
                dropped = true;
            }
            failures_.push_back(problem);
        }
        if (!dropped) throw TemplateError(std::move(problems));
    }
}

void StackEngine::check_capabilities(const StackTemplate& prepared,
                                     const StackRequest& request) const {
    if (!request.capabilities) return;
    const std::set<std::string>& have = *request.capabilities;
    if (is_sam(prepared.source.value) && !have.contains("CAPABILITY_AUTO_EXPAND")) {
        throw AwsError("InsufficientCapabilitiesException",
                       "Requires capabilities : [CAPABILITY_AUTO_EXPAND]");
    }
    bool iam = false;
    bool named = false;
    for (const auto& [id, resource] : prepared.resources().items()) {
        if (!is_iam(string_member(resource, "Type"))) continue;
        iam = true;
        named = named || names_iam(resource);
    }
    if (named && !have.contains("CAPABILITY_NAMED_IAM")) {
        throw AwsError("InsufficientCapabilitiesException",
                       "Requires capabilities : [CAPABILITY_NAMED_IAM]");
    }
    if (iam && !have.contains("CAPABILITY_IAM") && !have.contains("CAPABILITY_NAMED_IAM")) {
        throw AwsError("InsufficientCapabilitiesException",
                       "Requires capabilities : [CAPABILITY_IAM]");
    }
}

void StackEngine::set_status(Json& stack, const std::string& status, const std::string& reason) {
    stack["StackStatus"] = status;
    stack.erase("StackStatusReason");
    if (!reason.empty()) stack["StackStatusReason"] = reason;
    store_.put(scope(), stack);
    Json own = {{"LogicalResourceId", stack.at("StackName")},
                {"PhysicalResourceId", stack.at("StackId")},
                {"ResourceType", "AWS::CloudFormation::Stack"},
                {"ResourceStatus", status}};
    if (!reason.empty()) own["ResourceStatusReason"] = reason;
    store_.add_event(scope(), stack, own);
    cloud_.emit_event(caller_, "aws.cloudformation", "CloudFormation Stack Status Change",
                      {{"stack-id", stack.at("StackId")},
                       {"status-details", {{"status", status}, {"status-reason", reason}}},
                       {"client-request-token", ""}},
                      Json::array({stack.at("StackId")}), cause_);
}

void StackEngine::set_resource_status(Work& work, Json& resource, const std::string& status,
                                      const std::string& reason) {
    resource["ResourceStatus"] = status;
    resource["Timestamp"] = store_.now();
    resource.erase("ResourceStatusReason");
    if (!reason.empty()) resource["ResourceStatusReason"] = reason;
    store_.put_resource(scope(), work.identity.id, resource);
    store_.add_event(scope(), work.stack, resource);
}

StackEngine::WorkPtr StackEngine::begin(StackRequest request, const Json* existing) {
    auto work = std::make_shared<Work>();
    work->identity.name = request.name;
    work->identity.account = caller_.account;
    work->identity.region = caller_.region;
    work->identity.id =
        existing != nullptr
            ? string_member(*existing, "StackId")
            : make_arn("cloudformation", caller_.region, caller_.account,
                       fmt::format("stack/{}/{}", request.name, cloud_.entropy().uuid()));
    work->prepared = prepare(request, work->identity);
    check_capabilities(work->prepared, request);
    work->updating = existing != nullptr;
    work->rolls_back = request.rolls_back;
    work->stack = existing != nullptr ? *existing : Json::object();
    Json& stack = work->stack;
    stack["StackId"] = work->identity.id;
    stack["StackName"] = request.name;
    if (existing == nullptr)
        stack["CreationTime"] = store_.now();
    else
        stack["LastUpdatedTime"] = store_.now();
    if (existing == nullptr || !request.tags.empty()) stack["Tags"] = request.tags;
    if (const Json* text = find_member(work->prepared.source.value, "Description")) {
        stack["Description"] = *text;
    }
    stack["Parameters"] = described_parameters(work->prepared.parameters);
    stack["Given"] = work->prepared.parameters.given;
    stack["Capabilities"] = Json::array();
    if (request.capabilities) {
        for (const std::string& name : *request.capabilities) stack["Capabilities"].push_back(name);
    }
    stack["DisableRollback"] = !request.rolls_back;
    if (!request.parent_id.empty()) stack["ParentId"] = request.parent_id;
    if (!request.root_id.empty()) stack["RootId"] = request.root_id;
    if (existing != nullptr) {
        for (Json& resource : store_.resources(scope(), work->identity.id)) {
            const std::string id = string_member(resource, "LogicalResourceId");
            work->before[id] = std::move(resource);
        }
    }
    return work;
}

std::string StackEngine::begin_create(StackRequest request) {
    if (const Json* existing = store_.find(scope(), request.name)) {
        if (string_member(*existing, "StackStatus") != "REVIEW_IN_PROGRESS") {
            throw AwsError("AlreadyExistsException",
                           fmt::format("Stack [{}] already exists", request.name));
        }
        // Only a change set made it: it has its ARN, and nothing else.
        const Json review = *existing;
        WorkPtr work = begin(std::move(request), &review);
        work->updating = false;
        work->stack["CreationTime"] = store_.now();
        work->stack.erase("LastUpdatedTime");
        work->stack["Template"] = work->prepared.source.text;
        begun_[work->identity.id] = work;
        set_status(work->stack, "CREATE_IN_PROGRESS", "User Initiated");
        return work->identity.id;
    }
    WorkPtr work = begin(std::move(request), nullptr);
    work->stack["Template"] = work->prepared.source.text;
    begun_[work->identity.id] = work;
    set_status(work->stack, "CREATE_IN_PROGRESS", "User Initiated");
    return work->identity.id;
}

std::string StackEngine::begin_update(StackRequest request) {
    const Json* existing = store_.find(scope(), request.name);
    if (existing == nullptr) {
        throw AwsError("ValidationError", fmt::format("Stack [{}] does not exist", request.name));
    }
    const std::string status = string_member(*existing, "StackStatus");
    const bool ready = status.ends_with("_COMPLETE") && status != "ROLLBACK_COMPLETE";
    if (!ready && files_ == nullptr) {
        throw AwsError("ValidationError",
                       fmt::format("Stack:{} is in {} state and can not be updated.",
                                   string_member(*existing, "StackId"), status));
    }
    const Json before = *existing;
    StackRequest earlier = request;
    earlier.source = read_template(string_member(before, "Template"), request.source.file);
    earlier.parameters = before.value("Given", Json::object());
    earlier.tags = before.value("Tags", Json::array());
    WorkPtr work = begin(std::move(request), &before);
    earlier_.emplace(work->identity.id, std::move(earlier));
    const bool same = before.value("Template", Json()) == Json(work->prepared.source.text) &&
                      before.value("Given", Json()) == work->stack["Given"] &&
                      before.value("Tags", Json()) == work->stack["Tags"];
    if (same && files_ == nullptr) {
        throw AwsError("ValidationError", "No updates are to be performed.");
    }
    work->stack["Template"] = work->prepared.source.text;
    begun_[work->identity.id] = work;
    set_status(work->stack, "UPDATE_IN_PROGRESS", "User Initiated");
    return work->identity.id;
}

Json StackEngine::replacing_changes(const Json& known, const Json& entry) const {
    Json names = Json::array();
    const std::string name = string_member(known, "ResourceType");
    const ResourceType* type = cloud_.resource_types().find(name);
    if (type == nullptr || entry["ResourceType"] != name) return names;
    const Json was = known.value("Properties", Json::object());
    for (const std::string& property : changed_properties(was, entry["Properties"])) {
        if (replaces(*type, property)) names.push_back(property);
    }
    return names;
}

StackPreview StackEngine::preview(StackRequest request, const std::string& stack_id) {
    Work work;
    work.identity = {request.name, stack_id, caller_.account, caller_.region};
    work.prepared = prepare(request, work.identity);
    check_capabilities(work.prepared, request);
    for (Json& resource : store_.resources(scope(), stack_id)) {
        const std::string id = string_member(resource, "LogicalResourceId");
        work.resources[id] = std::move(resource);
    }
    Names names = evaluation(work);
    names.dynamic_reference = {};
    const auto ref = names.ref;
    names.ref = [ref](const std::string& name) -> std::optional<Json> {
        return ref(name).value_or(Json(kKnownAfterApply));
    };
    names.get_att = [this, &work](const std::string& id, const std::string& attribute) {
        const auto known = work.resources.find(id);
        const bool made = known != work.resources.end() && known->second.contains("Ref");
        return made ? attribute_of(work, id, attribute) : Json(kKnownAfterApply);
    };
    StackPreview preview;
    preview.parameters = described_parameters(work.prepared.parameters);
    // What refers to a resource that is replaced changes too, and may have to be replaced itself.
    for (bool settled = false; !settled;) {
        settled = true;
        for (const auto& [id, declaration] : work.prepared.resources().items()) {
            Json entry = previewed(declaration, names);
            const auto known = work.resources.find(id);
            if (known != work.resources.end() && known->second.contains("Ref")) {
                entry["ReplacedBy"] = replacing_changes(known->second, entry);
                if (!entry["ReplacedBy"].empty()) {
                    known->second.erase("Ref");
                    settled = false;
                }
            } else if (const auto earlier = preview.resources.find(id);
                       earlier != preview.resources.end()) {
                entry["ReplacedBy"] = earlier->second.value("ReplacedBy", Json::array());
            }
            preview.resources[id] = std::move(entry);
        }
    }
    return preview;
}

Task<void> StackEngine::run(std::string stack_id) {
    const auto found = begun_.find(stack_id);
    if (found == begun_.end()) co_return;
    WorkPtr work = found->second;
    begun_.erase(found);
    Activity activity =
        cloud_.journal().begin(ActivityKind::deployment, work->identity.name, cause_);
    co_await apply(work);
    if (!work->failed_ids.empty() && !keep_going_ && work->rolls_back) {
        activity.fail("StackFailed", work->reason());
        co_await roll_back(work);
        co_return;
    }
    if (!work->failed_ids.empty() && !keep_going_) {
        set_status(work->stack, work->updating ? "UPDATE_FAILED" : "CREATE_FAILED", work->reason());
        co_return;
    }
    if (work->updating) co_await clean_up(work);
    finish(*work);
}

Task<void> StackEngine::apply(WorkPtr work) {
    for (const std::vector<std::string>& wave : work->prepared.waves) {
        for (const std::string& id : wave) {
            if (!work->failed_ids.empty() && !goes_on_without(*work, id)) continue;
            co_await apply_resource(work, id);
        }
    }
    if (!work->failed_ids.empty() && !keep_going_) co_return;
    try {
        add_outputs(*work);
    } catch (const AwsError& error) {
        work->output_fault = error.message();
        work->failed_ids.emplace_back("Outputs");
        const TemplateSource& source = work->prepared.source;
        failures_.push_back({source.file, source.lines.line_of("/Outputs"), "", error.message()});
    }
}

/// Whether a resource is made after others failed. A stack of a local template fails as a whole
/// too, but tells at once of all that is wrong; what waits for a failed resource would only repeat
/// it.
bool StackEngine::goes_on_without(Work& work, const std::string& id) const {
    if (keep_going_) return true;
    if (files_ == nullptr) return false;
    const Json& resources = work.prepared.resources();
    const std::vector<std::string> waits = dependencies_of(resources[id], resources);
    const bool possible = std::none_of(waits.begin(), waits.end(), [&](const std::string& name) {
        const auto made = work.resources.find(name);
        return made == work.resources.end() || !made->second.contains("Ref");
    });
    return possible;
}

void StackEngine::fail(Work& work, const std::string& id, const std::string& reason) {
    work.failed_ids.push_back(id);
    const TemplateSource& source = work.prepared.source;
    failures_.push_back({source.file, line_of_resource(source, id), id, reason});
    Json& resource = work.resources[id];
    set_resource_status(work, resource,
                        work.before.contains(id) ? "UPDATE_FAILED" : "CREATE_FAILED", reason);
}

void StackEngine::note_state(Work& work, const std::string& id, const ResourceState& state) {
    Json& resource = work.resources[id];
    resource["PhysicalResourceId"] = state.physical_id;
    resource["Ref"] = state.ref.is_null() ? Json(state.physical_id) : state.ref;
    resource["Attributes"] = state.attributes;
    const TemplateSource& source = work.prepared.source;
    for (const std::string& text : state.findings) {
        findings_.push_back({source.file, line_of_resource(source, id), id, text, "", ""});
    }
}

/// What the template says of a resource, with all functions resolved.
struct StackEngine::Resolved {
    Json properties = Json::object();
    std::string local_path;
    std::string fault;  ///< why it cannot be made
};

StackEngine::Resolved StackEngine::resolve(Work& work, const std::string& id) {
    Resolved resolved;
    try {
        if (const Json* given = find_member(work.prepared.resources()[id], "Properties")) {
            resolved.properties = evaluate(*given, evaluation(work)).value_or(Json::object());
        }
        convert_scalars(string_member(work.resources[id], "ResourceType"), resolved.properties);
        localize(work, id, resolved.properties, resolved.local_path);
    } catch (const AwsError& error) {
        resolved.fault = error.message();
    } catch (const TemplateError& error) {
        // The file at fault is one that the resource names, not the template.
        resolved.fault = to_line(error.problems().front());
    }
    if (resolved.fault.empty()) {
        resolved.fault = refuse_incomplete(work, id, resolved.properties);
    }
    return resolved;
}

bool StackEngine::is_unchanged(const Json& before, const std::string& type,
                               const Json& properties) const {
    // What a deployment of an API holds is its methods as they were: new ones need a new one.
    const bool stale = files_ != nullptr && api_changed_ && type == "AWS::ApiGateway::Deployment";
    return type != "AWS::CloudFormation::Stack" && !stale &&
           before.value("Properties", Json()) == properties &&
           string_member(before, "ResourceType") == type &&
           !string_member(before, "ResourceStatus").ends_with("_FAILED");
}

Task<void> StackEngine::apply_resource(WorkPtr work, std::string id) {
    const Json& declaration = work->prepared.resources()[id];
    const std::string type = string_member(declaration, "Type");
    Json& resource = work->resources[id];
    resource["LogicalResourceId"] = id;
    resource["ResourceType"] = type;
    for (const std::string_view policy : {"DeletionPolicy", "UpdateReplacePolicy"}) {
        if (const Json* value = find_member(declaration, policy))
            resource[std::string(policy)] = *value;
    }
    const auto old = work->before.find(id);
    const Json* before = old == work->before.end() ? nullptr : &old->second;
    if (before != nullptr)
        resource["PhysicalResourceId"] = before->value("PhysicalResourceId", Json(""));
    const Resolved resolved = resolve(*work, id);
    if (!resolved.fault.empty()) {
        fail(*work, id, resolved.fault);
        co_return;
    }
    resource["Properties"] = resolved.properties;
    const TemplateSource& origin = work->prepared.source;
    places_[work->identity.name + '#' + id] = {origin.file, line_of_resource(origin, id)};
    if (before != nullptr && is_unchanged(*before, type, resolved.properties)) {
        resource = *before;
        work->unchanged.insert(id);
        co_return;
    }
    set_resource_status(*work, resource,
                        before != nullptr ? "UPDATE_IN_PROGRESS" : "CREATE_IN_PROGRESS");
    api_changed_ = api_changed_ || type.starts_with("AWS::ApiGateway::");
    ResourceRequest request = resource_request(*work, id, resolved.properties);
    request.local_path = resolved.local_path;
    std::string fault;
    bool replaced = false;
    try {
        const ResourceState state = co_await make(work, std::move(request), before, replaced);
        note_state(*work, id, state);
    } catch (const AwsError& error) {
        // Stacks and CloudFormation's own faults speak for themselves.
        fault = type == "AWS::CloudFormation::Stack"
                    ? error.message()
                    : fmt::format("{} ({})", error.message(), error.code());
    }
    if (!fault.empty()) {
        fail(*work, id, fault);
        co_return;
    }
    (before != nullptr && !replaced ? work->updated : work->created).push_back(id);
    if (replaced) work->replaced[id] = *before;
    set_resource_status(*work, resource, before != nullptr ? "UPDATE_COMPLETE" : "CREATE_COMPLETE");
}

/// What AWS refuses for a property that is missing or unknown; a local start goes on with findings.
std::string StackEngine::refuse_incomplete(Work& work, const std::string& id,
                                           const Json& properties) {
    const std::string type = string_member(work.resources[id], "ResourceType");
    const std::string missing = missing_property(type, properties);
    if (missing.empty()) {
        if (files_ != nullptr) return "";  // the template's findings tell of unknown ones
        const std::vector<UnknownProperty> unknown = unknown_properties(type, properties);
        return unknown.empty() ? "" : refusal(id, unknown.front());
    }
    std::string fault = fmt::format(
        "Properties validation failed for resource {} with message: [#: required key [{}] not "
        "found]",
        id, missing);
    if (files_ == nullptr) return fault;
    const TemplateSource& source = work.prepared.source;
    findings_.push_back({source.file, line_of_resource(source, id), id,
                         fmt::format("{} needs the property {}.", type, missing), fault,
                         "add " + missing, true});
    return "";
}

void StackEngine::finish(Work& work) {
    Json order = Json::array();
    for (const auto& wave : work.prepared.waves) {
        for (const std::string& id : wave) order.push_back(id);
    }
    work.stack["Order"] = std::move(order);
    work.stack["Imports"] = work.imports;
    set_status(work.stack, work.updating ? "UPDATE_COMPLETE" : "CREATE_COMPLETE");
}

void StackEngine::add_outputs(Work& work) {
    Json outputs = Json::array();
    Json exports = Json::object();
    const Names scope = evaluation(work);
    for (const auto& [name, output] : work.prepared.outputs().items()) {
        const std::optional<Json> value = evaluate(output["Value"], scope);
        if (!value) continue;
        Json entry = {{"OutputKey", name}, {"OutputValue", scalar_text(*value)}};
        if (value->is_array() || value->is_object()) {
            throw AwsError("ValidationError", "Template format error: Output " + name +
                                                  " is malformed. The Value field of every Outputs "
                                                  "member must evaluate to a String.");
        }
        if (const Json* text = find_member(output, "Description")) entry["Description"] = *text;
        if (const Json* export_to = find_member(output, "Export")) {
            const Json* wanted = find_member(*export_to, "Name");
            const std::string export_name =
                wanted == nullptr ? "" : scalar_text(evaluate(*wanted, scope).value_or(""));
            const Json* other = store_.find_export(this->scope(), export_name);
            if (other != nullptr && string_member(*other, "StackId") != work.identity.id) {
                throw AwsError(
                    "ValidationError",
                    fmt::format("Export with name {} is already exported by stack {}. Rule: "
                                "an export name is unique in an account and region",
                                export_name, string_member(*other, "StackName")));
            }
            entry["ExportName"] = export_name;
            exports[export_name] = entry["OutputValue"];
        }
        outputs.push_back(std::move(entry));
    }
    const Json* old = find_member(work.stack, "Exports");
    if (old != nullptr) {
        for (const auto& [name, value] : old->items()) {
            const bool changed = !exports.contains(name) || exports[name] != value;
            if (changed && !store_.importers(this->scope(), name).empty()) {
                throw AwsError(
                    "ValidationError",
                    fmt::format("Export {} cannot be updated as it is in use by {}", name,
                                fmt::join(store_.importers(this->scope(), name), ", ")));
            }
        }
    }
    work.stack["Outputs"] = std::move(outputs);
    work.stack["Exports"] = std::move(exports);
}

ResourceRequest StackEngine::resource_request(Work& work, const std::string& id,
                                              const Json& properties) {
    ResourceRequest request;
    request.caller = caller_;
    request.caller.principal = kTemplates;
    request.cause = cause_;
    request.type = string_member(work.resources[id], "ResourceType");
    request.stack_name = work.identity.name;
    request.stack_id = work.identity.id;
    request.logical_id = id;
    request.properties = properties;
    request.physical_id = string_member(work.resources[id], "PhysicalResourceId");
    request.generated_name = fmt::format("{}-{}-{}", work.identity.name, id,
                                         cloud_.entropy().upper_alphanumeric(kRandomSuffix));
    request.strict = cloud_.settings().strict;
    return request;
}

}  // namespace skafu::cloudformation

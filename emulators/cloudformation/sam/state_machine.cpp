#include "cloudformation/sam/state_machine.h"

#include "cloudformation/sam/api_events.h"
#include "cloudformation/sam/function.h"
#include "cloudformation/sam/function_events.h"
#include "cloudformation/sam/policies.h"
#include "cloudformation/sam/schema.h"

namespace skafu::cloudformation::sam {
namespace {

class StateMachine {
  public:
    StateMachine(Context& context, Source source) : context_(context), source_(source) {}

    void translate() {
        check_properties(source_);
        const std::vector<EventSource> events = link_events();
        if (source_.is_set("DeploymentPreference") && !source_.is_set("AutoPublishAlias")) {
            throw problem(
                "'DeploymentPreference' requires 'AutoPublishAlias' property to be specified.");
        }
        if (source_.is_set("PropagateTags") && source_.is_set("Tags")) {
            context_.propagate_tags(*source_.find("Tags"));
        }
        Json machine = Json::object();
        add_definition(machine);
        copy("Name", machine, "StateMachineName");
        copy("Type", machine, "StateMachineType");
        copy("Logging", machine, "LoggingConfiguration");
        copy("Tracing", machine, "TracingConfiguration");
        machine["Tags"] = tag_list("stateMachine:createdBy", source_.find("Tags"));
        add_role(machine);
        target_ = ref_to(source_.id);
        context_.add(source_.id, source_.id,
                     make_resource("AWS::StepFunctions::StateMachine", std::move(machine),
                                   source_.main_attributes()));
        if (const Json* alias = source_.find("AutoPublishAlias")) add_alias(*alias);
        translate_events(events);
        context_.propagate_tags(Json());
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    void copy(std::string_view from, Json& to, const std::string& name) const {
        if (const Json* value = source_.find(from)) to[name] = *value;
    }

    /// Replaces each function inside a definition by ${definition_substitution_N}.
    Json without_functions(const Json& value) {
        if (is_function(value)) {
            const std::string name =
                fmt::format("definition_substitution_{}", substitutions_.size() + 1);
            substitutions_[name] = value;
            return "${" + name + "}";
        }
        if (value.is_array()) {
            Json result = Json::array();
            for (const Json& item : value) result.push_back(without_functions(item));
            return result;
        }
        if (!value.is_object()) return value;
        std::map<std::string, const Json*> members;
        for (const auto& [key, member] : value.items()) members[key] = &member;
        Json result = Json::object();
        for (const auto& [key, member] : members) result[key] = without_functions(*member);
        return result;
    }

    void add_definition(Json& machine) {
        const Json* definition = source_.find("Definition");
        const Json* uri = source_.find("DefinitionUri");
        if (definition != nullptr && uri != nullptr) {
            throw problem("Specify either 'Definition' or 'DefinitionUri' property and not both.");
        }
        if (definition == nullptr && uri == nullptr) {
            throw problem("Either 'Definition' or 'DefinitionUri' property must be specified.");
        }
        if (const Json* own = source_.find("DefinitionSubstitutions")) {
            machine["DefinitionSubstitutions"] = *own;
        }
        if (uri != nullptr) {
            machine["DefinitionS3Location"] =
                s3_location(source_.id, *uri, "DefinitionUri", "Bucket", "Key", "Version");
            return;
        }
        const std::string text = to_pretty_ascii_text(without_functions(*definition), 4);
        Json lines = Json::array();
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            lines.push_back(text.substr(at, end - at));
            at = end + 1;
        }
        machine["DefinitionString"] = Json{{"Fn::Join", Json::array({"\n", std::move(lines)})}};
        for (const auto& [name, value] : substitutions_.items()) {
            machine["DefinitionSubstitutions"][name] = value;
        }
    }

    void add_role(Json& machine) {
        if (const Json* role = source_.find("Role")) {
            if (source_.find("Policies") != nullptr) {
                throw problem("Specify either 'Role' or 'Policies' property and not both.");
            }
            machine["RoleArn"] = *role;
            return;
        }
        machine["RoleArn"] = get_att(source_.id + "Role", "Arn");
        RoleParts parts;
        parts.id = source_.id + "Role";
        parts.trust = trust_policy("states.amazonaws.com");
        const Json* tracing = source_.find("Tracing");
        const Json* enabled = tracing == nullptr ? nullptr : find_member(*tracing, "Enabled");
        if (enabled != nullptr && *enabled == true) {
            parts.managed.push_back("arn:" + context_.partition() + ":iam::aws:policy/" +
                                    (context_.partition() == "aws" ? "AWSXrayWriteOnlyAccess"
                                                                   : "AWSXRayDaemonWriteAccess"));
        }
        parts.policies = source_.find("Policies");
        parts.path = source_.find("RolePath");
        parts.boundary = source_.find("PermissionsBoundary");
        parts.tags = machine["Tags"];
        context_.add(source_.id, parts.id, make_role(source_, context_, parts));
    }

    void add_alias(const Json& setting) {
        const Json name = context_.resolve(setting);
        if (!name.is_string()) {
            throw problem("'AutoPublishAlias' must be a string or a Ref to a template parameter");
        }
        const std::string version_id = source_.id + "Version";
        Json attributes = source_.attributes();
        if (!attributes.contains("DeletionPolicy")) attributes["DeletionPolicy"] = "Retain";
        if (!attributes.contains("UpdateReplacePolicy"))
            attributes["UpdateReplacePolicy"] = "Retain";
        Json version = {{"StateMachineArn", ref_to(source_.id)},
                        {"StateMachineRevisionId", get_att(source_.id, "StateMachineRevisionId")}};
        context_.add(source_.id, version_id,
                     make_resource("AWS::StepFunctions::StateMachineVersion", std::move(version),
                                   attributes));
        const std::string alias_id = source_.id + "Alias" + name.get<std::string>();
        Json alias = {{"Name", name}};
        const Json* preference = source_.find("DeploymentPreference");
        Json deployment = preference == nullptr ? Json{{"Type", "ALL_AT_ONCE"}} : *preference;
        deployment["StateMachineVersionArn"] = ref_to(version_id);
        alias["DeploymentPreference"] = std::move(deployment);
        context_.add(source_.id, alias_id,
                     make_resource("AWS::StepFunctions::StateMachineAlias", std::move(alias),
                                   source_.attributes()));
        const Json* wanted = source_.find("UseAliasAsEventTarget");
        if (wanted != nullptr && *wanted == true) target_ = ref_to(alias_id);
    }

    std::vector<EventSource> link_events() {
        std::vector<EventSource> result;
        const Json* events = source_.find("Events");
        if (!is_truthy(events)) return result;
        for (const auto& [name, entry] : events->items()) {
            result.push_back(link_event(context_, source_, "StateMachine", name, entry));
        }
        return result;
    }

    void translate_events(std::vector<EventSource> events) {
        for (EventSource& event : events) {
            event.target = target_;
            event.arn = target_;
            const Json* boundary = source_.find("PermissionsBoundary");
            if (event.type == "ScheduleV2") {
                translate_scheduler(event, true);
            } else if (event.type == "Api") {
                translate_state_machine_api_event(event, boundary);
            } else {
                const Json role = event_role(event, boundary);
                if (event.type == "Schedule")
                    translate_schedule(event, "StepFunctionsTarget", &role);
                else
                    translate_rule(event, "StepFunctionsTarget", &role);
            }
        }
    }

    /// The role with which a rule starts the machine: given, or made here.
    Json event_role(const EventSource& event, const Json* boundary) {
        if (const Json* role = event.find("RoleArn")) return *role;
        const std::string id = event.id + "Role";
        Json policy = {{"PolicyName", id + "StartExecutionPolicy"},
                       {"PolicyDocument", allow("states:StartExecution", event.target)}};
        Json role = {{"AssumeRolePolicyDocument", trust_policy("events.amazonaws.com")},
                     {"Policies", Json::array({std::move(policy)})}};
        if (boundary != nullptr) role["PermissionsBoundary"] = *boundary;
        context_.add(source_.id, id,
                     make_resource("AWS::IAM::Role", std::move(role), source_.attributes()));
        return get_att(id, "Arn");
    }

    Context& context_;
    Source source_;
    Json target_;
    Json substitutions_ = Json::object();
};

}  // namespace

void translate_state_machine(Context& context, Source source) {
    StateMachine(context, source).translate();
}

}  // namespace skafu::cloudformation::sam

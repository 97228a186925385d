#include "cloudformation/sam/code_deploy.h"

#include <set>

#include "cloudformation/sam/policies.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr std::string_view kApplication = "ServerlessDeploymentApplication";
constexpr std::string_view kRole = "CodeDeployServiceRole";
constexpr std::string_view kCondition = "ServerlessCodeDeployCondition";

bool is_predefined(const Json& type) {
    static const std::set<std::string_view> types = {"Canary10Percent5Minutes",
                                                     "Canary10Percent10Minutes",
                                                     "Canary10Percent15Minutes",
                                                     "Canary10Percent30Minutes",
                                                     "Linear10PercentEvery1Minute",
                                                     "Linear10PercentEvery2Minutes",
                                                     "Linear10PercentEvery3Minutes",
                                                     "Linear10PercentEvery10Minutes",
                                                     "AllAtOnce"};
    return type.is_string() && types.contains(type.get_ref<const std::string&>());
}

/// Types by their short names become CodeDeploy's own, inside functions too.
Json configuration_name(const Json& type, std::string_view function = "") {
    if (type.is_array()) {
        Json result = Json::array();
        for (const Json& item : type) result.push_back(configuration_name(item));
        return result;
    }
    if (is_function(type)) {
        const std::string& name = type.begin().key();
        return Json{{name, configuration_name(type.begin().value(), name)}};
    }
    if (!is_predefined(type)) return type;
    Json result = sub("CodeDeployDefault.Lambda${ConfigName}", Json{{"ConfigName", type}});
    // A Sub cannot stand in a Sub.
    return function == "Fn::Sub" ? result["Fn::Sub"] : result;
}

Json alarm_configuration(const std::string& function, const Json& alarms) {
    if (!alarms.is_array()) throw SamProblem::resource(function, "Alarms must be a list");
    if (alarms.empty() || is_no_value(&alarms[0])) return Json::object();
    Json list = Json::array();
    for (const Json& alarm : alarms) list.push_back(Json{{"Name", alarm}});
    return Json{{"Enabled", true}, {"Alarms", std::move(list)}};
}

void add_alarms(const std::string& function, const Json& preference, Json& group) {
    const Json* alarms = given(preference, "Alarms");
    if (!is_truthy(alarms) || is_no_value(alarms)) return;
    if (!alarms->is_object() || !alarms->contains("Fn::If")) {
        group["AlarmConfiguration"] = alarm_configuration(function, *alarms);
        return;
    }
    Json branches = (*alarms)["Fn::If"];
    if (!branches.is_array() || branches.size() != 3) {
        throw SamProblem::resource(function, "Fn::If requires 3 arguments");
    }
    for (std::size_t i = 1; i < 3; ++i) branches[i] = alarm_configuration(function, branches[i]);
    group["AlarmConfiguration"] = Json{{"Fn::If", std::move(branches)}};
}

void add_group(Context& context, const std::string& function, const Json& preference) {
    Json group = Json::object();
    add_alarms(function, preference, group);
    group["ApplicationName"] = ref_to(kApplication);
    group["AutoRollbackConfiguration"] =
        Json{{"Enabled", true},
             {"Events", Json::array({"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM",
                                     "DEPLOYMENT_STOP_ON_REQUEST"})}};
    group["DeploymentConfigName"] = configuration_name(preference["Type"]);
    group["DeploymentStyle"] =
        Json{{"DeploymentType", "BLUE_GREEN"}, {"DeploymentOption", "WITH_TRAFFIC_CONTROL"}};
    const Json* role = given(preference, "Role");
    group["ServiceRoleArn"] = is_truthy(role) ? *role : get_att(kRole, "Arn");
    if (is_truthy(preference, "TriggerConfigurations")) {
        copy_members(preference, group, {"TriggerConfigurations"});
    }
    Json attributes = Json::object();
    copy_members(preference, attributes, {"Condition"});
    if (const Json* tags = given(preference, "Tags")) context.propagate_tags(*tags);
    context.add_shared(
        function + "DeploymentGroup",
        make_resource("AWS::CodeDeploy::DeploymentGroup", std::move(group), attributes));
    context.propagate_tags(Json());
}

/// The conditions of all preferences, unless one that is on has none.
std::set<std::string> shared_conditions(const Json& preferences) {
    std::set<std::string> conditions;
    for (const Json& preference : preferences) {
        const std::string condition = string_member(preference, "Condition");
        if (condition.empty() && preference["Enabled"] == true) return {};
        if (!condition.empty()) conditions.insert(condition);
    }
    return conditions;
}

/// Where conditions are noted they are combined whether or not the application needs it.
void combine_conditions(Context& context, const Json& preferences) {
    std::set<std::string> conditions;
    for (const Json& preference : preferences) {
        const std::string condition = string_member(preference, "Condition");
        if (!condition.empty()) conditions.insert(condition);
    }
    if (conditions.size() < 2) return;
    Json list = Json::array();
    for (const std::string& name : conditions) list.push_back(Json{{"Condition", name}});
    context.add_condition(std::string(kCondition), Json{{"Fn::Or", std::move(list)}});
}

Json checked_hooks(const Source& source, const Json& preference) {
    const Json* hooks = given(preference, "Hooks");
    if (hooks == nullptr) return Json::object();
    if (!hooks->is_object()) {
        throw SamProblem::resource(
            source.id, "'Hooks' property of 'DeploymentPreference' must be a dictionary");
    }
    return *hooks;
}

bool passes_condition(const Context& context, const Source& source, const Json& preference) {
    const Json* setting = given(preference, "PassthroughCondition");
    if (setting == nullptr) return false;
    const Json value = context.resolve(*setting);
    if (value == true || value == "true" || value == "True") return true;
    if (value == false || value == "false" || value == "False") return false;
    throw SamProblem::resource(
        source.id, is_function(value)
                       ? "Unsupported intrinsic: the only intrinsic functions supported for "
                         "property PassthroughCondition are FindInMap and parameter Refs."
                       : "Invalid value for property PassthroughCondition.");
}

}  // namespace

void note_deployment_preference(Context& context, const Source& source,
                                const std::string& alias_id) {
    const Json* setting = source.find("DeploymentPreference");
    if (!is_truthy(setting)) return;
    Json preference = *setting;
    for (const std::string_view name : {"Enabled", "Type"}) {
        if (const Json* value = given(preference, name)) {
            preference[std::string(name)] = context.resolve(*value);
        }
    }
    const bool passes = passes_condition(context, source, preference);
    const Json* enabled = given(preference, "Enabled");
    const bool text = enabled != nullptr && enabled->is_string();
    const bool off = text && lower_case(enabled->get<std::string>()) == "false";
    if (enabled != nullptr && (off || !is_truthy(enabled))) {
        context.deployment_preferences()[source.id] = Json{{"Enabled", false}};
        return;
    }
    if (given(preference, "Type") == nullptr) {
        throw SamProblem::resource(source.id,
                                   "'DeploymentPreference' is missing required Property 'Type'");
    }
    const Json hooks = checked_hooks(source, preference);
    preference["Enabled"] = true;
    preference.erase("Condition");
    if (passes) copy_members(source.resource, preference, {"Condition"});
    if (source.is_set("PropagateTags")) copy_members(source.properties, preference, {"Tags"});
    if (alias_id.empty()) {
        throw SamProblem::resource(source.id,
                                   "'DeploymentPreference' requires AutoPublishAlias property to "
                                   "be specified.");
    }
    Json update = {{"ApplicationName", ref_to(kApplication)},
                   {"DeploymentGroupName", ref_to(source.id + "DeploymentGroup")}};
    if (is_truthy(hooks, "PreTraffic")) update["BeforeAllowTrafficHook"] = hooks["PreTraffic"];
    if (is_truthy(hooks, "PostTraffic")) update["AfterAllowTrafficHook"] = hooks["PostTraffic"];
    (*context.generated(alias_id))["UpdatePolicy"] =
        Json{{"CodeDeployLambdaAliasUpdate", std::move(update)}};
    context.deployment_preferences()[source.id] = std::move(preference);
}

void add_code_deploy(Context& context) {
    const Json preferences = context.deployment_preferences();
    const bool any = std::any_of(preferences.begin(), preferences.end(),
                                 [](const Json& entry) { return entry["Enabled"] == true; });
    if (!any) return;
    combine_conditions(context, preferences);
    const std::set<std::string> conditions = shared_conditions(preferences);
    Json attributes = Json::object();
    if (conditions.size() == 1) attributes["Condition"] = *conditions.begin();
    if (conditions.size() > 1) attributes["Condition"] = kCondition;
    bool needs_role = false;
    Json tags;
    for (const Json& preference : preferences) {
        if (preference["Enabled"] != true) continue;
        needs_role = needs_role || !is_truthy(preference, "Role");
        if (const Json* own = given(preference, "Tags")) tags = *own;
    }
    context.propagate_tags(tags);
    context.add_shared(std::string(kApplication),
                       make_resource("AWS::CodeDeploy::Application",
                                     Json{{"ComputePlatform", "Lambda"}}, attributes));
    if (needs_role) {
        const std::string policy = fmt::format(
            "arn:{}:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda", context.partition());
        Json role = {{"AssumeRolePolicyDocument", trust_policy("codedeploy.amazonaws.com")},
                     {"ManagedPolicyArns", Json::array({policy})}};
        context.add_shared(std::string(kRole),
                           make_resource("AWS::IAM::Role", std::move(role), attributes));
    }
    context.propagate_tags(Json());
    for (const auto& [function, preference] : preferences.items()) {
        if (preference["Enabled"] == true) add_group(context, function, preference);
    }
}

}  // namespace skafu::cloudformation::sam

#include "cloudformation/sam/function_work.h"
#include "cloudformation/sam/policies.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr std::string_view kTypes[] = {"SQS", "SNS", "EventBridge", "Lambda", "S3Bucket"};
constexpr std::size_t kMaxCondition = 255;

/// A queue or topic that SAM makes only where the given Fn::If leaves the destination open.
struct OpenBranch {
    std::string condition;
    Json otherwise;
};

std::string condition_name(const std::string& name, const std::string& digested) {
    return (name + short_digest(digested)).substr(0, kMaxCondition);
}

OpenBranch open_branch(FunctionWork& work, const Json& target, const std::string& id) {
    OpenBranch open;
    if (!target.is_object() || !target.contains("Fn::If")) return open;
    const Json& branches = target["Fn::If"];
    if (!branches.is_array() || branches.size() != 3 || !branches[0].is_string()) return open;
    const bool first = is_no_value(&branches[1]);
    const bool second = is_no_value(&branches[2]);
    if (first == second) return open;
    const std::string condition = branches[0].get<std::string>();
    if (first) return {condition, branches[2]};
    open.condition = condition_name("NOT" + condition, id);
    open.otherwise = branches[1];
    work.context.add_condition(open.condition,
                               Json{{"Fn::Not", Json::array({Json{{"Condition", condition}}})}});
    return open;
}

/// Both conditions at once, as one of the template.
std::string both(FunctionWork& work, const std::string& own, const std::string& open) {
    if (own.empty() || open.empty()) return own.empty() ? open : own;
    const std::string name = condition_name(own + "AND" + open, work.source.id);
    work.context.add_condition(
        name,
        Json{{"Fn::And", Json::array({Json{{"Condition", own}}, Json{{"Condition", open}}})}});
    return name;
}

Json make_target(FunctionWork& work, const std::string& prefix, const std::string& type,
                 const OpenBranch& open) {
    Json attributes = work.source.attributes();
    const std::string condition =
        both(work, string_member(attributes, "Condition"), open.condition);
    if (!condition.empty()) attributes["Condition"] = condition;
    const bool queue = type == "SQS";
    const std::string id = prefix + (queue ? "Queue" : "Topic");
    work.context.add(
        work.source.id, id,
        make_resource(queue ? "AWS::SQS::Queue" : "AWS::SNS::Topic", Json::object(), attributes));
    work.context.note_reference(work.source.id, queue ? "DestinationQueue" : "DestinationTopic",
                                id);
    Json arn = queue ? get_att(id, "Arn") : ref_to(id);
    if (open.condition.empty()) return arn;
    return Json{{"Fn::If", Json::array({open.condition, arn, open.otherwise})}};
}

Json destination(FunctionWork& work, const std::string& when, const Json& config) {
    expect_map(work.source.id, config, "EventInvokeConfig.DestinationConfig." + when);
    const Json* given_type = given(config, "Type");
    const std::string type =
        given_type != nullptr && given_type->is_string() ? given_type->get<std::string>() : "";
    if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
        throw work.problem(
            fmt::format("'Type: {}' must be one of ['SQS', 'SNS', 'EventBridge', 'Lambda', "
                        "'S3Bucket']",
                        given_type == nullptr ? "None" : printed(*given_type)));
    }
    const std::string base = work.source.id + "EventInvokeConfig";
    const Json* target = given(config, "Destination");
    const OpenBranch open = open_branch(work, target == nullptr ? Json() : *target, base);
    Json arn = target == nullptr ? Json() : *target;
    if (target == nullptr || !open.condition.empty()) {
        if (type != "SQS" && type != "SNS") {
            throw work.problem("Destination is required if Type is not ['SQS', 'SNS']");
        }
        arn = make_target(work, base + when, type, open);
    }
    work.role_policies.push_back(
        destination_policy(base + when, type == "S3Bucket" ? "S3" : type, arn));
    return arn;
}

}  // namespace

void add_invoke_config(FunctionWork& work) {
    const Source& source = work.source;
    if (!source.is_set("EventInvokeConfig")) return;
    const Json config = work.context.resolve(*source.find("EventInvokeConfig"));
    Json properties = {{"FunctionName", ref_to(source.id)},
                       {"Qualifier", work.alias_name.empty() ? "$LATEST" : work.alias_name}};
    copy_members(config, properties, {"MaximumEventAgeInSeconds", "MaximumRetryAttempts"});
    Json targets = Json::object();
    const Json* destinations = given(config, "DestinationConfig");
    if (is_truthy(destinations)) {
        expect_map(source.id, *destinations, "EventInvokeConfig.DestinationConfig");
        for (const std::string when : {"OnSuccess", "OnFailure"}) {
            const Json* target = given(*destinations, when);
            if (target == nullptr) continue;
            targets[when] = Json{{"Destination", destination(work, when, *target)}};
        }
    }
    properties["DestinationConfig"] = std::move(targets);
    Json attributes = source.main_attributes();
    attributes.erase("DependsOn");
    if (!work.alias_id.empty()) attributes["DependsOn"] = Json::array({work.alias_id});
    work.context.add(
        source.id, source.id + "EventInvokeConfig",
        make_resource("AWS::Lambda::EventInvokeConfig", std::move(properties), attributes));
}

}  // namespace skafu::cloudformation::sam

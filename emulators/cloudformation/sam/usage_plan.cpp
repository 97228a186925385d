#include "cloudformation/sam/usage_plan.h"

#include <algorithm>

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kSharedCondition = "SharedUsagePlanCondition";

Json checked_plan(const Source& source, const Json& plan) {
    const auto problem = [&](const std::string& why) {
        return SamProblem::resource(source.id, why);
    };
    if (!plan.is_object()) throw problem("'UsagePlan' must be a dictionary");
    for (const auto& [name, value] : plan.items()) {
        constexpr std::string_view known[] = {"CreateUsagePlan", "Description",  "Quota", "Tags",
                                              "Throttle",        "UsagePlanName"};
        if (std::find(std::begin(known), std::end(known), name) == std::end(known)) {
            throw problem("Invalid property for 'UsagePlan'");
        }
    }
    const Json* kind = given(plan, "CreateUsagePlan");
    if (kind == nullptr) throw problem("'CreateUsagePlan' is a required field for UsagePlan.");
    if (*kind != "SHARED" && *kind != "PER_API" && *kind != "NONE") {
        throw problem("'CreateUsagePlan' accepts one of ['SHARED', 'PER_API', 'NONE'].");
    }
    return *kind;
}

/// The stricter of two policies: what one API wants to keep is kept.
void combine_policy(Json& attributes, const Json& own, const std::string& name) {
    const std::string wanted = string_member(own, name);
    if (wanted.empty()) return;
    const std::string now = string_member(attributes, name);
    const bool replaces =
        now.empty() || wanted == "Retain" ||
        (name == "UpdateReplacePolicy" && wanted == "Snapshot" && now == "Delete");
    if (replaces) attributes[name] = wanted;
}

/// Attributes of what all APIs share: it exists when one of them does.
Json shared_attributes(Context& context, const Json& own) {
    Json& shared = context.shared_plan();
    combine_policy(shared, own, "DeletionPolicy");
    combine_policy(shared, own, "UpdateReplacePolicy");
    Json& conditions = shared["conditions"];
    if (conditions.is_null()) conditions = Json::array();
    const std::string condition = string_member(own, "Condition");
    if (condition.empty()) shared["unconditional"] = true;
    if (!condition.empty() &&
        std::find(conditions.begin(), conditions.end(), condition) == conditions.end()) {
        conditions.push_back(condition);
    }
    Json attributes = Json::object();
    copy_members(shared, attributes, {"DeletionPolicy", "UpdateReplacePolicy"});
    if (conditions.empty() || shared.contains("unconditional")) return attributes;
    Json list = Json::array();
    for (const Json& name : conditions) list.push_back(Json{{"Condition", name}});
    context.add_condition(kSharedCondition,
                          list.size() == 1 ? conditions[0] : Json{{"Fn::Or", std::move(list)}});
    attributes["Condition"] = kSharedCondition;
    return attributes;
}

/// What an earlier API put into a list of the shared resource `id`, and `item`.
Json extended(Context& context, const std::string& id, const std::string& name, Json item) {
    const Json* before = context.generated(id);
    Json list = Json::array();
    if (before != nullptr) {
        const Json& owner = before->contains(name) ? *before : (*before)["Properties"];
        if (const Json* found = given(owner, name)) list = *found;
    }
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
    return list;
}

}  // namespace

void add_usage_plan(Context& context, const Source& source, const Json& auth,
                    const std::string& stage) {
    const Json* plan = given(auth, "UsagePlan");
    if (plan == nullptr) return;
    const Json kind = checked_plan(source, *plan);
    if (kind == "NONE") return;
    const bool shared = kind == "SHARED";
    const std::string prefix = shared ? "Serverless" : source.id;
    const std::string plan_id = prefix + "UsagePlan";
    const std::string key_id = prefix + "ApiKey";
    const std::string member_id = prefix + "UsagePlanKey";
    const Json attributes =
        shared ? shared_attributes(context, source.attributes()) : source.attributes();
    const auto add = [&](const std::string& name, const std::string& id, const std::string& type,
                         const Json& waits, Json properties) {
        Json all = attributes;
        all["DependsOn"] = waits;
        context.add(source.id, id, make_resource(type, std::move(properties), all));
        context.note_reference(source.id, name, id);
    };
    Json properties = Json::object();
    for (const std::string name : {"UsagePlanName", "Description", "Quota", "Tags", "Throttle"}) {
        if (is_truthy(*plan, name)) properties[name] = (*plan)[name];
    }
    properties["ApiStages"] =
        extended(context, plan_id, "ApiStages",
                 Json{{"ApiId", ref_to(source.id)}, {"Stage", ref_to(stage)}});
    const Json waits = extended(context, plan_id, "DependsOn", source.id);
    add("UsagePlan", plan_id, "AWS::ApiGateway::UsagePlan", waits, std::move(properties));
    Json stages = extended(context, key_id, "StageKeys",
                           Json{{"RestApiId", ref_to(source.id)}, {"StageName", ref_to(stage)}});
    add("ApiKey", key_id, "AWS::ApiGateway::ApiKey", Json::array({plan_id}),
        Json{{"Enabled", true}, {"StageKeys", std::move(stages)}});
    add("UsagePlanKey", member_id, "AWS::ApiGateway::UsagePlanKey", Json::array({key_id}),
        Json{{"KeyId", ref_to(key_id)}, {"KeyType", "API_KEY"}, {"UsagePlanId", ref_to(plan_id)}});
}

}  // namespace skafu::cloudformation::sam

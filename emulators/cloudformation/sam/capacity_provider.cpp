#include "cloudformation/sam/capacity_provider.h"

#include "cloudformation/sam/policies.h"
#include "cloudformation/sam/schema.h"

namespace skafu::cloudformation::sam {
namespace {

Json tags_of(const Source& source, bool own) {
    Json tags = Json::object();
    const Json* given_tags = source.find("Tags");
    if (own && given_tags != nullptr) tags = *given_tags;
    tags["lambda:createdBy"] = "SAM";
    return tag_list("", &tags);
}

Json scaling_of(const Json& config) {
    Json scaling = Json::object();
    copy_members(config, scaling, {"MaxVCpuCount"});
    const Json* target = given(config, "AverageCPUUtilization");
    scaling["ScalingMode"] = target == nullptr ? "Auto" : "Manual";
    if (target != nullptr) {
        scaling["ScalingPolicies"] =
            Json::array({{{"PredefinedMetricType", "LambdaCapacityProviderAverageCPUUtilization"},
                          {"TargetValue", *target}}});
    }
    return scaling;
}

}  // namespace

void translate_capacity_provider(Context& context, Source source) {
    check_properties(source);
    const bool propagates = source.is_set("PropagateTags");
    Json provider = Json::object();
    copy_members(source.properties, provider, {"CapacityProviderName"});
    const Json& network = *source.find("VpcConfig");
    provider["VpcConfig"] =
        Json{{"SubnetIds", expect_member(source.id, network, "SubnetIds", "VpcConfig.SubnetIds")}};
    copy_members(network, provider["VpcConfig"], {"SecurityGroupIds"});
    Json role = get_att(source.id + "OperatorRole", "Arn");
    if (source.is_set("OperatorRole")) {
        role = *source.find("OperatorRole");
    } else {
        Json properties = {
            {"AssumeRolePolicyDocument", trust_policy("lambda.amazonaws.com")},
            {"ManagedPolicyArns",
             Json::array({fmt::format("arn:{}:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator",
                                      context.partition())})},
            {"Tags", tags_of(source, propagates)}};
        context.add(source.id, source.id + "OperatorRole",
                    make_resource("AWS::IAM::Role", std::move(properties), source.attributes()));
    }
    provider["PermissionsConfig"] = Json{{"CapacityProviderOperatorRoleArn", std::move(role)}};
    provider["Tags"] = tags_of(source, true);
    if (const Json* needs = source.find("InstanceRequirements")) {
        Json wanted = Json::object();
        constexpr std::pair<const char*, const char*> names[] = {
            {"Architectures", "Architectures"},
            {"AllowedTypes", "AllowedInstanceTypes"},
            {"ExcludedTypes", "ExcludedInstanceTypes"}};
        for (const auto& [from, to] : names) {
            if (const Json* value = given(*needs, from)) wanted[to] = *value;
        }
        provider["InstanceRequirements"] = std::move(wanted);
    }
    if (source.is_set("ScalingConfig")) {
        provider["CapacityProviderScalingConfig"] = scaling_of(*source.find("ScalingConfig"));
    }
    if (source.is_set("KmsKeyArn")) copy_members(source.properties, provider, {"KmsKeyArn"});
    context.add(source.id, source.id,
                make_resource("AWS::Lambda::CapacityProvider", std::move(provider),
                              source.main_attributes()));
}

}  // namespace skafu::cloudformation::sam

#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/managed_policies.h"
#include "iam/operations.h"

namespace skafu::iam::resources {
namespace {

std::string text_of(const Json& properties, std::string_view name) {
    const Json* value = find_member(properties, name);
    if (value == nullptr || value->is_null()) return {};
    return value->is_string() ? value->get<std::string>() : to_text(*value);
}

const Json& list_of(const Json& properties, std::string_view name) {
    static const Json kNone = Json::array();
    const Json* value = find_member(properties, name);
    return value != nullptr && value->is_array() ? *value : kNone;
}

/// Whether a policy is one of AWS that cannot be attached because its name is wrong. The findings
/// of the template tell of it.
bool is_misnamed(const std::string& arn) {
    if (!arn.starts_with(kAwsPolicyPrefix)) return false;
    const std::string name = arn.substr(kAwsPolicyPrefix.size());
    return !is_aws_managed_policy(name) && !nearest_aws_managed_policy(name).empty();
}

/// Calls of one resource, all on behalf of the same caller.
struct Calls {
    Cloud& cloud;
    Caller caller;
    ActivityId cause;

    Json run(std::string_view operation, Json input) const {
        return cloud.call_now({"iam", operation, Document(std::move(input)), caller, cause, {}})
            .take_value();
    }
    /// The same, when what it removes may be gone already.
    void try_run(std::string_view operation, Json input) const {
        try {
            run(operation, std::move(input));
        } catch (const AwsError& error) {
            if (error.code() != "NoSuchEntity") throw;
        }
    }
};

Calls calls_of(Cloud& cloud, const ResourceRequest& request) {
    return {cloud, request.caller, request.cause};
}

/// Gives a role or user the policies that its properties name, and takes away all others.
void set_policies(const Calls& calls, const std::string& type, const std::string& name,
                  const ResourceRequest& request) {
    const std::string member = type + "Name";
    for (const Json& old : list_of(request.old_properties, "ManagedPolicyArns")) {
        calls.try_run("Detach" + type + "Policy", {{member, name}, {"PolicyArn", old}});
    }
    for (const Json& old : list_of(request.old_properties, "Policies")) {
        calls.try_run("Delete" + type + "Policy",
                      {{member, name}, {"PolicyName", string_member(old, "PolicyName")}});
    }
    for (const Json& arn : list_of(request.properties, "ManagedPolicyArns")) {
        if (!arn.is_string()) continue;
        if (is_misnamed(arn.get<std::string>())) {
            if (!request.strict) continue;
            throw AwsError("NoSuchEntity",
                           fmt::format("Policy {} does not exist or is not attachable.",
                                       arn.get_ref<const std::string&>()),
                           404);
        }
        calls.run("Attach" + type + "Policy", {{member, name}, {"PolicyArn", arn}});
    }
    for (const Json& policy : list_of(request.properties, "Policies")) {
        calls.run("Put" + type + "Policy", {{member, name},
                                            {"PolicyName", string_member(policy, "PolicyName")},
                                            {"PolicyDocument", text_of(policy, "PolicyDocument")}});
    }
}

Task<ResourceState> put_role(Cloud& cloud, ResourceRequest request) {
    const Calls calls = calls_of(cloud, request);
    const Json& properties = request.properties;
    std::string name = request.physical_id;
    if (name.empty()) {
        name = string_member(properties, "RoleName", request.generated_name.substr(0, 64));
        Json input = {
            {"RoleName", name},
            {"AssumeRolePolicyDocument", text_of(properties, "AssumeRolePolicyDocument")}};
        for (const std::string_view member :
             {"Path", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags"}) {
            if (const Json* value = find_member(properties, member)) input[member] = *value;
        }
        calls.run("CreateRole", std::move(input));
    } else {
        calls.run("UpdateAssumeRolePolicy",
                  {{"RoleName", name},
                   {"PolicyDocument", text_of(properties, "AssumeRolePolicyDocument")}});
    }
    ResourceState state;
    set_policies(calls, "Role", name, request);
    const Json role = calls.run("GetRole", {{"RoleName", name}}).at("Role");
    state.physical_id = name;
    state.attributes = {{"Arn", role.at("Arn")}, {"RoleId", role.at("RoleId")}};
    co_return state;
}

Task<ResourceState> put_user(Cloud& cloud, ResourceRequest request) {
    const Calls calls = calls_of(cloud, request);
    std::string name = request.physical_id;
    if (name.empty()) {
        name = string_member(request.properties, "UserName", request.generated_name.substr(0, 64));
        Json input = {{"UserName", name}};
        for (const std::string_view member : {"Path", "Tags"}) {
            if (const Json* value = find_member(request.properties, member)) input[member] = *value;
        }
        calls.run("CreateUser", std::move(input));
    }
    ResourceState state;
    set_policies(calls, "User", name, request);
    state.physical_id = name;
    state.attributes = {{"Arn", calls.run("GetUser", {{"UserName", name}}).at("User").at("Arn")}};
    co_return state;
}

/// Removes a role or user with all that hangs on it.
void remove_identity(const Calls& calls, const std::string& type, const std::string& name) {
    const std::string member = type + "Name";
    const Json named = {{member, name}};
    try {
        const Json attached = calls.run("ListAttached" + type + "Policies", named);
        for (const Json& policy : attached.at("AttachedPolicies")) {
            calls.run("Detach" + type + "Policy",
                      {{member, name}, {"PolicyArn", policy.at("PolicyArn")}});
        }
        const Json inlined = calls.run("List" + type + "Policies", named);
        for (const Json& policy : inlined.at("PolicyNames")) {
            calls.run("Delete" + type + "Policy", {{member, name}, {"PolicyName", policy}});
        }
        calls.run("Delete" + type, named);
    } catch (const AwsError& error) {
        if (error.code() != "NoSuchEntity") throw;
    }
}

Task<void> remove_role(Cloud& cloud, ResourceRequest request) {
    remove_identity(calls_of(cloud, request), "Role", request.physical_id);
    co_return;
}

Task<void> remove_user(Cloud& cloud, ResourceRequest request) {
    remove_identity(calls_of(cloud, request), "User", request.physical_id);
    co_return;
}

/// For each role and user that AWS::IAM::Policy or ManagedPolicy names.
void for_each_identity(
    const Json& properties,
    const std::function<void(const std::string& type, const Json& name)>& visit) {
    for (const Json& role : list_of(properties, "Roles")) visit("Role", role);
    for (const Json& user : list_of(properties, "Users")) visit("User", user);
}

Task<ResourceState> put_policy(Cloud& cloud, ResourceRequest request) {
    const Calls calls = calls_of(cloud, request);
    const std::string old_name = string_member(request.old_properties, "PolicyName");
    for_each_identity(request.old_properties, [&](const std::string& type, const Json& name) {
        calls.try_run("Delete" + type + "Policy",
                      {{type + "Name", name}, {"PolicyName", old_name}});
    });
    const std::string policy = string_member(request.properties, "PolicyName");
    for_each_identity(request.properties, [&](const std::string& type, const Json& name) {
        calls.run("Put" + type + "Policy",
                  {{type + "Name", name},
                   {"PolicyName", policy},
                   {"PolicyDocument", text_of(request.properties, "PolicyDocument")}});
    });
    ResourceState state;
    state.physical_id = request.physical_id.empty() ? request.generated_name : request.physical_id;
    state.attributes = {{"Id", state.physical_id}};
    co_return state;
}

Task<void> remove_policy(Cloud& cloud, ResourceRequest request) {
    const Calls calls = calls_of(cloud, request);
    const std::string policy = string_member(request.properties, "PolicyName");
    for_each_identity(request.properties, [&](const std::string& type, const Json& name) {
        calls.try_run("Delete" + type + "Policy", {{type + "Name", name}, {"PolicyName", policy}});
    });
    co_return;
}

Task<ResourceState> create_managed_policy(Cloud& cloud, ResourceRequest request) {
    const Calls calls = calls_of(cloud, request);
    Json input = {{"PolicyName",
                   string_member(request.properties, "ManagedPolicyName", request.generated_name)},
                  {"PolicyDocument", text_of(request.properties, "PolicyDocument")}};
    for (const std::string_view member : {"Path", "Description"}) {
        if (const Json* value = find_member(request.properties, member)) input[member] = *value;
    }
    const Json policy = calls.run("CreatePolicy", std::move(input)).at("Policy");
    for_each_identity(request.properties, [&](const std::string& type, const Json& name) {
        calls.run("Attach" + type + "Policy",
                  {{type + "Name", name}, {"PolicyArn", policy.at("Arn")}});
    });
    ResourceState state;
    state.physical_id = policy.at("Arn").get<std::string>();
    state.attributes = {{"PolicyArn", state.physical_id}, {"PolicyId", policy.at("PolicyId")}};
    co_return state;
}

Task<ResourceState> update_managed_policy(Cloud& cloud, ResourceRequest request) {
    const Calls calls = calls_of(cloud, request);
    const Json named = {{"PolicyArn", request.physical_id}};
    const Json versions = calls.run("ListPolicyVersions", named).at("Versions");
    for (std::size_t i = 0; versions.size() >= 5 && i < versions.size(); ++i) {
        if (versions[i].at("IsDefaultVersion").get<bool>()) continue;
        calls.run("DeletePolicyVersion",
                  {{"PolicyArn", request.physical_id}, {"VersionId", versions[i].at("VersionId")}});
    }
    calls.run("CreatePolicyVersion",
              {{"PolicyArn", request.physical_id},
               {"PolicyDocument", text_of(request.properties, "PolicyDocument")},
               {"SetAsDefault", true}});
    const auto attach = [&](std::string_view verb, const Json& properties) {
        for_each_identity(properties, [&](const std::string& type, const Json& name) {
            calls.try_run(std::string(verb) + type + "Policy",
                          {{type + "Name", name}, {"PolicyArn", request.physical_id}});
        });
    };
    attach("Detach", request.old_properties);
    attach("Attach", request.properties);
    ResourceState state;
    state.physical_id = request.physical_id;
    state.attributes = {{"PolicyArn", request.physical_id}};
    co_return state;
}

Task<void> remove_managed_policy(Cloud& cloud, ResourceRequest request) {
    const Calls calls = calls_of(cloud, request);
    for_each_identity(request.properties, [&](const std::string& type, const Json& name) {
        calls.try_run("Detach" + type + "Policy",
                      {{type + "Name", name}, {"PolicyArn", request.physical_id}});
    });
    calls.try_run("DeletePolicy", {{"PolicyArn", request.physical_id}});
    co_return;
}

Task<ResourceState> create_profile(Cloud& cloud, ResourceRequest request) {
    const Calls calls = calls_of(cloud, request);
    const std::string name =
        string_member(request.properties, "InstanceProfileName", request.generated_name);
    const Json made = calls.run("CreateInstanceProfile", {{"InstanceProfileName", name}});
    for (const Json& role : list_of(request.properties, "Roles")) {
        calls.run("AddRoleToInstanceProfile", {{"InstanceProfileName", name}, {"RoleName", role}});
    }
    ResourceState state;
    state.physical_id = name;
    state.attributes = {{"Arn", made.at("InstanceProfile").at("Arn")}};
    co_return state;
}

Task<void> remove_profile(Cloud& cloud, ResourceRequest request) {
    calls_of(cloud, request)
        .try_run("DeleteInstanceProfile", {{"InstanceProfileName", request.physical_id}});
    co_return;
}

}  // namespace

void add_types(Cloud& cloud) {
    ResourceTypes& types = cloud.resource_types();
    types.add({"AWS::IAM::Role", put_role, put_role, remove_role, {"RoleName", "Path"}});
    types.add({"AWS::IAM::User", put_user, put_user, remove_user, {"UserName"}});
    types.add({"AWS::IAM::Policy", put_policy, put_policy, remove_policy, {}});
    types.add({"AWS::IAM::ManagedPolicy",
               create_managed_policy,
               update_managed_policy,
               remove_managed_policy,
               {"ManagedPolicyName", "Path", "Description"}});
    types.add({"AWS::IAM::InstanceProfile", create_profile, {}, remove_profile, {}});
}

}  // namespace skafu::iam::resources

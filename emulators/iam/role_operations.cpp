#include "core/aws_error.h"
#include "core/http.h"
#include "iam/operations.h"

namespace skafu::iam {
namespace {

std::string checked_document(const Json& input, std::string_view member) {
    return policy_document(input, member, "This policy contains invalid Json");
}

Json create_role(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "RoleName");
    const std::string path = string_member(input, "Path", "/");
    const Scope scope = iam_scope(context.caller);
    if (store.roles.find(scope, name) != nullptr) {
        throw already_exists(fmt::format("Role with name {} already exists.", name));
    }
    Json role = {{"Path", path},
                 {"RoleName", name},
                 {"RoleId", new_id(store.cloud, "AROA")},
                 {"Arn", iam_arn(context.caller, "role", path, name)},
                 {"CreateDate", now_text(store.cloud)},
                 {"AssumeRolePolicyDocument",
                  percent_encode(checked_document(input, "AssumeRolePolicyDocument"))},
                 {"MaxSessionDuration", input.value("MaxSessionDuration", Json(3600))}};
    if (const Json* description = find_member(input, "Description")) {
        role["Description"] = *description;
    }
    if (const Json* boundary = find_member(input, "PermissionsBoundary")) {
        role["PermissionsBoundary"] = {{"PermissionsBoundaryType", "Policy"},
                                       {"PermissionsBoundaryArn", *boundary}};
    }
    if (Json tags = tags_of(input); !tags.empty()) role["Tags"] = std::move(tags);
    Json document = {{"described", role}, {"inline", Json::object()}, {"attached", Json::array()}};
    store.roles.put(scope, name, std::move(document));
    return {{"Role", std::move(role)}};
}

void edit_role(Store& store, Context& context, const Json& input,
               const std::function<void(Json&)>& edit) {
    const std::string name = string_member(input, "RoleName");
    Json document = require(store, kRole, context.caller, name);
    edit(document["described"]);
    store.roles.put(iam_scope(context.caller), name, std::move(document));
}

Json update_role(Store& store, Context& context, const Json& input) {
    edit_role(store, context, input, [&](Json& role) {
        for (const std::string_view member : {"Description", "MaxSessionDuration"}) {
            if (const Json* given = find_member(input, member)) role[member] = *given;
        }
    });
    return Json::object();
}

Json update_trust(Store& store, Context& context, const Json& input) {
    edit_role(store, context, input, [&](Json& role) {
        role["AssumeRolePolicyDocument"] =
            percent_encode(checked_document(input, "PolicyDocument"));
    });
    return Json::object();
}

Json create_service_linked_role(Store& store, Context& context, const Json& input) {
    const std::string service = string_member(input, "AWSServiceName");
    const std::string name = "AWSServiceRoleFor" + service.substr(0, service.find('.'));
    Json statement = {
        {"Effect", "Allow"}, {"Principal", {{"Service", service}}}, {"Action", "sts:AssumeRole"}};
    Json trust = {{"Version", "2012-10-17"}};
    trust["Statement"] = Json::array({std::move(statement)});
    return create_role(store, context,
                       {{"RoleName", name},
                        {"Path", "/aws-service-role/" + service + "/"},
                        {"AssumeRolePolicyDocument", to_text(trust)}});
}

Json create_instance_profile(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "InstanceProfileName");
    const std::string path = string_member(input, "Path", "/");
    const Scope scope = iam_scope(context.caller);
    if (store.instance_profiles.find(scope, name) != nullptr) {
        throw already_exists(fmt::format("Instance Profile {} already exists.", name));
    }
    Json profile = {{"Path", path},
                    {"InstanceProfileName", name},
                    {"InstanceProfileId", new_id(store.cloud, "AIPA")},
                    {"Arn", iam_arn(context.caller, "instance-profile", path, name)},
                    {"CreateDate", now_text(store.cloud)},
                    {"Roles", Json::array()}};
    store.instance_profiles.put(scope, name, profile);
    return {{"InstanceProfile", std::move(profile)}};
}

const Json& require_profile(Store& store, Context& context, const std::string& name) {
    const Json* found = store.instance_profiles.find(iam_scope(context.caller), name);
    if (found == nullptr) {
        throw no_such_entity(fmt::format("Instance Profile {} cannot be found.", name));
    }
    return *found;
}

Json set_profile_role(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "InstanceProfileName");
    Json profile = require_profile(store, context, name);
    profile["Roles"] = Json::array();
    if (context.operation == "AddRoleToInstanceProfile") {
        const std::string role = string_member(input, "RoleName");
        profile["Roles"].push_back(require(store, kRole, context.caller, role)["described"]);
    }
    store.instance_profiles.put(iam_scope(context.caller), name, std::move(profile));
    return Json::object();
}

Json get_instance_profile(Store& store, Context& context, const Json& input) {
    return {{"InstanceProfile",
             require_profile(store, context, string_member(input, "InstanceProfileName"))}};
}

Json delete_instance_profile(Store& store, Context& context, const Json& input) {
    const std::string name = string_member(input, "InstanceProfileName");
    require_profile(store, context, name);
    store.instance_profiles.erase(iam_scope(context.caller), name);
    return Json::object();
}

}  // namespace

void add_role_operations(Service& service, Store& store) {
    using namespace shape;
    const auto add = [&](std::string name, std::vector<Shape::Member> members,
                         StoreHandler handler) {
        add_row(service, store, std::move(name), std::move(members), handler);
    };
    const Shape::Member name = required("RoleName", string(1, 64, "[\\w+=,.@-]+"));
    const Shape tags =
        list(structure({required("Key", string(1, 128)), required("Value", string())}));
    add("CreateRole",
        {name, required("AssumeRolePolicyDocument", string(1, 131072)), optional("Path", string()),
         optional("Description", string(0, 1000)),
         optional("MaxSessionDuration", integer(3600, 43200)),
         optional("PermissionsBoundary", string()), optional("Tags", tags)},
        create_role);
    add("UpdateRole",
        {name, optional("Description", string(0, 1000)),
         optional("MaxSessionDuration", integer(3600, 43200))},
        update_role);
    add("UpdateAssumeRolePolicy", {name, required("PolicyDocument", string(1, 131072))},
        update_trust);
    add("CreateServiceLinkedRole", {required("AWSServiceName", string())},
        create_service_linked_role);
    const Shape::Member profile = name_member("InstanceProfileName");
    add("CreateInstanceProfile", {profile, optional("Path", string())}, create_instance_profile);
    add("AddRoleToInstanceProfile", {profile, name}, set_profile_role);
    add("RemoveRoleFromInstanceProfile", {profile, name}, set_profile_role);
    add("GetInstanceProfile", {profile}, get_instance_profile);
    add("DeleteInstanceProfile", {profile}, delete_instance_profile);
}

}  // namespace skafu::iam

#include "cognito/operations.h"

namespace skafu::cognito {
namespace {

std::string key_of(const Json& input) {
    return required(input, "UserPoolId") + "/" + required(input, "GroupName");
}

Json group_of(Store& store, Context& context, const Json& input) {
    store.pool(context.caller.scope(), required(input, "UserPoolId"));
    const Json* found = store.groups.find(context.caller.scope(), key_of(input));
    if (!found) throw resource_not_found("Group not found.");
    return *found;
}

Json create_group(Store& store, Context& context, const Json& input) {
    store.pool(context.caller.scope(), required(input, "UserPoolId"));
    if (store.groups.find(context.caller.scope(), key_of(input))) {
        throw error("GroupExistsException", "A group with the name already exists.");
    }
    Json group = Json::object();
    copy_members(input, group, {"GroupName", "UserPoolId", "Description", "RoleArn", "Precedence"});
    group["LastModifiedDate"] = store.now();
    group["CreationDate"] = store.now();
    store.groups.put(context.caller.scope(), key_of(input), group);
    return {{"Group", group}};
}

Json get_group(Store& store, Context& context, const Json& input) {
    return {{"Group", group_of(store, context, input)}};
}

Json update_group(Store& store, Context& context, const Json& input) {
    Json group = group_of(store, context, input);
    copy_members(input, group, {"Description", "RoleArn", "Precedence"});
    group["LastModifiedDate"] = store.now();
    store.groups.put(context.caller.scope(), key_of(input), group);
    return {{"Group", group}};
}

bool is_member(const Json& user, const std::string& group) {
    const Json& groups = user.at("private").at("groups");
    return std::find(groups.begin(), groups.end(), Json(group)) != groups.end();
}

void leave(Store& store, const Scope& scope, const std::string& pool_id, Json user,
           const std::string& group) {
    Json& groups = user["private"]["groups"];
    const auto found = std::find(groups.begin(), groups.end(), Json(group));
    if (found == groups.end()) return;
    groups.erase(found);
    store.put_user(scope, pool_id, std::move(user));
}

Json delete_group(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    group_of(store, context, input);
    const std::string pool_id = text(input, "UserPoolId");
    const std::string name = text(input, "GroupName");
    for (const Json& user : store.parts(store.users, scope, pool_id)) {
        leave(store, scope, pool_id, user, name);
    }
    store.groups.erase(scope, key_of(input));
    return Json::object();
}

Json list_groups(Store& store, Context& context, const Json& input) {
    const std::string pool_id = required(input, "UserPoolId");
    store.pool(context.caller.scope(), pool_id);
    return page(store.parts(store.groups, context.caller.scope(), pool_id), "Groups", input,
                "Limit", "NextToken", 60);
}

Json add_user(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string pool_id = required(input, "UserPoolId");
    store.pool(scope, pool_id);
    Json user = store.user(scope, pool_id, required(input, "Username"));
    group_of(store, context, input);
    if (!is_member(user, text(input, "GroupName"))) {
        user["private"]["groups"].push_back(text(input, "GroupName"));
        store.put_user(scope, pool_id, std::move(user));
    }
    return Json::object();
}

Json remove_user(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string pool_id = required(input, "UserPoolId");
    store.pool(scope, pool_id);
    const Json user = store.user(scope, pool_id, required(input, "Username"));
    group_of(store, context, input);
    leave(store, scope, pool_id, user, text(input, "GroupName"));
    return Json::object();
}

Json list_groups_of_user(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string pool_id = required(input, "UserPoolId");
    store.pool(scope, pool_id);
    const Json user = store.user(scope, pool_id, required(input, "Username"));
    std::vector<Json> items;
    for (const Json& group : store.parts(store.groups, scope, pool_id)) {
        if (is_member(user, string_member(group, "GroupName"))) items.push_back(group);
    }
    return page(std::move(items), "Groups", input, "Limit", "NextToken", 60);
}

Json list_users_in_group(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    group_of(store, context, input);
    std::vector<Json> items;
    for (const Json& user : store.parts(store.users, scope, text(input, "UserPoolId"))) {
        if (is_member(user, text(input, "GroupName")))
            items.push_back(shown_user(user, "Attributes"));
    }
    return page(std::move(items), "Users", input, "Limit", "NextToken", 60);
}

}  // namespace

void add_group_operations(Service& service, Store& store) {
    add(service, store, "CreateGroup", create_group);
    add(service, store, "GetGroup", get_group);
    add(service, store, "UpdateGroup", update_group);
    add(service, store, "DeleteGroup", delete_group);
    add(service, store, "ListGroups", list_groups);
    add(service, store, "AdminAddUserToGroup", add_user);
    add(service, store, "AdminRemoveUserFromGroup", remove_user);
    add(service, store, "AdminListGroupsForUser", list_groups_of_user);
    add(service, store, "ListUsersInGroup", list_users_in_group);
}

}  // namespace skafu::cognito

#include <re2/re2.h>

#include "cognito/operations.h"
#include "cognito/password.h"
#include "core/log.h"

// The Admin… operations on users, and ListUsers.

namespace skafu::cognito {
namespace {

struct Found {
    Scope scope;
    std::string pool_id;
    Json user;
};

Found find(Store& store, Context& context, const Json& input) {
    Found found;
    found.scope = context.caller.scope();
    found.pool_id = required(input, "UserPoolId");
    store.pool(found.scope, found.pool_id);
    found.user = store.user(found.scope, found.pool_id, required(input, "Username"));
    return found;
}

Json create_user(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string pool_id = required(input, "UserPoolId");
    const Json& pool = store.pool(scope, pool_id);
    const std::string username = required(input, "Username");
    if (text(input, "MessageAction") == "RESEND") {
        return {{"User", shown_user(store.user(scope, pool_id, username), "Attributes")}};
    }
    const Json attributes = attributes_from_list(find_member(input, "UserAttributes"));
    check_attributes(pool, attributes, Need::Given);
    refuse_known_user(store, scope, pool, username, attributes, "User account already exists");
    Json user = new_user(store, pool, username, attributes);
    std::string password = text(input, "TemporaryPassword");
    if (password.empty()) password = make_password(store.cloud.entropy());
    set_password(store, pool, user, password);
    user["UserStatus"] = "FORCE_CHANGE_PASSWORD";
    if (text(input, "MessageAction") != "SUPPRESS") {
        log::info("Cognito: temporary password of {} in {} is {}", username, pool_id, password);
    }
    store.put_user(scope, pool_id, user);
    return {{"User", shown_user(user, "Attributes")}};
}

Json get_user(Store& store, Context& context, const Json& input) {
    const Found found = find(store, context, input);
    return shown_user(found.user, "UserAttributes");
}

Json delete_user(Store& store, Context& context, const Json& input) {
    const Found found = find(store, context, input);
    store.erase_user(found.scope, found.pool_id, string_member(found.user, "Username"));
    return Json::object();
}

Json set_user_password(Store& store, Context& context, const Json& input) {
    Found found = find(store, context, input);
    const Json& pool = store.pool(found.scope, found.pool_id);
    set_password(store, pool, found.user, required(input, "Password"));
    const Json* permanent = find_member(input, "Permanent");
    found.user["UserStatus"] =
        permanent && *permanent == true ? "CONFIRMED" : "FORCE_CHANGE_PASSWORD";
    store.put_user(found.scope, found.pool_id, std::move(found.user));
    return Json::object();
}

Json admin_confirm_sign_up(Store& store, Context& context, const Json& input) {
    Found found = find(store, context, input);
    const std::string status = string_member(found.user, "UserStatus");
    if (status != "UNCONFIRMED") {
        throw not_authorized("User cannot be confirmed. Current status is " + status);
    }
    found.user["UserStatus"] = "CONFIRMED";
    store.put_user(found.scope, found.pool_id, std::move(found.user));
    return Json::object();
}

Json set_enabled(Store& store, Context& context, const Json& input, bool enabled) {
    Found found = find(store, context, input);
    found.user["Enabled"] = enabled;
    store.put_user(found.scope, found.pool_id, std::move(found.user));
    return Json::object();
}

Json enable_user(Store& store, Context& context, const Json& input) {
    return set_enabled(store, context, input, true);
}

Json disable_user(Store& store, Context& context, const Json& input) {
    return set_enabled(store, context, input, false);
}

Json update_attributes(Store& store, Context& context, const Json& input) {
    Found found = find(store, context, input);
    const Json attributes = attributes_from_list(find_member(input, "UserAttributes"));
    check_attributes(store.pool(found.scope, found.pool_id), attributes, Need::Given);
    for (const auto& [name, value] : attributes.items()) {
        if (name == "sub") throw invalid_parameter("Cannot modify the non-mutable attribute sub");
        found.user["Attributes"][name] = value;
    }
    store.put_user(found.scope, found.pool_id, std::move(found.user));
    return Json::object();
}

Json delete_attributes(Store& store, Context& context, const Json& input) {
    Found found = find(store, context, input);
    if (const Json* names = find_member(input, "UserAttributeNames")) {
        for (const Json& name : *names) found.user["Attributes"].erase(name.get<std::string>());
    }
    store.put_user(found.scope, found.pool_id, std::move(found.user));
    return Json::object();
}

Json reset_password(Store& store, Context& context, const Json& input) {
    Found found = find(store, context, input);
    found.user["UserStatus"] = "RESET_REQUIRED";
    found.user["private"]["resetCode"] = new_code(store);
    store.put_user(found.scope, found.pool_id, std::move(found.user));
    return Json::object();
}

Json sign_out(Store& store, Context& context, const Json& input) {
    Found found = find(store, context, input);
    found.user["private"]["signedOutAt"] = store.now();
    store.put_user(found.scope, found.pool_id, std::move(found.user));
    return Json::object();
}

/// `name = "value"` or `name ^= "value"` ("Managing users: searching").
bool passes(const Json& user, const std::string& filter) {
    static const re2::RE2 form(R"re(\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*)re");
    std::string name;
    std::string comparison;
    std::string wanted;
    if (!re2::RE2::FullMatch(filter, form, &name, &comparison, &wanted)) {
        throw invalid_parameter("Error while parsing filter.");
    }
    std::string value = attribute(user, name);
    if (name == "username") value = string_member(user, "Username");
    if (name == "cognito:user_status" || name == "user_status") {
        value = string_member(user, "UserStatus");
    }
    if (name == "status") value = user.at("Enabled") == true ? "Enabled" : "Disabled";
    return comparison == "=" ? value == wanted : value.starts_with(wanted);
}

Json list_users(Store& store, Context& context, const Json& input) {
    const std::string pool_id = required(input, "UserPoolId");
    store.pool(context.caller.scope(), pool_id);
    const std::string filter = text(input, "Filter");
    std::vector<Json> items;
    for (const Json& user : store.parts(store.users, context.caller.scope(), pool_id)) {
        if (!filter.empty() && !passes(user, filter)) continue;
        items.push_back(shown_user(user, "Attributes"));
    }
    return page(std::move(items), "Users", input, "Limit", "PaginationToken", 60);
}

}  // namespace

void add_user_operations(Service& service, Store& store) {
    add(service, store, "AdminCreateUser", create_user);
    add(service, store, "AdminGetUser", get_user);
    add(service, store, "AdminDeleteUser", delete_user);
    add(service, store, "AdminSetUserPassword", set_user_password);
    add(service, store, "AdminConfirmSignUp", admin_confirm_sign_up);
    add(service, store, "AdminEnableUser", enable_user);
    add(service, store, "AdminDisableUser", disable_user);
    add(service, store, "AdminUpdateUserAttributes", update_attributes);
    add(service, store, "AdminDeleteUserAttributes", delete_attributes);
    add(service, store, "AdminResetUserPassword", reset_password);
    add(service, store, "AdminUserGlobalSignOut", sign_out);
    add(service, store, "ListUsers", list_users);
}

}  // namespace skafu::cognito

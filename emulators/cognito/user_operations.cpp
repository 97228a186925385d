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

/// AdminCreateUser with MessageAction RESEND: a new temporary password for who never came in.
Json resend_invitation(Store& store, const Scope& scope, const Json& pool, const Json& input) {
    const std::string pool_id = string_member(pool, "Id");
    const std::string username = text(input, "Username");
    Json user = store.user(scope, pool_id, username);
    const std::string status = string_member(user, "UserStatus");
    if (status != "FORCE_CHANGE_PASSWORD") {
        throw error("UnsupportedUserStateException",
                    "Resend not possible. " + username + " status is not FORCE_CHANGE_PASSWORD");
    }
    std::string password = text(input, "TemporaryPassword");
    if (password.empty()) password = make_password(store.cloud.entropy());
    set_temporary_password(store, pool, user, password);
    log::info("Cognito: temporary password of {} in {} is {}", username, pool_id, password);
    store.put_user(scope, pool_id, user);
    return {{"User", shown_user(user, "Attributes")}};
}

Json create_user(Store& store, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string pool_id = required(input, "UserPoolId");
    const Json& pool = store.pool(scope, pool_id);
    const std::string username = required(input, "Username");
    if (text(input, "MessageAction") == "RESEND") {
        return resend_invitation(store, scope, pool, input);
    }
    const Json attributes = attributes_from_list(find_member(input, "UserAttributes"));
    check_attributes(pool, attributes, Need::Given);
    refuse_known_user(store, scope, pool, username, attributes, "User account already exists");
    Json user = new_user(store, pool, username, attributes);
    std::string password = text(input, "TemporaryPassword");
    if (password.empty()) password = make_password(store.cloud.entropy());
    set_temporary_password(store, pool, user, password);
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
    const std::string password = required(input, "Password");
    if (input.value("Permanent", false)) {
        set_password(store, pool, found.user, password);
        found.user["UserStatus"] = "CONFIRMED";
    } else {
        set_temporary_password(store, pool, found.user, password);
    }
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
    const Json& pool = store.pool(found.scope, found.pool_id);
    check_mutable(pool, attributes);
    check_attributes(pool, attributes, Need::Given);
    for (const auto& [name, value] : attributes.items()) {
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
    send_code(store, found.pool_id, found.user, "resetCode");
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
    const Json* wanted = find_member(input, "AttributesToGet");
    std::vector<Json> items;
    for (const Json& user : store.parts(store.users, context.caller.scope(), pool_id)) {
        if (!filter.empty() && !passes(user, filter)) continue;
        items.push_back(shown_user(user, "Attributes"));
        if (!wanted || !wanted->is_array() || wanted->empty()) continue;
        Json chosen = Json::array();
        for (Json& entry : items.back()["Attributes"]) {
            const auto named = std::find(wanted->begin(), wanted->end(), entry.at("Name"));
            if (named != wanted->end()) chosen.push_back(std::move(entry));
        }
        items.back()["Attributes"] = std::move(chosen);
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

#include <re2/re2.h>

#include "cognito/operations.h"
#include "cognito/password.h"
#include "cognito/triggers.h"
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

/// The invitation of a user with its temporary password, worded by CustomMessage.
Task<void> invite(Store& store, Context& context, Json pool, Json user, std::string password,
                  Json input) {
    log::info("Cognito: temporary password of {} in {} is {}", string_member(user, "Username"),
              string_member(pool, "Id"), password);
    Message message{"CustomMessage_AdminCreateUser", "", std::move(password)};
    co_await custom_message(store, context, std::move(pool), std::move(message), std::move(user),
                            std::move(input));
}

std::string temporary_password(Store& store, const Json& input) {
    std::string password = text(input, "TemporaryPassword");
    return password.empty() ? make_password(store.cloud.entropy()) : password;
}

/// AdminCreateUser with MessageAction RESEND: a new temporary password for who never came in.
Task<Json> resend_invitation(Store& store, Context& context, Json pool, Json input) {
    const Scope scope = context.caller.scope();
    const std::string pool_id = string_member(pool, "Id");
    const std::string username = text(input, "Username");
    Json user = store.user(scope, pool_id, username);
    const std::string status = string_member(user, "UserStatus");
    if (status != "FORCE_CHANGE_PASSWORD") {
        throw error("UnsupportedUserStateException",
                    "Resend not possible. " + username + " status is not FORCE_CHANGE_PASSWORD");
    }
    std::string password = temporary_password(store, input);
    set_temporary_password(store, pool, user, password);
    store.put_user(scope, pool_id, user);
    Json result = {{"User", shown_user(user, "Attributes")}};
    co_await invite(store, context, std::move(pool), std::move(user), std::move(password),
                    std::move(input));
    co_return result;
}

/// PreSignUp may refuse here too; its flags say nothing about users whom administrators make.
Task<void> pre_sign_up(Store& store, Context& context, Json pool, const Json& user,
                       const Json& input) {
    Trigger trigger =
        pre_sign_up_trigger("PreSignUp_AdminCreateUser", user, trigger_attributes(user), input);
    co_await run_trigger(store, context, std::move(pool), std::move(trigger));
}

Task<Json> create_user(Store& store, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const std::string pool_id = required(input, "UserPoolId");
    const Json pool = store.pool(scope, pool_id);
    const std::string username = required(input, "Username");
    if (text(input, "MessageAction") == "RESEND") {
        Json result = co_await resend_invitation(store, context, pool, std::move(input));
        co_return result;
    }
    const Json attributes = attributes_from_list(find_member(input, "UserAttributes"));
    check_attributes(pool, attributes, Need::Given);
    refuse_known_user(store, scope, pool, username, attributes, "User account already exists");
    Json user = new_user(store, pool, username, attributes);
    std::string password = temporary_password(store, input);
    set_temporary_password(store, pool, user, password);
    co_await pre_sign_up(store, context, pool, user, input);
    // Somebody may have been quicker while the function ran.
    refuse_known_user(store, scope, store.pool(scope, pool_id), username, attributes,
                      "User account already exists");
    store.put_user(scope, pool_id, user);
    Json result = {{"User", shown_user(user, "Attributes")}};
    if (text(input, "MessageAction") == "SUPPRESS") co_return result;
    co_await invite(store, context, pool, std::move(user), std::move(password), std::move(input));
    co_return result;
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

Task<Json> admin_confirm_sign_up(Store& store, Context& context, Json input) {
    Found found = find(store, context, input);
    const std::string status = string_member(found.user, "UserStatus");
    if (status != "UNCONFIRMED") {
        throw not_authorized("User cannot be confirmed. Current status is " + status);
    }
    found.user["UserStatus"] = "CONFIRMED";
    store.put_user(found.scope, found.pool_id, found.user);
    co_await post_confirmation(store, context, store.pool(found.scope, found.pool_id),
                               "PostConfirmation_ConfirmSignUp", "", std::move(found.user),
                               std::move(input));
    co_return Json::object();
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

Task<Json> reset_password(Store& store, Context& context, Json input) {
    Found found = find(store, context, input);
    found.user["UserStatus"] = "RESET_REQUIRED";
    send_code(store, found.pool_id, found.user, "resetCode");
    store.put_user(found.scope, found.pool_id, found.user);
    Message message{"CustomMessage_ForgotPassword", "",
                    string_member(found.user.at("private"), "resetCode")};
    co_await custom_message(store, context, store.pool(found.scope, found.pool_id),
                            std::move(message), std::move(found.user), std::move(input));
    co_return Json::object();
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
    add_async(service, store, "AdminCreateUser", create_user);
    add(service, store, "AdminGetUser", get_user);
    add(service, store, "AdminDeleteUser", delete_user);
    add(service, store, "AdminSetUserPassword", set_user_password);
    add_async(service, store, "AdminConfirmSignUp", admin_confirm_sign_up);
    add(service, store, "AdminEnableUser", enable_user);
    add(service, store, "AdminDisableUser", disable_user);
    add(service, store, "AdminUpdateUserAttributes", update_attributes);
    add(service, store, "AdminDeleteUserAttributes", delete_attributes);
    add_async(service, store, "AdminResetUserPassword", reset_password);
    add(service, store, "AdminUserGlobalSignOut", sign_out);
    add(service, store, "ListUsers", list_users);
}

}  // namespace skafu::cognito

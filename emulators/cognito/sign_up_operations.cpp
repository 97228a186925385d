#include "cognito/operations.h"
#include "cognito/password.h"
#include "cognito/triggers.h"

// What people do for themselves: sign up, confirm, change and forget passwords.

namespace skafu::cognito {
namespace {

/// The client a public call names, with its pool; the secret hash is checked.
struct Door {
    Scope scope;
    std::string pool_id;
    std::string client_id;
    Json pool;
    Json client;
};

Door enter(Store& store, Context& context, const Json& input) {
    const std::string client_id = required(input, "ClientId");
    Door door;
    door.scope = store.scope_of_client(context.caller, client_id);
    door.client_id = client_id;
    door.client = store.client(door.scope, client_id);
    door.pool_id = string_member(door.client, "UserPoolId");
    door.pool = store.pool(door.scope, door.pool_id);
    const std::string secret = string_member(door.client, "ClientSecret");
    if (secret.empty()) return door;
    const std::string given = text(input, "SecretHash");
    if (given.empty()) {
        throw not_authorized(fmt::format(
            "Client {} is configured with secret but SECRET_HASH was not received", client_id));
    }
    if (given != secret_hash(secret, text(input, "Username"), client_id)) {
        throw not_authorized("SecretHash does not match for the client: " + client_id);
    }
    return door;
}

/// "a***@e***" and "+*******1234", as delivery details show addresses; null where there is none.
Json delivery_to(const Json& user, const std::string& name) {
    const std::string address = attribute(user, name);
    if (name == "email" && !address.empty()) {
        const std::size_t at = address.find('@');
        const std::string host = at == std::string::npos ? "" : address.substr(at + 1, 1);
        return {{"Destination", address.substr(0, 1) + "***@" + host + "***"},
                {"DeliveryMedium", "EMAIL"},
                {"AttributeName", name}};
    }
    if (name == "email" || address.size() < 5) return nullptr;
    return {{"Destination", "+*******" + address.substr(address.size() - 4)},
            {"DeliveryMedium", "SMS"},
            {"AttributeName", name}};
}

Json delivery(const Json& user) {
    const Json by_mail = delivery_to(user, "email");
    return by_mail.is_null() ? delivery_to(user, "phone_number") : by_mail;
}

/// Under which name the code that verifies an attribute is kept.
std::string verification_of(const std::string& attribute) {
    return "verify:" + attribute;
}

void check_code(Store& store, const Json& user, const std::string& kind, const std::string& given) {
    const Json& hidden = user.at("private");
    const Json* until = find_member(hidden, "codeUntil");
    if (string_member(hidden, kind).empty() || !until || until->get<double>() < store.now()) {
        throw error("ExpiredCodeException", "Invalid code provided, please request a code again.");
    }
    if (string_member(hidden, kind) != given) {
        throw error("CodeMismatchException",
                    "Invalid verification code provided, please try again.");
    }
}

/// PreSignUp decides whether the user may sign up, and what needs no confirmation.
Task<Json> pre_sign_up(Store& store, Context& context, const Door& door, const Json& user,
                       const Json& input) {
    Trigger trigger = pre_sign_up_trigger("PreSignUp_SignUp", user, user.at("Attributes"), input);
    trigger.client_id = door.client_id;
    Json pool = door.pool;
    Json response = co_await run_trigger(store, context, std::move(pool), std::move(trigger));
    co_return response;
}

/// Marks what PreSignUp vouches for; an address that is not there cannot be verified ("Pre sign-up
/// Lambda trigger").
void verify_as_told(Json& user, const Json& response) {
    constexpr std::pair<const char*, const char*> kFlags[] = {{"autoVerifyEmail", "email"},
                                                              {"autoVerifyPhone", "phone_number"}};
    for (const auto& [flag, name] : kFlags) {
        if (!is_set(response, flag)) continue;
        if (attribute(user, name).empty()) throw unrecognizable_output();
        user["Attributes"][std::string(name) + "_verified"] = "true";
    }
}

Task<Json> sign_up(Store& store, Context& context, Json input) {
    const Door door = enter(store, context, input);
    const std::string username = required(input, "Username");
    if (door.pool.at("AdminCreateUserConfig").value("AllowAdminCreateUserOnly", false)) {
        throw not_authorized("SignUp is not permitted for this user pool");
    }
    const Json attributes = attributes_from_list(find_member(input, "UserAttributes"));
    check_writable(door.pool, door.client, attributes);
    refuse_known_user(store, door.scope, door.pool, username, attributes, "User already exists");
    Json user = new_user(store, door.pool, username, attributes);
    check_attributes(door.pool, user["Attributes"], Need::All);
    set_password(store, door.pool, user, required(input, "Password"));
    const Json response = co_await pre_sign_up(store, context, door, user, input);
    // Somebody may have been quicker while the function ran.
    refuse_known_user(store, door.scope, store.pool(door.scope, door.pool_id), username, attributes,
                      "User already exists");
    verify_as_told(user, response);
    const bool confirmed = is_set(response, "autoConfirmUser");
    Json result = {{"UserConfirmed", confirmed}, {"UserSub", attribute(user, "sub")}};
    if (confirmed) {
        user["UserStatus"] = "CONFIRMED";
        store.put_user(door.scope, door.pool_id, user);
        co_await post_confirmation(store, context, door.pool, "PostConfirmation_ConfirmSignUp",
                                   door.client_id, std::move(user), std::move(input));
        co_return result;
    }
    send_code(store, door.pool_id, user, "confirmationCode");
    const Json details = delivery(user);
    store.put_user(door.scope, door.pool_id, user);
    if (details.is_null()) co_return result;
    result["CodeDeliveryDetails"] = details;
    Message message{"CustomMessage_SignUp", door.client_id,
                    string_member(user.at("private"), "confirmationCode")};
    co_await custom_message(store, context, door.pool, std::move(message), std::move(user),
                            std::move(input));
    co_return result;
}

Task<Json> confirm_sign_up(Store& store, Context& context, Json input) {
    const Door door = enter(store, context, input);
    Json user = store.user(door.scope, door.pool_id, required(input, "Username"));
    const std::string status = string_member(user, "UserStatus");
    if (status != "UNCONFIRMED") {
        throw not_authorized("User cannot be confirmed. Current status is " + status);
    }
    check_code(store, user, "confirmationCode", required(input, "ConfirmationCode"));
    user["UserStatus"] = "CONFIRMED";
    user["private"].erase("confirmationCode");
    if (auto_verifies(door.pool, "email") && !attribute(user, "email").empty()) {
        user["Attributes"]["email_verified"] = "true";
    }
    store.put_user(door.scope, door.pool_id, user);
    co_await post_confirmation(store, context, door.pool, "PostConfirmation_ConfirmSignUp",
                               door.client_id, std::move(user), std::move(input));
    co_return Json::object();
}

Task<Json> resend_code(Store& store, Context& context, Json input) {
    const Door door = enter(store, context, input);
    Json user = store.user(door.scope, door.pool_id, required(input, "Username"));
    if (string_member(user, "UserStatus") != "UNCONFIRMED") {
        throw invalid_parameter("User is already confirmed.");
    }
    send_code(store, door.pool_id, user, "confirmationCode");
    Json result = {{"CodeDeliveryDetails", delivery(user)}};
    store.put_user(door.scope, door.pool_id, user);
    Message message{"CustomMessage_ResendCode", door.client_id,
                    string_member(user.at("private"), "confirmationCode")};
    co_await custom_message(store, context, door.pool, std::move(message), std::move(user),
                            std::move(input));
    co_return result;
}

/// Only who can be reached may have a new password ("ForgotPassword").
void check_reset(const Json& user) {
    if (user.at("Enabled") != true) throw not_authorized("User is disabled.");
    if (string_member(user, "UserStatus") == "FORCE_CHANGE_PASSWORD") {
        throw not_authorized("User password cannot be reset in the current state.");
    }
    if (attribute(user, "email_verified") != "true" &&
        attribute(user, "phone_number_verified") != "true") {
        throw invalid_parameter(
            "Cannot reset password for the user as there is no registered/verified email or "
            "phone_number");
    }
}

Task<Json> forgot_password(Store& store, Context& context, Json input) {
    const Door door = enter(store, context, input);
    Json user = store.user(door.scope, door.pool_id, required(input, "Username"));
    check_reset(user);
    send_code(store, door.pool_id, user, "resetCode");
    Json result = {{"CodeDeliveryDetails", delivery(user)}};
    store.put_user(door.scope, door.pool_id, user);
    Message message{"CustomMessage_ForgotPassword", door.client_id,
                    string_member(user.at("private"), "resetCode")};
    co_await custom_message(store, context, door.pool, std::move(message), std::move(user),
                            std::move(input));
    co_return result;
}

Task<Json> confirm_forgot_password(Store& store, Context& context, Json input) {
    const Door door = enter(store, context, input);
    Json user = store.user(door.scope, door.pool_id, required(input, "Username"));
    check_code(store, user, "resetCode", required(input, "ConfirmationCode"));
    set_password(store, door.pool, user, required(input, "Password"));
    user["private"].erase("resetCode");
    user["UserStatus"] = "CONFIRMED";
    store.put_user(door.scope, door.pool_id, user);
    co_await post_confirmation(store, context, door.pool, "PostConfirmation_ConfirmForgotPassword",
                               door.client_id, std::move(user), std::move(input));
    co_return Json::object();
}

Task<Json> get_user(Store& store, Context& context, Json input) {
    std::string token = required(input, "AccessToken");
    const Bearer bearer = co_await bearer_of(store, context.caller, std::move(token));
    const Json user = store.user(bearer.scope, bearer.pool_id, bearer.username);
    co_return Json{{"Username", user.at("Username")},
                   {"UserAttributes", attribute_list(user.at("Attributes"))}};
}

Task<Json> update_attributes(Store& store, Context& context, Json input) {
    std::string token = required(input, "AccessToken");
    const Bearer bearer = co_await bearer_of(store, context.caller, std::move(token));
    Json user = store.user(bearer.scope, bearer.pool_id, bearer.username);
    const Json attributes = attributes_from_list(find_member(input, "UserAttributes"));
    const Json pool = store.pool(bearer.scope, bearer.pool_id);
    check_writable(pool, store.client(bearer.scope, bearer.client_id), attributes);
    check_mutable(pool, attributes);
    check_attributes(pool, attributes, Need::Given);
    Json result = {{"CodeDeliveryDetailsList", Json::array()}};
    for (const auto& [name, value] : attributes.items()) {
        const bool changed = value != attribute(user, name);
        user["Attributes"][name] = value;
        if (!changed || !auto_verifies(pool, name)) continue;
        user["Attributes"][name + "_verified"] = "false";
        send_code(store, bearer.pool_id, user, verification_of(name));
        result["CodeDeliveryDetailsList"].push_back(delivery_to(user, name));
    }
    store.put_user(bearer.scope, bearer.pool_id, user);
    for (const Json& details : result["CodeDeliveryDetailsList"]) {
        const std::string kind = verification_of(string_member(details, "AttributeName"));
        Message message{"CustomMessage_UpdateUserAttribute", bearer.client_id,
                        string_member(user.at("private"), kind)};
        co_await custom_message(store, context, pool, std::move(message), user, input);
    }
    co_return result;
}

/// GetUserAttributeVerificationCode: a code for an attribute that can be verified.
Task<Json> get_verification_code(Store& store, Context& context, Json input) {
    std::string token = required(input, "AccessToken");
    const Bearer bearer = co_await bearer_of(store, context.caller, std::move(token));
    const std::string name = required(input, "AttributeName");
    Json user = store.user(bearer.scope, bearer.pool_id, bearer.username);
    const Json details =
        name == "email" || name == "phone_number" ? delivery_to(user, name) : Json();
    if (details.is_null()) {
        throw invalid_parameter("User does not have delivery config set to turn on for " + name);
    }
    send_code(store, bearer.pool_id, user, verification_of(name));
    store.put_user(bearer.scope, bearer.pool_id, user);
    Message message{"CustomMessage_VerifyUserAttribute", bearer.client_id,
                    string_member(user.at("private"), verification_of(name))};
    co_await custom_message(store, context, store.pool(bearer.scope, bearer.pool_id),
                            std::move(message), std::move(user), std::move(input));
    co_return Json{{"CodeDeliveryDetails", details}};
}

Task<Json> verify_attribute(Store& store, Context& context, Json input) {
    std::string token = required(input, "AccessToken");
    const Bearer bearer = co_await bearer_of(store, context.caller, std::move(token));
    const std::string name = required(input, "AttributeName");
    Json user = store.user(bearer.scope, bearer.pool_id, bearer.username);
    check_code(store, user, verification_of(name), required(input, "Code"));
    user["private"].erase(verification_of(name));
    user["Attributes"][name + "_verified"] = "true";
    store.put_user(bearer.scope, bearer.pool_id, std::move(user));
    co_return Json::object();
}

Task<Json> delete_user(Store& store, Context& context, Json input) {
    std::string token = required(input, "AccessToken");
    const Bearer bearer = co_await bearer_of(store, context.caller, std::move(token));
    store.erase_user(bearer.scope, bearer.pool_id, bearer.username);
    co_return Json::object();
}

Task<Json> change_password(Store& store, Context& context, Json input) {
    std::string token = required(input, "AccessToken");
    const Bearer bearer = co_await bearer_of(store, context.caller, std::move(token));
    Json user = store.user(bearer.scope, bearer.pool_id, bearer.username);
    if (!password_matches(user, required(input, "PreviousPassword"))) {
        throw not_authorized("Incorrect username or password.");
    }
    const Json pool = store.pool(bearer.scope, bearer.pool_id);
    set_password(store, pool, user, required(input, "ProposedPassword"));
    store.put_user(bearer.scope, bearer.pool_id, std::move(user));
    co_return Json::object();
}

Task<Json> global_sign_out(Store& store, Context& context, Json input) {
    std::string token = required(input, "AccessToken");
    const Bearer bearer = co_await bearer_of(store, context.caller, std::move(token));
    Json user = store.user(bearer.scope, bearer.pool_id, bearer.username);
    user["private"]["signedOutAt"] = store.now();
    store.put_user(bearer.scope, bearer.pool_id, std::move(user));
    co_return Json::object();
}

}  // namespace

void add_sign_up_operations(Service& service, Store& store) {
    add_async(service, store, "SignUp", sign_up);
    add_async(service, store, "ConfirmSignUp", confirm_sign_up);
    add_async(service, store, "ResendConfirmationCode", resend_code);
    add_async(service, store, "ForgotPassword", forgot_password);
    add_async(service, store, "ConfirmForgotPassword", confirm_forgot_password);
    add_async(service, store, "GetUser", get_user);
    add_async(service, store, "UpdateUserAttributes", update_attributes);
    add_async(service, store, "GetUserAttributeVerificationCode", get_verification_code);
    add_async(service, store, "VerifyUserAttribute", verify_attribute);
    add_async(service, store, "DeleteUser", delete_user);
    add_async(service, store, "ChangePassword", change_password);
    add_async(service, store, "GlobalSignOut", global_sign_out);
}

}  // namespace skafu::cognito

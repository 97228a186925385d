#include "cognito/operations.h"
#include "cognito/password.h"
#include "core/log.h"

// What people do for themselves: sign up, confirm, change and forget passwords.

namespace skafu::cognito {
namespace {

/// The client a public call names, with its pool; the secret hash is checked.
struct Door {
    Scope scope;
    std::string pool_id;
    Json pool;
};

Door enter(Store& store, Context& context, const Json& input) {
    const std::string client_id = required(input, "ClientId");
    Door door;
    door.scope = store.scope_of_client(context.caller, client_id);
    const Json& client = store.client(door.scope, client_id);
    door.pool_id = string_member(client, "UserPoolId");
    door.pool = store.pool(door.scope, door.pool_id);
    const std::string secret = string_member(client, "ClientSecret");
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

bool auto_verifies(const Json& pool, std::string_view attribute) {
    const Json* list = find_member(pool, "AutoVerifiedAttributes");
    return list && list->is_array() &&
           std::find(list->begin(), list->end(), Json(attribute)) != list->end();
}

/// "a***@e***" and "+*******1234", as delivery details show addresses.
Json delivery(const Json& user) {
    const std::string email = attribute(user, "email");
    if (!email.empty()) {
        const std::size_t at = email.find('@');
        const std::string host = at == std::string::npos ? "" : email.substr(at + 1, 1);
        return {{"Destination", email.substr(0, 1) + "***@" + host + "***"},
                {"DeliveryMedium", "EMAIL"},
                {"AttributeName", "email"}};
    }
    const std::string phone = attribute(user, "phone_number");
    if (phone.size() < 5) return nullptr;
    return {{"Destination", "+*******" + phone.substr(phone.size() - 4)},
            {"DeliveryMedium", "SMS"},
            {"AttributeName", "phone_number"}};
}

void send_code(Store& store, const std::string& pool_id, Json& user, const char* kind) {
    const std::string code = new_code(store);
    user["private"][kind] = code;
    user["private"]["codeUntil"] = store.now() + 24 * 3600;
    log::info("Cognito: the code for {} in {} is {}", string_member(user, "Username"), pool_id,
              code);
}

void check_code(Store& store, const Json& user, const char* kind, const std::string& given) {
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

Json sign_up(Store& store, Context& context, const Json& input) {
    const Door door = enter(store, context, input);
    const std::string username = required(input, "Username");
    if (door.pool.at("AdminCreateUserConfig").value("AllowAdminCreateUserOnly", false)) {
        throw not_authorized("SignUp is not permitted for this user pool");
    }
    Json attributes = attributes_from_list(find_member(input, "UserAttributes"));
    refuse_known_user(store, door.scope, door.pool, username, attributes, "User already exists");
    Json user = new_user(store, door.pool, username, std::move(attributes));
    Json given = user["Attributes"];
    check_attributes(door.pool, given, Need::All);
    set_password(store, door.pool, user, required(input, "Password"));
    send_code(store, door.pool_id, user, "confirmationCode");
    Json result = {{"UserConfirmed", false}, {"UserSub", attribute(user, "sub")}};
    const Json details = delivery(user);
    if (!details.is_null()) result["CodeDeliveryDetails"] = details;
    store.put_user(door.scope, door.pool_id, std::move(user));
    return result;
}

Json confirm_sign_up(Store& store, Context& context, const Json& input) {
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
    store.put_user(door.scope, door.pool_id, std::move(user));
    return Json::object();
}

Json resend_code(Store& store, Context& context, const Json& input) {
    const Door door = enter(store, context, input);
    Json user = store.user(door.scope, door.pool_id, required(input, "Username"));
    if (string_member(user, "UserStatus") != "UNCONFIRMED") {
        throw invalid_parameter("User is already confirmed.");
    }
    send_code(store, door.pool_id, user, "confirmationCode");
    Json result = {{"CodeDeliveryDetails", delivery(user)}};
    store.put_user(door.scope, door.pool_id, std::move(user));
    return result;
}

Json forgot_password(Store& store, Context& context, const Json& input) {
    const Door door = enter(store, context, input);
    Json user = store.user(door.scope, door.pool_id, required(input, "Username"));
    send_code(store, door.pool_id, user, "resetCode");
    Json result = {{"CodeDeliveryDetails", delivery(user)}};
    store.put_user(door.scope, door.pool_id, std::move(user));
    return result;
}

Json confirm_forgot_password(Store& store, Context& context, const Json& input) {
    const Door door = enter(store, context, input);
    Json user = store.user(door.scope, door.pool_id, required(input, "Username"));
    check_code(store, user, "resetCode", required(input, "ConfirmationCode"));
    set_password(store, door.pool, user, required(input, "Password"));
    user["private"].erase("resetCode");
    user["UserStatus"] = "CONFIRMED";
    store.put_user(door.scope, door.pool_id, std::move(user));
    return Json::object();
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
    check_attributes(store.pool(bearer.scope, bearer.pool_id), attributes, Need::Given);
    for (const auto& [name, value] : attributes.items()) user["Attributes"][name] = value;
    store.put_user(bearer.scope, bearer.pool_id, std::move(user));
    Json result = {{"CodeDeliveryDetailsList", Json::array()}};
    co_return result;
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
    add(service, store, "SignUp", sign_up);
    add(service, store, "ConfirmSignUp", confirm_sign_up);
    add(service, store, "ResendConfirmationCode", resend_code);
    add(service, store, "ForgotPassword", forgot_password);
    add(service, store, "ConfirmForgotPassword", confirm_forgot_password);
    add_async(service, store, "GetUser", get_user);
    add_async(service, store, "UpdateUserAttributes", update_attributes);
    add_async(service, store, "DeleteUser", delete_user);
    add_async(service, store, "ChangePassword", change_password);
    add_async(service, store, "GlobalSignOut", global_sign_out);
}

}  // namespace skafu::cognito

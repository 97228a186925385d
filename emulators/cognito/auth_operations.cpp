#include "cognito/operations.h"
#include "cognito/password.h"
#include "cognito/srp.h"
#include "cognito/triggers.h"
#include "core/base64.h"
#include "core/digest.h"

// Signing in: InitiateAuth, the challenges, refreshing and revoking tokens
// ("Authentication with Amazon Cognito user pools").

namespace skafu::cognito {
namespace {

/// One attempt to sign in: who asks through which client.
struct Attempt {
    Scope scope;
    std::string pool_id;
    std::string client_id;
    Json client;
    Json parameters;
    Json input;
};

std::string parameter(const Json& parameters, std::string_view name) {
    std::string value = string_member(parameters, name);
    if (value.empty()) throw invalid_parameter(fmt::format("Missing required parameter {}", name));
    return value;
}

Attempt attempt_of(Store& store, Context& context, const Json& input) {
    Attempt attempt;
    attempt.client_id = required(input, "ClientId");
    attempt.scope = store.scope_of_client(context.caller, attempt.client_id);
    attempt.client = store.client(attempt.scope, attempt.client_id);
    attempt.pool_id = string_member(attempt.client, "UserPoolId");
    const std::string named = text(input, "UserPoolId");  // of the Admin operations
    if (!named.empty() && named != attempt.pool_id) {
        store.pool(attempt.scope, named);
        throw resource_not_found("User pool client " + attempt.client_id + " does not exist.");
    }
    attempt.input = input;
    attempt.parameters = Json::object();
    copy_members(input, attempt.parameters, {"AuthParameters", "ChallengeResponses"});
    if (const Json* given = find_member(attempt.parameters, "AuthParameters")) {
        attempt.parameters = Json(*given);
    } else if (const Json* answers = find_member(attempt.parameters, "ChallengeResponses")) {
        attempt.parameters = Json(*answers);
    }
    return attempt;
}

void check_secret(const Attempt& attempt, const std::string& username) {
    const std::string secret = string_member(attempt.client, "ClientSecret");
    if (secret.empty()) return;
    const std::string given = string_member(attempt.parameters, "SECRET_HASH");
    if (given.empty()) {
        throw not_authorized(
            fmt::format("Client {} is configured with secret but SECRET_HASH was not received",
                        attempt.client_id));
    }
    if (given != secret_hash(secret, username, attempt.client_id)) {
        throw not_authorized("SecretHash does not match for the client: " + attempt.client_id);
    }
}

void check_flow(const Attempt& attempt, std::string_view flow, std::string_view old_name) {
    const Json* flows = find_member(attempt.client, "ExplicitAuthFlows");
    // Without any flow named, SRP and refresh are allowed, as AWS has it.
    if (!flows || !flows->is_array() || flows->empty()) {
        if (flow == "USER_SRP_AUTH" || flow == "REFRESH_TOKEN_AUTH") return;
    } else {
        for (const Json& allowed : *flows) {
            if (allowed == "ALLOW_" + std::string(flow) || allowed == old_name) return;
        }
        if (flow == "USER_SRP_AUTH" && flows->front() == "USER_PASSWORD_AUTH") return;
    }
    throw invalid_parameter(flow.starts_with("ADMIN")
                                ? std::string("Auth flow not enabled for this client")
                                : fmt::format("{} flow not enabled for this client", old_name));
}

/// A user that does not exist looks like a wrong password where the client asks for that.
Json user_for(Store& store, const Attempt& attempt, const std::string& username) {
    const Json* user = store.find_user(attempt.scope, attempt.pool_id, username);
    if (user) return *user;
    if (string_member(attempt.client, "PreventUserExistenceErrors") == "ENABLED") {
        throw not_authorized("Incorrect username or password.");
    }
    throw user_not_found();
}

void check_state(const Json& user) {
    if (user.at("Enabled") != true) throw not_authorized("User is disabled.");
    const std::string status = string_member(user, "UserStatus");
    if (status == "UNCONFIRMED") {
        throw error("UserNotConfirmedException", "User is not confirmed.");
    }
    if (status == "RESET_REQUIRED") {
        throw error("PasswordResetRequiredException", "Password reset required for the user");
    }
}

Json new_password_challenge(Store& store, const Attempt& attempt, const Json& user) {
    Challenge challenge;
    challenge.kind = "NEW_PASSWORD_REQUIRED";
    challenge.pool_id = attempt.pool_id;
    challenge.client_id = attempt.client_id;
    challenge.username = string_member(user, "Username");
    Json attributes = user.at("Attributes");
    attributes.erase("sub");
    return {{"ChallengeName", "NEW_PASSWORD_REQUIRED"},
            {"Session", store.remember(std::move(challenge))},
            {"ChallengeParameters",
             {{"USER_ID_FOR_SRP", user.at("Username")},
              {"requiredAttributes", "[]"},
              {"userAttributes", to_text(attributes)}}}};
}

void check_temporary_password(Store& store, const Json& user) {
    const Json* until = find_member(user.at("private"), "temporaryUntil");
    if (until && until->get<double>() <= store.now()) {
        throw not_authorized(
            "Temporary password has expired and must be reset by an administrator.");
    }
}

/// PreAuthentication may refuse the attempt, before the password is looked at. Of users who do not
/// exist it hears only where the client is not to learn that either.
Task<void> pre_authentication(Store& store, Context& context, const Attempt& attempt,
                              std::string username) {
    const bool hides = string_member(attempt.client, "PreventUserExistenceErrors") == "ENABLED";
    const Json* user = store.find_user(attempt.scope, attempt.pool_id, username);
    if (!user && !hides) co_return;
    Trigger trigger;
    trigger.name = "PreAuthentication";
    trigger.source = "PreAuthentication_Authentication";
    trigger.client_id = attempt.client_id;
    trigger.username = user ? string_member(*user, "Username") : username;
    trigger.request = {{"userAttributes", user ? trigger_attributes(*user) : Json::object()},
                       {"validationData", nullptr}};
    add_client_metadata(trigger.request, attempt.input, "validationData");
    if (hides) trigger.request["userNotFound"] = user == nullptr;
    trigger.response = Json::object();
    Json pool = store.pool(attempt.scope, attempt.pool_id);
    co_await run_trigger(store, context, std::move(pool), std::move(trigger));
}

/// PostAuthentication hears of who came in; it gets the metadata of answers to challenges only.
Task<void> post_authentication(Store& store, Context& context, const Attempt& attempt,
                               const Json& user) {
    Trigger trigger;
    trigger.name = "PostAuthentication";
    trigger.source = "PostAuthentication_Authentication";
    trigger.client_id = attempt.client_id;
    trigger.username = string_member(user, "Username");
    trigger.request = {{"userAttributes", trigger_attributes(user)}, {"newDeviceUsed", false}};
    if (find_member(attempt.input, "ChallengeName")) {
        add_client_metadata(trigger.request, attempt.input);
    }
    trigger.response = Json::object();
    Json pool = store.pool(attempt.scope, attempt.pool_id);
    co_await run_trigger(store, context, std::move(pool), std::move(trigger));
}

/// The password was right: tokens, or the demand for a new password.
Task<Json> let_in(Store& store, Context& context, Attempt attempt, Json user) {
    check_state(user);
    if (string_member(user, "UserStatus") == "FORCE_CHANGE_PASSWORD") {
        check_temporary_password(store, user);
        co_return new_password_challenge(store, attempt, user);
    }
    co_await post_authentication(store, context, attempt, user);
    const std::string username = string_member(user, "Username");
    SignIn first;
    if (find_member(attempt.input, "ChallengeName")) {
        add_client_metadata(first.trigger_request, attempt.input);
        if (attempt.input["ChallengeName"] == "NEW_PASSWORD_REQUIRED") {
            first.trigger_source = "TokenGeneration_NewPasswordChallenge";
        }
    }
    Json tokens = co_await issue_tokens(store, context, attempt.scope, attempt.pool_id,
                                        attempt.client_id, username, first);
    co_return Json{{"ChallengeParameters", Json::object()},
                   {"AuthenticationResult", std::move(tokens)}};
}

Task<Json> by_password(Store& store, Context& context, Attempt attempt) {
    const std::string username = parameter(attempt.parameters, "USERNAME");
    const std::string password = parameter(attempt.parameters, "PASSWORD");
    check_secret(attempt, username);
    co_await pre_authentication(store, context, attempt, username);
    Json user = user_for(store, attempt, username);
    if (!password_matches(user, password)) {
        throw not_authorized("Incorrect username or password.");
    }
    Json result = co_await let_in(store, context, std::move(attempt), std::move(user));
    co_return result;
}

Task<Json> by_refresh_token(Store& store, Context& context, Attempt attempt) {
    const std::string token = parameter(attempt.parameters, "REFRESH_TOKEN");
    const Json* known =
        store.refresh_tokens.find(attempt.scope, digest::hex(digest::sha256(token)));
    if (!known || string_member(*known, "clientId") != attempt.client_id) {
        throw not_authorized("Invalid Refresh Token");
    }
    const Json kept = *known;
    if (kept.at("expires").get<double>() <= store.now()) {
        throw not_authorized("Refresh Token has expired");
    }
    const std::string username = string_member(kept, "username");
    const Json* user = store.find_user(attempt.scope, attempt.pool_id, username);
    if (!user) throw user_not_found();
    const Json* signed_out = find_member(user->at("private"), "signedOutAt");
    if (signed_out && kept.at("issued").get<double>() <= signed_out->get<double>()) {
        throw not_authorized("Refresh Token has been revoked");
    }
    if (user->at("Enabled") != true) throw not_authorized("User is disabled.");
    // The hash may be made with the username or with the sub.
    if (!string_member(attempt.client, "ClientSecret").empty()) check_secret(attempt, username);
    SignIn earlier;
    earlier.time = static_cast<std::int64_t>(kept.at("issued").get<double>());
    earlier.origin = string_member(kept, "origin");
    earlier.event_id = string_member(kept, "eventId");
    earlier.trigger_source = "TokenGeneration_RefreshTokens";
    Json tokens = co_await issue_tokens(store, context, attempt.scope, attempt.pool_id,
                                        attempt.client_id, username, earlier);
    tokens.erase("RefreshToken");
    co_return Json{{"ChallengeParameters", Json::object()},
                   {"AuthenticationResult", std::move(tokens)}};
}

Task<Json> begin_srp(Store& store, Context& context, Attempt attempt) {
    const std::string username = parameter(attempt.parameters, "USERNAME");
    const std::string a = parameter(attempt.parameters, "SRP_A");
    check_secret(attempt, username);
    if (a.size() > 800 || !srp::is_valid_public_key(a)) throw invalid_parameter("Invalid SRP_A");
    co_await pre_authentication(store, context, attempt, username);
    const Json user = user_for(store, attempt, username);
    check_state(user);
    const Json* kept = find_member(user.at("private"), "password");
    if (!kept) throw not_authorized("Incorrect username or password.");
    const srp::ServerKey key =
        srp::make_server_key(store.cloud.entropy(), string_member(*kept, "srpVerifier"));
    Challenge challenge;
    challenge.kind = "PASSWORD_VERIFIER";
    challenge.pool_id = attempt.pool_id;
    challenge.client_id = attempt.client_id;
    challenge.username = string_member(user, "Username");
    challenge.srp_secret = key.secret;
    challenge.srp_a = a;
    challenge.srp_b = key.public_key;
    // The answer names the secret block, not a session: the block is the session.
    const std::string session = store.remember(std::move(challenge));
    co_return Json{{"ChallengeName", "PASSWORD_VERIFIER"},
                   {"ChallengeParameters",
                    {{"SALT", string_member(*kept, "srpSalt")},
                     {"SECRET_BLOCK", base64_encode(session)},
                     {"SRP_B", key.public_key},
                     {"USERNAME", user.at("Username")},
                     {"USER_ID_FOR_SRP", user.at("Username")}}}};
}

void check_flow_name(std::string_view flow) {
    constexpr std::string_view kFlows[] = {
        "USER_SRP_AUTH",     "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN",           "CUSTOM_AUTH",
        "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"};
    if (std::find(std::begin(kFlows), std::end(kFlows), flow) != std::end(kFlows)) return;
    throw invalid_parameter(
        fmt::format("1 validation error detected: Value '{}' at 'authFlow' failed to satisfy "
                    "constraint: Member must satisfy enum value set: [{}]",
                    flow, fmt::join(kFlows, ", ")));
}

Task<Json> initiate(Store& store, Context& context, Json input) {
    Attempt attempt = attempt_of(store, context, input);
    const std::string flow = required(input, "AuthFlow");
    check_flow_name(flow);
    if (flow.starts_with("ADMIN_") && context.operation == "InitiateAuth") {
        throw invalid_parameter("Initiate Auth method not supported.");
    }
    if (flow == "USER_PASSWORD_AUTH" || flow == "ADMIN_USER_PASSWORD_AUTH" ||
        flow == "ADMIN_NO_SRP_AUTH") {
        const bool admin = flow.starts_with("ADMIN");
        check_flow(attempt, admin ? "ADMIN_USER_PASSWORD_AUTH" : "USER_PASSWORD_AUTH",
                   admin ? "ADMIN_NO_SRP_AUTH" : "USER_PASSWORD_AUTH");
        Json result = co_await by_password(store, context, std::move(attempt));
        co_return result;
    }
    if (flow == "REFRESH_TOKEN_AUTH" || flow == "REFRESH_TOKEN") {
        Json result = co_await by_refresh_token(store, context, std::move(attempt));
        co_return result;
    }
    if (flow == "USER_SRP_AUTH") {
        check_flow(attempt, "USER_SRP_AUTH", "USER_SRP_AUTH");
        Json result = co_await begin_srp(store, context, std::move(attempt));
        co_return result;
    }
    throw invalid_parameter("Initiate Auth method not supported.");
}

Task<Json> answer_new_password(Store& store, Context& context, Attempt attempt,
                               std::string session) {
    const std::string password = parameter(attempt.parameters, "NEW_PASSWORD");
    // A password that the policy refuses does not use the session up.
    check_password(store.pool(attempt.scope, attempt.pool_id), password);
    const Challenge challenge = store.recall(session);
    if (challenge.kind != "NEW_PASSWORD_REQUIRED" || challenge.client_id != attempt.client_id) {
        throw not_authorized("Invalid session for the user.");
    }
    Json user = store.user(attempt.scope, attempt.pool_id, challenge.username);
    set_password(store, store.pool(attempt.scope, attempt.pool_id), user, password);
    constexpr std::string_view prefix = "userAttributes.";
    for (const auto& [name, value] : attempt.parameters.items()) {
        if (name.starts_with(prefix)) user["Attributes"][name.substr(prefix.size())] = value;
    }
    user["UserStatus"] = "CONFIRMED";
    store.put_user(attempt.scope, attempt.pool_id, user);
    Json result = co_await let_in(store, context, std::move(attempt), std::move(user));
    co_return result;
}

Task<Json> answer_srp(Store& store, Context& context, Attempt attempt) {
    const std::string block = parameter(attempt.parameters, "PASSWORD_CLAIM_SECRET_BLOCK");
    const std::string signature = parameter(attempt.parameters, "PASSWORD_CLAIM_SIGNATURE");
    const std::string timestamp = parameter(attempt.parameters, "TIMESTAMP");
    const Challenge challenge = store.recall(base64_decode(block).value_or(""));
    check_secret(attempt, parameter(attempt.parameters, "USERNAME"));
    Json user = store.user(attempt.scope, attempt.pool_id, challenge.username);
    const Json& kept = user.at("private").at("password");
    const std::string expected = srp::expected_signature(
        attempt.pool_id, challenge.username, string_member(kept, "srpVerifier"), challenge.srp_a,
        {challenge.srp_secret, challenge.srp_b}, block, timestamp);
    if (signature != expected) throw not_authorized("Incorrect username or password.");
    Json result = co_await let_in(store, context, std::move(attempt), std::move(user));
    co_return result;
}

Task<Json> respond(Store& store, Context& context, Json input) {
    Attempt attempt = attempt_of(store, context, input);
    const std::string name = required(input, "ChallengeName");
    if (name == "NEW_PASSWORD_REQUIRED") {
        check_secret(attempt, string_member(attempt.parameters, "USERNAME"));
        Json result = co_await answer_new_password(store, context, std::move(attempt),
                                                   text(input, "Session"));
        co_return result;
    }
    if (name == "PASSWORD_VERIFIER") {
        Json result = co_await answer_srp(store, context, std::move(attempt));
        co_return result;
    }
    throw invalid_parameter("The challenge " + name + " is not supported.");
}

Json revoke(Store& store, Context& context, const Json& input) {
    const std::string client_id = required(input, "ClientId");
    const Scope scope = store.scope_of_client(context.caller, client_id);
    store.client(scope, client_id);
    store.refresh_tokens.erase(scope, digest::hex(digest::sha256(required(input, "Token"))));
    return Json::object();
}

Task<Json> signing_keys(Store& store, Context& context, Json input) {
    const std::string pool_id = required(input, "UserPoolId");
    const Scope scope = store.scope_of_pool(context.caller, pool_id);
    store.pool(scope, pool_id);
    const jwt::SigningKey key = co_await store.signing_key();
    const std::string kid = co_await store.key_id(pool_id);
    Json keys = Json::array({key.public_jwk(kid)});
    Json result = Json::object();
    result["keys"] = std::move(keys);
    co_return result;
}

}  // namespace

void add_auth_operations(Service& service, Store& store) {
    add_async(service, store, "InitiateAuth", initiate);
    add_async(service, store, "AdminInitiateAuth", initiate);
    add_async(service, store, "RespondToAuthChallenge", respond);
    add_async(service, store, "AdminRespondToAuthChallenge", respond);
    add(service, store, "RevokeToken", revoke);
    Operation keys;
    keys.name = "GetSigningKeys";
    keys.internal = true;
    service.add_async(std::move(keys), [&store](Context& context, Json input) {
        return signing_keys(store, context, std::move(input));
    });
}

}  // namespace skafu::cognito

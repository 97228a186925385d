#include "cognito/cognito.h"

#include "cognito/operations.h"
#include "core/data_reset.h"

namespace skafu::cognito {

namespace {

/// What people's own programs call, without AWS credentials ("Cognito user pools: unauthenticated
/// operations").
bool is_public(std::string_view name) {
    static constexpr std::string_view kPublic[] = {"SignUp",
                                                   "ConfirmSignUp",
                                                   "ResendConfirmationCode",
                                                   "ForgotPassword",
                                                   "ConfirmForgotPassword",
                                                   "InitiateAuth",
                                                   "RespondToAuthChallenge",
                                                   "RevokeToken",
                                                   "GetUser",
                                                   "UpdateUserAttributes",
                                                   "GetUserAttributeVerificationCode",
                                                   "VerifyUserAttribute",
                                                   "DeleteUser",
                                                   "ChangePassword",
                                                   "GlobalSignOut",
                                                   "GetId",
                                                   "GetCredentialsForIdentity"};
    return std::find(std::begin(kPublic), std::end(kPublic), name) != std::end(kPublic);
}

}  // namespace

void add(Service& service, Store& store, std::string_view name, Handler handler) {
    Operation operation;
    operation.name = name;
    operation.is_public = is_public(name);
    service.add(std::move(operation), [handler, &store](Context& context, const Json& input) {
        return handler(store, context, input);
    });
}

void add_async(Service& service, Store& store, std::string_view name, AsyncHandler handler) {
    Operation operation;
    operation.name = name;
    operation.is_public = is_public(name);
    service.add_async(std::move(operation), [handler, &store](Context& context, Json input) {
        return handler(store, context, std::move(input));
    });
}

std::string text(const Json& input, std::string_view name) {
    return string_member(input, name);
}

std::string required(const Json& input, std::string_view name) {
    std::string value = string_member(input, name);
    if (value.empty()) {
        std::string lower(name);
        lower[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(lower[0])));
        throw invalid_parameter(
            fmt::format("1 validation error detected: Value null at '{}' failed to satisfy "
                        "constraint: Member must not be null",
                        lower));
    }
    return value;
}

void copy_members(const Json& from, Json& to, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        const Json* value = find_member(from, name);
        if (value && !value->is_null()) to[std::string(name)] = *value;
    }
}

Json page(std::vector<Json> items, std::string_view name, const Json& input,
          std::string_view limit_name, std::string_view token_name, std::size_t most) {
    const Json* limit = find_member(input, limit_name);
    std::size_t count = limit && limit->is_number() ? limit->get<std::size_t>() : most;
    if (count == 0 || count > most) count = most;
    const std::string token = text(input, token_name);
    const std::size_t from = std::min<std::size_t>(
        token.empty() ? 0 : static_cast<std::size_t>(std::atoll(token.c_str())), items.size());
    const std::size_t to = std::min(items.size(), from + count);
    Json list = Json::array();
    for (std::size_t i = from; i < to; ++i) list.push_back(std::move(items[i]));
    Json result = Json::object();
    result[std::string(name)] = std::move(list);
    if (to < items.size()) result[std::string(token_name)] = std::to_string(to);
    return result;
}

void register_cognito(Cloud& cloud) {
    Store& store = cloud.own(std::make_unique<Store>(cloud));
    Service service;
    service.name = "cognito-idp";
    service.protocols = {Protocol::json_1_1};
    service.target_prefix = "AWSCognitoIdentityProviderService";
    service.signing_names = {"cognito-idp"};
    service.sdk_names = {"cognitoidentityprovider"};
    service.validation_code = "InvalidParameterException";
    service.reset = [&store](const Scope* scope) { store.reset(scope); };
    add_data_reset(service, [&store](const Scope* scope) { store.clear_users(scope); });
    service.describe = [&store](Service& service) {
        add_pool_operations(service, store);
        add_client_operations(service, store);
        add_user_operations(service, store);
        add_group_operations(service, store);
        add_sign_up_operations(service, store);
        add_auth_operations(service, store);
    };
    cloud.add_service(std::move(service));
    register_identity(cloud, store);
    register_documents(cloud, store);
    resources::add_types(cloud, store);
}

}  // namespace skafu::cognito

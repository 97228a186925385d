#include "cognito/operations.h"

// What user pools publish as plain HTTP: their keys and OpenID configuration; and, for tests,
// the codes that would have been mailed.

namespace skafu::cognito {
namespace {

Task<HttpResponse> key_set(Store& store, AdminRequest request) {
    Json input = {{"UserPoolId", request.path.at("pool")}};
    Json keys = co_await store.cloud.call_json("cognito-idp", "GetSigningKeys", std::move(input),
                                               request.caller, 0);
    co_return json_response(keys);
}

Json configuration(Store& store, const AdminRequest& request) {
    const std::string& pool_id = request.path.find("pool")->second;
    const Scope scope = store.scope_of_pool(request.caller, pool_id);
    store.pool(scope, pool_id);
    const std::string base = store.cloud.settings().endpoint() + "/" + pool_id;
    return {
        {"authorization_endpoint", base + "/oauth2/authorize"},
        {"end_session_endpoint", base + "/logout"},
        {"id_token_signing_alg_values_supported", Json::array({"RS256"})},
        {"issuer", fmt::format("https://cognito-idp.{}.amazonaws.com/{}", scope.region, pool_id)},
        {"jwks_uri", base + "/.well-known/jwks.json"},
        {"response_types_supported", Json::array({"code", "token"})},
        {"revocation_endpoint", base + "/oauth2/revoke"},
        {"scopes_supported", Json::array({"openid", "email", "phone", "profile"})},
        {"subject_types_supported", Json::array({"public"})},
        {"token_endpoint", base + "/oauth2/token"},
        {"token_endpoint_auth_methods_supported",
         Json::array({"client_secret_basic", "client_secret_post"})},
        {"userinfo_endpoint", base + "/oauth2/userInfo"}};
}

Json codes(Store& store, const AdminRequest& request) {
    const std::string& pool_id = request.path.find("pool")->second;
    const Scope scope = store.scope_of_pool(request.caller, pool_id);
    store.pool(scope, pool_id);
    Json list = Json::array();
    for (const Json& user : store.parts(store.users, scope, pool_id)) {
        Json entry = {{"Username", user.at("Username")}};
        copy_members(user.at("private"), entry,
                     {"confirmationCode", "resetCode", "verify:email", "verify:phone_number"});
        if (entry.size() > 1) list.push_back(std::move(entry));
    }
    return {{"codes", std::move(list)}};
}

}  // namespace

void register_documents(Cloud& cloud, Store& store) {
    cloud.admin().add("GET", "/{pool}/.well-known/jwks.json", [&store](AdminRequest request) {
        return key_set(store, std::move(request));
    });
    cloud.admin().add_json(
        "GET", "/{pool}/.well-known/openid-configuration",
        [&store](const AdminRequest& request) { return configuration(store, request); });
    cloud.admin().add_json("GET", "/_skafu/cognito/{pool}/codes",
                           [&store](const AdminRequest& r) { return codes(store, r); });
}

}  // namespace skafu::cognito

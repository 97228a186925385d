#include "cloudformation/sam/http_api_auth.h"

#include "cloudformation/sam/api_auth.h"
#include "cloudformation/sam/api_body.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kAuthorizer = "x-amazon-apigateway-authorizer";

/// One entry of Auth.Authorizers of an HTTP API: JWT or Lambda.
class HttpAuthorizer {
  public:
    HttpAuthorizer(const std::string& api, const std::string& name, const Json& settings)
        : api_(api),
          name_(name),
          settings_(settings),
          jwt_(is_truthy(settings, "JwtConfiguration")) {
        check();
    }

    Json scheme(const std::string& partition) const {
        if (jwt_) {
            Json configuration = Json::object();
            for (const auto& [key, value] : settings_["JwtConfiguration"].items()) {
                configuration[lower_case(key)] = value;
            }
            Json details = {{"jwtConfiguration", std::move(configuration)},
                            {"identitySource", settings_["IdentitySource"]},
                            {"type", "jwt"}};
            return Json{{"type", "oauth2"}, {kAuthorizer, std::move(details)}};
        }
        Json details = {{"type", "request"},
                        {"authorizerUri", authorizer_uri(partition, settings_["FunctionArn"])}};
        const Json* role = given(settings_, "FunctionInvokeRole");
        if (is_truthy(role) && *role != "NONE") details["authorizerCredentials"] = *role;
        if (is_truthy(settings_, "Identity")) add_identity(settings_["Identity"], details);
        details["authorizerPayloadFormatVersion"] = settings_["AuthorizerPayloadFormatVersion"];
        if (is_truthy(settings_, "EnableSimpleResponses")) {
            details["enableSimpleResponses"] = settings_["EnableSimpleResponses"];
        }
        return Json{{"type", "apiKey"},
                    {"name", "Unused"},
                    {"in", "header"},
                    {kAuthorizer, std::move(details)}};
    }

  private:
    SamProblem problem(const std::string& why) const { return SamProblem::resource(api_, why); }

    void only_for(bool here, std::initializer_list<const char*> names, const char* kind) const {
        for (const char* name : names) {
            if (here || given(settings_, name) == nullptr) continue;
            throw problem(fmt::format("{} must be defined only for {} Authorizer.", name, kind));
        }
    }

    void check() const {
        if (const Json* configuration = given(settings_, "JwtConfiguration")) {
            if (is_truthy(configuration)) expect_map(api_, *configuration, "JwtConfiguration");
        }
        const Json* scopes = given(settings_, "AuthorizationScopes");
        if (scopes != nullptr && !scopes->is_array()) {
            throw problem("AuthorizationScopes must be a list.");
        }
        only_for(jwt_, {"AuthorizationScopes", "IdentitySource"}, "OAuth2");
        only_for(!jwt_,
                 {"FunctionArn", "FunctionInvokeRole", "Identity", "AuthorizerPayloadFormatVersion",
                  "EnableSimpleResponses"},
                 "Lambda");
        const Json* allowed = given(settings_, "EnableFunctionDefaultPermissions");
        if (jwt_ && allowed != nullptr) {
            throw problem(
                "EnableFunctionDefaultPermissions is only supported for Lambda Authorizer.");
        }
        if (jwt_) {
            need("IdentitySource", "OAuth2");
        } else {
            need("FunctionArn", "Lambda");
            need("AuthorizerPayloadFormatVersion", "Lambda");
        }
        if (allowed != nullptr) {
            expect_bool(api_, *allowed,
                        fmt::format("Authorizers.{}.EnableFunctionDefaultPermissions", name_));
        }
    }

    void need(const char* member, const char* kind) const {
        if (is_truthy(settings_, member)) return;
        throw problem(fmt::format("{} {} Authorizer must define '{}'.", name_, kind, member));
    }

    void add_identity(const Json& identity, Json& details) const {
        expect_map(api_, identity, fmt::format("Auth.Authorizers.{}.Identity", name_));
        if (const Json* ttl = given(identity, "ReauthorizeEvery")) {
            details["authorizerResultTtlInSeconds"] = *ttl;
        }
        constexpr std::pair<const char*, const char*> kinds[] = {
            {"Headers", "$request.header."},
            {"QueryStrings", "$request.querystring."},
            {"StageVariables", "$stageVariables."},
            {"Context", "$context."}};
        Json source = Json::array();
        for (const auto& [kind, prefix] : kinds) {
            const Json* list = given(identity, kind);
            if (!is_truthy(list)) continue;
            expect_strings(api_, *list, fmt::format("Authorizers.{}.Identity.{}", name_, kind));
            for (const Json& part : *list) source.push_back(prefix + part.get<std::string>());
        }
        details["identitySource"] = std::move(source);
    }

    const std::string& api_;
    const std::string& name_;
    const Json& settings_;
    bool jwt_;
};

Json schemes_of(const Context& context, const Source& source, const Json& auth) {
    Json schemes = Json::object();
    if (auth.contains("EnableIamAuthorizer") && auth["EnableIamAuthorizer"] == true) {
        schemes["AWS_IAM"] = Json{{"type", "apiKey"},
                                  {"name", "Authorization"},
                                  {"in", "header"},
                                  {"x-amazon-apigateway-authtype", "awsSigv4"}};
    }
    const Json* authorizers = given(auth, "Authorizers");
    if (!is_truthy(authorizers)) return schemes;
    expect_map(source.id, *authorizers, "Auth.Authorizers");
    for (const auto& [name, settings] : authorizers->items()) {
        expect_map(source.id, settings, "Auth.Authorizers." + name);
        if (settings.contains("OpenIdConnectUrl")) {
            throw SamProblem::resource(
                source.id,
                fmt::format("'OpenIdConnectUrl' is no longer a supported property for authorizer "
                            "'{}'. Please refer to the AWS SAM documentation.",
                            name));
        }
        schemes[name] = HttpAuthorizer(source.id, name, settings).scheme(context.partition());
    }
    return schemes;
}

Json default_scopes(const Json& auth, const std::string& name) {
    const Json* authorizers = given(auth, "Authorizers");
    const Json* chosen = authorizers == nullptr ? nullptr : given(*authorizers, name);
    const Json* scopes = chosen == nullptr ? nullptr : given(*chosen, "AuthorizationScopes");
    return scopes == nullptr ? Json::array() : *scopes;
}

void apply_default_to_path(Json& body, const std::string& path, const std::string& name,
                           const Json& scopes) {
    for (Json* item : path_items(body, path)) {
        for (auto& [key, method] : item->items()) {
            const std::string plain = method_key(key);
            if (plain == "parameters" || plain == "options") continue;
            if (!item->contains(plain)) {
                throw SamProblem::document(
                    fmt::format("Could not find {} in {} within DefinitionBody.", plain, path));
            }
            for (Json* definition : branches(method)) {
                if (!definition->is_object()) {
                    throw SamProblem::document(fmt::format(
                        "Definition of method '{}' for path '{}' should be a map.", key, path));
                }
                if (!is_truthy(*definition, kIntegration)) continue;
                if (is_truthy(*definition, "security")) continue;
                (*definition)["security"] = Json::array({Json{{name, scopes}}});
            }
        }
    }
}

}  // namespace

void add_http_api_auth(const Context& context, const Source& source, const Json& auth, Json& body) {
    for (const auto& [name, value] : auth.items()) {
        if (name == "Authorizers" || name == "DefaultAuthorizer" || name == "EnableIamAuthorizer") {
            continue;
        }
        throw SamProblem::resource(source.id, "Invalid value for 'Auth' property");
    }
    if (!is_openapi_3(&body)) {
        throw SamProblem::resource(source.id,
                                   "Unable to add Auth configuration because 'DefinitionBody' does "
                                   "not contain a valid OpenApi definition.");
    }
    const Json schemes = schemes_of(context, source, auth);
    if (!schemes.empty()) {
        if (!is_truthy(body, "components")) body["components"] = Json::object();
        for (const auto& [name, scheme] : schemes.items()) {
            body["components"]["securitySchemes"][name] = scheme;
        }
    }
    const Json* fallback = given(auth, "DefaultAuthorizer");
    if (!is_truthy(fallback) || is_no_value(fallback)) return;
    expect_string(source.id, *fallback, "Auth.DefaultAuthorizer");
    const std::string name = fallback->get<std::string>();
    if (!schemes.contains(name)) {
        throw SamProblem::resource(
            source.id, fmt::format("Unable to set DefaultAuthorizer because '{}' was not defined "
                                   "in 'Authorizers'.",
                                   name));
    }
    const Json scopes = default_scopes(auth, name);
    for (const auto& [path, item] : body["paths"].items()) {
        apply_default_to_path(body, path, name, scopes);
    }
}

void add_http_authorizer_permissions(Context& context, const Source& source, const Json& auth) {
    const Json* authorizers = given(auth, "Authorizers");
    if (!is_truthy(authorizers)) return;
    for (const auto& [name, settings] : authorizers->items()) {
        if (!is_truthy(settings, "FunctionArn") ||
            !is_truthy(settings, "EnableFunctionDefaultPermissions")) {
            continue;
        }
        add_authorizer_permission(context, source, source.id + name + "AuthorizerPermission",
                                  settings["FunctionArn"], "${AWS::Partition}");
    }
}

}  // namespace skafu::cloudformation::sam

#include "cloudformation/sam/api_auth.h"

#include <set>

#include "cloudformation/sam/api_body.h"
#include "cloudformation/sam/api_policy.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr const char* kIam = "AWS_IAM";
constexpr const char* kDefinitions = "securityDefinitions";

Json iam_scheme() {
    return Json{{"type", "apiKey"},
                {"name", "Authorization"},
                {"in", "header"},
                {"x-amazon-apigateway-authtype", "awsSigv4"}};
}

/// Adds a definition unless the document has one of that name.
void define(Json& body, const std::string& name, Json scheme) {
    if (!is_truthy(body, kDefinitions)) body[kDefinitions] = Json::object();
    if (!body[kDefinitions].is_object()) {
        throw SamProblem::document("securityDefinitions must be a dictionary.");
    }
    if (!body[kDefinitions].contains(name)) body[kDefinitions][name] = std::move(scheme);
}

void define_key(Json& body) {
    define(body, "api_key", Json{{"type", "apiKey"}, {"name", "x-api-key"}, {"in", "header"}});
}

/// One entry of Auth.Authorizers of an API.
class Authorizer {
  public:
    Authorizer(const Context& context, const std::string& api, const std::string& name,
               const Json& settings)
        : context_(context), api_(api), name_(name), settings_(settings) {
        check();
    }

    Json scheme() const {
        const bool pool = is_truthy(settings_, "UserPoolArn");
        Json result = {{"type", "apiKey"}, {"name", header_name()}, {"in", "header"}};
        result["x-amazon-apigateway-authtype"] = pool ? "cognito_user_pools" : "custom";
        Json details = Json::object();
        if (pool) {
            const Json& arns = settings_["UserPoolArn"];
            details["type"] = "cognito_user_pools";
            details["providerARNs"] = arns.is_array() ? arns : Json::array({arns});
        } else {
            add_function(details);
        }
        const Json* expression =
            identity() == nullptr ? nullptr : given(*identity(), "ValidationExpression");
        if ((pool || !is_request()) && is_truthy(expression)) {
            details["identityValidationExpression"] = *expression;
        }
        result["x-amazon-apigateway-authorizer"] = std::move(details);
        return result;
    }

  private:
    SamProblem problem(const std::string& why) const { return SamProblem::resource(api_, why); }

    const Json* identity() const {
        const Json* identity = given(settings_, "Identity");
        return is_truthy(identity) ? identity : nullptr;
    }

    bool is_request() const { return string_member(settings_, "FunctionPayloadType") == "REQUEST"; }

    void check() const {
        const Json* type = given(settings_, "FunctionPayloadType");
        if (type != nullptr && *type != "TOKEN" && *type != "REQUEST") {
            throw problem(fmt::format("{} Authorizer has invalid 'FunctionPayloadType': {}.", name_,
                                      printed(*type)));
        }
        if (is_request() && lacks_source()) {
            throw problem(
                fmt::format("{} Authorizer must specify Identity with at least one of Headers, "
                            "QueryStrings, StageVariables, or Context.",
                            name_));
        }
        if (const Json* scopes = given(settings_, "AuthorizationScopes")) {
            expect_list(api_, *scopes, fmt::format("Authorizers.{}.AuthorizationScopes", name_));
        }
        if (const Json* off = given(settings_, "DisableFunctionDefaultPermissions")) {
            expect_bool(api_, *off,
                        fmt::format("Authorizers.{}.DisableFunctionDefaultPermissions", name_));
        }
    }

    bool lacks_source() const {
        if (identity() == nullptr) return true;
        expect_map(api_, *identity(), fmt::format("Authorizer.{}.Identity", name_));
        for (const std::string_view name :
             {"Headers", "QueryStrings", "StageVariables", "Context"}) {
            if (is_truthy(*identity(), name)) return false;
        }
        // Without caching the authorizer is asked for every request: it needs no key.
        const Json* ttl = given(*identity(), "ReauthorizeEvery");
        return ttl == nullptr || (*ttl != 0 && *ttl != "0");
    }

    Json header_name() const {
        if (!is_truthy(settings_, "UserPoolArn") && is_request()) return "Unused";
        if (identity() != nullptr && !identity()->is_object()) {
            throw problem(
                "Auth.Authorizers.<Authorizer>.Identity must be a dict "
                "(LambdaTokenAuthorizationIdentity, LambdaRequestAuthorizationIdentity or "
                "CognitoAuthorizationIdentity).");
        }
        const Json* header = identity() == nullptr ? nullptr : given(*identity(), "Header");
        return is_truthy(header) ? *header : Json("Authorization");
    }

    void add_function(Json& details) const {
        details["type"] = is_request() ? "request" : "token";
        const Json* function = given(settings_, "FunctionArn");
        details["authorizerUri"] =
            authorizer_uri(context_.partition(), function == nullptr ? Json() : *function);
        const Json* ttl = identity() == nullptr ? nullptr : given(*identity(), "ReauthorizeEvery");
        if (ttl != nullptr) details["authorizerResultTtlInSeconds"] = *ttl;
        const Json* role = given(settings_, "FunctionInvokeRole");
        if (is_truthy(role) && *role != "NONE") details["authorizerCredentials"] = *role;
        if (!is_request()) return;
        const std::string source = identity_source();
        if (!source.empty()) details["identitySource"] = source;
    }

    /// The parts of a request that a REQUEST authorizer looks at.
    std::string identity_source() const {
        constexpr std::pair<const char*, const char*> kinds[] = {
            {"Headers", "method.request.header."},
            {"QueryStrings", "method.request.querystring."},
            {"StageVariables", "stageVariables."},
            {"Context", "context."}};
        std::vector<std::string> parts;
        for (const auto& [name, prefix] : kinds) {
            const Json* list = identity() == nullptr ? nullptr : given(*identity(), name);
            if (!is_truthy(list)) continue;
            expect_strings(api_, *list,
                           fmt::format("Auth.Authorizers.{}.Identity.{}", name_, name));
            for (const Json& part : *list) parts.push_back(prefix + part.get<std::string>());
        }
        return fmt::format("{}", fmt::join(parts, ", "));
    }

    const Context& context_;
    const std::string& api_;
    const std::string& name_;
    const Json& settings_;
};

Json scopes_of(const Json* authorizers, const std::string& name) {
    const Json* authorizer = authorizers == nullptr ? nullptr : given(*authorizers, name);
    const Json* scopes =
        authorizer == nullptr ? nullptr : given(*authorizer, "AuthorizationScopes");
    return scopes != nullptr ? *scopes : Json::array();
}

void check_security(const Json& entry, const std::string& path, const std::string& method) {
    if (entry.is_object()) return;
    throw SamProblem::document(
        fmt::format("{} in Security for path {} method {} is not a valid "
                    "dictionary.",
                    printed(entry), path, method));
}

/// Splits the security of a method into what `names` covers and the rest.
std::pair<Json, Json> split_security(const Json& method, const std::string& path,
                                     const std::string& name, const std::set<std::string>& names) {
    Json matching = Json::array();
    Json others = Json::array();
    const Json security = security_of(method, path, name);
    for (const Json& entry : security) {
        check_security(entry, path, name);
        const bool matches = std::any_of(names.begin(), names.end(), [&](const std::string& known) {
            return entry.contains(known);
        });
        (matches ? matching : others).push_back(entry);
    }
    return {std::move(matching), std::move(others)};
}

/// Takes the first entry with this name away; false when there is none.
bool take_mark(Json& list, const std::string& name) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list[i].contains(name)) continue;
        list.erase(list.begin() + static_cast<Json::difference_type>(i));
        return true;
    }
    return false;
}

void set_security(Json& body, Json& method, const Json& security) {
    if (security.empty()) return;
    method["security"] = security;
    if (security[0].contains(kIam)) define(body, kIam, iam_scheme());
}

void apply_default(Json& body, const std::string& path, const std::string& fallback,
                   const Json* authorizers, bool with_options) {
    std::set<std::string> names = {kIam};
    if (authorizers != nullptr) {
        for (const auto& [name, settings] : authorizers->items()) names.insert(name);
    }
    visit_methods(body, path, [&](const std::string& name, Json& method) {
        if (name == "options" && !with_options) return;
        auto [own, security] = split_security(method, path, name, names);
        if (!take_mark(security, "NONE")) {
            if (own.empty()) own.push_back(Json{{fallback, scopes_of(authorizers, fallback)}});
            for (const Json& entry : own) security.push_back(entry);
        }
        set_security(body, method, security);
    });
}

void apply_keys(Json& body, const std::string& path, bool with_options) {
    visit_methods(body, path, [&](const std::string& name, Json& method) {
        auto [own, security] = split_security(method, path, name, {"api_key", "api_key_false"});
        const bool refused = take_mark(own, "api_key_false");
        if (!refused && (name != "options" || with_options)) {
            security.push_back(Json{{"api_key", Json::array()}});
        }
        if (security != security_of(method, path, name)) method["security"] = security;
    });
}

std::vector<std::string> paths_of(const Json& body) {
    std::vector<std::string> paths;
    for (const auto& [path, item] : body["paths"].items()) paths.push_back(path);
    return paths;
}

std::string checked_default(const Source& source, const Json& auth, const Json* authorizers) {
    const Json* name = given(auth, "DefaultAuthorizer");
    if (!is_truthy(name)) return "";
    if (!name->is_string()) {
        throw SamProblem::resource(source.id, "DefaultAuthorizer is not a string.");
    }
    const std::string fallback = name->get<std::string>();
    if (fallback != kIam && (authorizers == nullptr || !is_truthy(*authorizers, fallback))) {
        throw SamProblem::resource(
            source.id, fmt::format("Unable to set DefaultAuthorizer because '{}' was not defined "
                                   "in 'Authorizers'.",
                                   fallback));
    }
    return fallback;
}

void add_authorizers(const Context& context, const Source& source, const Json& auth, Json& body) {
    const Json* authorizers = given(auth, "Authorizers");
    const Json* name = given(auth, "DefaultAuthorizer");
    const bool iam = name != nullptr && *name == kIam;
    if (!is_truthy(authorizers)) authorizers = nullptr;
    if (authorizers == nullptr && !iam) return;
    Json schemes = Json::object();
    if (iam) schemes[kIam] = iam_scheme();
    if (authorizers != nullptr) {
        expect_map(source.id, *authorizers, "Auth.Authorizers");
        for (const auto& [key, settings] : authorizers->items()) {
            expect_map(source.id, settings, "Auth.Authorizers." + key);
            schemes[key] = Authorizer(context, source.id, key, settings).scheme();
        }
    }
    if (!is_truthy(body, kDefinitions)) body[kDefinitions] = Json::object();
    for (auto& [key, scheme] : schemes.items()) body[kDefinitions][key] = std::move(scheme);
    const std::string fallback = checked_default(source, auth, authorizers);
    if (fallback.empty()) return;
    const Json* preflight = given(auth, "AddDefaultAuthorizerToCorsPreflight");
    for (const std::string& path : paths_of(body)) {
        apply_default(body, path, fallback, authorizers,
                      preflight == nullptr || is_truthy(preflight));
    }
}

/// Problems of an event's Authorizer; `authorizers` are those of the API.
void check_authorizer(const EventSource& event, const std::string& api_id, const Json& api_auth,
                      const Json& authorizer) {
    const std::string place = fmt::format("on API method [{}] for path [{}]",
                                          lower_case(string_member(event.properties, "Method")),
                                          string_member(event.properties, "Path"));
    const std::string what =
        fmt::format("Unable to set Authorizer [{}] {}", printed(authorizer), place);
    const Json* authorizers = given(api_auth, "Authorizers");
    if (authorizer == kIam) return;
    if (authorizer == "NONE") {
        if (is_truthy(api_auth, "DefaultAuthorizer")) return;
        throw event.problem(
            fmt::format("Unable to set Authorizer {} because 'NONE' is only a valid value when a "
                        "DefaultAuthorizer on the API is specified.",
                        place));
    }
    if (!is_truthy(authorizers)) {
        throw event.problem(what + " because the related API does not define any Authorizers.");
    }
    expect_map(api_id, *authorizers, "Auth.Authorizers");
    if (!authorizer.is_string()) {
        throw event.problem(what +
                            ". The method authorizer must be a string with a corresponding dict "
                            "entry in the api authorizer.");
    }
    if (!is_truthy(*authorizers, authorizer.get<std::string>())) {
        throw event.problem(what + " because it wasn't defined in the API's Authorizers.");
    }
}

void set_authorizer(const EventSource& event, const Json& api, const Json& auth, Json& body) {
    const std::string path = string_member(event.properties, "Path");
    const std::string key = method_key(string_member(event.properties, "Method"));
    const std::string name = auth["Authorizer"].get<std::string>();
    const Json* api_auth = given(api, "Auth");
    const Json* authorizers = api_auth == nullptr ? nullptr : given(*api_auth, "Authorizers");
    const Json* scopes = given(auth, "AuthorizationScopes");
    const bool known =
        name != "NONE" && authorizers != nullptr && given(*authorizers, name) != nullptr;
    for (Json* method : method_definitions(body, path, key)) {
        Json security = security_of(*method, path, key);
        Json wanted = known ? scopes_of(authorizers, name) : Json::array();
        if (known && scopes != nullptr) wanted = *scopes;
        security.push_back(Json{{name, std::move(wanted)}});
        set_security(body, *method, security);
    }
}

void set_key(const EventSource& event, bool required, Json& body) {
    const std::string path = string_member(event.properties, "Path");
    const std::string key = method_key(string_member(event.properties, "Method"));
    for (Json* method : method_definitions(body, path, key)) {
        if (required) define_key(body);
        Json security = security_of(*method, path, key);
        // The mark keeps the API's own setting away; it is taken out when that is applied.
        security.push_back(Json{{required ? "api_key" : "api_key_false", Json::array()}});
        (*method)["security"] = std::move(security);
    }
}

}  // namespace

Json authorizer_uri(const std::string& partition, const Json& function_arn) {
    return sub(fmt::format("arn:{}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/"
                           "${{__FunctionArn__}}/invocations",
                           partition),
               Json{{"__FunctionArn__", function_arn}});
}

void add_authorizer_permission(Context& context, const Source& source, const std::string& id,
                               const Json& function_arn, const std::string& partition) {
    Json arn = sub(fmt::format("arn:{}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:"
                               "${{__ApiId__}}/authorizers/*",
                               partition),
                   Json{{"__ApiId__", ref_to(source.id)}});
    Json permission = {{"Action", "lambda:InvokeFunction"},
                       {"FunctionName", function_arn},
                       {"Principal", "apigateway.amazonaws.com"},
                       {"SourceArn", std::move(arn)}};
    context.add(
        source.id, id,
        make_resource("AWS::Lambda::Permission", std::move(permission), source.attributes()));
}

void add_authorizer_permissions(Context& context, const Source& source, const Json& auth) {
    const Json* authorizers = given(auth, "Authorizers");
    if (!is_truthy(authorizers)) return;
    for (const auto& [name, authorizer] : authorizers->items()) {
        if (!is_truthy(authorizer, "FunctionArn") ||
            is_truthy(authorizer, "DisableFunctionDefaultPermissions")) {
            continue;
        }
        add_authorizer_permission(context, source, source.id + name + "AuthorizerPermission",
                                  authorizer["FunctionArn"], context.partition());
    }
}

void add_credentials(const EventSource& event, const Json& api, Json& integration) {
    const Json* own = event.find("Auth");
    const Json* of_api = given(api, "Auth");
    const auto name = [](const Json* auth, std::string_view member) {
        const Json* value = auth == nullptr ? nullptr : given(*auth, member);
        return value == nullptr ? Json() : *value;
    };
    const bool guarded = name(own, "Authorizer") == kIam ||
                         (name(of_api, "DefaultAuthorizer") == kIam && !is_truthy(own));
    if (!guarded) return;
    const auto role_of = [&](const Json* auth) {
        if (auth == nullptr || !auth->contains("InvokeRole")) return Json();
        return is_truthy(*auth, "InvokeRole") ? (*auth)["InvokeRole"] : Json("NONE");
    };
    Json role = role_of(own);
    if (role.is_null()) role = role_of(of_api);
    if (role.is_null() || role == "CALLER_CREDENTIALS") {
        role = fmt::format("arn:{}:iam::*:user/*", event.context.partition());
    }
    if (role != "NONE") integration["credentials"] = std::move(role);
}

void add_method_auth(const EventSource& event, const Json& api, const std::string& api_id,
                     const std::string& stage, Json& body) {
    const Json* auth = event.find("Auth");
    if (!is_truthy(auth)) return;
    const Json* own = given(api, "Auth");
    const Json api_auth = own == nullptr ? Json::object() : event.context.resolve(*own);
    const Json* authorizer = given(*auth, "Authorizer");
    if (is_truthy(authorizer)) check_authorizer(event, api_id, api_auth, *authorizer);
    const Json* scopes = given(*auth, "AuthorizationScopes");
    if (is_truthy(scopes) && !scopes->is_array()) {
        throw event.problem("Property 'Auth.AuthorizationScopes' should be a list.");
    }
    const Json* key = given(*auth, "ApiKeyRequired");
    if (key != nullptr && !is_truthy(key) && !is_truthy(api_auth, "ApiKeyRequired")) {
        throw event.problem(
            fmt::format("Unable to set ApiKeyRequired [False] on API method [{}] for path [{}] "
                        "because the related API does not specify any ApiKeyRequired.",
                        lower_case(string_member(event.properties, "Method")),
                        string_member(event.properties, "Path")));
    }
    if (is_truthy(authorizer)) set_authorizer(event, api, *auth, body);
    if (key != nullptr) set_key(event, is_truthy(key), body);
    const Json* policy = given(*auth, "ResourcePolicy");
    if (!is_truthy(policy)) return;
    if (!policy->is_object()) {
        throw event.problem("Property 'Auth.ResourcePolicy' should be a map.");
    }
    add_resource_policy(*policy, string_member(event.properties, "Path"), stage, body);
    add_custom_statements(*policy, body);
}

void add_api_auth(const Context& context, const Source& source, const Json& auth, Json& body) {
    static const std::set<std::string_view> known = {"Authorizers",
                                                     "DefaultAuthorizer",
                                                     "InvokeRole",
                                                     "AddDefaultAuthorizerToCorsPreflight",
                                                     "AddApiKeyRequiredToCorsPreflight",
                                                     "ApiKeyRequired",
                                                     "ResourcePolicy",
                                                     "UsagePlan"};
    for (const auto& [name, value] : auth.items()) {
        if (!known.contains(name)) {
            throw SamProblem::resource(source.id, "Invalid value for 'Auth' property");
        }
    }
    if (!is_swagger(&body)) {
        throw SamProblem::resource(source.id,
                                   "Unable to add Auth configuration because 'DefinitionBody' does "
                                   "not contain a valid Swagger definition.");
    }
    check_paths(body);
    add_authorizers(context, source, auth, body);
    if (is_truthy(auth, "ApiKeyRequired")) {
        define_key(body);
        const Json* preflight = given(auth, "AddApiKeyRequiredToCorsPreflight");
        for (const std::string& path : paths_of(body)) {
            apply_keys(body, path, preflight == nullptr || is_truthy(preflight));
        }
    }
    const Json* policy = given(auth, "ResourcePolicy");
    if (!is_truthy(policy)) return;
    if (!policy->is_object()) {
        throw SamProblem::document("ResourcePolicy must be a map (ResourcePolicyStatement).");
    }
    const Json* stage = source.find("StageName");
    for (const std::string& path : paths_of(body)) {
        add_resource_policy(*policy, path, stage == nullptr ? Json() : *stage, body);
    }
    add_custom_statements(*policy, body);
}

}  // namespace skafu::cloudformation::sam

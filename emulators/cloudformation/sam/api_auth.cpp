#include "cloudformation/sam/api_auth.h"

#include <set>

#include "cloudformation/sam/api_events.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr std::string_view kIam = "AWS_IAM";

const Json& member_or_none(const Json& object, std::string_view name) {
    static const Json none = Json::object();
    const Json* found = find_member(object, name);
    return found != nullptr ? *found : none;
}

bool is_true(const Json& object, std::string_view name) {
    const Json* found = find_member(object, name);
    return found != nullptr && *found == true;
}

Json iam_scheme() {
    return Json{{"type", "apiKey"},
                {"name", "Authorization"},
                {"in", "header"},
                {"x-amazon-apigateway-authtype", "awsSigv4"}};
}

Json key_scheme() {
    return Json{{"type", "apiKey"}, {"name", "x-api-key"}, {"in", "header"}};
}

/// The parts of a request that a REQUEST authorizer looks at.
Json identity_source(const Json& identity) {
    std::vector<std::string> parts;
    const auto add = [&](std::string_view property, std::string_view prefix) {
        const Json& list = member_or_none(identity, property);
        if (!list.is_array()) return;
        for (const Json& name : list) {
            if (name.is_string()) {
                parts.push_back(std::string(prefix) + name.get<std::string>());
            }
        }
    };
    add("Headers", "method.request.header.");
    add("QueryStrings", "method.request.querystring.");
    add("StageVariables", "stageVariables.");
    add("Context", "context.");
    if (parts.empty()) return Json();
    return fmt::format("{}", fmt::join(parts, ", "));
}

Json authorizer_scheme(const Context& context, const Source& source, const std::string& name,
                       const Json& authorizer) {
    const Json& identity = member_or_none(authorizer, "Identity");
    const Json* pools = find_member(authorizer, "UserPoolArn");
    const Json* function = find_member(authorizer, "FunctionArn");
    const bool request = string_member(authorizer, "FunctionPayloadType", "TOKEN") == "REQUEST";
    Json scheme = {
        {"type", "apiKey"},
        {"name", request ? Json("Unused") : identity.value("Header", Json("Authorization"))},
        {"in", "header"}};
    Json details = Json::object();
    if (pools != nullptr) {
        scheme["x-amazon-apigateway-authtype"] = "cognito_user_pools";
        details["type"] = "cognito_user_pools";
        details["providerARNs"] = pools->is_array() ? *pools : Json::array({*pools});
    } else if (function != nullptr) {
        scheme["x-amazon-apigateway-authtype"] = "custom";
        details["type"] = request ? "request" : "token";
        details["authorizerUri"] = authorizer_uri(context.partition(), *function);
        const Json* role = find_member(authorizer, "FunctionInvokeRole");
        if (role != nullptr && *role != "NONE") details["authorizerCredentials"] = *role;
        if (request) {
            const Json sources = identity_source(identity);
            if (!sources.is_null()) details["identitySource"] = sources;
            const Json* ttl = find_member(identity, "ReauthorizeEvery");
            if (sources.is_null() && (ttl == nullptr || *ttl != 0)) {
                throw SamProblem::resource(
                    source.id,
                    fmt::format("{} Authorizer must specify Identity with at least one of "
                                "Headers, QueryStrings, StageVariables, or Context.",
                                name));
            }
        }
    } else {
        throw SamProblem::resource(
            source.id,
            fmt::format("{} Authorizer must specify a UserPoolArn or FunctionArn.", name));
    }
    if (const Json* ttl = find_member(identity, "ReauthorizeEvery")) {
        details["authorizerResultTtlInSeconds"] = *ttl;
    }
    if (const Json* expression = find_member(identity, "ValidationExpression")) {
        details["identityValidationExpression"] = *expression;
    }
    scheme["x-amazon-apigateway-authorizer"] = std::move(details);
    return scheme;
}

Json scopes_of(const Json& authorizers, const std::string& name) {
    const Json* authorizer = find_member(authorizers, name);
    const Json* scopes =
        authorizer == nullptr ? nullptr : find_member(*authorizer, "AuthorizationScopes");
    return scopes != nullptr ? *scopes : Json::array();
}

void for_each_method(Json& body,
                     const std::function<void(const std::string& name, Json& method)>& visit) {
    static const std::set<std::string_view> methods = {
        "get",    "put",     "post",
        "delete", "options", "head",
        "patch",  "trace",   "x-amazon-apigateway-any-method"};
    if (!body.contains("paths") || !body["paths"].is_object()) return;
    for (auto& [path, entry] : body["paths"].items()) {
        if (!entry.is_object()) continue;
        for (Json* item : path_items(entry)) {
            for (auto& [name, method] : item->items()) {
                if (!methods.contains(name)) continue;
                for (Json* branch : path_items(method)) visit(name, *branch);
            }
        }
    }
}

bool has_security(const Json& method, const std::function<bool(const std::string&)>& matches) {
    const Json& list = member_or_none(method, "security");
    if (!list.is_array()) return false;
    for (const Json& entry : list) {
        if (!entry.is_object()) continue;
        for (const auto& [name, scopes] : entry.items()) {
            if (matches(name)) return true;
        }
    }
    return false;
}

void apply_default_authorizer(const Json& auth, const std::string& name, Json& body) {
    const Json& authorizers = member_or_none(auth, "Authorizers");
    const Json* preflight = find_member(auth, "AddDefaultAuthorizerToCorsPreflight");
    const bool with_options = preflight == nullptr || *preflight == true;
    for_each_method(body, [&](const std::string& method_name, Json& method) {
        if (method_name == "options" && !with_options) return;
        const bool decided = has_security(method, [&](const std::string& scheme) {
            return scheme == "NONE" || scheme == kIam || authorizers.contains(scheme);
        });
        if (decided) return;
        Json list = method.value("security", Json::array());
        list.push_back(Json{{name, scopes_of(authorizers, name)}});
        method["security"] = std::move(list);
    });
}

void apply_api_key(const Json& auth, Json& body) {
    const Json* preflight = find_member(auth, "AddApiKeyRequiredToCorsPreflight");
    const bool with_options = preflight == nullptr || *preflight == true;
    for_each_method(body, [&](const std::string& method_name, Json& method) {
        if (method_name == "options" && !with_options) return;
        if (has_security(method, [](const std::string& scheme) {
                return scheme == "api_key" || scheme == "api_key_false";
            })) {
            return;
        }
        Json list = method.value("security", Json::array());
        list.push_back(Json{{"api_key", Json::array()}});
        method["security"] = std::move(list);
    });
}

/// A method that refuses the API's key says so with a mark that does not stay.
void drop_marks(Json& body) {
    for_each_method(body, [](const std::string&, Json& method) {
        if (!method.contains("security") || !method["security"].is_array()) return;
        Json kept = Json::array();
        for (const Json& entry : method["security"]) {
            if (!entry.is_object() || !entry.contains("api_key_false")) kept.push_back(entry);
        }
        if (kept.empty())
            method.erase("security");
        else
            method["security"] = std::move(kept);
    });
}

void add_resource_policy(const Source& source, const Json& policy, Json& body) {
    if (!policy.is_object()) {
        throw SamProblem::document("ResourcePolicy must be a map (ResourcePolicyStatement).");
    }
    const Json* statements = find_member(policy, "CustomStatements");
    if (statements == nullptr) return;
    (void)source;
    body["x-amazon-apigateway-policy"] =
        Json{{"Version", "2012-10-17"}, {"Statement", *statements}};
}

}  // namespace

Json authorizer_uri(const std::string& partition, const Json& function_arn) {
    return Json{
        {"Fn::Sub",
         Json::array({fmt::format("arn:{}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/"
                                  "functions/${{__FunctionArn__}}/invocations",
                                  partition),
                      Json{{"__FunctionArn__", function_arn}}})}};
}

void add_authorizer_permission(Context& context, const Source& source, const std::string& name,
                               const Json& function_arn, const std::string& partition) {
    Json arn = {{"Fn::Sub",
                 Json::array({fmt::format("arn:{}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:"
                                          "${{__ApiId__}}/authorizers/*",
                                          partition),
                              Json{{"__ApiId__", ref_to(source.id)}}})}};
    Json permission = {{"Action", "lambda:InvokeFunction"},
                       {"FunctionName", function_arn},
                       {"Principal", "apigateway.amazonaws.com"},
                       {"SourceArn", std::move(arn)}};
    context.add(
        source.id, source.id + name + "AuthorizerPermission",
        make_resource("AWS::Lambda::Permission", std::move(permission), source.attributes()));
}

void add_security_scheme(Json& body, const std::string& name, Json scheme) {
    if (body.contains("openapi")) {
        if (!body.contains("components") || !body["components"].is_object()) {
            body["components"] = Json::object();
        }
        body["components"]["securitySchemes"][name] = std::move(scheme);
    } else {
        body["securityDefinitions"][name] = std::move(scheme);
    }
}

void add_method_auth(const EventSource& event, const Json& api, Json& method) {
    const Json& auth = member_or_none(event.properties, "Auth");
    const Json& api_auth = member_or_none(api, "Auth");
    const Json& authorizers = member_or_none(api_auth, "Authorizers");
    const std::string fallback = string_member(api_auth, "DefaultAuthorizer");
    const std::string name = string_member(auth, "Authorizer");
    const std::string place =
        fmt::format("on API method [{}] for path [{}]", string_member(event.properties, "Method"),
                    string_member(event.properties, "Path"));
    Json security = Json::array();
    if (!name.empty() && name != "NONE" && name != kIam) {
        if (find_member(api_auth, "Authorizers") == nullptr) {
            throw event.problem(
                fmt::format("Unable to set Authorizer [{}] {} because the related "
                            "API does not define any Authorizers.",
                            name, place));
        }
        if (!authorizers.contains(name)) {
            throw event.problem(
                fmt::format("Unable to set Authorizer [{}] {} because it wasn't "
                            "defined in the API's Authorizers.",
                            name, place));
        }
    }
    if (name == "NONE" && fallback.empty()) {
        throw event.problem(
            fmt::format("Unable to set Authorizer {} because 'NONE' is only a valid "
                        "value when a DefaultAuthorizer on the API is specified.",
                        place));
    }
    const std::string effective = name.empty() ? fallback : name;
    const Json* scopes = find_member(auth, "AuthorizationScopes");
    if (!name.empty() || (scopes != nullptr && !effective.empty())) {
        security.push_back(
            Json{{effective, scopes != nullptr ? *scopes : scopes_of(authorizers, effective)}});
    }
    if (const Json* key = find_member(auth, "ApiKeyRequired")) {
        security.push_back(Json{{*key == true ? "api_key" : "api_key_false", Json::array()}});
    }
    if (!security.empty()) method["security"] = std::move(security);
    if (effective != kIam) return;
    const Json* role = find_member(auth, "InvokeRole");
    if (role == nullptr) role = find_member(api_auth, "InvokeRole");
    Json credentials = fmt::format("arn:{}:iam::*:user/*", event.context.partition());
    if (role != nullptr && *role != "CALLER_CREDENTIALS") credentials = *role;
    if (credentials == "NONE" || is_no_value(role)) return;
    method["x-amazon-apigateway-integration"]["credentials"] = std::move(credentials);
}

void add_api_auth(Context& context, const Source& source, Json& body) {
    const Json& auth = member_or_none(source.properties, "Auth");
    const Json& authorizers = member_or_none(auth, "Authorizers");
    const Json* default_name = find_member(auth, "DefaultAuthorizer");
    if (default_name != nullptr && !default_name->is_string()) {
        throw SamProblem::resource(source.id, "DefaultAuthorizer is not a string.");
    }
    const std::string fallback = default_name == nullptr ? "" : default_name->get<std::string>();
    if (!auth.empty() && (!body.contains("paths") || !body["paths"].is_object())) {
        throw SamProblem::resource(source.id,
                                   "Unable to add Auth configuration because 'DefinitionBody' does "
                                   "not contain a valid Swagger definition.");
    }
    for (const auto& [name, authorizer] : authorizers.items()) {
        add_security_scheme(body, name, authorizer_scheme(context, source, name, authorizer));
        const Json* function = find_member(authorizer, "FunctionArn");
        if (function != nullptr && !is_true(authorizer, "DisableFunctionDefaultPermissions")) {
            add_authorizer_permission(context, source, name, *function, context.partition());
        }
    }
    if (!fallback.empty() && fallback != kIam && !authorizers.contains(fallback)) {
        throw SamProblem::resource(
            source.id, fmt::format("Unable to set DefaultAuthorizer because '{}' was not "
                                   "defined in 'Authorizers'.",
                                   fallback));
    }
    if (!fallback.empty()) apply_default_authorizer(auth, fallback, body);
    if (is_true(auth, "ApiKeyRequired")) apply_api_key(auth, body);
    bool iam = false;
    bool key = false;
    for_each_method(body, [&](const std::string&, Json& method) {
        iam = iam || has_security(method, [](const std::string& name) { return name == kIam; });
        key =
            key || has_security(method, [](const std::string& name) { return name == "api_key"; });
    });
    if (iam) add_security_scheme(body, std::string(kIam), iam_scheme());
    if (key) add_security_scheme(body, "api_key", key_scheme());
    drop_marks(body);
    if (const Json* policy = find_member(auth, "ResourcePolicy")) {
        add_resource_policy(source, *policy, body);
    }
}

}  // namespace skafu::cloudformation::sam

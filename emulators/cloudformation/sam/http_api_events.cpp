#include "cloudformation/sam/api_body.h"
#include "cloudformation/sam/http_api.h"
#include "cloudformation/sam/implicit_api.h"

namespace skafu::cloudformation::sam {
namespace {

// HTTP APIs leave the partition to CloudFormation, unlike REST APIs.
constexpr const char* kPartitionVariable = "${AWS::Partition}";
constexpr const char* kDefaultPath = "$default";
constexpr const char* kNoDocument =
    "Invalid OpenApi document. Invalid values or missing keys for 'openapi' or 'paths' in "
    "'DefinitionBody'.";

struct Route {
    std::string path;
    std::string method;  ///< as it is written, in small letters
    std::string key;     ///< of the document
};

Route route_of_event(const EventSource& event) {
    const std::string method = lower_case(string_member(event.properties, "Method"));
    return {string_member(event.properties, "Path"), method, method_key(method)};
}

std::string api_of_event(const EventSource& event) {
    const Json& api = *event.find("ApiId");
    return api.is_string() ? api.get<std::string>() : string_member(api, "Ref");
}

/// True where the default route of the API leads to this function: its permission covers all.
bool has_default_route(const EventSource& event, Json& body) {
    if (!has_integration(body, kDefaultPath, kAnyMethod)) return false;
    const std::string wanted = "${" + event.owner.id + ".Arn}";
    for (const Json* method : method_definitions(body, kDefaultPath, kAnyMethod)) {
        Json uri = method->at(kIntegration).value("uri", Json());
        if (!uri.is_object()) return false;
        for (const Json* branch : branches(uri)) {
            if (string_member(*branch, "Fn::Sub").find(wanted) == std::string::npos) return false;
        }
    }
    return true;
}

void add_http_permission(const EventSource& event, const Route& route, Json& api) {
    std::string path = route.path;
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (is_truthy(api, "DefinitionBody")) {
        if (!is_openapi_3(&api["DefinitionBody"])) {
            throw SamProblem::resource(
                api_of_event(event),
                fmt::format("Structure of the SAM template is invalid. {}", kNoDocument));
        }
        if (path != kDefaultPath && has_default_route(event, api["DefinitionBody"])) return;
    }
    if (path == kDefaultPath) path.clear();
    std::string method = route.key == kAnyMethod ? "*" : route.method;
    for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const bool any_default = route.method == "any" && path == "/$default";
    const std::string target =
        any_default ? permission_path(path) : "/" + method + permission_path(path);
    Json arn = sub(fmt::format("arn:{}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:"
                               "${{__ApiId__}}/${{__Stage__}}{}",
                               kPartitionVariable, target),
                   Json{{"__ApiId__", *event.find("ApiId")}, {"__Stage__", "*"}});
    add_permission(event, "apigateway.amazonaws.com", arn);
}

void put_http_integration(const EventSource& event, const Route& route, Json& body) {
    if (has_integration(body, route.path, route.key)) return;
    add_path(body, route.path, route.key);
    const std::string condition = string_member(event.owner.resource, "Condition");
    const std::string id = string_member(event.target, "Ref");
    const std::string variable = id == event.owner.id ? "${" + id + ".Arn}" : "${" + id + "}";
    Json uri =
        sub(fmt::format("arn:{}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/"
                        "functions/{}/invocations",
                        kPartitionVariable, variable));
    for (Json* item : path_items(body, route.path)) {
        Json& method = (*item)[route.key];
        if (!method.is_object()) method = Json::object();
        method[kIntegration] = Json{{"type", "aws_proxy"},
                                    {"httpMethod", "POST"},
                                    {"payloadFormatVersion", "2.0"},
                                    {"uri", conditional(condition, uri)}};
        if (route.path == kDefaultPath && route.key == kAnyMethod) method["isDefaultRoute"] = true;
        if (!method.contains("responses")) method["responses"] = Json::object();
        if (!condition.empty()) method = conditional(condition, std::move(method));
    }
}

/// OpenAPI wants each {name} of a path declared.
void add_path_parameters(const Route& route, Json& body) {
    const std::string& path = route.path;
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
        const std::size_t end = path.find('}', at);
        if (end == std::string::npos) return;
        const std::string name = path.substr(at + 1, end - at - 1);
        for (Json* method : method_definitions(body, path, route.key)) {
            if (!method->contains("parameters")) (*method)["parameters"] = Json::array();
            Json& list = (*method)["parameters"];
            auto known = std::find_if(list.begin(), list.end(), [&](const Json& parameter) {
                return string_member(parameter, "name") == name;
            });
            if (known == list.end()) {
                list.push_back(Json{{"name", name}});
                known = std::prev(list.end());
            }
            (*known)["in"] = "path";
            (*known)["required"] = true;
        }
    }
}

/// The authorizer of an event, checked against those of its API. Throws SamProblem.
std::string checked_authorizer(const EventSource& event, const Route& route, const Json& auth,
                               const Json& api_auth) {
    const Json* own = given(auth, "Authorizer");
    const Json* fallback = given(api_auth, "DefaultAuthorizer");
    if (!is_truthy(own)) own = fallback;
    if (!is_truthy(own)) {
        throw event.problem(
            "'Auth' section requires either an explicit 'Authorizer' set or a 'DefaultAuthorizer' "
            "configured on the HttpApi.");
    }
    const std::string place =
        fmt::format("on API method [{}] for path [{}]", route.method, route.path);
    if (*own == "NONE") {
        if (is_truthy(fallback)) return "NONE";
        throw event.problem(
            fmt::format("Unable to set Authorizer {} because 'NONE' is only a valid value when a "
                        "DefaultAuthorizer on the API is specified.",
                        place));
    }
    const bool iam =
        api_auth.contains("EnableIamAuthorizer") && api_auth["EnableIamAuthorizer"] == true;
    if (*own == "AWS_IAM" && iam) return "AWS_IAM";
    const std::string what = fmt::format("Unable to set Authorizer [{}] {}", printed(*own), place);
    const Json* authorizers = given(api_auth, "Authorizers");
    if (authorizers != nullptr && authorizers->is_object() && authorizers->empty()) {
        authorizers = nullptr;
    }
    if (authorizers == nullptr && own->is_string()) {
        throw event.problem(what + " because the related API does not define any Authorizers.");
    }
    if (!own->is_string() || !authorizers->is_object()) {
        throw event.problem(what +
                            ". The method authorizer must be a string with a corresponding dict "
                            "entry in the api authorizer.");
    }
    if (!is_truthy(*authorizers, own->get<std::string>())) {
        throw event.problem(what + " because it wasn't defined in the API's Authorizers.");
    }
    return own->get<std::string>();
}

void add_http_method_auth(const EventSource& event, const Route& route, const Json& api,
                          Json& body) {
    const Json* auth = event.find("Auth");
    if (!is_truthy(auth)) return;
    const Json* of_api = given(api, "Auth");
    const Json api_auth = of_api == nullptr ? Json::object() : *of_api;
    expect_map(api_of_event(event), api_auth, "Auth");
    const std::string name = checked_authorizer(event, route, *auth, api_auth);
    const Json* scopes = given(*auth, "AuthorizationScopes");
    if (is_truthy(scopes) && !scopes->is_array()) {
        throw event.problem(
            fmt::format("Unable to set Authorizer on API method [{}] for path [{}] because "
                        "'AuthorizationScopes' must be a list of strings.",
                        route.method, route.path));
    }
    Json wanted = Json::array();
    if (name != "NONE" && name != "AWS_IAM") {
        const Json& authorizer = api_auth["Authorizers"][name];
        if (!authorizer.is_object()) {
            throw SamProblem::document(
                fmt::format("Type of authorizer '{}' must be a dictionary", name));
        }
        if (is_truthy(authorizer, "AuthorizationScopes")) {
            wanted = authorizer["AuthorizationScopes"];
        }
        if (is_truthy(scopes)) wanted = *scopes;
    }
    for (Json* method : method_definitions(body, route.path, route.key)) {
        Json security = security_of(*method, route.path, route.method);
        security.push_back(Json{{name, wanted}});
        (*method)["security"] = std::move(security);
    }
}

}  // namespace

void translate_http_api_event(const EventSource& event) {
    const Route route = route_of_event(event);
    Json& resource = event.context.resources()[api_of_event(event)];
    if (!resource.contains("Properties") || !resource["Properties"].is_object()) {
        resource["Properties"] = Json::object();
    }
    Json& api = resource["Properties"];
    add_http_permission(event, route, api);
    if (given(api, "DefinitionBody") == nullptr) return;
    Json& body = api["DefinitionBody"];
    if (!is_openapi_3(&body)) throw SamProblem::document(kNoDocument);
    if (is_truthy(api, kManaged) && has_integration(body, route.path, route.key)) {
        throw event.problem(fmt::format("API method '{}' defined multiple times for path '{}'.",
                                        route.method, route.path));
    }
    put_http_integration(event, route, body);
    add_http_method_auth(event, route, api, body);
    for (Json* method : method_definitions(body, route.path, route.key)) {
        if (const Json* timeout = event.find("TimeoutInMillis")) {
            (*method)[kIntegration]["timeoutInMillis"] = *timeout;
        }
        if (const Json* version = event.find("PayloadFormatVersion")) {
            (*method)[kIntegration]["payloadFormatVersion"] = *version;
        }
    }
    add_path_parameters(route, body);
}

}  // namespace skafu::cloudformation::sam

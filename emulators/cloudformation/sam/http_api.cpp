#include "cloudformation/sam/http_api.h"

#include "cloudformation/sam/api.h"
#include "cloudformation/sam/api_auth.h"
#include "cloudformation/sam/api_events.h"
#include "cloudformation/sam/function.h"
#include "cloudformation/sam/implicit_api.h"

namespace skafu::cloudformation::sam {
namespace {

// HTTP APIs leave the partition to CloudFormation, unlike REST APIs.
constexpr std::string_view kPartition = "${AWS::Partition}";
constexpr std::string_view kDefaultRoute = "$default";
constexpr std::string_view kAnyMethod = "x-amazon-apigateway-any-method";

Json empty_openapi() {
    return Json{{"openapi", "3.0.1"},
                {"info", {{"version", "1.0"}, {"title", ref_to("AWS::StackName")}}},
                {"paths", Json::object()}};
}

std::string api_id_of(const Json& properties) {
    const Json* api = find_member(properties, "ApiId");
    if (api == nullptr) return std::string(kImplicitHttpApi);
    return api->is_string() ? api->get<std::string>() : string_member(*api, "Ref");
}

/// Path and method of an event; without either it takes the default route.
std::pair<std::string, std::string> route_of(const Json& properties) {
    const std::string path = string_member(properties, "Path");
    if (path.empty()) return {std::string(kDefaultRoute), std::string(kAnyMethod)};
    return {path, method_key(string_member(properties, "Method", "any"))};
}

void add_route(const std::string& owner, const std::string& name, Json& body,
               const Json& properties) {
    const auto [path, method] = route_of(properties);
    if (!body.contains("paths") || !body["paths"].is_object()) body["paths"] = Json::object();
    Json& item = body["paths"][path];
    if (item.is_null()) item = Json::object();
    if (item.contains(method)) {
        throw SamProblem::resource(
            owner, fmt::format("Event with id [{}] is invalid. API method \"{}\" defined multiple "
                               "times for path \"{}\".",
                               name, method == kAnyMethod ? "any" : method, path));
    }
    item[method] = Json::object();
}

std::string http_arn_path(std::string path) {
    std::string result;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '{') {
            result += path[i];
            continue;
        }
        result += '*';
        i = std::min(path.find('}', i), path.size());
    }
    return result.starts_with('/') ? result : "/" + result;
}

/// OpenAPI wants each {name} of a path declared.
Json path_parameters(const std::string& path) {
    Json list = Json::array();
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
        const std::size_t end = path.find('}', at);
        if (end == std::string::npos) break;
        list.push_back(
            {{"name", path.substr(at + 1, end - at - 1)}, {"in", "path"}, {"required", true}});
    }
    return list;
}

Json lower_keys(const Json& configuration) {
    Json result = Json::object();
    for (const auto& [name, value] : configuration.items()) {
        std::string key = name;
        key[0] = static_cast<char>(std::tolower(key[0]));
        result[key] = value;
    }
    return result;
}

Json cors_of(const Json& setting) {
    if (setting == true) return Json{{"allowOrigins", Json::array({"*"})}};
    if (setting.is_object() && setting.contains("Fn::If")) {
        Json result = setting;
        for (std::size_t i = 1; i < result["Fn::If"].size(); ++i) {
            Json& branch = result["Fn::If"][i];
            if (branch.is_object() && !is_function(branch)) branch = lower_keys(branch);
        }
        return result;
    }
    return is_function(setting) ? setting : lower_keys(setting);
}

Json authorizer_scheme(const Json& authorizer) {
    const Json* function = find_member(authorizer, "FunctionArn");
    Json details = Json::object();
    if (function == nullptr) {
        details["type"] = "jwt";
        if (const Json* jwt = find_member(authorizer, "JwtConfiguration")) {
            Json configuration = Json::object();
            for (const auto& [name, value] : jwt->items()) {
                std::string key = name;
                key[0] = static_cast<char>(std::tolower(key[0]));
                configuration[key] = value;
            }
            details["jwtConfiguration"] = std::move(configuration);
        }
        if (const Json* source = find_member(authorizer, "IdentitySource")) {
            details["identitySource"] = *source;
        }
        return Json{{"type", "oauth2"}, {"x-amazon-apigateway-authorizer", std::move(details)}};
    }
    details["type"] = "request";
    details["authorizerUri"] = authorizer_uri(std::string(kPartition), *function);
    const auto copy = [&](std::string_view from, const std::string& to) {
        if (const Json* value = find_member(authorizer, from)) details[to] = *value;
    };
    copy("FunctionInvokeRole", "authorizerCredentials");
    copy("AuthorizerPayloadFormatVersion", "authorizerPayloadFormatVersion");
    copy("EnableSimpleResponses", "enableSimpleResponses");
    if (const Json* identity = find_member(authorizer, "Identity")) {
        std::vector<std::string> parts;
        const auto add = [&](std::string_view property, std::string_view prefix) {
            const Json* list = find_member(*identity, property);
            if (list == nullptr || !list->is_array()) return;
            for (const Json& name : *list) {
                parts.push_back(std::string(prefix) + name.get<std::string>());
            }
        };
        add("Headers", "$request.header.");
        add("QueryStrings", "$request.querystring.");
        add("StageVariables", "$stageVariables.");
        add("Context", "$context.");
        if (!parts.empty()) details["identitySource"] = parts;
        if (const Json* ttl = find_member(*identity, "ReauthorizeEvery")) {
            details["authorizerResultTtlInSeconds"] = *ttl;
        }
    }
    return Json{{"type", "apiKey"},
                {"name", "Unused"},
                {"in", "header"},
                {"x-amazon-apigateway-authorizer", std::move(details)}};
}

class HttpApi {
  public:
    HttpApi(Context& context, Source source) : context_(context), source_(source) {}

    void translate() {
        source_.properties.erase(std::string(kManaged));
        check_names(source_, "AWS::Serverless::HttpApi",
                    {"Name", "StageName", "Tags", "DefinitionBody", "DefinitionUri",
                     "StageVariables", "CorsConfiguration", "AccessLogSettings",
                     "DefaultRouteSettings", "Auth", "RouteSettings", "Domain", "FailOnWarnings",
                     "Description", "DisableExecuteApiEndpoint", "PropagateTags"});
        if (source_.find("DefinitionBody") != nullptr && source_.find("DefinitionUri") != nullptr) {
            throw problem(
                "Specify either 'DefinitionUri' or 'DefinitionBody' property and not "
                "both.");
        }
        Json api = Json::object();
        copy_members(source_.properties, api, {"Description", "FailOnWarnings"});
        if (const Json* uri = source_.find("DefinitionUri")) {
            if (source_.find("CorsConfiguration") != nullptr) {
                throw problem(
                    "Cors works only with inline OpenApi specified in 'DefinitionBody' "
                    "property.");
            }
            api["BodyS3Location"] =
                s3_location(source_.id, *uri, "DefinitionUri", "Bucket", "Key", "Version");
        } else {
            const Json* given = source_.find("DefinitionBody");
            Json body = given == nullptr ? empty_openapi() : *given;
            if (!body.is_object()) throw problem("Type of property 'DefinitionBody' is invalid.");
            edit(body);
            api["Body"] = std::move(body);
        }
        add_stage();
        context_.add(
            source_.id, source_.id,
            make_resource("AWS::ApiGatewayV2::Api", std::move(api), source_.main_attributes()));
    }

  private:
    SamProblem problem(const std::string& why) const {
        return SamProblem::resource(source_.id, why);
    }

    Json tags() const {
        Json tags = {{"httpapi:createdBy", "SAM"}};
        if (const Json* own = source_.find("Tags")) {
            for (const auto& [name, value] : own->items()) tags[name] = value;
        }
        return tags;
    }

    void edit(Json& body) {
        if (const Json* name = source_.find("Name")) body["info"]["title"] = *name;
        if (const Json* cors = source_.find("CorsConfiguration")) {
            if (!is_no_value(cors) && *cors != false) {
                body["x-amazon-apigateway-cors"] = cors_of(*cors);
            }
        }
        if (const Json* off = source_.find("DisableExecuteApiEndpoint")) {
            Json configuration = {{"disableExecuteApiEndpoint", *off}};
            body["servers"] = Json::array(
                {Json{{"x-amazon-apigateway-endpoint-configuration", std::move(configuration)}}});
        }
        if (const Json* auth = source_.find("Auth")) add_auth(*auth, body);
        Json list = body.value("tags", Json::array());
        const Json all = tags();
        for (const auto& [name, value] : all.items()) {
            list.push_back({{"name", name}, {"x-amazon-apigateway-tag-value", value}});
        }
        body["tags"] = std::move(list);
    }

    void add_auth(const Json& auth, Json& body) {
        const Json* authorizers = find_member(auth, "Authorizers");
        if (authorizers != nullptr && authorizers->is_object()) {
            for (const auto& [name, authorizer] : authorizers->items()) {
                add_security_scheme(body, name, authorizer_scheme(authorizer));
                const Json* function = find_member(authorizer, "FunctionArn");
                const Json* allowed = find_member(authorizer, "EnableFunctionDefaultPermissions");
                if (function != nullptr && allowed != nullptr && *allowed == true) {
                    add_authorizer_permission(context_, source_, name, *function,
                                              std::string(kPartition));
                }
            }
        }
        const Json* iam = find_member(auth, "EnableIamAuthorizer");
        if (iam != nullptr && *iam == true) {
            add_security_scheme(body, "AWS_IAM",
                                Json{{"type", "apiKey"},
                                     {"name", "Authorization"},
                                     {"in", "header"},
                                     {"x-amazon-apigateway-authtype", "awsSigv4"}});
        }
        const std::string fallback = string_member(auth, "DefaultAuthorizer");
        if (fallback.empty()) return;
        Json scopes = Json::array();
        if (authorizers != nullptr) {
            if (const Json* chosen = find_member(*authorizers, fallback)) {
                scopes = chosen->value("AuthorizationScopes", Json::array());
            }
        }
        for (auto& [path, item] : body["paths"].items()) {
            for (Json* entry : path_items(item)) {
                for (auto& [name, method] : entry->items()) {
                    for (Json* branch : path_items(method)) {
                        if (name == "options" || branch->contains("security")) continue;
                        (*branch)["security"] = Json::array({Json{{fallback, scopes}}});
                    }
                }
            }
        }
    }

    void add_stage() {
        const Json* given = source_.find("StageName");
        const Json name = given == nullptr ? Json(kDefaultRoute) : *given;
        Json stage = {{"ApiId", ref_to(source_.id)}, {"StageName", name}, {"AutoDeploy", true}};
        copy_members(
            source_.properties, stage,
            {"StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings"});
        stage["Tags"] = tags();
        const std::string id = name == kDefaultRoute ? source_.id + "ApiGatewayDefaultStage"
                                                     : stage_id(source_.id, name);
        context_.add(
            source_.id, id,
            make_resource("AWS::ApiGatewayV2::Stage", std::move(stage), source_.attributes()));
        context_.note_reference(source_.id, "Stage", id);
    }

    Context& context_;
    Source source_;
};

void add_events_of(Context& context, const std::string& id, bool& used) {
    Json& resource = context.resources()[id];
    if (!resource.contains("Properties") || !resource["Properties"].is_object()) return;
    Json& properties = resource["Properties"];
    if (!properties.contains("Events") || !properties["Events"].is_object()) return;
    for (auto& [name, event] : properties["Events"].items()) {
        if (string_member(event, "Type") != "HttpApi") continue;
        if (!event.contains("Properties")) event["Properties"] = Json::object();
        Json& settings = event["Properties"];
        if (!settings.is_object()) {
            throw SamProblem::resource(
                id,
                fmt::format("Event with id [{}] is invalid. Event 'Properties' must be an Object. "
                            "If you're using YAML, this may be an indentation issue.",
                            name));
        }
        const std::string api = api_id_of(settings);
        if (api == kImplicitHttpApi) used = true;
        if (!context.resources().contains(api)) continue;
        Json& target = context.resources()[api];
        if (string_member(target, "Type") != "AWS::Serverless::HttpApi" ||
            !target["Properties"].contains(std::string(kManaged))) {
            continue;
        }
        add_route(id, name, target["Properties"]["DefinitionBody"], settings);
    }
}

}  // namespace

void add_implicit_http_api(Context& context) {
    std::vector<std::string> functions;
    Json& resources = context.resources();
    for (auto& [id, resource] : resources.items()) {
        const std::string type = string_member(resource, "Type");
        if (type == "AWS::Serverless::Function") functions.push_back(id);
        if (type != "AWS::Serverless::HttpApi") continue;
        if (!resource.contains("Properties") || resource["Properties"].is_null()) {
            resource["Properties"] = Json::object();
        }
        Json& properties = resource["Properties"];
        if (!properties.is_object() || properties.contains("DefinitionBody") ||
            properties.contains("DefinitionUri")) {
            continue;
        }
        properties["DefinitionBody"] = empty_openapi();
        properties[std::string(kManaged)] = true;
    }
    const std::string implicit(kImplicitHttpApi);
    const bool own = resources.contains(implicit);
    if (!own) {
        Json properties = {{"DefinitionBody", empty_openapi()}, {std::string(kManaged), true}};
        resources[implicit] =
            Json{{"Type", "AWS::Serverless::HttpApi"}, {"Properties", properties}};
    }
    bool used = own;
    for (const std::string& id : functions) {
        try {
            add_events_of(context, id, used);
        } catch (const SamProblem& problem) {
            context.problems().push_back(problem);
        }
    }
    if (!used) context.resources().erase(implicit);
}

void translate_http_api_event(const EventSource& event) {
    const Json* given = event.find("ApiId");
    const Json reference = given == nullptr ? ref_to(kImplicitHttpApi) : *given;
    const auto [path, method] = route_of(event.properties);
    std::string target = "*";
    if (path != kDefaultRoute) {
        std::string verb = method;
        for (char& c : verb) c = static_cast<char>(std::toupper(c));
        target = (method == kAnyMethod ? "*" : verb) + http_arn_path(path);
    }
    Json arn = {{"Fn::Sub", Json::array({fmt::format("arn:{}:execute-api:${{AWS::Region}}:${{AWS::"
                                                     "AccountId}}:${{__ApiId__}}/${{__Stage__}}/{}",
                                                     kPartition, target),
                                         Json{{"__ApiId__", reference}, {"__Stage__", "*"}}})}};
    add_permission(event, "apigateway.amazonaws.com", arn);
    const std::string api_id = api_id_of(event.properties);
    Json& resources = event.context.resources();
    if (!resources.contains(api_id) ||
        string_member(resources[api_id], "Type") != "AWS::Serverless::HttpApi") {
        return;
    }
    Json& api = resources[api_id]["Properties"];
    if (!api.contains("DefinitionBody") || !api["DefinitionBody"].is_object()) return;
    Json& body = api["DefinitionBody"];
    const std::string id = string_member(event.target, "Ref");
    const std::string variable = id == event.owner.id ? "${" + id + ".Arn}" : "${" + id + "}";
    const std::string condition = string_member(event.owner.resource, "Condition");
    Json uri =
        sub(fmt::format("arn:{}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/"
                        "{}/invocations",
                        kPartition, variable));
    if (!condition.empty()) {
        uri = Json{{"Fn::If", Json::array({condition, uri, ref_to("AWS::NoValue")})}};
    }
    Json integration = {{"type", "aws_proxy"}, {"httpMethod", "POST"}, {"uri", std::move(uri)}};
    const Json* version = event.find("PayloadFormatVersion");
    integration["payloadFormatVersion"] = version == nullptr ? Json("2.0") : *version;
    if (const Json* timeout = event.find("TimeoutInMillis"))
        integration["timeoutInMillis"] = *timeout;
    if (!body.contains("paths") || !body["paths"].is_object()) body["paths"] = Json::object();
    for (Json* item : path_items(body["paths"][path])) {
        Json& entry = (*item)[method];
        if (entry.is_null()) entry = Json::object();
        if (!entry.is_object() || entry.contains("x-amazon-apigateway-integration")) continue;
        if (path == kDefaultRoute) entry["isDefaultRoute"] = true;
        entry["x-amazon-apigateway-integration"] = integration;
        entry["responses"] = Json::object();
        const Json parameters = path_parameters(path);
        if (!parameters.empty()) entry["parameters"] = parameters;
        const Json* auth = event.find("Auth");
        const Json api_auth = api.value("Auth", Json::object());
        const std::string chosen = auth == nullptr ? "" : string_member(*auth, "Authorizer");
        const Json* scopes = auth == nullptr ? nullptr : find_member(*auth, "AuthorizationScopes");
        const std::string name = chosen.empty() && scopes != nullptr
                                     ? string_member(api_auth, "DefaultAuthorizer")
                                     : chosen;
        if (name.empty()) continue;
        Json wanted = Json::array();
        if (scopes != nullptr) {
            wanted = *scopes;
        } else if (const Json* all = find_member(api_auth, "Authorizers")) {
            if (const Json* authorizer = find_member(*all, name)) {
                wanted = authorizer->value("AuthorizationScopes", Json::array());
            }
        }
        entry["security"] = Json::array({Json{{name, wanted}}});
    }
}

void translate_http_api(Context& context, Source source) {
    HttpApi(context, source).translate();
}

}  // namespace skafu::cloudformation::sam

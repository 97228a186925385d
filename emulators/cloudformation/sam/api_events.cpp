#include "cloudformation/sam/api_events.h"

#include "cloudformation/sam/api_auth.h"
#include "cloudformation/sam/http_api.h"
#include "cloudformation/sam/implicit_api.h"
#include "cloudformation/sam/policies.h"

namespace skafu::cloudformation::sam {
namespace {

struct ApiOfEvent {
    std::string id;
    Json reference;              ///< the RestApiId of the event
    Json* properties = nullptr;  ///< of the API in this template
    std::string stage_suffix = "AllStages";
};

/// The stage of an API that the template makes without SAM.
std::string raw_stage_suffix(const Json& resources, const std::string& api) {
    for (const Json& resource : resources) {
        const Json* properties = find_member(resource, "Properties");
        if (properties == nullptr || string_member(resource, "Type") != "AWS::ApiGateway::Stage") {
            continue;
        }
        const Json* owner = find_member(*properties, "RestApiId");
        if (owner == nullptr || string_member(*owner, "Ref") != api) continue;
        return string_member(*properties, "StageName", "Stage");
    }
    return "AllStages";
}

ApiOfEvent find_api(const EventSource& event) {
    const Json* given = event.find("RestApiId");
    ApiOfEvent api;
    api.reference = given == nullptr ? ref_to(kImplicitRestApi) : *given;
    if (api.reference.is_object() && api.reference.contains("Ref")) {
        api.id = string_member(api.reference, "Ref");
    } else if (api.reference.is_string()) {
        api.id = api.reference.get<std::string>();
    } else {
        return api;
    }
    Json& resources = event.context.resources();
    if (resources.contains(api.id) &&
        string_member(resources[api.id], "Type") == "AWS::ApiGateway::RestApi") {
        api.stage_suffix = raw_stage_suffix(resources, api.id);
        return api;
    }
    if (!resources.contains(api.id) || !resources[api.id].contains("Properties") ||
        !resources[api.id]["Properties"].contains("StageName")) {
        throw event.problem(
            "RestApiId must be a valid reference to an 'AWS::Serverless::Api' "
            "resource in same template.");
    }
    api.properties = &resources[api.id]["Properties"];
    const Json& stage = (*api.properties)["StageName"];
    api.stage_suffix = stage.is_string() ? stage.get<std::string>() : "Stage";
    return api;
}

/// The path in an ARN of execute-api: parameters are wildcards.
std::string arn_path(const std::string& path) {
    std::string result;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '{') {
            const std::size_t end = path.find('}', i);
            if (end == std::string::npos) break;
            result += '*';
            i = end;
        } else {
            result += path[i];
        }
    }
    return result.starts_with('/') ? result : "/" + result;
}

void add_api_permission(const EventSource& event, const ApiOfEvent& api,
                        const std::string& suffix) {
    std::string method = string_member(event.properties, "Method");
    for (char& c : method) c = static_cast<char>(std::toupper(c));
    if (method == "ANY") method = "*";
    Json arn = {{"Fn::Sub",
                 Json::array({fmt::format("arn:{}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:"
                                          "${{__ApiId__}}/${{__Stage__}}/{}{}",
                                          event.context.partition(), method,
                                          arn_path(string_member(event.properties, "Path"))),
                              Json{{"__ApiId__", api.reference}, {"__Stage__", "*"}}})}};
    Json properties = {{"Action", "lambda:InvokeFunction"},
                       {"FunctionName", event.target},
                       {"Principal", "apigateway.amazonaws.com"},
                       {"SourceArn", std::move(arn)}};
    const bool plain = std::all_of(suffix.begin(), suffix.end(),
                                   [](unsigned char c) { return std::isalnum(c) != 0; });
    event.context.add(
        event.owner.id, event.id + "Permission" + (plain ? suffix : short_digest(suffix)),
        make_resource("AWS::Lambda::Permission", std::move(properties), event.owner.attributes()));
}

Json conditional(const std::string& condition, Json value) {
    if (condition.empty()) return value;
    return Json{{"Fn::If", Json::array({condition, std::move(value), ref_to("AWS::NoValue")})}};
}

/// The function's name in an integration URI: ${F.Arn}, or ${Alias}.
std::string function_variable(const EventSource& event) {
    const std::string id = string_member(event.target, "Ref");
    return id == event.owner.id ? "${" + id + ".Arn}" : "${" + id + "}";
}

void add_request_settings(const EventSource& event, Json& method) {
    if (const Json* model = event.find("RequestModel")) {
        const std::string name = string_member(*model, "Model");
        std::string lower = name;
        for (char& c : lower) c = static_cast<char>(std::tolower(c));
        Json parameter = {
            {"in", "body"}, {"name", lower}, {"schema", {{"$ref", "#/definitions/" + lower}}}};
        if (const Json* required = find_member(*model, "Required"))
            parameter["required"] = *required;
        if (!method.contains("parameters")) method["parameters"] = Json::array();
        method["parameters"].push_back(std::move(parameter));
    }
    const Json* parameters = event.find("RequestParameters");
    if (parameters == nullptr || !parameters->is_array()) return;
    for (const Json& entry : *parameters) {
        const bool named = entry.is_object() && entry.size() == 1;
        const std::string name = named               ? entry.begin().key()
                                 : entry.is_string() ? entry.get<std::string>()
                                                     : "";
        const std::size_t kind = name.find("request.");
        const std::size_t dot = kind == std::string::npos ? kind : name.find('.', kind + 8);
        if (dot == std::string::npos) {
            throw event.problem(
                "Invalid value for 'RequestParameters' property. Keys must be in "
                "the format 'method.request.[querystring|path|header].{value}', "
                "e.g 'method.request.header.Authorization'.");
        }
        const std::string place = name.substr(kind + 8, dot - kind - 8);
        Json parameter = {{"in", place == "querystring" ? "query" : place},
                          {"name", name.substr(dot + 1)},
                          {"type", "string"}};
        const Json* settings = named ? &entry.begin().value() : nullptr;
        const Json* required = settings == nullptr ? nullptr : find_member(*settings, "Required");
        parameter["required"] = required != nullptr ? *required : Json(false);
        if (place == "path") parameter["required"] = true;
        const Json* caching = settings == nullptr ? nullptr : find_member(*settings, "Caching");
        if (caching != nullptr && *caching == true) {
            method["x-amazon-apigateway-integration"]["cacheKeyParameters"].push_back(name);
        }
        if (!method.contains("parameters")) method["parameters"] = Json::array();
        method["parameters"].push_back(std::move(parameter));
    }
}

void add_integration(const EventSource& event, const ApiOfEvent& api) {
    Json& body = (*api.properties)["DefinitionBody"];
    const std::string path = string_member(event.properties, "Path");
    const std::string key = method_key(string_member(event.properties, "Method"));
    const std::string condition = string_member(event.owner.resource, "Condition");
    Json uri =
        sub(fmt::format("arn:{}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/"
                        "{}/invocations",
                        event.context.partition(), function_variable(event)));
    Json integration = {{"httpMethod", "POST"},
                        {"type", "aws_proxy"},
                        {"uri", conditional(condition, std::move(uri))}};
    if (const Json* timeout = event.find("TimeoutInMillis"))
        integration["timeoutInMillis"] = *timeout;
    if (const Json* mode = event.find("ResponseTransferMode")) {
        integration["responseTransferMode"] = *mode;
    }
    Json method = {{"responses", Json::object()},
                   {"x-amazon-apigateway-integration", std::move(integration)}};
    add_request_settings(event, method);
    add_method_auth(event, *api.properties, method);
    for (Json* item : path_items(body["paths"][path])) {
        (*item)[key] = conditional(condition, method);
    }
}

}  // namespace

std::vector<Json*> path_items(Json& path) {
    std::vector<Json*> items;
    if (path.is_object() && path.size() == 1 && path.contains("Fn::If") &&
        path["Fn::If"].is_array()) {
        for (std::size_t i = 1; i < path["Fn::If"].size(); ++i) {
            Json& branch = path["Fn::If"][i];
            if (branch.is_object() && !is_no_value(&branch)) items.push_back(&branch);
        }
        return items;
    }
    if (path.is_null()) path = Json::object();
    if (path.is_object()) items.push_back(&path);
    return items;
}

bool translate_api_event(const std::string& type, const EventSource& event) {
    if (type == "HttpApi") {
        translate_http_api_event(event);
        return true;
    }
    if (type != "Api") return false;
    const ApiOfEvent api = find_api(event);
    add_api_permission(event, api, api.stage_suffix);
    if (api.properties != nullptr && api.properties->contains(std::string(kManaged))) {
        add_integration(event, api);
    }
    return true;
}

void translate_state_machine_api_event(const EventSource& event) {
    const ApiOfEvent api = find_api(event);
    const std::string role = event.id + "Role";
    Json properties = {
        {"AssumeRolePolicyDocument", trust_policy("apigateway.amazonaws.com")},
        {"Policies",
         Json::array({{{"PolicyName", role + "StartExecutionPolicy"},
                       {"PolicyDocument", allow("states:StartExecution", event.target)}}})}};
    event.context.add(
        event.owner.id, role,
        make_resource("AWS::IAM::Role", std::move(properties), event.owner.attributes()));
    if (api.properties == nullptr || !api.properties->contains(std::string(kManaged))) return;
    const std::string condition = string_member(event.owner.resource, "Condition");
    const std::string machine = string_member(event.target, "Ref");
    const Json* unescaped = event.find("UnescapeMappingTemplate");
    std::string input = "$util.escapeJavaScript($input.json('$'))";
    if (unescaped != nullptr && *unescaped == true) input += ".replaceAll(\"\\\\'\",\"'\")";
    Json request =
        sub(fmt::format("{{\"input\": \"{}\", \"stateMachineArn\": \"${{{}}}\"}}", input, machine));
    Json responses = {{"200", {{"statusCode", "200"}}}, {"400", {{"statusCode", "400"}}}};
    Json uri = sub(fmt::format("arn:{}:apigateway:${{AWS::Region}}:states:action/StartExecution",
                               event.context.partition()));
    Json integration = {{"type", "aws"},
                        {"httpMethod", "POST"},
                        {"uri", conditional(condition, uri)},
                        {"responses", std::move(responses)},
                        {"requestTemplates", {{"application/json", request}}},
                        {"credentials", get_att(role, "Arn")}};
    Json method = {{"responses",
                    {{"200", {{"description", "OK"}}}, {"400", {{"description", "Bad Request"}}}}},
                   {"x-amazon-apigateway-integration", std::move(integration)}};
    add_method_auth(event, *api.properties, method);
    const std::string key = method_key(string_member(event.properties, "Method"));
    Json& path =
        (*api.properties)["DefinitionBody"]["paths"][string_member(event.properties, "Path")];
    for (Json* item : path_items(path)) (*item)[key] = conditional(condition, method);
}

}  // namespace skafu::cloudformation::sam

#include "cloudformation/sam/api_events.h"

#include "cloudformation/sam/api_auth.h"
#include "cloudformation/sam/api_body.h"
#include "cloudformation/sam/http_api.h"
#include "cloudformation/sam/implicit_api.h"
#include "cloudformation/sam/policies.h"
#include "core/text.h"

namespace skafu::cloudformation::sam {
namespace {

/// The API of an event: null where it is not in this template.
Json* api_properties(const EventSource& event) {
    const Json& api = *event.find("RestApiId");
    const std::string id = api.is_string() ? api.get<std::string>() : string_member(api, "Ref");
    Json& resources = event.context.resources();
    if (id.empty() || !resources.contains(id)) return nullptr;
    return resources[id].contains("Properties") ? &resources[id]["Properties"] : nullptr;
}

std::string api_id(const EventSource& event) {
    const Json& api = *event.find("RestApiId");
    return api.is_string() ? api.get<std::string>() : string_member(api, "Ref");
}

/// The stage of an API that the template makes without SAM.
std::string raw_stage_suffix(const Json& resources, const std::string& api) {
    for (const Json& resource : resources) {
        const Json* properties = given(resource, "Properties");
        if (properties == nullptr || string_member(resource, "Type") != "AWS::ApiGateway::Stage") {
            continue;
        }
        const Json* owner = given(*properties, "RestApiId");
        if (owner == nullptr || string_member(*owner, "Ref") != api) continue;
        return string_member(*properties, "StageName", "Stage");
    }
    return "AllStages";
}

/// What tells the permissions of several stages apart: the stage's name, where it is a text.
std::string stage_suffix(const EventSource& event) {
    const std::string id = api_id(event);
    if (id.empty()) return "AllStages";
    Json& resources = event.context.resources();
    if (resources.contains(id) &&
        string_member(resources[id], "Type") == "AWS::ApiGateway::RestApi") {
        return raw_stage_suffix(resources, id);
    }
    const Json* properties = api_properties(event);
    const Json* stage = properties == nullptr ? nullptr : given(*properties, "StageName");
    return stage != nullptr && stage->is_string() ? stage->get<std::string>() : "Stage";
}

std::string method_of(const EventSource& event) {
    return lower_case(string_member(event.properties, "Method"));
}

std::string path_of(const EventSource& event) {
    return string_member(event.properties, "Path");
}

void add_api_permission(const EventSource& event) {
    std::string method = method_of(event);
    for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (method == "ANY") method = "*";
    std::string path = path_of(event);
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    Json arn = sub(fmt::format("arn:{}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:"
                               "${{__ApiId__}}/${{__Stage__}}/{}{}",
                               event.context.partition(), method, permission_path(path)),
                   Json{{"__ApiId__", *event.find("RestApiId")}, {"__Stage__", "*"}});
    Json properties = {{"Action", "lambda:InvokeFunction"},
                       {"FunctionName", event.target},
                       {"Principal", "apigateway.amazonaws.com"},
                       {"SourceArn", std::move(arn)}};
    event.context.add(
        event.owner.id, id_with_suffix(event.id + "Permission", stage_suffix(event)),
        make_resource("AWS::Lambda::Permission", std::move(properties), event.owner.attributes()));
}

/// The function's name in an integration URI: ${F.Arn}, or ${Alias}.
std::string function_variable(const EventSource& event) {
    const std::string id = string_member(event.target, "Ref");
    return id == event.owner.id ? "${" + id + ".Arn}" : "${" + id + "}";
}

Json lambda_integration(const EventSource& event, const std::string& condition) {
    const bool stream = event.find("ResponseTransferMode") != nullptr &&
                        *event.find("ResponseTransferMode") == "RESPONSE_STREAM";
    Json uri = sub(fmt::format("arn:{}:apigateway:${{AWS::Region}}:lambda:path/{}/functions/{}/{}",
                               event.context.partition(), stream ? "2021-11-15" : "2015-03-31",
                               function_variable(event),
                               stream ? "response-streaming-invocations" : "invocations"));
    Json integration = {{"type", "aws_proxy"},
                        {"httpMethod", "POST"},
                        {"uri", conditional(condition, std::move(uri))}};
    if (stream) integration["responseTransferMode"] = "STREAM";
    if (const Json* timeout = event.find("TimeoutInMillis")) {
        integration["timeoutInMillis"] = *timeout;
    }
    return integration;
}

/// Puts an integration at the event's path and method; `responses` unless there are some.
void put_integration(const EventSource& event, Json& body, const Json& integration,
                     const Json& responses, const std::string& condition) {
    const std::string path = path_of(event);
    const std::string key = method_key(method_of(event));
    add_path(body, path, key);
    for (Json* item : path_items(body, path)) {
        Json& method = (*item)[key];
        if (!method.is_object()) method = Json::object();
        method[kIntegration] = integration;
        if (!method.contains("responses")) method["responses"] = responses;
        if (!condition.empty()) method = conditional(condition, std::move(method));
    }
}

void check_new_integration(const EventSource& event, Json& body) {
    if (!is_swagger(&body)) throw SamProblem::document("Invalid Swagger document");
    check_paths(body);
    if (!has_integration(body, path_of(event), method_key(method_of(event)))) return;
    throw event.problem(fmt::format("API method \"{}\" defined multiple times for path \"{}\".",
                                    method_of(event), path_of(event)));
}

std::string place_of(const EventSource& event) {
    return fmt::format("on API method [{}] for path [{}]", method_of(event), path_of(event));
}

/// RequestModel: its name, checked against the models of the API; empty where none is set.
std::string checked_model(const EventSource& event, const Json& api) {
    const Json* settings = event.find("RequestModel");
    const Json* model = settings == nullptr ? nullptr : given(*settings, "Model");
    if (!is_truthy(model)) return "";
    const Json* models = given(api, "Models");
    const std::string what = fmt::format("Unable to set RequestModel [{}] {} because ",
                                         printed(*model), place_of(event));
    if (!is_truthy(models))
        throw event.problem(what + "the related API does not define any Models.");
    if (!models->is_object()) {
        throw event.problem(what + "the related API Models defined is of invalid type.");
    }
    if (!model->is_string()) {
        throw event.problem(what + "the related API does not contain valid Models.");
    }
    if (!is_truthy(*models, model->get<std::string>())) {
        throw event.problem(what + "it wasn't defined in the API's Models.");
    }
    return model->get<std::string>();
}

void add_validator(const EventSource& event, Json& body, const std::string& model) {
    const Json& settings = *event.find("RequestModel");
    const Json* of_body = given(settings, "ValidateBody");
    const Json* of_parameters = given(settings, "ValidateParameters");
    if (of_body == nullptr && of_parameters == nullptr) return;
    const Json validate_body = of_body == nullptr ? Json(false) : *of_body;
    const Json validate_parameters = of_parameters == nullptr ? Json(false) : *of_parameters;
    if (!validate_body.is_boolean() || !validate_parameters.is_boolean()) {
        throw event.problem(
            fmt::format("Unable to set Validator to RequestModel [{}] {} ValidateBody and "
                        "ValidateParameters must be a boolean type, strings or intrinsics are not "
                        "supported.",
                        model, place_of(event)));
    }
    std::string name = "no-validator";
    if (validate_body == true && validate_parameters == true) name = "body-and-params";
    if (validate_body == true && validate_parameters == false) name = "body-only";
    if (validate_body == false && validate_parameters == true) name = "params-only";
    body["x-amazon-apigateway-request-validators"][name] = Json{
        {"validateRequestBody", validate_body}, {"validateRequestParameters", validate_parameters}};
    for (Json* method : method_definitions(body, path_of(event), method_key(method_of(event)))) {
        (*method)["x-amazon-apigateway-request-validator"] = name;
    }
}

void add_model(const EventSource& event, const Json& api, Json& body) {
    const std::string model = checked_model(event, api);
    if (model.empty()) return;
    const std::string name = lower_case(model);
    const Json* required = given(*event.find("RequestModel"), "Required");
    for (Json* method : method_definitions(body, path_of(event), method_key(method_of(event)))) {
        if (given(body, "swagger") != nullptr) {
            Json parameter = {
                {"in", "body"}, {"name", name}, {"schema", {{"$ref", "#/definitions/" + name}}}};
            if (required != nullptr) parameter["required"] = *required;
            if (!method->contains("parameters")) (*method)["parameters"] = Json::array();
            (*method)["parameters"].push_back(std::move(parameter));
        } else {
            Json schema = {{"schema", {{"$ref", "#/components/schemas/" + name}}}};
            Json content = {{"content", {{"application/json", std::move(schema)}}}};
            if (required != nullptr) content["required"] = *required;
            (*method)["requestBody"] = std::move(content);
        }
    }
    add_validator(event, body, model);
}

struct RequestParameter {
    std::string name;
    Json required = false;
    bool caching = false;
};

RequestParameter read_parameter(const EventSource& event, const Json& entry) {
    constexpr std::string_view trouble = "Invalid value for 'RequestParameters' property. ";
    RequestParameter parameter;
    if (entry.is_object() && !entry.empty()) {
        parameter.name = entry.begin().key();
    } else if (entry.is_string()) {
        parameter.name = entry.get<std::string>();
    } else {
        throw event.problem(
            fmt::format("{}Property must be either a string or an object", trouble));
    }
    const auto is_at = [&](std::string_view place) {
        return parameter.name.starts_with(fmt::format("method.request.{}.", place));
    };
    if (!is_at("querystring") && !is_at("path") && !is_at("header")) {
        throw event.problem(
            fmt::format("{}Keys must be in the format 'method.request.[querystring|path|header]."
                        "{{value}}', e.g 'method.request.header.Authorization'.",
                        trouble));
    }
    if (entry.is_string()) return parameter;
    const Json& settings = entry.begin().value();
    bool good = settings.is_object();
    if (good) {
        for (const auto& [name, value] : settings.items()) {
            good = good && (name == "Required" || name == "Caching");
        }
    }
    if (!good) {
        throw event.problem(fmt::format(
            "{}Values must be an object, e.g {{ Required: true, Caching: false }}", trouble));
    }
    if (const Json* required = given(settings, "Required")) parameter.required = *required;
    parameter.caching = is_truthy(settings, "Caching");
    return parameter;
}

void add_parameters(const EventSource& event, Json& body) {
    const Json* list = event.find("RequestParameters");
    if (!is_truthy(list)) return;
    std::vector<RequestParameter> parameters;
    for (const Json& entry : *list) parameters.push_back(read_parameter(event, entry));
    constexpr std::size_t start = std::string_view("method.request.").size();
    for (Json* method : method_definitions(body, path_of(event), method_key(method_of(event)))) {
        if (!method->contains("parameters")) (*method)["parameters"] = Json::array();
        for (const RequestParameter& parameter : parameters) {
            const std::size_t dot = parameter.name.find('.', start);
            const std::string place = parameter.name.substr(start, dot - start);
            Json entry = {{"in", place == "querystring" ? "query" : place},
                          {"name", parameter.name.substr(dot + 1)},
                          {"required", place == "path" ? Json(true) : parameter.required},
                          {"type", "string"}};
            (*method)["parameters"].push_back(std::move(entry));
            if (!parameter.caching) continue;
            (*method)[kIntegration]["cacheKeyParameters"].push_back(parameter.name);
        }
    }
}

/// Puts what was made for one method into the body that the template gives: what SAM makes wins.
void merge_method(const EventSource& event, Json& body, Json& made) {
    const std::string path = path_of(event);
    const std::string method = method_of(event);
    if (!body.contains("paths") || !body["paths"].is_object()) return;
    Json& item = body["paths"][path];
    if (!item.is_object()) item = Json::object();
    Json merged = item.contains(method) && item[method].is_object() ? item[method] : Json::object();
    for (const auto& [name, value] : made["paths"][path][method_key(method)].items()) {
        merged[name] = value;
    }
    item[method] = std::move(merged);
}

void add_integration(const EventSource& event, Json& api) {
    if (given(api, "DefinitionBody") == nullptr) return;
    const bool merge = is_truthy(api, "MergeDefinitions");
    Json body = merge ? empty_swagger() : api["DefinitionBody"];
    check_new_integration(event, body);
    const Json* api_auth = given(api, "Auth");
    if (api_auth != nullptr) expect_map(api_id(event), *api_auth, "Auth");
    const std::string condition = string_member(event.owner.resource, "Condition");
    Json integration = lambda_integration(event, condition);
    add_credentials(event, api, integration);
    put_integration(event, body, integration, Json::object(), condition);
    add_method_auth(event, api, api_id(event), stage_suffix(event), body);
    add_model(event, api, body);
    add_parameters(event, body);
    if (merge)
        merge_method(event, api["DefinitionBody"], body);
    else
        api["DefinitionBody"] = std::move(body);
}

Json start_execution(const EventSource& event, const std::string& role,
                     const std::string& condition) {
    const std::string machine = string_member(event.target, "Ref");
    std::string input = "$util.escapeJavaScript($input.json('$'))";
    if (event.is_set("UnescapeMappingTemplate")) input += ".replaceAll(\"\\\\'\",\"'\")";
    Json request =
        sub(fmt::format("{{\"input\": \"{}\", \"stateMachineArn\": \"${{{}}}\"}}", input, machine));
    Json uri = sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution");
    return Json{{"type", "aws"},
                {"httpMethod", "POST"},
                {"uri", conditional(condition, std::move(uri))},
                {"responses", {{"200", {{"statusCode", "200"}}}, {"400", {{"statusCode", "400"}}}}},
                {"requestTemplates", {{"application/json", std::move(request)}}},
                {"credentials", get_att(role, "Arn")}};
}

/// OverrideApiAuth: the event's authorizer also holds in a body that the template wrote itself.
bool overrides_auth(const EventSource& event) {
    const Json* auth = event.find("Auth");
    return auth != nullptr && auth->is_object() && is_truthy(*auth, "OverrideApiAuth");
}

}  // namespace

void link_api_event(const EventSource& event) {
    const Json& api = *event.find("RestApiId");
    if (!api.is_string() && !api.contains("Ref")) return;
    if (event.context.resources().contains(api_id(event))) {
        const Json& resource = event.context.resources()[api_id(event)];
        const Json* properties = given(resource, "Properties");
        if (properties != nullptr && !properties->is_object()) {
            throw SamProblem::resource(api_id(event), "Attribute 'Properties' should be a map.");
        }
        const Json* stage = properties == nullptr ? nullptr : given(*properties, "StageName");
        if (stage != nullptr && is_empty_text(*stage)) {
            throw SamProblem::resource(api_id(event), "StageName cannot be empty.");
        }
        return;
    }
    throw event.problem_of_link(
        "RestApiId property of Api event must reference a valid resource in the same template.");
}

bool translate_api_event(const std::string& type, const EventSource& event) {
    if (type == "HttpApi") {
        translate_http_api_event(event);
        return true;
    }
    if (type != "Api") return false;
    add_api_permission(event);
    Json* api = api_properties(event);
    if (api == nullptr) return true;
    if (is_truthy(*api, kManaged) || is_truthy(*api, "MergeDefinitions")) {
        add_integration(event, *api);
    } else if (overrides_auth(event) && is_swagger(given(*api, "DefinitionBody"))) {
        add_method_auth(event, *api, api_id(event), stage_suffix(event), (*api)["DefinitionBody"]);
    }
    return true;
}

void translate_state_machine_api_event(const EventSource& event, const Json* boundary) {
    const std::string role = event.id + "Role";
    Json properties = {
        {"AssumeRolePolicyDocument", trust_policy("apigateway.amazonaws.com")},
        {"Policies",
         Json::array({{{"PolicyName", role + "StartExecutionPolicy"},
                       {"PolicyDocument", allow("states:StartExecution", event.target)}}})}};
    if (boundary != nullptr) properties["PermissionsBoundary"] = *boundary;
    event.context.add(
        event.owner.id, role,
        make_resource("AWS::IAM::Role", std::move(properties), event.owner.attributes()));
    Json* api = api_properties(event);
    if (api == nullptr || !is_truthy(*api, kManaged)) return;
    if (given(*api, "DefinitionBody") == nullptr) return;
    Json& body = (*api)["DefinitionBody"];
    check_new_integration(event, body);
    const std::string condition = string_member(event.owner.resource, "Condition");
    const Json responses = {{"200", {{"description", "OK"}}},
                            {"400", {{"description", "Bad Request"}}}};
    put_integration(event, body, start_execution(event, role, condition), responses, condition);
    add_method_auth(event, *api, api_id(event), stage_suffix(event), body);
}

}  // namespace skafu::cloudformation::sam

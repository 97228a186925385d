#include "apigateway/gateway.h"
#include "apigateway/import.h"
#include "apigateway/operations.h"
#include "apigateway/rest_api.h"

// AWS::ApiGateway::* : properties become calls of our own operations.

namespace skafu::apigateway::resources {
namespace {

/// A property of CloudFormation and the member of the operation's input that takes it.
struct Renamed {
    std::string_view property;
    std::string_view member;
};

std::string property(const ResourceRequest& request, std::string_view name) {
    const Json* value = find_member(request.properties, name);
    if (!value || value->is_null()) return {};
    return value->is_string() ? value->get<std::string>() : to_text(*value);
}

Json lower_first(const std::string& name) {
    std::string lower = name;
    if (!lower.empty())
        lower[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(lower[0])));
    return lower;
}

/// CloudFormation's scalars come as text or as what they are.
Json boolean(const Json& value) {
    return value.is_string() ? Json(value.get<std::string>() == "true") : value;
}

Json number(const Json& value) {
    return value.is_string() ? Json(std::atoi(value.get<std::string>().c_str())) : value;
}

Json tags_of(const ResourceRequest& request) {
    Json tags = Json::object();
    const Json* list = find_member(request.properties, "Tags");
    if (!list || !list->is_array()) return tags;
    for (const Json& tag : *list) tags[string_member(tag, "Key")] = string_member(tag, "Value");
    return tags;
}

void rename(const ResourceRequest& request, Json& input, std::initializer_list<Renamed> names) {
    for (const Renamed& one : names) {
        const Json* value = find_member(request.properties, one.property);
        if (value && !value->is_null()) input[std::string(one.member)] = *value;
    }
}

Task<Json> call(Cloud& cloud, const ResourceRequest& request, std::string_view operation,
                Json input) {
    Json result = co_await cloud.call_json("apigateway", operation, std::move(input),
                                           request.caller, request.cause);
    co_return result;
}

/// For replacing updates: remove the old part and make it anew under the same id.
Task<void> remove_part(Cloud& cloud, ResourceRequest request, std::string_view operation,
                       Json input) {
    try {
        co_await call(cloud, request, operation, std::move(input));
    } catch (const AwsError& error) {
        if (error.code() != "NotFoundException") throw;
    }
}

// ---- RestApi ----

Json read_body(const ResourceRequest& request) {
    const Json* body = find_member(request.properties, "Body");
    if (!body || body->is_null()) return nullptr;
    if (body->is_string()) return read_open_api(body->get<std::string>());
    return *body;
}

ResourceState rest_api_state(const Json& api) {
    ResourceState state;
    state.physical_id = string_member(api, "id");
    state.attributes = {{"RootResourceId", api.at("rootResourceId")}, {"RestApiId", api.at("id")}};
    return state;
}

Json rest_api_input(const ResourceRequest& request, const Json& body) {
    Json input = {{"name", property(request, "Name")}, {"tags", tags_of(request)}};
    if (property(request, "Name").empty() && body.is_object()) {
        const Json* info = find_member(body, "info");
        if (info) input["name"] = string_member(*info, "title");
    }
    rename(request, input,
           {{"Description", "description"},
            {"BinaryMediaTypes", "binaryMediaTypes"},
            {"ApiKeySourceType", "apiKeySource"}});
    if (const Json* policy = find_member(request.properties, "Policy")) {
        input["policy"] = policy->is_string() ? *policy : Json(to_text(*policy));
    }
    if (const Json* size = find_member(request.properties, "MinimumCompressionSize")) {
        input["minimumCompressionSize"] = number(*size);
    }
    if (const Json* types = find_member(request.properties, "EndpointConfiguration")) {
        if (const Json* list = find_member(*types, "Types")) {
            input["endpointConfiguration"] = {{"types", *list}};
        }
    }
    if (const Json* disable = find_member(request.properties, "DisableExecuteApiEndpoint")) {
        input["disableExecuteApiEndpoint"] = boolean(*disable);
    }
    return input;
}

Json import_body(Store& store, const ResourceRequest& request, const std::string& api_id,
                 const Json& body) {
    const Json* parameters = find_member(request.properties, "Parameters");
    return import_open_api(store, request.caller, api_id, body,
                           {.overwrite = property(request, "Mode") != "merge",
                            .base_path = parameters ? string_member(*parameters, "basepath") : "",
                            .fail_on_warnings = property(request, "FailOnWarnings") == "true"});
}

Task<ResourceState> create_template_api(Store& store, ResourceRequest request) {
    const Json body = read_body(request);
    Json api = create_api(store, request.caller, rest_api_input(request, body));
    if (body.is_object()) api = import_body(store, request, string_member(api, "id"), body);
    co_return rest_api_state(api);
}

Task<ResourceState> update_template_api(Store& store, ResourceRequest request) {
    const Json body = read_body(request);
    Json api = store.api(request.caller, request.physical_id);
    const Json input = rest_api_input(request, body);
    for (const auto& [name, value] : input.items()) api[name] = value;
    store.apis.put(request.caller.scope(), request.physical_id, api);
    store.touch(request.physical_id);
    if (body.is_object()) api = import_body(store, request, request.physical_id, body);
    co_return rest_api_state(api);
}

ResourceType rest_api_type(Store& store) {
    ResourceType type;
    type.name = "AWS::ApiGateway::RestApi";
    type.create = [&store](Cloud&, ResourceRequest request) {
        return create_template_api(store, std::move(request));
    };
    type.update = [&store](Cloud&, ResourceRequest request) {
        return update_template_api(store, std::move(request));
    };
    type.remove = [](Cloud& cloud, ResourceRequest request) -> Task<void> {
        Json input = {{"restapi_id", request.physical_id}};
        co_await remove_part(cloud, std::move(request), "DeleteRestApi", std::move(input));
    };
    return type;
}

// ---- Resource and Method ----

Task<ResourceState> create_template_resource(Store& store, ResourceRequest request) {
    const Json made = create_resource(store, request.caller, property(request, "RestApiId"),
                                      property(request, "ParentId"), property(request, "PathPart"));
    ResourceState state;
    state.physical_id = string_member(made, "id");
    state.attributes = {{"ResourceId", state.physical_id}};
    co_return state;
}

ResourceType resource_type(Store& store) {
    ResourceType type;
    type.name = "AWS::ApiGateway::Resource";
    type.create = [&store](Cloud&, ResourceRequest request) {
        return create_template_resource(store, std::move(request));
    };
    type.remove = [](Cloud& cloud, ResourceRequest request) -> Task<void> {
        Json input = {{"restapi_id", property(request, "RestApiId")},
                      {"resource_id", request.physical_id}};
        co_await remove_part(cloud, std::move(request), "DeleteResource", std::move(input));
    };
    return type;
}

Json integration_input(const Json& given) {
    Json input = Json::object();
    static const Renamed names[] = {{"Type", "type"},
                                    {"IntegrationHttpMethod", "httpMethod"},
                                    {"Uri", "uri"},
                                    {"Credentials", "credentials"},
                                    {"ConnectionType", "connectionType"},
                                    {"ConnectionId", "connectionId"},
                                    {"RequestParameters", "requestParameters"},
                                    {"RequestTemplates", "requestTemplates"},
                                    {"PassthroughBehavior", "passthroughBehavior"},
                                    {"ContentHandling", "contentHandling"},
                                    {"CacheNamespace", "cacheNamespace"},
                                    {"CacheKeyParameters", "cacheKeyParameters"}};
    for (const Renamed& one : names) {
        const Json* value = find_member(given, one.property);
        if (value && !value->is_null()) input[std::string(one.member)] = *value;
    }
    if (const Json* timeout = find_member(given, "TimeoutInMillis")) {
        input["timeoutInMillis"] = number(*timeout);
    }
    return input;
}

std::string text_of_any(const Json& object, std::string_view name) {
    const Json* value = find_member(object, name);
    if (!value) return {};
    return value->is_string() ? value->get<std::string>() : to_text(*value);
}

Json integration_responses(const Json& given) {
    Json responses = Json::object();
    const Json* list = find_member(given, "IntegrationResponses");
    if (!list || !list->is_array()) return responses;
    for (const Json& one : *list) {
        const std::string status = text_of_any(one, "StatusCode");
        Json response = {{"statusCode", status}};
        for (const char* name :
             {"SelectionPattern", "ResponseParameters", "ResponseTemplates", "ContentHandling"}) {
            const Json* value = find_member(one, name);
            if (value && !value->is_null()) response[lower_first(name).get<std::string>()] = *value;
        }
        responses[status] = std::move(response);
    }
    return responses;
}

Json flags(const Json& parameters) {
    Json result = Json::object();
    for (const auto& [name, value] : parameters.items()) result[name] = boolean(value);
    return result;
}

Json method_responses(const ResourceRequest& request) {
    Json responses = Json::object();
    const Json* list = find_member(request.properties, "MethodResponses");
    if (!list || !list->is_array()) return responses;
    for (const Json& one : *list) {
        const std::string status = text_of_any(one, "StatusCode");
        Json response = {{"statusCode", status}};
        if (const Json* parameters = find_member(one, "ResponseParameters")) {
            response["responseParameters"] = flags(*parameters);
        }
        if (const Json* models = find_member(one, "ResponseModels")) {
            response["responseModels"] = *models;
        }
        responses[status] = std::move(response);
    }
    return responses;
}

Task<ResourceState> put_template_method(Store& store, Cloud& cloud, ResourceRequest request) {
    const std::string api_id = property(request, "RestApiId");
    const std::string resource_id = property(request, "ResourceId");
    const std::string http_method = property(request, "HttpMethod");
    Json input = {{"restapi_id", api_id},
                  {"resource_id", resource_id},
                  {"http_method", http_method},
                  {"authorizationType", "NONE"}};
    rename(request, input,
           {{"AuthorizationType", "authorizationType"},
            {"AuthorizerId", "authorizerId"},
            {"RequestModels", "requestModels"},
            {"RequestValidatorId", "requestValidatorId"},
            {"OperationName", "operationName"},
            {"AuthorizationScopes", "authorizationScopes"}});
    if (const Json* key = find_member(request.properties, "ApiKeyRequired")) {
        input["apiKeyRequired"] = boolean(*key);
    }
    if (const Json* parameters = find_member(request.properties, "RequestParameters")) {
        input["requestParameters"] = flags(*parameters);
    }
    Json method = co_await call(cloud, request, "PutMethod", std::move(input));
    const Json responses = method_responses(request);
    if (!responses.empty()) method["methodResponses"] = responses;
    if (const Json* integration = find_member(request.properties, "Integration")) {
        Json document = integration_of(integration_input(*integration), resource_id);
        const Json answers = integration_responses(*integration);
        if (!answers.empty()) document["integrationResponses"] = answers;
        method["methodIntegration"] = std::move(document);
    }
    const Json* resource = store.part(store.resources, request.caller.scope(), api_id, resource_id);
    put_method(store, request.caller, api_id, *resource, http_method, std::move(method));
    ResourceState state;
    state.physical_id = api_id + "|" + resource_id + "|" + http_method;
    co_return state;
}

ResourceType method_type(Store& store) {
    ResourceType type;
    type.name = "AWS::ApiGateway::Method";
    type.create = [&store](Cloud& cloud, ResourceRequest request) {
        return put_template_method(store, cloud, std::move(request));
    };
    type.update = type.create;
    type.replaced_by = {"RestApiId", "ResourceId", "HttpMethod"};
    type.remove = [](Cloud& cloud, ResourceRequest request) -> Task<void> {
        Json input = {{"restapi_id", property(request, "RestApiId")},
                      {"resource_id", property(request, "ResourceId")},
                      {"http_method", property(request, "HttpMethod")}};
        co_await remove_part(cloud, std::move(request), "DeleteMethod", std::move(input));
    };
    return type;
}

// ---- Deployment and Stage ----

Task<ResourceState> create_template_deployment(Store& store, ResourceRequest request) {
    Json input = {{"restapi_id", property(request, "RestApiId")}, {"live", true}};
    rename(request, input, {{"Description", "description"}, {"StageName", "stageName"}});
    if (const Json* stage = find_member(request.properties, "StageDescription")) {
        if (const Json* variables = find_member(*stage, "Variables")) {
            input["variables"] = *variables;
        }
    }
    const Json made = create_deployment(store, request.caller, input);
    ResourceState state;
    state.physical_id = string_member(made, "id");
    state.attributes = {{"DeploymentId", state.physical_id}};
    co_return state;
}

ResourceType deployment_type(Store& store) {
    ResourceType type;
    type.name = "AWS::ApiGateway::Deployment";
    type.create = [&store](Cloud&, ResourceRequest request) {
        return create_template_deployment(store, std::move(request));
    };
    type.update = [](Cloud&, ResourceRequest request) -> Task<ResourceState> {
        ResourceState state;
        state.physical_id = request.physical_id;
        state.attributes = {{"DeploymentId", state.physical_id}};
        co_return state;
    };
    type.remove = [](Cloud& cloud, ResourceRequest request) -> Task<void> {
        Json input = {{"restapi_id", property(request, "RestApiId")},
                      {"deployment_id", request.physical_id}};
        co_await remove_part(cloud, std::move(request), "DeleteDeployment", std::move(input));
    };
    return type;
}

Task<ResourceState> put_template_stage(Store& store, Cloud& cloud, ResourceRequest request) {
    const std::string api_id = property(request, "RestApiId");
    std::string name = property(request, "StageName");
    if (name.empty()) name = "default";
    Json input = {{"restapi_id", api_id}, {"stageName", name}};
    rename(request, input,
           {{"DeploymentId", "deploymentId"},
            {"Description", "description"},
            {"Variables", "variables"}});
    input["tags"] = tags_of(request);
    if (const Json* tracing = find_member(request.properties, "TracingEnabled")) {
        input["tracingEnabled"] = boolean(*tracing);
    }
    store.erase_part(store.stages, request.caller.scope(), api_id, name);
    co_await call(cloud, request, "CreateStage", std::move(input));
    ResourceState state;
    state.physical_id = name;
    co_return state;
}

ResourceType stage_type(Store& store) {
    ResourceType type;
    type.name = "AWS::ApiGateway::Stage";
    type.create = [&store](Cloud& cloud, ResourceRequest request) {
        return put_template_stage(store, cloud, std::move(request));
    };
    type.update = type.create;
    type.replaced_by = {"RestApiId", "StageName"};
    type.remove = [](Cloud& cloud, ResourceRequest request) -> Task<void> {
        Json input = {{"restapi_id", property(request, "RestApiId")},
                      {"stage_name", request.physical_id}};
        co_await remove_part(cloud, std::move(request), "DeleteStage", std::move(input));
    };
    return type;
}

// ---- what is made by one call and removed by another ----

/// A type whose properties are the call's members with another first letter.
struct Simple {
    std::string_view name;
    std::string_view create;
    std::string_view remove;
    std::string_view id_member;   ///< of the answer: what identifies it
    std::string_view path_label;  ///< of the deletion: what takes the id
    std::string_view attribute;   ///< GetAtt name that gives the id; may be empty
};

Json simple_input(const ResourceRequest& request) {
    Json input = Json::object();
    for (const auto& [name, value] : request.properties.items()) {
        if (value.is_null() || name == "Tags") continue;
        std::string member = lower_first(name).get<std::string>();
        if (name == "RestApiId") member = "restapi_id";
        if (name == "ProviderARNs") member = "providerARNs";
        if (name == "UsagePlanId") member = "usageplanId";
        if (name == "ResponseType") member = "response_type";
        if (name == "DomainName") input["domain_name"] = value;
        const bool flag = name == "ValidateRequestBody" || name == "ValidateRequestParameters" ||
                          name == "Enabled";
        const bool whole = name == "AuthorizerResultTtlInSeconds";
        if (name == "Schema" && !value.is_string())
            input[member] = to_text(value);
        else
            input[member] = flag ? boolean(value) : whole ? number(value) : value;
    }
    const Json tags = tags_of(request);
    if (!tags.empty()) input["tags"] = tags;
    if (!find_member(input, "name")) input["name"] = request.generated_name;
    if (const Json* base = find_member(request.properties, "RestApiId")) {
        input["restApiId"] = *base;  // of a base path mapping
    }
    return input;
}

void adapt_usage_plan(const ResourceRequest& request, Json& input) {
    const std::string name = property(request, "UsagePlanName");
    if (!name.empty()) input["name"] = name;
    const Json* stages = find_member(request.properties, "ApiStages");
    if (!stages || !stages->is_array()) return;
    input["apiStages"] = Json::array();
    for (const Json& stage : *stages) {
        input["apiStages"].push_back(
            {{"apiId", string_member(stage, "ApiId")}, {"stage", string_member(stage, "Stage")}});
    }
}

void adapt_model(const ResourceRequest& request, Json& input) {
    if (property(request, "Name").empty()) {
        std::string name = request.generated_name;
        std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
        input["name"] = name;
    }
    if (!find_member(input, "contentType")) input["contentType"] = "application/json";
    if (!find_member(input, "schema")) input["schema"] = "{}";
}

Task<ResourceState> create_simple(Cloud& cloud, ResourceRequest request, Simple simple) {
    Json input = simple_input(request);
    if (simple.create == "CreateUsagePlan") adapt_usage_plan(request, input);
    if (simple.create == "CreateModel") adapt_model(request, input);
    const Json made = co_await call(cloud, request, simple.create, std::move(input));
    ResourceState state;
    state.physical_id = string_member(made, simple.id_member);
    if (!simple.attribute.empty()) {
        state.attributes[std::string(simple.attribute)] = state.physical_id;
    }
    co_return state;
}

Task<void> remove_simple(Cloud& cloud, ResourceRequest request, Simple simple) {
    Json input = simple_input(request);
    input[std::string(simple.path_label)] = request.physical_id;
    co_await remove_part(cloud, std::move(request), simple.remove, std::move(input));
}

Task<ResourceState> update_simple(Cloud& cloud, ResourceRequest request, Simple simple) {
    ResourceRequest old = request;
    old.properties = request.old_properties;
    co_await remove_simple(cloud, std::move(old), simple);
    ResourceState state = co_await create_simple(cloud, std::move(request), simple);
    co_return state;
}

ResourceType simple_type(const Simple& simple) {
    ResourceType type;
    type.name = simple.name;
    type.create = [simple](Cloud& cloud, ResourceRequest request) {
        return create_simple(cloud, std::move(request), simple);
    };
    type.remove = [simple](Cloud& cloud, ResourceRequest request) {
        return remove_simple(cloud, std::move(request), simple);
    };
    // A gateway response and a model are overwritten where they are: their names identify them.
    if (simple.create == "PutGatewayResponse") type.update = type.create;
    if (simple.create == "CreateModel") {
        type.update = [simple](Cloud& cloud, ResourceRequest request) {
            return update_simple(cloud, std::move(request), simple);
        };
    }
    return type;
}

ResourceType account_type() {
    ResourceType type;
    type.name = "AWS::ApiGateway::Account";
    type.create = [](Cloud& cloud, ResourceRequest request) -> Task<ResourceState> {
        Json operation = {{"op", "replace"},
                          {"path", "/cloudwatchRoleArn"},
                          {"value", property(request, "CloudWatchRoleArn")}};
        Json input = {{"patchOperations", Json::array({std::move(operation)})}};
        co_await call(cloud, request, "UpdateAccount", std::move(input));
        ResourceState state;
        state.physical_id = request.generated_name;
        state.attributes = {{"Id", state.physical_id}};
        co_return state;
    };
    type.update = type.create;
    type.remove = [](Cloud&, ResourceRequest) -> Task<void> { co_return; };
    return type;
}

}  // namespace

void add_types(Cloud& cloud, Store& store) {
    ResourceTypes& types = cloud.resource_types();
    types.add(rest_api_type(store));
    types.add(resource_type(store));
    types.add(method_type(store));
    types.add(deployment_type(store));
    types.add(stage_type(store));
    types.add(account_type());
    const Simple simples[] = {
        {"AWS::ApiGateway::Authorizer", "CreateAuthorizer", "DeleteAuthorizer", "id",
         "authorizer_id", "AuthorizerId"},
        {"AWS::ApiGateway::Model", "CreateModel", "DeleteModel", "name", "model_name", ""},
        {"AWS::ApiGateway::RequestValidator", "CreateRequestValidator", "DeleteRequestValidator",
         "id", "requestvalidator_id", "RequestValidatorId"},
        {"AWS::ApiGateway::GatewayResponse", "PutGatewayResponse", "DeleteGatewayResponse",
         "responseType", "response_type", "Id"},
        {"AWS::ApiGateway::ApiKey", "CreateApiKey", "DeleteApiKey", "id", "api_Key", "APIKeyId"},
        {"AWS::ApiGateway::UsagePlan", "CreateUsagePlan", "DeleteUsagePlan", "id", "usageplanId",
         "Id"},
        {"AWS::ApiGateway::UsagePlanKey", "CreateUsagePlanKey", "DeleteUsagePlanKey", "id", "keyId",
         "Id"},
        {"AWS::ApiGateway::DomainName", "CreateDomainName", "DeleteDomainName", "domainName",
         "domain_name", "RegionalDomainName"},
        {"AWS::ApiGateway::BasePathMapping", "CreateBasePathMapping", "DeleteBasePathMapping",
         "basePath", "base_path", ""},
        {"AWS::ApiGateway::DocumentationPart", "CreateDocumentationPart", "DeleteDocumentationPart",
         "id", "part_id", "DocumentationPartId"},
        {"AWS::ApiGateway::VpcLink", "CreateVpcLink", "DeleteVpcLink", "id", "vpclink_id",
         "VpcLinkId"},
    };
    for (const Simple& simple : simples) types.add(simple_type(simple));
}

}  // namespace skafu::apigateway::resources

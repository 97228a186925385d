#include "apigateway/errors.h"
#include "apigateway/http/http_apis.h"
#include "apigateway/http/http_mapping.h"
#include "apigateway/import.h"

// AWS::ApiGatewayV2::*: properties become the documents of our own operations.

namespace skafu::apigateway::http {
namespace {

std::string with_small_first(std::string name) {
    if (!name.empty())
        name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
    return name;
}

/// Members of these are settings with names of their own, not a user's keys.
bool has_settings(std::string_view name) {
    return name == "CorsConfiguration" || name == "JwtConfiguration" ||
           name == "DefaultRouteSettings" || name == "AccessLogSettings" || name == "TlsConfig";
}

/// Templates may say numbers and truths as text.
Json scalar(const std::string& name, const Json& value) {
    if (!value.is_string()) return value;
    const std::string& text = value.get_ref<const std::string&>();
    const bool is_number = name == "MaxAge" || name == "TimeoutInMillis" ||
                           name == "AuthorizerResultTtlInSeconds" ||
                           name == "ThrottlingBurstLimit" || name == "ThrottlingRateLimit";
    if (is_number) return std::atoi(text.c_str());
    const bool is_flag = text == "true" || text == "false";
    return is_flag && name != "Description" && name != "Name" ? Json(text == "true") : value;
}

Json small_members(const Json& properties) {
    Json out = Json::object();
    for (const auto& [name, value] : properties.items()) {
        if (value.is_null()) continue;
        out[with_small_first(name)] =
            has_settings(name) && value.is_object() ? small_members(value) : scalar(name, value);
    }
    return out;
}

Json body_of(const ResourceRequest& request) {
    const Json* body = find_member(request.properties, "Body");
    if (body == nullptr || body->is_null()) return nullptr;
    return body->is_string() ? read_open_api(body->get<std::string>()) : *body;
}

Json api_input(const ResourceRequest& request, const Json& body) {
    Json input = small_members(request.properties);
    for (const char* member : {"body", "bodyS3Location", "basePath", "failOnWarnings"}) {
        input.erase(member);
    }
    if (body.is_object()) {
        const Json* info = find_member(body, "info");
        if (!input.contains("name")) {
            input["name"] = info == nullptr ? request.stack_name
                                            : string_member(*info, "title", request.stack_name);
        }
        if (!input.contains("protocolType")) input["protocolType"] = "HTTP";
    }
    return input;
}

ResourceState api_state(const Json& api) {
    ResourceState state;
    state.physical_id = string_member(api, "apiId");
    state.attributes = {{"ApiId", api.at("apiId")}, {"ApiEndpoint", api.at("apiEndpoint")}};
    if (string_member(api, "protocolType") == "WEBSOCKET") {
        state.findings.push_back(
            "WebSocket APIs are known to the control plane, but not served: no client can "
            "connect.");
    }
    return state;
}

Task<ResourceState> put_template_api(HttpStore& store, ResourceRequest request) {
    const Json body = body_of(request);
    const Scope scope = request.caller.scope();
    Json input = api_input(request, body);
    Json api;
    if (request.physical_id.empty()) {
        api = create_http_api(store, scope, input);
    } else {
        input["apiId"] = request.physical_id;
        api = update_http_api(store, scope, input);
    }
    if (body.is_object()) {
        api = import_http_api(store, scope, string_member(api, "apiId"), body);
    }
    co_return api_state(api);
}

Task<void> remove_template_api(HttpStore& store, ResourceRequest request) {
    store.erase_api(request.caller.scope(), request.physical_id);
    co_return;
}

ResourceType api_type(HttpStore& store) {
    ResourceType type;
    type.name = "AWS::ApiGatewayV2::Api";
    type.create = [&store](Cloud&, ResourceRequest request) {
        request.physical_id.clear();
        return put_template_api(store, std::move(request));
    };
    type.update = [&store](Cloud&, ResourceRequest request) {
        return put_template_api(store, std::move(request));
    };
    type.remove = [&store](Cloud&, ResourceRequest request) {
        return remove_template_api(store, std::move(request));
    };
    type.replaced_by = {"ProtocolType"};
    return type;
}

ResourceState part_state(const PartKind& kind, const Json& document) {
    ResourceState state;
    state.physical_id = string_member(document, kind.id_member);
    if (kind.name == "Authorizer") state.attributes["AuthorizerId"] = state.physical_id;
    if (kind.name == "Deployment") state.attributes["DeploymentId"] = state.physical_id;
    return state;
}

Json part_input(const PartKind& kind, const ResourceRequest& request) {
    Json input = small_members(request.properties);
    // A deployment of a template follows its API, whose routes may be made later.
    if (kind.name == "Deployment") input["Live"] = true;
    const Json* by_status = find_member(input, "responseParameters");
    if (kind.name == "Integration" && by_status != nullptr && by_status->is_object()) {
        input["responseParameters"] = mappings_of_template(*by_status);
    }
    return input;
}

Task<ResourceState> create_template_part(HttpStore& store, PartKind kind, ResourceRequest request) {
    const Json input = part_input(kind, request);
    co_return part_state(kind, create_part(store, request.caller.scope(), kind, input));
}

Task<ResourceState> update_template_part(HttpStore& store, PartKind kind, ResourceRequest request) {
    Json input = part_input(kind, request);
    input[std::string(kind.id_member)] = request.physical_id;
    co_return part_state(kind, update_part(store, request.caller.scope(), kind, input));
}

Task<void> remove_template_part(HttpStore& store, PartKind kind, ResourceRequest request) {
    Json input = {{"apiId", string_member(request.properties, "ApiId")},
                  {std::string(kind.id_member), request.physical_id}};
    try {
        delete_part(store, request.caller.scope(), kind, input);
    } catch (const AwsError& error) {
        // The API may have gone first, and all its parts with it.
        if (error.code() != "NotFoundException") throw;
    }
    co_return;
}

ResourceType part_type(HttpStore& store, const PartKind& kind) {
    ResourceType type;
    type.name = fmt::format("AWS::ApiGatewayV2::{}", kind.name);
    type.create = [&store, kind](Cloud&, ResourceRequest request) {
        return create_template_part(store, kind, std::move(request));
    };
    type.update = [&store, kind](Cloud&, ResourceRequest request) {
        return update_template_part(store, kind, std::move(request));
    };
    type.remove = [&store, kind](Cloud&, ResourceRequest request) {
        return remove_template_part(store, kind, std::move(request));
    };
    type.replaced_by = {"ApiId", "StageName"};
    return type;
}

}  // namespace

void register_http_types(Cloud& cloud, HttpStore& store) {
    ResourceTypes& types = cloud.resource_types();
    types.add(api_type(store));
    for (const PartKind& kind : part_kinds()) types.add(part_type(store, kind));
}

}  // namespace skafu::apigateway::http

#include "apigateway/http/http_apis.h"

#include <algorithm>

#include "apigateway/errors.h"
#include "apigateway/http/http_mapping.h"
#include "apigateway/import.h"
#include "core/text.h"

// The control plane of HTTP APIs ("Amazon API Gateway Version 2 API Reference").

namespace skafu::apigateway::http {
namespace {

/// Ours: the definition that a deployment froze, and whether it follows its API all the same.
constexpr const char* kFrozen = "Definition";
constexpr const char* kLive = "Live";

std::string http_time(const HttpStore& store) {
    return iso8601_seconds(store.cloud.clock().now());
}

void default_to(Json& document, const char* member, Json value) {
    const Json* given = find_member(document, member);
    if (given == nullptr || given->is_null()) document[member] = std::move(value);
}

void require_member(const Json& document, const char* member) {
    const Json* given = find_member(document, member);
    if (given == nullptr || given->is_null() || is_empty_text(*given)) {
        throw bad_request(fmt::format("Invalid input: {} is required", member));
    }
}

void complete_integration(HttpStore&, const Scope&, const std::string&, Json& document) {
    require_member(document, "integrationType");
    const std::string type = string_member(document, "integrationType");
    default_to(document, "connectionType", "INTERNET");
    default_to(document, "payloadFormatVersion", "1.0");
    default_to(document, "timeoutInMillis", 30000);
    if (type == "AWS_PROXY" && !document.contains("integrationSubtype")) {
        require_member(document, "integrationUri");
        default_to(document, "integrationMethod", "POST");
    }
    if (type == "HTTP_PROXY") {
        require_member(document, "integrationUri");
        require_member(document, "integrationMethod");
    }
    check_mappings(document);
}

void complete_authorizer(HttpStore&, const Scope&, const std::string&, Json& document) {
    require_member(document, "authorizerType");
    if (document["authorizerType"] == "JWT") {
        default_to(document, "jwtConfiguration", Json::object());
        default_to(document, "identitySource", Json::array({"$request.header.Authorization"}));
    } else {
        require_member(document, "authorizerUri");
        default_to(document, "identitySource", Json::array());
        default_to(document, "authorizerResultTtlInSeconds", 0);
        default_to(document, "enableSimpleResponses", false);
    }
}

void complete_route(HttpStore& store, const Scope& scope, const std::string& api_id,
                    Json& document) {
    require_member(document, "routeKey");
    default_to(document, "apiKeyRequired", false);
    default_to(document, "authorizationType", "NONE");
    const std::string key = string_member(document, "routeKey");
    const Json others = list_of(store.parts(store.routes, scope, api_id));
    const bool taken = std::any_of(others.begin(), others.end(), [&](const Json& other) {
        return other["routeKey"] == key && other["routeId"] != document["routeId"];
    });
    if (taken) {
        throw conflict(fmt::format("Route with key {} already exists for this API", key));
    }
}

void complete_deployment(HttpStore& store, const Scope& scope, const std::string& api_id,
                         Json& document) {
    default_to(document, "autoDeployed", false);
    default_to(document, "createdDate", http_time(store));
    default_to(document, "deploymentStatus", "DEPLOYED");
    default_to(document, kFrozen, store.definition(scope, api_id));
    const std::string stage = string_member(document, "stageName");
    document.erase("stageName");
    const Json* found = stage.empty() ? nullptr : store.part(store.stages, scope, api_id, stage);
    if (found == nullptr) return;
    Json changed = *found;
    changed["deploymentId"] = document["deploymentId"];
    store.put_part(store.stages, scope, api_id, stage, std::move(changed));
}

void complete_stage(HttpStore& store, const Scope&, const std::string&, Json& document) {
    require_member(document, "stageName");
    default_to(document, "autoDeploy", false);
    default_to(document, "createdDate", http_time(store));
    document["lastUpdatedDate"] = http_time(store);
    default_to(document, "defaultRouteSettings", {{"detailedMetricsEnabled", false}});
    for (const char* member : {"routeSettings", "stageVariables", "tags"}) {
        default_to(document, member, Json::object());
    }
}

Json with_defaults(HttpStore& store, Json api) {
    const bool is_http = string_member(api, "protocolType", "HTTP") == "HTTP";
    default_to(api, "apiKeySelectionExpression", "$request.header.x-api-key");
    if (is_http) default_to(api, "routeSelectionExpression", "$request.method $request.path");
    default_to(api, "createdDate", http_time(store));
    default_to(api, "disableExecuteApiEndpoint", false);
    default_to(api, "ipAddressType", "ipv4");
    default_to(api, "tags", Json::object());
    return api;
}

/// CreateApi with a target: one integration behind one route, on the $default stage.
void quick_create(HttpStore& store, const Scope& scope, const std::string& api_id,
                  const Json& input) {
    const std::string target = string_member(input, "target");
    const bool is_function = target.starts_with("arn:");
    const Json integration =
        create_part(store, scope, part_kind("Integration"),
                    {{"apiId", api_id},
                     {"integrationType", is_function ? "AWS_PROXY" : "HTTP_PROXY"},
                     {"integrationMethod", is_function ? "POST" : "ANY"},
                     {"integrationUri", target},
                     {"payloadFormatVersion", is_function ? "2.0" : "1.0"}});
    create_part(store, scope, part_kind("Route"),
                {{"apiId", api_id},
                 {"routeKey", string_member(input, "routeKey", "$default")},
                 {"target", "integrations/" + string_member(integration, "integrationId")}});
    create_part(store, scope, part_kind("Stage"),
                {{"apiId", api_id}, {"stageName", "$default"}, {"autoDeploy", true}});
}

void merge_members(const Json& input, Json& document) {
    for (const auto& [name, value] : input.items()) {
        if (name != "apiId" && !value.is_null()) document[name] = value;
    }
}

std::string id_of(const PartKind& kind, const Json& input) {
    return string_member(input, kind.id_member);
}

}  // namespace

const std::vector<PartKind>& part_kinds() {
    static const std::vector<PartKind> kinds = {
        {"Authorizer", "authorizers", "authorizerId", &HttpStore::authorizers, complete_authorizer},
        {"Integration", "integrations", "integrationId", &HttpStore::integrations,
         complete_integration},
        {"Route", "routes", "routeId", &HttpStore::routes, complete_route},
        {"Deployment", "deployments", "deploymentId", &HttpStore::deployments, complete_deployment},
        {"Stage", "stages", "stageName", &HttpStore::stages, complete_stage}};
    return kinds;
}

const PartKind& part_kind(std::string_view name) {
    const auto& kinds = part_kinds();
    return *std::find_if(kinds.begin(), kinds.end(),
                         [&](const PartKind& kind) { return kind.name == name; });
}

Json create_http_api(HttpStore& store, const Scope& scope, const Json& input) {
    require_member(input, "name");
    require_member(input, "protocolType");
    const std::string id = store.cloud.entropy().lower_alphanumeric(10);
    Json api = {{"apiId", id}};
    merge_members(input, api);
    for (const char* member : {"target", "routeKey", "credentialsArn", "body"}) api.erase(member);
    const Settings& settings = store.cloud.settings();
    api["apiEndpoint"] =
        fmt::format("http://{}.execute-api.{}:{}", id, settings.host, settings.port);
    api = with_defaults(store, std::move(api));
    store.put_api(scope, id, api);
    if (input.contains("target")) quick_create(store, scope, id, input);
    return api;
}

Json update_http_api(HttpStore& store, const Scope& scope, const Json& input) {
    const std::string id = string_member(input, "apiId");
    Json api = store.api(scope, id);
    merge_members(input, api);
    store.put_api(scope, id, api);
    return api;
}

Json create_part(HttpStore& store, const Scope& scope, const PartKind& kind, const Json& input) {
    const std::string api_id = string_member(input, "apiId");
    store.api(scope, api_id);
    Json document = Json::object();
    merge_members(input, document);
    const bool named = kind.id_member == "stageName";
    if (!named) {
        document[std::string(kind.id_member)] = store.cloud.entropy().lower_alphanumeric(7);
    }
    kind.complete(store, scope, api_id, document);
    const std::string id = id_of(kind, document);
    Collection& collection = store.*kind.collection;
    if (named && store.part(collection, scope, api_id, id) != nullptr) {
        throw conflict("Stage already exists");
    }
    store.put_part(collection, scope, api_id, id, document);
    return shown_part(std::move(document));
}

const Json& require_part(const HttpStore& store, const Scope& scope, const PartKind& kind,
                         const Json& input) {
    const std::string api_id = string_member(input, "apiId");
    store.api(scope, api_id);
    const Json* found = store.part(store.*kind.collection, scope, api_id, id_of(kind, input));
    if (found == nullptr) {
        throw not_found(
            fmt::format("Invalid {} identifier specified {}", kind.name, id_of(kind, input)));
    }
    return *found;
}

Json update_part(HttpStore& store, const Scope& scope, const PartKind& kind, const Json& input) {
    Json document = require_part(store, scope, kind, input);
    merge_members(input, document);
    const std::string api_id = string_member(input, "apiId");
    kind.complete(store, scope, api_id, document);
    store.put_part(store.*kind.collection, scope, api_id, id_of(kind, document), document);
    return shown_part(std::move(document));
}

void delete_part(HttpStore& store, const Scope& scope, const PartKind& kind, const Json& input) {
    require_part(store, scope, kind, input);
    store.erase_part(store.*kind.collection, scope, string_member(input, "apiId"),
                     id_of(kind, input));
}

Json shown_part(Json document) {
    document.erase(kFrozen);
    document.erase(kLive);
    return document;
}

namespace {

using HttpHandlerOf = std::function<Json(const Scope& scope, const Json& input)>;

void add_http_row(Service& service, std::string name, std::string method, std::string uri,
                  int status, HttpHandlerOf handler) {
    Operation operation;
    operation.name = std::move(name);
    operation.http.method = std::move(method);
    operation.http.uri = std::move(uri);
    operation.http.status = status;
    for (const char* parameter : {"maxResults", "nextToken", "basepath", "failOnWarnings"}) {
        operation.http.query.emplace_back(parameter, parameter);
    }
    service.add(std::move(operation),
                [handler = std::move(handler)](Context& context, const Json& input) {
                    return handler(context.caller.scope(), input);
                });
}

void add_part_rows(Service& service, HttpStore& store, const PartKind& kind) {
    const std::string all = fmt::format("/v2/apis/{{apiId}}/{}", kind.path);
    const std::string one = fmt::format("{}/{{{}}}", all, kind.id_member);
    const std::string name(kind.name);
    add_http_row(service, "Create" + name, "POST", all, 201,
                 [&store, &kind](const Scope& scope, const Json& input) {
                     return create_part(store, scope, kind, input);
                 });
    add_http_row(service, "Get" + name + "s", "GET", all, 200,
                 [&store, &kind](const Scope& scope, const Json& input) {
                     const std::string api_id = string_member(input, "apiId");
                     store.api(scope, api_id);
                     Json items = list_of(store.parts(store.*kind.collection, scope, api_id));
                     for (Json& item : items) item = shown_part(std::move(item));
                     return Json{{"items", std::move(items)}};
                 });
    add_http_row(service, "Get" + name, "GET", one, 200,
                 [&store, &kind](const Scope& scope, const Json& input) {
                     return shown_part(require_part(store, scope, kind, input));
                 });
    add_http_row(service, "Update" + name, "PATCH", one, 200,
                 [&store, &kind](const Scope& scope, const Json& input) {
                     if (kind.name != "Integration") return update_part(store, scope, kind, input);
                     const Json& before = require_part(store, scope, kind, input);
                     return update_part(store, scope, kind, with_kept_mappings(before, input));
                 });
    add_http_row(service, "Delete" + name, "DELETE", one, 204,
                 [&store, &kind](const Scope& scope, const Json& input) {
                     delete_part(store, scope, kind, input);
                     return Json();
                 });
}

Json import_new(HttpStore& store, const Scope& scope, const Json& input) {
    const Json document = read_open_api(string_member(input, "body"));
    const Json* info = find_member(document, "info");
    Json api = create_http_api(
        store, scope,
        {{"name", info == nullptr ? "imported" : string_member(*info, "title", "imported")},
         {"protocolType", "HTTP"}});
    return import_http_api(store, scope, string_member(api, "apiId"), document);
}

}  // namespace

void register_http_apis(Cloud& cloud, HttpStore& store) {
    Service service;
    service.name = "apigatewayv2";
    service.protocols = {Protocol::rest_json};
    // Its requests are signed for "apigateway": the front tells the two by their paths.
    service.signing_names = {"apigatewayv2"};
    service.sdk_names = {"apigatewayv2"};
    service.reset = [&store](const Scope* scope) { store.reset(scope); };
    service.describe = [&store](Service& service) {
        add_http_row(service, "CreateApi", "POST", "/v2/apis", 201,
                     [&store](const Scope& scope, const Json& input) {
                         return create_http_api(store, scope, input);
                     });
        add_http_row(service, "ImportApi", "PUT", "/v2/apis", 201,
                     [&store](const Scope& scope, const Json& input) {
                         return import_new(store, scope, input);
                     });
        add_http_row(service, "GetApis", "GET", "/v2/apis", 200,
                     [&store](const Scope& scope, const Json&) {
                         Json items = Json::array();
                         store.apis.for_each(scope, [&](const std::string&, const Json& api) {
                             items.push_back(api);
                             return true;
                         });
                         return Json{{"items", std::move(items)}};
                     });
        const char* one = "/v2/apis/{apiId}";
        add_http_row(service, "GetApi", "GET", one, 200,
                     [&store](const Scope& scope, const Json& input) {
                         return store.api(scope, string_member(input, "apiId"));
                     });
        add_http_row(service, "UpdateApi", "PATCH", one, 200,
                     [&store](const Scope& scope, const Json& input) {
                         return update_http_api(store, scope, input);
                     });
        add_http_row(service, "ReimportApi", "PUT", one, 201,
                     [&store](const Scope& scope, const Json& input) {
                         const std::string id = string_member(input, "apiId");
                         store.api(scope, id);
                         return import_http_api(store, scope, id,
                                                read_open_api(string_member(input, "body")));
                     });
        add_http_row(service, "DeleteApi", "DELETE", one, 204,
                     [&store](const Scope& scope, const Json& input) {
                         const std::string id = string_member(input, "apiId");
                         store.api(scope, id);
                         store.erase_api(scope, id);
                         return Json();
                     });
        for (const PartKind& kind : part_kinds()) add_part_rows(service, store, kind);
    };
    cloud.add_service(std::move(service));
}

}  // namespace skafu::apigateway::http

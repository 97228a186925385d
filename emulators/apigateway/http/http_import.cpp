#include <map>

#include "apigateway/errors.h"
#include "apigateway/http/http_apis.h"
#include "core/split.h"

// OpenAPI 3 with the extensions of HTTP APIs ("Working with OpenAPI definitions for HTTP APIs").

namespace skafu::apigateway::http {
namespace {

constexpr const char* kAuthorizerExtension = "x-amazon-apigateway-authorizer";
constexpr const char* kIntegrationExtension = "x-amazon-apigateway-integration";
constexpr const char* kAnyMethod = "x-amazon-apigateway-any-method";

/// What a "$ref" within the document means; the value itself where it is none.
const Json& followed(const Json& document, const Json& value) {
    const std::string reference = string_member(value, "$ref");
    if (!reference.starts_with("#/")) return value;
    const Json* meant = find_pointer(document, std::string_view(reference).substr(1));
    if (meant == nullptr) {
        throw bad_request(fmt::format("Unable to resolve the reference {}", reference));
    }
    return *meant;
}

std::string upper_case(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

/// One document on its way into an API.
class HttpImport {
  public:
    HttpImport(HttpStore& store, const Scope& scope, std::string api_id, const Json& document)
        : store_(store), scope_(scope), api_id_(std::move(api_id)), document_(document) {}

    void run() {
        for (Collection* collection : {&store_.routes, &store_.integrations, &store_.authorizers}) {
            store_.erase_all_parts(*collection, scope_, api_id_);
        }
        add_authorizers();
        const Json* paths = find_member(document_, "paths");
        if (paths == nullptr || !paths->is_object()) return;
        for (const auto& [path, item] : paths->items()) {
            if (!item.is_object()) continue;
            for (const auto& [method, operation] : item.items()) {
                if (operation.is_object()) add_route(path, method, operation);
            }
        }
    }

    Json settings() const {
        Json api = {{"apiId", api_id_}};
        if (const Json* info = find_member(document_, "info")) {
            for (const char* member : {"description", "version"}) {
                if (const Json* value = find_member(*info, member)) api[member] = *value;
            }
            if (const Json* title = find_member(*info, "title")) api["name"] = *title;
        }
        const Json* cors = find_member(document_, "x-amazon-apigateway-cors");
        if (cors != nullptr && cors->is_object() && !cors->empty())
            api["corsConfiguration"] = *cors;
        if (const Json* servers = find_member(document_, "servers");
            servers && servers->is_array()) {
            for (const Json& server : *servers) {
                const Json* endpoint =
                    find_member(server, "x-amazon-apigateway-endpoint-configuration");
                const Json* off =
                    endpoint ? find_member(*endpoint, "disableExecuteApiEndpoint") : nullptr;
                if (off != nullptr)
                    api["disableExecuteApiEndpoint"] = *off == true || *off == "true";
            }
        }
        return api;
    }

  private:
    const Json* schemes() const {
        const Json* components = find_member(document_, "components");
        return components == nullptr ? nullptr : find_member(*components, "securitySchemes");
    }

    void add_authorizers() {
        const Json* all = schemes();
        if (all == nullptr || !all->is_object()) return;
        for (const auto& [name, scheme] : all->items()) {
            const Json* extension = find_member(scheme, kAuthorizerExtension);
            if (extension == nullptr) {
                const bool is_iam =
                    string_member(scheme, "x-amazon-apigateway-authtype") == "awsSigv4";
                if (is_iam) signed_.push_back(name);
                continue;
            }
            Json authorizer = followed(document_, *extension);
            authorizer["apiId"] = api_id_;
            authorizer["name"] = name;
            authorizer["authorizerType"] = upper_case(string_member(authorizer, "type"));
            authorizer.erase("type");
            const Json* source = find_member(authorizer, "identitySource");
            if (source != nullptr && source->is_string()) {
                authorizer["identitySource"] =
                    split_entries(source->get_ref<const std::string&>(), ',');
            }
            const Json made = create_part(store_, scope_, part_kind("Authorizer"), authorizer);
            authorizers_[name] = made;
        }
    }

    void add_route(const std::string& path, const std::string& method, const Json& operation) {
        constexpr std::string_view known[] = {"get",   "put",  "post",    "delete",
                                              "patch", "head", "options", kAnyMethod};
        if (std::find(std::begin(known), std::end(known), method) == std::end(known)) return;
        const bool is_default = path == "$default" || path == "/$default";
        Json route = {{"apiId", api_id_}};
        route["routeKey"] =
            is_default
                ? "$default"
                : fmt::format("{} {}", method == kAnyMethod ? "ANY" : upper_case(method), path);
        if (const Json* name = find_member(operation, "operationId"))
            route["operationName"] = *name;
        secure(operation, route);
        if (const Json* integration = find_member(operation, kIntegrationExtension)) {
            route["target"] = "integrations/" + add_integration(followed(document_, *integration));
        }
        create_part(store_, scope_, part_kind("Route"), route);
    }

    void secure(const Json& operation, Json& route) const {
        const Json* security = find_member(operation, "security");
        if (security == nullptr) security = find_member(document_, "security");
        if (security == nullptr || !security->is_array()) return;
        for (const Json& requirement : *security) {
            for (const auto& [name, scopes] : requirement.items()) {
                if (std::find(signed_.begin(), signed_.end(), name) != signed_.end()) {
                    route["authorizationType"] = "AWS_IAM";
                }
                const auto found = authorizers_.find(name);
                if (found == authorizers_.end()) continue;
                const bool is_jwt = found->second["authorizerType"] == "JWT";
                route["authorizationType"] = is_jwt ? "JWT" : "CUSTOM";
                route["authorizerId"] = found->second["authorizerId"];
                if (is_jwt && !scopes.empty()) route["authorizationScopes"] = scopes;
            }
        }
    }

    std::string add_integration(const Json& extension) {
        Json integration = {{"apiId", api_id_}};
        constexpr std::pair<const char*, const char*> members[] = {
            {"uri", "integrationUri"},
            {"httpMethod", "integrationMethod"},
            {"credentials", "credentialsArn"},
            {"integrationSubtype", "integrationSubtype"},
            {"connectionId", "connectionId"},
            {"connectionType", "connectionType"},
            {"payloadFormatVersion", "payloadFormatVersion"},
            {"timeoutInMillis", "timeoutInMillis"},
            {"requestParameters", "requestParameters"},
            {"responseParameters", "responseParameters"},
            {"description", "description"}};
        for (const auto& [from, to] : members) {
            const Json* value = find_member(extension, from);
            if (value != nullptr && !value->is_null()) integration[to] = *value;
        }
        integration["integrationType"] = upper_case(string_member(extension, "type"));
        const Json made = create_part(store_, scope_, part_kind("Integration"), integration);
        return string_member(made, "integrationId");
    }

    HttpStore& store_;
    const Scope& scope_;
    std::string api_id_;
    const Json& document_;
    std::map<std::string, Json> authorizers_;
    std::vector<std::string> signed_;  // schemes that mean AWS_IAM
};

}  // namespace

Json import_http_api(HttpStore& store, const Scope& scope, const std::string& api_id,
                     const Json& document) {
    if (!document.is_object() || !document.contains("openapi")) {
        throw bad_request(
            "Unable to parse API definition because of a malformed OpenAPI 3 document");
    }
    HttpImport import(store, scope, api_id, document);
    import.run();
    return update_http_api(store, scope, import.settings());
}

}  // namespace skafu::apigateway::http

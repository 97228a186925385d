#include "apigateway/import.h"

#include <set>

#include "apigateway/errors.h"
#include "apigateway/operations.h"
#include "apigateway/rest_api.h"
#include "core/text.h"

namespace skafu::apigateway {
namespace {

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

const Json& member_or_empty(const Json& object, std::string_view name) {
    static const Json empty = Json::object();
    const Json* found = find_member(object, name);
    return found && !found->is_null() ? *found : empty;
}

bool is_true(const Json& object, std::string_view name) {
    const Json* value = find_member(object, name);
    if (value && value->is_string()) return *value == "true";
    return value && value->is_boolean() && value->get<bool>();
}

class Importer {
  public:
    Importer(Store& store, const Caller& caller, std::string api_id, const Json& document,
             const ImportOptions& options)
        : store_(store),
          caller_(caller),
          api_id_(std::move(api_id)),
          document_(document),
          options_(options),
          version_3_(find_member(document, "openapi") != nullptr) {}

    Json run() {
        Json api = store_.api(caller_, api_id_);
        if (options_.overwrite) clear(api);
        import_api(api);
        import_models();
        import_validators();
        import_authorizers();
        import_gateway_responses();
        const std::string base = base_path();
        for (const auto& [path, item] : member_or_empty(document_, "paths").items()) {
            import_path(base + path, item);
        }
        if (options_.fail_on_warnings && !warnings_.empty()) {
            throw bad_request("Warnings found during import:\n\t" + plain_text(warnings_[0]));
        }
        api = store_.api(caller_, api_id_);
        if (!warnings_.empty()) api["warnings"] = warnings_;
        return api;
    }

  private:
    void clear(const Json& api) {
        for (Collection* collection : {&store_.resources, &store_.models, &store_.validators,
                                       &store_.authorizers, &store_.gateway_responses}) {
            store_.erase_all_parts(*collection, caller_.scope(), api_id_);
        }
        const std::string root = string_member(api, "rootResourceId");
        store_.put_part(store_.resources, caller_.scope(), api_id_, root,
                        {{"id", root}, {"path", "/"}});
    }

    void import_api(Json api) {
        const Json& info = member_or_empty(document_, "info");
        if (find_member(info, "title")) api["name"] = plain_text(info.at("title"));
        if (find_member(info, "version")) api["version"] = plain_text(info.at("version"));
        copy_members(info, api, {"description"});
        const std::pair<const char*, const char*> extensions[] = {
            {"x-amazon-apigateway-binary-media-types", "binaryMediaTypes"},
            {"x-amazon-apigateway-api-key-source", "apiKeySource"},
            {"x-amazon-apigateway-policy", "policy"},
            {"x-amazon-apigateway-minimum-compression-size", "minimumCompressionSize"}};
        for (const auto& [extension, member] : extensions) {
            const Json* value = find_member(document_, extension);
            if (!value) continue;
            api[member] = value->is_object() ? Json(to_text(*value)) : *value;
        }
        const Json& endpoint =
            member_or_empty(document_, "x-amazon-apigateway-endpoint-configuration");
        if (is_true(endpoint, "disableExecuteApiEndpoint")) api["disableExecuteApiEndpoint"] = true;
        store_.apis.put(caller_.scope(), api_id_, std::move(api));
        store_.touch(api_id_);
    }

    /// The part in front of all paths: basePath of Swagger, the server's URL or its variable.
    std::string base_path() const {
        if (options_.base_path != "prepend" && options_.base_path != "split") return "";
        std::string base = string_member(document_, "basePath");
        const Json* servers = find_member(document_, "servers");
        if (servers && servers->is_array() && !servers->empty()) {
            const Json& server = servers->front();
            const Json& variable =
                member_or_empty(member_or_empty(server, "variables"), "basePath");
            base = string_member(variable, "default");
            if (base.empty()) {
                const std::string url = string_member(server, "url");
                const std::size_t host = url.find("://");
                const std::size_t slash = url.find('/', host == std::string::npos ? 0 : host + 3);
                if (slash != std::string::npos) base = url.substr(slash);
            }
        }
        while (base.ends_with('/')) base.pop_back();
        if (!base.empty() && base.front() != '/') base.insert(0, "/");
        if (options_.base_path == "split") {
            const std::size_t second = base.find('/', 1);
            return second == std::string::npos ? "" : base.substr(second);
        }
        return base;
    }

    /// References to other definitions as references to the API's models.
    Json with_model_references(const Json& schema) const {
        Json result = schema;
        if (result.is_object()) {
            for (auto& [name, value] : result.items()) {
                if (name == "$ref" && value.is_string()) {
                    value = "https://apigateway.amazonaws.com/restapis/" + api_id_ + "/models/" +
                            referenced_name(value.get<std::string>());
                } else {
                    value = with_model_references(value);
                }
            }
        } else if (result.is_array()) {
            for (Json& value : result) value = with_model_references(value);
        }
        return result;
    }

    static std::string referenced_name(const std::string& reference) {
        return reference.substr(reference.rfind('/') + 1);
    }

    void put_model(const std::string& name, const Json& schema) {
        Json model = {{"id", new_id(store_, 6)}, {"name", name}};
        copy_members(schema, model, {"description"});
        model["schema"] = to_pretty_text(with_model_references(schema));
        model["contentType"] = "application/json";
        store_.put_part(store_.models, caller_.scope(), api_id_, name, std::move(model));
    }

    void import_models() {
        const Json& schemas =
            version_3_ ? member_or_empty(member_or_empty(document_, "components"), "schemas")
                       : member_or_empty(document_, "definitions");
        for (const auto& [name, schema] : schemas.items()) put_model(name, schema);
    }

    /// The name of the model a schema refers to; an inline schema becomes a model of its own.
    std::string model_of(const Json& schema) {
        const std::string reference = string_member(schema, "$ref");
        if (!reference.empty()) return referenced_name(reference);
        const std::string name = "MODEL" + store_.cloud.entropy().hex(6);
        put_model(name, schema);
        return name;
    }

    void import_validators() {
        const Json& validators =
            member_or_empty(document_, "x-amazon-apigateway-request-validators");
        for (const auto& [name, given] : validators.items()) {
            const std::string id = new_id(store_, 6);
            validator_ids_[name] = id;
            store_.put_part(
                store_.validators, caller_.scope(), api_id_, id,
                {{"id", id},
                 {"name", name},
                 {"validateRequestBody", is_true(given, "validateRequestBody")},
                 {"validateRequestParameters", is_true(given, "validateRequestParameters")}});
        }
    }

    void import_authorizers() {
        const Json& schemes = version_3_ ? member_or_empty(member_or_empty(document_, "components"),
                                                           "securitySchemes")
                                         : member_or_empty(document_, "securityDefinitions");
        for (const auto& [name, scheme] : schemes.items()) {
            const Json* given = find_member(scheme, "x-amazon-apigateway-authorizer");
            const std::string auth_type = string_member(scheme, "x-amazon-apigateway-authtype");
            if (!given) {
                if (auth_type == "awsSigv4")
                    schemes_[name] = {"AWS_IAM", ""};
                else if (string_member(scheme, "type") == "apiKey")
                    schemes_[name] = {"API_KEY", ""};
                continue;
            }
            import_authorizer(name, scheme, *given);
        }
    }

    void import_authorizer(const std::string& name, const Json& scheme, const Json& given) {
        const std::string type = upper(string_member(given, "type"));
        const std::string id = new_id(store_, 6);
        Json authorizer = {{"id", id}, {"name", name}, {"type", type}};
        copy_members(given, authorizer, {"providerARNs"});
        const std::string auth_type = string_member(scheme, "x-amazon-apigateway-authtype");
        authorizer["authType"] = !auth_type.empty()             ? auth_type
                                 : type == "COGNITO_USER_POOLS" ? "cognito_user_pools"
                                                                : "custom";
        copy_members(given, authorizer, {"authorizerUri", "authorizerCredentials"});
        const std::string source = string_member(given, "identitySource");
        const std::string header = string_member(scheme, "name");
        if (!source.empty())
            authorizer["identitySource"] = source;
        else if (type != "REQUEST" && !header.empty() && header != "Unused")
            authorizer["identitySource"] = "method.request.header." + header;
        copy_members(given, authorizer,
                     {"identityValidationExpression", "authorizerResultTtlInSeconds"});
        store_.put_part(store_.authorizers, caller_.scope(), api_id_, id, std::move(authorizer));
        schemes_[name] = {type == "COGNITO_USER_POOLS" ? type : "CUSTOM", id};
    }

    void import_gateway_responses() {
        const Json& responses = member_or_empty(document_, "x-amazon-apigateway-gateway-responses");
        for (const auto& [type, given] : responses.items()) {
            Json response = {{"responseType", type}};
            if (find_member(given, "statusCode"))
                response["statusCode"] = plain_text(given["statusCode"]);
            response["responseParameters"] = member_or_empty(given, "responseParameters");
            response["responseTemplates"] = member_or_empty(given, "responseTemplates");
            response["defaultResponse"] = false;
            store_.put_part(store_.gateway_responses, caller_.scope(), api_id_, type,
                            std::move(response));
        }
    }

    /// The resource at a path, made with its parents where it is not there.
    std::string resource_at(const std::string& path) {
        std::string at = string_member(store_.api(caller_, api_id_), "rootResourceId");
        std::string_view rest = path;
        while (!rest.empty()) {
            if (rest.front() == '/') rest.remove_prefix(1);
            const std::size_t end = std::min(rest.find('/'), rest.size());
            const std::string part(rest.substr(0, end));
            rest.remove_prefix(end);
            if (!part.empty()) at = child_of(at, part);
        }
        return at;
    }

    std::string child_of(const std::string& parent, const std::string& part) {
        if (children_.empty()) {
            for (const Json& one : store_.parts(store_.resources, caller_.scope(), api_id_)) {
                children_[string_member(one, "parentId") + "/" + string_member(one, "pathPart")] =
                    string_member(one, "id");
            }
        }
        std::string& id = children_[parent + "/" + part];
        if (id.empty()) {
            id = string_member(create_resource(store_, caller_, api_id_, parent, part), "id");
        }
        return id;
    }

    void import_path(const std::string& path, const Json& item) {
        static const std::set<std::string> methods = {
            "get",    "put",     "post",
            "delete", "options", "head",
            "patch",  "trace",   "x-amazon-apigateway-any-method"};
        const std::string id = resource_at(path);
        Json resource = *store_.part(store_.resources, caller_.scope(), api_id_, id);
        for (const auto& [name, operation] : item.items()) {
            if (!methods.contains(name)) continue;
            const std::string method =
                name == "x-amazon-apigateway-any-method" ? "ANY" : upper(name);
            resource["resourceMethods"][method] = import_method(method, path, id, item, operation);
        }
        store_.put_part(store_.resources, caller_.scope(), api_id_, id, std::move(resource));
    }

    Json import_method(const std::string& name, const std::string& path, const std::string& id,
                       const Json& item, const Json& operation) {
        Json method = {{"httpMethod", name}, {"authorizationType", "NONE"}};
        method["apiKeyRequired"] = false;
        import_security(operation, method);
        std::string validator = string_member(operation, "x-amazon-apigateway-request-validator");
        if (validator.empty()) {
            validator = string_member(document_, "x-amazon-apigateway-request-validator");
        }
        if (validator_ids_.contains(validator)) {
            method["requestValidatorId"] = validator_ids_[validator];
        }
        if (find_member(operation, "operationId")) {
            method["operationName"] = operation["operationId"];
        }
        import_parameters(item, method);
        import_parameters(operation, method);
        import_request_body(operation, method);
        import_responses(operation, method);
        if (const Json* integration = find_member(operation, "x-amazon-apigateway-integration")) {
            method["methodIntegration"] = import_integration(*integration, id, path, name);
        }
        return method;
    }

    void import_security(const Json& operation, Json& method) {
        const Json* security = find_member(operation, "security");
        if (!security) security = find_member(document_, "security");
        const Json& explicit_type = member_or_empty(operation, "x-amazon-apigateway-auth");
        if (!string_member(explicit_type, "type").empty()) {
            method["authorizationType"] = upper(string_member(explicit_type, "type"));
        }
        if (!security || !security->is_array()) return;
        for (const Json& requirement : *security) {
            if (!requirement.is_object()) continue;
            for (const auto& [name, scopes] : requirement.items()) {
                const auto scheme = schemes_.find(name);
                if (scheme == schemes_.end()) continue;
                if (scheme->second.first == "API_KEY") {
                    method["apiKeyRequired"] = true;
                    continue;
                }
                method["authorizationType"] = scheme->second.first;
                if (!scheme->second.second.empty()) method["authorizerId"] = scheme->second.second;
                if (scopes.is_array() && !scopes.empty()) method["authorizationScopes"] = scopes;
            }
        }
    }

    const Json& resolved(const Json& part) const {
        const std::string reference = string_member(part, "$ref");
        if (!reference.starts_with("#/")) return part;
        const Json* at = &document_;
        std::string_view rest = std::string_view(reference).substr(1);
        while (!rest.empty() && at) {
            rest.remove_prefix(1);
            const std::size_t end = std::min(rest.find('/'), rest.size());
            at = find_member(*at, rest.substr(0, end));
            rest.remove_prefix(end);
        }
        return at ? *at : part;
    }

    void import_parameters(const Json& holder, Json& method) {
        const Json* parameters = find_member(holder, "parameters");
        if (!parameters || !parameters->is_array()) return;
        for (const Json& given : *parameters) {
            const Json& parameter = resolved(given);
            const std::string place = string_member(parameter, "in");
            const std::string name = string_member(parameter, "name");
            if (place == "body") {
                const Json* schema = find_member(parameter, "schema");
                if (schema) method["requestModels"]["application/json"] = model_of(*schema);
                continue;
            }
            const std::string kind = place == "query" ? "querystring" : place;
            if (kind != "querystring" && kind != "path" && kind != "header") continue;
            method["requestParameters"]["method.request." + kind + "." + name] =
                is_true(parameter, "required");
        }
    }

    void import_request_body(const Json& operation, Json& method) {
        const Json& body = resolved(member_or_empty(operation, "requestBody"));
        for (const auto& [type, content] : member_or_empty(body, "content").items()) {
            const Json* schema = find_member(content, "schema");
            if (schema) method["requestModels"][type] = model_of(*schema);
        }
    }

    void import_responses(const Json& operation, Json& method) {
        for (const auto& [status, given] : member_or_empty(operation, "responses").items()) {
            const Json& response = resolved(given);
            if (status == "default") continue;
            Json entry = {{"statusCode", status}};
            for (const auto& [header, ignored] : member_or_empty(response, "headers").items()) {
                entry["responseParameters"]["method.response.header." + header] = false;
            }
            if (const Json* schema = find_member(response, "schema")) {
                entry["responseModels"]["application/json"] = model_of(*schema);
            }
            for (const auto& [type, content] : member_or_empty(response, "content").items()) {
                const Json* schema = find_member(content, "schema");
                if (schema) entry["responseModels"][type] = model_of(*schema);
            }
            method["methodResponses"][status] = std::move(entry);
        }
    }

    /// Only texts are mapping expressions; anything else is dropped with a warning.
    Json checked_parameters(const Json& given, const std::string& path, const std::string& method) {
        Json parameters = Json::object();
        for (const auto& [name, value] : given.items()) {
            if (value.is_string()) {
                parameters[name] = value;
                continue;
            }
            warnings_.push_back(fmt::format(
                "Invalid format for 'requestParameters'. Expected type string for property '{}' of "
                "resource '{}' and method '{}' but got '{}'",
                name, path, method, to_text(value)));
        }
        return parameters;
    }

    Json import_integration(const Json& given, const std::string& resource_id,
                            const std::string& path, const std::string& method) {
        const std::string type = upper(string_member(given, "type"));
        Json integration = {{"type", type}};
        if (type != "MOCK") copy_members(given, integration, {"httpMethod", "uri"});
        copy_members(given, integration, {"connectionType", "connectionId", "credentials"});
        if (const Json* parameters = find_member(given, "requestParameters")) {
            const Json checked = checked_parameters(*parameters, path, method);
            if (!checked.empty()) integration["requestParameters"] = checked;
        }
        copy_members(given, integration, {"requestTemplates"});
        const std::string passthrough = upper(string_member(given, "passthroughBehavior"));
        integration["passthroughBehavior"] = passthrough.empty() ? "WHEN_NO_MATCH" : passthrough;
        const std::string handling = upper(string_member(given, "contentHandling"));
        if (!handling.empty()) integration["contentHandling"] = handling;
        integration["timeoutInMillis"] = 29000;
        integration["cacheNamespace"] = resource_id;
        integration["cacheKeyParameters"] = Json::array();
        copy_members(given, integration,
                     {"timeoutInMillis", "cacheNamespace", "cacheKeyParameters", "tlsConfig"});
        for (const auto& [pattern, one] : member_or_empty(given, "responses").items()) {
            const Json* code = find_member(one, "statusCode");
            const std::string status = code ? plain_text(*code) : "200";
            Json response = {{"statusCode", status}};
            if (pattern != "default") response["selectionPattern"] = pattern;
            copy_members(one, response, {"responseParameters", "responseTemplates"});
            const std::string content = upper(string_member(one, "contentHandling"));
            if (!content.empty()) response["contentHandling"] = content;
            integration["integrationResponses"][status] = std::move(response);
        }
        return integration;
    }

    Store& store_;
    const Caller& caller_;
    const std::string api_id_;
    const Json& document_;
    const ImportOptions& options_;
    const bool version_3_;
    Json warnings_ = Json::array();
    std::map<std::string, std::string> validator_ids_;
    std::map<std::string, std::pair<std::string, std::string>> schemes_;  // type, authorizer id
    std::map<std::string, std::string> children_;  // "parent/part" -> resource id
};

}  // namespace

Json import_open_api(Store& store, const Caller& caller, const std::string& api_id,
                     const Json& document, const ImportOptions& options) {
    return Importer(store, caller, api_id, document, options).run();
}

}  // namespace skafu::apigateway

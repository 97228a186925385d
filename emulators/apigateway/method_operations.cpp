#include "apigateway/operations.h"
#include "apigateway/patch.h"
#include "apigateway/rest_api.h"

namespace skafu::apigateway {
namespace {

const std::string kMethodUri =
    "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}";
const std::string kMethodResponseUri = kMethodUri + "/responses/{status_code}";

void check_authorizer(Store& store, const Caller& caller, const std::string& api_id,
                      const std::string& type, const std::string& authorizer_id) {
    if (type != "CUSTOM" && type != "COGNITO_USER_POOLS") return;
    if (!authorizer_id.empty() &&
        store.part(store.authorizers, caller.scope(), api_id, authorizer_id)) {
        return;
    }
    throw bad_request(
        "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
        "COGNITO_USER_POOLS requires a valid authorizer.");
}

void check_models(Store& store, const Caller& caller, const std::string& api_id, const Json& holder,
                  std::string_view member) {
    const Json* models = find_member(holder, member);
    if (!models || !models->is_object()) return;
    for (const auto& [type, name] : models->items()) {
        if (name.is_string() &&
            !store.part(store.models, caller.scope(), api_id, name.get<std::string>())) {
            throw bad_request("Invalid model identifier specified: " + name.get<std::string>());
        }
    }
}

Json put_method_operation(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const Json& resource = resource_of(store, context.caller, input);
    const std::string type = text_of(input, "authorizationType");
    check_authorizer(store, context.caller, api_id, type, text_of(input, "authorizerId"));
    check_models(store, context.caller, api_id, input, "requestModels");
    Json method = {{"httpMethod", method_name(input)}, {"authorizationType", type}};
    copy_members(input, method, {"authorizerId"});
    const Json* key = find_member(input, "apiKeyRequired");
    method["apiKeyRequired"] = key && key->is_boolean() && key->get<bool>();
    copy_members(input, method,
                 {"requestValidatorId", "operationName", "requestParameters", "requestModels",
                  "authorizationScopes"});
    put_method(store, context.caller, api_id, resource, method_name(input), method);
    return method;
}

Json get_method(Store& store, Context& context, const Json& input) {
    return method_of(resource_of(store, context.caller, input), method_name(input));
}

Json delete_method(Store& store, Context& context, const Json& input) {
    Json resource = resource_of(store, context.caller, input);
    method_of(resource, method_name(input));
    resource["resourceMethods"].erase(method_name(input));
    if (resource["resourceMethods"].empty()) resource.erase("resourceMethods");
    store.put_part(store.resources, context.caller.scope(), text_of(input, "restapi_id"),
                   text_of(input, "resource_id"), std::move(resource));
    return Json::object();
}

void patch_method(Store& store, const Caller& caller, const std::string& api_id, Json& method,
                  const PatchOperation& operation) {
    const std::vector<std::string> tokens = operation.tokens();
    const std::string first = tokens.empty() ? "" : tokens[0];
    if (first == "requestParameters" || first == "requestModels") {
        if (tokens.size() != 2) throw bad_request("Invalid patch path " + operation.path);
        if (first == "requestParameters" && operation.op != "remove") {
            method[first][tokens[1]] = operation.text() == "true";
            return;
        }
        if (first == "requestModels" && operation.op == "replace" &&
            !find_member(method.value(first, Json::object()), tokens[1])) {
            throw bad_request("Invalid patch path " + operation.path);
        }
        apply_plainly(method, operation);
        if (method[first].empty()) method.erase(first);
        if (operation.op != "remove") check_models(store, caller, api_id, method, "requestModels");
        return;
    }
    if (operation.op != "replace") {
        throw bad_request("Invalid patch operation specified. Must be one of: [replace]");
    }
    if (first == "authorizationType") {
        check_authorizer(store, caller, api_id, operation.text(),
                         string_member(method, "authorizerId"));
    }
    if (first == "apiKeyRequired")
        method[first] = operation.text() == "true";
    else
        apply_plainly(method, operation);
}

Json update_method(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const auto operations = patch_operations(input, "updateMethodInput");
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    // The authorizer may come after the type in one call: check what all of them make.
    for (const PatchOperation& operation : operations) {
        if (operation.path == "/authorizerId") method["authorizerId"] = operation.text();
    }
    for (const PatchOperation& operation : operations) {
        patch_method(store, context.caller, api_id, method, operation);
    }
    put_method(store, context.caller, api_id, resource, method_name(input), method);
    return method;
}

bool is_status(const std::string& text) {
    return text.size() == 3 && text[0] >= '1' && text[0] <= '5' &&
           text.find_first_not_of("0123456789") == std::string::npos;
}

std::string status_refusal(const std::string& status) {
    return fmt::format(
        "Value '{}' at 'statusCode' failed to satisfy constraint: Member must "
        "satisfy regular expression pattern: [1-5]\\d\\d",
        status);
}

/// The operations of a patch, refused together with a faulty status code.
std::vector<PatchOperation> response_patch(const Json& input) {
    const std::string status = text_of(input, "status_code");
    if (is_status(status)) return patch_operations(input, "updateMethodResponseInput");
    try {
        patch_operations(input, "updateMethodResponseInput");
    } catch (const AwsError& error) {
        const std::string& message = error.message();
        const int count = std::atoi(message.c_str()) + 1;
        throw AwsError::validation(fmt::format("{} validation errors detected: {}; {}", count,
                                               message.substr(message.find(": ") + 2),
                                               status_refusal(status)));
    }
    throw AwsError::validation("1 validation error detected: " + status_refusal(status));
}

Json put_method_response(Store& store, Context& context, const Json& input) {
    if (!is_status(text_of(input, "status_code"))) {
        throw AwsError::validation("1 validation error detected: " +
                                   status_refusal(text_of(input, "status_code")));
    }
    const std::string api_id = text_of(input, "restapi_id");
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    check_models(store, context.caller, api_id, input, "responseModels");
    const std::string status = text_of(input, "status_code");
    if (find_member(method.value("methodResponses", Json::object()), status)) {
        throw conflict("Response already exists for this resource");
    }
    Json response = {{"statusCode", status}};
    copy_members(input, response, {"responseParameters", "responseModels"});
    method["methodResponses"][status] = response;
    put_method(store, context.caller, api_id, resource, method_name(input), method);
    return response;
}

const Json& method_response_of(const Json& method, const std::string& status) {
    const Json* responses = find_member(method, "methodResponses");
    const Json* found = responses ? find_member(*responses, status) : nullptr;
    if (!found) throw not_found("Invalid Response status code specified");
    return *found;
}

Json get_method_response(Store& store, Context& context, const Json& input) {
    const Json& method = method_of(resource_of(store, context.caller, input), method_name(input));
    return method_response_of(method, text_of(input, "status_code"));
}

Json delete_method_response(Store& store, Context& context, const Json& input) {
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    const std::string status = text_of(input, "status_code");
    method_response_of(method, status);
    method["methodResponses"].erase(status);
    if (method["methodResponses"].empty()) method.erase("methodResponses");
    put_method(store, context.caller, text_of(input, "restapi_id"), resource, method_name(input),
               std::move(method));
    return Json::object();
}

void patch_method_response(Json& response, const PatchOperation& operation) {
    const std::vector<std::string> tokens = operation.tokens();
    const std::string first = tokens.empty() ? "" : tokens[0];
    if (tokens.size() != 2 || (first != "responseParameters" && first != "responseModels")) {
        throw bad_request("Invalid patch path " + operation.path);
    }
    const bool known = find_member(response.value(first, Json::object()), tokens[1]) != nullptr;
    if (first == "responseModels" && operation.op != "add" && !known) {
        throw not_found("Content-Type specified was not found");
    }
    if (first == "responseParameters" && operation.op != "add" && !known) {
        throw not_found("Invalid parameter name specified");
    }
    if (first == "responseParameters" && operation.op != "remove") {
        response[first][tokens[1]] = operation.text() == "true";
    } else {
        apply_plainly(response, operation);
        if (response[first].empty()) response.erase(first);
    }
}

Json update_method_response(Store& store, Context& context, const Json& input) {
    const auto operations = response_patch(input);
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    const std::string status = text_of(input, "status_code");
    Json response = method_response_of(method, status);
    for (const PatchOperation& operation : operations) patch_method_response(response, operation);
    method["methodResponses"][status] = response;
    put_method(store, context.caller, text_of(input, "restapi_id"), resource, method_name(input),
               std::move(method));
    return response;
}

}  // namespace

const Json& method_of(const Json& resource, const std::string& http_method) {
    const Json* methods = find_member(resource, "resourceMethods");
    const Json* found = methods ? find_member(*methods, http_method) : nullptr;
    if (!found) throw not_found("Invalid Method identifier specified");
    return *found;
}

void put_method(Store& store, const Caller& caller, const std::string& api_id, Json resource,
                const std::string& http_method, Json method) {
    const std::string id = string_member(resource, "id");
    resource["resourceMethods"][http_method] = std::move(method);
    store.put_part(store.resources, caller.scope(), api_id, id, std::move(resource));
}

void add_method_operations(Service& service, Store& store) {
    const Row rows[] = {
        {"PutMethod", "PUT", kMethodUri, 201, put_method_operation},
        {"GetMethod", "GET", kMethodUri, 200, get_method},
        {"DeleteMethod", "DELETE", kMethodUri, 204, delete_method},
        {"UpdateMethod", "PATCH", kMethodUri, 200, update_method},
        {"PutMethodResponse", "PUT", kMethodResponseUri, 201, put_method_response},
        {"GetMethodResponse", "GET", kMethodResponseUri, 200, get_method_response},
        {"DeleteMethodResponse", "DELETE", kMethodResponseUri, 204, delete_method_response},
        {"UpdateMethodResponse", "PATCH", kMethodResponseUri, 201, update_method_response},
    };
    for (const Row& row : rows) add_row(service, store, row);
}

}  // namespace skafu::apigateway

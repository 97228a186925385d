#include "apigateway/gateway_response.h"
#include "apigateway/operations.h"
#include "apigateway/patch.h"

namespace skafu::apigateway {
namespace {

const std::string kUri = "/restapis/{restapi_id}/gatewayresponses";

std::string checked_type(const Json& input) {
    const std::string type = text_of(input, "response_type");
    if (is_gateway_response_type(type)) return type;
    throw AwsError::validation(fmt::format(
        "1 validation error detected: Value '{}' at 'responseType' failed to satisfy constraint: "
        "Member must satisfy enum value set: [REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, "
        "AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_BODY, "
        "INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, AUTHORIZER_FAILURE, "
        "UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, WAF_FILTERED, "
        "QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE, "
        "INTEGRATION_FAILURE, EXPIRED_TOKEN]",
        type));
}

Json put(Store& store, Context& context, const Json& input) {
    const std::string type = checked_type(input);
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    Json response = {{"responseType", type}};
    copy_members(input, response, {"statusCode"});
    if (!find_member(response, "statusCode")) {
        const int status = gateway_response_status(type);
        if (status != 0) response["statusCode"] = std::to_string(status);
    }
    response["responseParameters"] = Json::object();
    response["responseTemplates"] = Json::object();
    copy_members(input, response, {"responseParameters", "responseTemplates"});
    response["defaultResponse"] = false;
    store.put_part(store.gateway_responses, context.caller.scope(), api_id, type, response);
    return response;
}

Json current(Store& store, const Caller& caller, const Json& input) {
    const std::string type = checked_type(input);
    const std::string api_id = text_of(input, "restapi_id");
    store.api(caller, api_id);
    const Json* set = store.part(store.gateway_responses, caller.scope(), api_id, type);
    return set ? *set : default_gateway_response(type);
}

Json get(Store& store, Context& context, const Json& input) {
    return current(store, context.caller, input);
}

Json list(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    std::vector<Json> items;
    for (const std::string_view type : gateway_response_types()) {
        const Json* set = store.part(store.gateway_responses, context.caller.scope(), api_id, type);
        items.push_back(set ? *set : default_gateway_response(type));
    }
    return item_list(std::move(items));
}

Json remove(Store& store, Context& context, const Json& input) {
    const std::string type = checked_type(input);
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    if (!store.erase_part(store.gateway_responses, context.caller.scope(), api_id, type)) {
        throw not_found("Gateway response type not defined on api");
    }
    return Json::object();
}

void patch(Json& response, const PatchOperation& operation) {
    if (!operation.has_path) throw bad_request("Invalid patch path null");
    const std::vector<std::string> tokens = operation.tokens();
    const std::string first = tokens.empty() ? "" : tokens[0];
    const bool map = first == "responseParameters" || first == "responseTemplates";
    const bool known =
        (map && tokens.size() <= 2) || (first == "statusCode" && operation.op == "replace");
    if (!known) throw bad_request("Invalid patch path " + operation.path);
    if (map && operation.op != "remove" && (tokens.size() < 2 || operation.text().empty())) {
        throw bad_request("Invalid null or empty value in " + first);
    }
    if (map && operation.op == "replace" && !find_member(response[first], tokens[1])) {
        throw not_found("Invalid parameter name specified");
    }
    apply_plainly(response, operation);
}

Json update(Store& store, Context& context, const Json& input) {
    const auto operations = patch_operations(input, "updateGatewayResponseInput");
    Json response = current(store, context.caller, input);
    for (const PatchOperation& operation : operations) patch(response, operation);
    response["defaultResponse"] = false;
    store.put_part(store.gateway_responses, context.caller.scope(), text_of(input, "restapi_id"),
                   text_of(input, "response_type"), response);
    return response;
}

}  // namespace

void add_gateway_response_operations(Service& service, Store& store) {
    const std::string one = kUri + "/{response_type}";
    const Row rows[] = {
        {"PutGatewayResponse", "PUT", one, 201, put},
        {"GetGatewayResponse", "GET", one, 200, get},
        {"GetGatewayResponses", "GET", kUri, 200, list},
        {"DeleteGatewayResponse", "DELETE", one, 202, remove},
        {"UpdateGatewayResponse", "PATCH", one, 200, update},
    };
    for (const Row& row : rows) add_row(service, store, row);
}

}  // namespace skafu::apigateway

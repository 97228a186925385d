#include <re2/re2.h>

#include "apigateway/operations.h"
#include "apigateway/patch.h"
#include "apigateway/rest_api.h"
#include "core/arn.h"

namespace skafu::apigateway {
namespace {

const std::string kIntegrationUri =
    "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration";
const std::string kIntegrationResponseUri = kIntegrationUri + "/responses/{status_code}";

void check_status(const Json& input) {
    static const re2::RE2 pattern("[1-5]\\d\\d");
    const std::string status = text_of(input, "status_code");
    if (re2::RE2::FullMatch(status, pattern)) return;
    throw AwsError::validation(
        fmt::format("1 validation error detected: Value '{}' at 'statusCode' failed to satisfy "
                    "constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d",
                    status));
}

void check_aws_uri(const std::string& uri, const std::string& type) {
    const auto arn = Arn::parse(uri);
    if (!arn) throw bad_request("Invalid ARN specified in the request");
    const bool has_target = arn->service == "apigateway" && (arn->resource.starts_with("path/") ||
                                                             arn->resource.starts_with("action/"));
    if (!has_target) throw bad_request("AWS ARN for integration must contain path or action");
    const std::string service = arn->account.substr(arn->account.rfind('.') + 1);
    if (type == "AWS_PROXY" && service != "lambda" && service != "firehose") {
        throw bad_request(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose "
            "stream invocations.");
    }
}

void check_integration(const Json& input) {
    const std::string type = text_of(input, "type");
    if (type != "HTTP" && type != "MOCK" && type != "AWS_PROXY" && type != "HTTP_PROXY" &&
        type != "AWS") {
        throw AwsError::validation(fmt::format(
            "1 validation error detected: Value '{}' at 'putIntegrationInput.type' failed to "
            "satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, "
            "HTTP_PROXY, AWS]",
            type));
    }
    if (const Json* parameters = find_member(input, "requestParameters")) {
        for (const auto& [name, value] : parameters->items()) {
            if (value.is_boolean()) {
                throw AwsError::serialization(
                    "class java.lang.Boolean can not be converted to an String");
            }
        }
    }
    if (type == "MOCK") return;
    if (text_of(input, "httpMethod").empty()) {
        throw bad_request("Enumeration value for HttpMethod must be non-empty");
    }
    const std::string uri = text_of(input, "uri");
    if (type == "HTTP" || type == "HTTP_PROXY") {
        const bool valid = uri.starts_with("http://") || uri.starts_with("https://") ||
                           uri.find("stageVariables.") != std::string::npos;
        if (!valid) throw bad_request("Invalid HTTP endpoint specified for URI");
        return;
    }
    check_aws_uri(uri, type);
}

const Json& integration_in(const Json& method) {
    const Json* found = find_member(method, "methodIntegration");
    if (!found) throw not_found("Invalid Integration identifier specified");
    return *found;
}

Json put_integration(Store& store, Context& context, const Json& input) {
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    Json integration = integration_of(input, text_of(input, "resource_id"));
    method["methodIntegration"] = integration;
    put_method(store, context.caller, text_of(input, "restapi_id"), resource, method_name(input),
               std::move(method));
    return integration;
}

Json get_integration(Store& store, Context& context, const Json& input) {
    return integration_in(method_of(resource_of(store, context.caller, input), method_name(input)));
}

Json delete_integration(Store& store, Context& context, const Json& input) {
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    integration_in(method);
    method.erase("methodIntegration");
    put_method(store, context.caller, text_of(input, "restapi_id"), resource, method_name(input),
               std::move(method));
    return Json::object();
}

void patch_integration(Json& integration, const PatchOperation& operation) {
    const std::vector<std::string> tokens = operation.tokens();
    const std::string first = tokens.empty() ? "" : tokens[0];
    if (first == "cacheKeyParameters" && tokens.size() == 2) {
        Json& keys = integration["cacheKeyParameters"];
        const auto found = std::find(keys.begin(), keys.end(), Json(tokens[1]));
        if (operation.op == "add" && found == keys.end()) keys.push_back(tokens[1]);
        if (operation.op == "remove" && found != keys.end()) keys.erase(found);
    } else if (first == "timeoutInMillis") {
        integration[first] = std::atoi(operation.text().c_str());
    } else {
        apply_plainly(integration, operation);
        const bool emptied = tokens.size() == 2 && integration[first].empty();
        if (emptied) integration.erase(first);
    }
}

Json update_integration(Store& store, Context& context, const Json& input) {
    const auto operations = patch_operations(input, "updateIntegrationInput");
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    Json integration = integration_in(method);
    for (const PatchOperation& operation : operations) patch_integration(integration, operation);
    method["methodIntegration"] = integration;
    put_method(store, context.caller, text_of(input, "restapi_id"), resource, method_name(input),
               std::move(method));
    return integration;
}

Json put_integration_response(Store& store, Context& context, const Json& input) {
    check_status(input);
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    integration_in(method);
    const std::string status = text_of(input, "status_code");
    Json response = {{"statusCode", status}};
    copy_members(
        input, response,
        {"selectionPattern", "responseParameters", "responseTemplates", "contentHandling"});
    method["methodIntegration"]["integrationResponses"][status] = response;
    put_method(store, context.caller, text_of(input, "restapi_id"), resource, method_name(input),
               std::move(method));
    return response;
}

const Json& integration_response_in(const Json& method, const std::string& status) {
    const Json* responses = find_member(integration_in(method), "integrationResponses");
    const Json* found = responses ? find_member(*responses, status) : nullptr;
    if (!found) throw not_found("Invalid Response status code specified");
    return *found;
}

Json get_integration_response(Store& store, Context& context, const Json& input) {
    const Json& method = method_of(resource_of(store, context.caller, input), method_name(input));
    return integration_response_in(method, text_of(input, "status_code"));
}

Json delete_integration_response(Store& store, Context& context, const Json& input) {
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    const std::string status = text_of(input, "status_code");
    integration_response_in(method, status);
    Json& responses = method["methodIntegration"]["integrationResponses"];
    responses.erase(status);
    if (responses.empty()) method["methodIntegration"].erase("integrationResponses");
    put_method(store, context.caller, text_of(input, "restapi_id"), resource, method_name(input),
               std::move(method));
    return Json::object();
}

Json update_integration_response(Store& store, Context& context, const Json& input) {
    const auto operations = patch_operations(input, "updateIntegrationResponseInput");
    const Json& resource = resource_of(store, context.caller, input);
    Json method = method_of(resource, method_name(input));
    const std::string status = text_of(input, "status_code");
    Json response = integration_response_in(method, status);
    for (const PatchOperation& operation : operations) apply_plainly(response, operation);
    method["methodIntegration"]["integrationResponses"][status] = response;
    put_method(store, context.caller, text_of(input, "restapi_id"), resource, method_name(input),
               std::move(method));
    return response;
}

}  // namespace

Json integration_of(const Json& input, const std::string& resource_id) {
    check_integration(input);
    const std::string type = text_of(input, "type");
    Json integration = {{"type", type}};
    if (type != "MOCK") copy_members(input, integration, {"httpMethod", "uri"});
    copy_members(
        input, integration,
        {"connectionType", "connectionId", "credentials", "requestParameters", "requestTemplates"});
    const std::string passthrough = text_of(input, "passthroughBehavior");
    integration["passthroughBehavior"] = passthrough.empty() ? "WHEN_NO_MATCH" : passthrough;
    copy_members(input, integration, {"contentHandling", "tlsConfig", "responseTransferMode"});
    const Json* timeout = find_member(input, "timeoutInMillis");
    integration["timeoutInMillis"] = timeout && timeout->is_number() ? *timeout : Json(29000);
    const std::string cache = text_of(input, "cacheNamespace");
    integration["cacheNamespace"] = cache.empty() ? resource_id : cache;
    integration["cacheKeyParameters"] = Json::array();
    copy_members(input, integration, {"cacheKeyParameters"});
    return integration;
}

void add_integration_operations(Service& service, Store& store) {
    const Row rows[] = {
        {"PutIntegration", "PUT", kIntegrationUri, 201, put_integration},
        {"GetIntegration", "GET", kIntegrationUri, 200, get_integration},
        {"DeleteIntegration", "DELETE", kIntegrationUri, 204, delete_integration},
        {"UpdateIntegration", "PATCH", kIntegrationUri, 200, update_integration},
        {"PutIntegrationResponse", "PUT", kIntegrationResponseUri, 201, put_integration_response},
        {"GetIntegrationResponse", "GET", kIntegrationResponseUri, 200, get_integration_response},
        {"DeleteIntegrationResponse", "DELETE", kIntegrationResponseUri, 204,
         delete_integration_response},
        {"UpdateIntegrationResponse", "PATCH", kIntegrationResponseUri, 200,
         update_integration_response},
    };
    for (const Row& row : rows) add_row(service, store, row);
}

}  // namespace skafu::apigateway

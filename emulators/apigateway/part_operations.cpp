#include "apigateway/operations.h"
#include "apigateway/patch.h"
#include "apigateway/schema.h"

// Models, request validators, authorizers and documentation parts: what an API's methods refer to.

namespace skafu::apigateway {
namespace {

const Json& part_of(Store& store, const Collection& collection, const Caller& caller,
                    const Json& input, std::string_view id_member, std::string_view refusal) {
    const Json* found = store.part(collection, caller.scope(), text_of(input, "restapi_id"),
                                   text_of(input, id_member));
    if (!found) throw not_found(std::string(refusal));
    return *found;
}

Json list_parts(Store& store, const Collection& collection, const Caller& caller,
                const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(caller, api_id);
    return item_list(store.parts(collection, caller.scope(), api_id));
}

// ---- models ----

const Json& model_of(Store& store, const Caller& caller, const Json& input) {
    return part_of(store, store.models, caller, input, "model_name",
                   "Invalid model name specified: " + text_of(input, "model_name"));
}

Json create_model(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    const std::string name = text_of(input, "name");
    if (store.part(store.models, context.caller.scope(), api_id, name)) {
        throw conflict("Model name already exists for this REST API");
    }
    Json model = {{"id", new_id(store, 6)}, {"name", name}};
    copy_members(input, model, {"description", "schema"});
    check_model_schema(string_member(model, "schema"), text_of(input, "contentType"));
    model["contentType"] = text_of(input, "contentType");
    store.put_part(store.models, context.caller.scope(), api_id, name, model);
    return model;
}

Json get_models(Store& store, Context& context, const Json& input) {
    return list_parts(store, store.models, context.caller, input);
}

Json get_model(Store& store, Context& context, const Json& input) {
    return model_of(store, context.caller, input);
}

void refuse_used_model(Store& store, const Caller& caller, const std::string& api_id,
                       const std::string& name) {
    for (const Json& resource : store.parts(store.resources, caller.scope(), api_id)) {
        const Json* methods = find_member(resource, "resourceMethods");
        if (!methods) continue;
        for (const auto& [http_method, method] : methods->items()) {
            const Json* models = find_member(method, "requestModels");
            if (!models) continue;
            for (const auto& [type, used] : models->items()) {
                if (used != name) continue;
                throw conflict(
                    fmt::format("Cannot delete model '{}', is referenced in method request: {}/{}",
                                name, string_member(resource, "path"), http_method));
            }
        }
    }
}

Json delete_model(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const std::string name = string_member(model_of(store, context.caller, input), "name");
    refuse_used_model(store, context.caller, api_id, name);
    store.erase_part(store.models, context.caller.scope(), api_id, name);
    return Json::object();
}

Json update_model(Store& store, Context& context, const Json& input) {
    const auto operations = patch_operations(input, "updateModelInput");
    Json model = model_of(store, context.caller, input);
    for (const PatchOperation& operation : operations) {
        if (operation.op != "replace") {
            throw bad_request("Invalid patch operation specified. Must be one of: [replace]");
        }
        if (operation.path == "/schema") {
            check_model_schema(operation.text(), string_member(model, "contentType"));
        } else if (operation.path != "/description") {
            throw bad_request(
                "Invalid patch path  '" + operation.path +
                "' specified for op 'replace'. Must be one of: [/description, /schema]");
        }
        apply_plainly(model, operation);
    }
    store.put_part(store.models, context.caller.scope(), text_of(input, "restapi_id"),
                   text_of(input, "model_name"), model);
    return model;
}

// ---- request validators ----

constexpr std::string_view kNoValidator = "Invalid Request Validator identifier specified";

bool flag_of(const Json& input, std::string_view name) {
    const Json* value = find_member(input, name);
    if (value && value->is_string()) return value->get<std::string>() == "true";
    return value && value->is_boolean() && value->get<bool>();
}

Json create_validator(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    if (!store.apis.find(context.caller.scope(), api_id)) {
        throw bad_request("Invalid REST API identifier specified");
    }
    const std::string id = new_id(store, 6);
    Json validator = {{"id", id},
                      {"name", text_of(input, "name")},
                      {"validateRequestBody", flag_of(input, "validateRequestBody")},
                      {"validateRequestParameters", flag_of(input, "validateRequestParameters")}};
    store.put_part(store.validators, context.caller.scope(), api_id, id, validator);
    return validator;
}

Json get_validators(Store& store, Context& context, const Json& input) {
    return list_parts(store, store.validators, context.caller, input);
}

Json get_validator(Store& store, Context& context, const Json& input) {
    return part_of(store, store.validators, context.caller, input, "requestvalidator_id",
                   kNoValidator);
}

Json delete_validator(Store& store, Context& context, const Json& input) {
    get_validator(store, context, input);
    store.erase_part(store.validators, context.caller.scope(), text_of(input, "restapi_id"),
                     text_of(input, "requestvalidator_id"));
    return Json::object();
}

Json update_validator(Store& store, Context& context, const Json& input) {
    const auto operations = patch_operations(input, "updateRequestValidatorInput");
    Json validator = get_validator(store, context, input);
    for (const PatchOperation& operation : operations) {
        if (operation.op != "replace") {
            throw bad_request(
                fmt::format("Invalid patch path  '{}' specified for op '{}'. Please "
                            "choose supported operations",
                            operation.path, operation.op));
        }
        if (operation.path == "/name") {
            if (operation.text().empty()) {
                throw bad_request("Request Validator name cannot be blank");
            }
            validator["name"] = operation.text();
        } else if (operation.path == "/validateRequestBody" ||
                   operation.path == "/validateRequestParameters") {
            validator[operation.path.substr(1)] = operation.text() == "true";
        } else {
            throw bad_request(fmt::format(
                "Invalid patch path  '{}' specified for op 'replace'. Must be one of: [/name, "
                "/validateRequestParameters, /validateRequestBody]",
                operation.path));
        }
    }
    store.put_part(store.validators, context.caller.scope(), text_of(input, "restapi_id"),
                   text_of(input, "requestvalidator_id"), validator);
    return validator;
}

// ---- authorizers ----

Json create_authorizer(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    if (!store.apis.find(context.caller.scope(), api_id)) {
        throw conflict(
            "Unable to complete operation due to concurrent modification. Please try again later.");
    }
    const std::string id = new_id(store, 6);
    Json authorizer = {{"id", id}};
    copy_members(input, authorizer,
                 {"name", "type", "providerARNs", "authType", "authorizerUri",
                  "authorizerCredentials", "identitySource", "identityValidationExpression"});
    if (!find_member(authorizer, "authType") && text_of(input, "type") == "COGNITO_USER_POOLS") {
        authorizer["authType"] = "cognito_user_pools";
    }
    if (!find_member(authorizer, "authType") && text_of(input, "type") != "COGNITO_USER_POOLS") {
        authorizer["authType"] = "custom";
    }
    const Json* lifetime = find_member(input, "authorizerResultTtlInSeconds");
    if (lifetime && lifetime->is_number()) authorizer["authorizerResultTtlInSeconds"] = *lifetime;
    store.put_part(store.authorizers, context.caller.scope(), api_id, id, authorizer);
    return authorizer;
}

Json get_authorizers(Store& store, Context& context, const Json& input) {
    return list_parts(store, store.authorizers, context.caller, input);
}

Json get_authorizer(Store& store, Context& context, const Json& input) {
    return part_of(store, store.authorizers, context.caller, input, "authorizer_id",
                   "Invalid Authorizer identifier specified");
}

Json delete_authorizer(Store& store, Context& context, const Json& input) {
    get_authorizer(store, context, input);
    store.erase_part(store.authorizers, context.caller.scope(), text_of(input, "restapi_id"),
                     text_of(input, "authorizer_id"));
    return Json::object();
}

void patch_provider(Json& authorizer, const PatchOperation& operation) {
    Json& arns = authorizer["providerARNs"];
    if (!arns.is_array()) arns = Json::array();
    const auto found = std::find(arns.begin(), arns.end(), operation.value);
    if (operation.op == "remove" && found != arns.end()) arns.erase(found);
    if (operation.op != "remove" && found == arns.end()) arns.push_back(operation.value);
}

Json update_authorizer(Store& store, Context& context, const Json& input) {
    const auto operations = patch_operations(input, "updateAuthorizerInput");
    Json authorizer = get_authorizer(store, context, input);
    for (const PatchOperation& operation : operations) {
        if (operation.path == "/providerARNs")
            patch_provider(authorizer, operation);
        else if (operation.path == "/authorizerResultTtlInSeconds")
            authorizer["authorizerResultTtlInSeconds"] = std::atoi(operation.text().c_str());
        else
            apply_plainly(authorizer, operation);
    }
    store.put_part(store.authorizers, context.caller.scope(), text_of(input, "restapi_id"),
                   text_of(input, "authorizer_id"), authorizer);
    return authorizer;
}

// ---- documentation parts ----

Json create_documentation(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    const std::string id = new_id(store, 6);
    Json part = {{"id", id}};
    copy_members(input, part, {"location", "properties"});
    store.put_part(store.documentation_parts, context.caller.scope(), api_id, id, part);
    return part;
}

Json get_documentation_parts(Store& store, Context& context, const Json& input) {
    return list_parts(store, store.documentation_parts, context.caller, input);
}

Json get_documentation(Store& store, Context& context, const Json& input) {
    return part_of(store, store.documentation_parts, context.caller, input, "part_id",
                   "Invalid Documentation part identifier specified");
}

Json delete_documentation(Store& store, Context& context, const Json& input) {
    get_documentation(store, context, input);
    store.erase_part(store.documentation_parts, context.caller.scope(),
                     text_of(input, "restapi_id"), text_of(input, "part_id"));
    return Json::object();
}

Json update_documentation(Store& store, Context& context, const Json& input) {
    const auto operations = patch_operations(input, "updateDocumentationPartInput");
    Json part = get_documentation(store, context, input);
    for (const PatchOperation& operation : operations) apply_plainly(part, operation);
    store.put_part(store.documentation_parts, context.caller.scope(), text_of(input, "restapi_id"),
                   text_of(input, "part_id"), part);
    return part;
}

}  // namespace

void add_part_operations(Service& service, Store& store) {
    const std::string api = "/restapis/{restapi_id}";
    const std::string model = api + "/models/{model_name}";
    const std::string validator = api + "/requestvalidators/{requestvalidator_id}";
    const std::string authorizer = api + "/authorizers/{authorizer_id}";
    const std::string documentation = api + "/documentation/parts/{part_id}";
    const std::string models = api + "/models";
    const std::string validators = api + "/requestvalidators";
    const std::string authorizers = api + "/authorizers";
    const std::string documentations = api + "/documentation/parts";
    const Row rows[] = {
        {"CreateModel", "POST", models, 201, create_model},
        {"GetModels", "GET", models, 200, get_models},
        {"GetModel", "GET", model, 200, get_model},
        {"DeleteModel", "DELETE", model, 202, delete_model},
        {"UpdateModel", "PATCH", model, 200, update_model},
        {"CreateRequestValidator", "POST", validators, 201, create_validator},
        {"GetRequestValidators", "GET", validators, 200, get_validators},
        {"GetRequestValidator", "GET", validator, 200, get_validator},
        {"DeleteRequestValidator", "DELETE", validator, 202, delete_validator},
        {"UpdateRequestValidator", "PATCH", validator, 200, update_validator},
        {"CreateAuthorizer", "POST", authorizers, 201, create_authorizer},
        {"GetAuthorizers", "GET", authorizers, 200, get_authorizers},
        {"GetAuthorizer", "GET", authorizer, 200, get_authorizer},
        {"DeleteAuthorizer", "DELETE", authorizer, 202, delete_authorizer},
        {"UpdateAuthorizer", "PATCH", authorizer, 200, update_authorizer},
        {"CreateDocumentationPart", "POST", documentations, 201, create_documentation},
        {"GetDocumentationParts", "GET", documentations, 200, get_documentation_parts},
        {"GetDocumentationPart", "GET", documentation, 200, get_documentation},
        {"DeleteDocumentationPart", "DELETE", documentation, 202, delete_documentation},
        {"UpdateDocumentationPart", "PATCH", documentation, 200, update_documentation},
    };
    for (const Row& row : rows) add_row(service, store, row);
}

}  // namespace skafu::apigateway

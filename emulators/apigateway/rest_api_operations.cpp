#include "apigateway/import.h"
#include "apigateway/operations.h"
#include "apigateway/patch.h"
#include "apigateway/rest_api.h"
#include "core/text.h"

namespace skafu::apigateway {
namespace {

constexpr std::string_view kEndpointTypes = "REGIONAL,EDGE,PRIVATE";

bool is_endpoint_type(const std::string& type) {
    return type == "REGIONAL" || type == "EDGE" || type == "PRIVATE";
}

/// AWS words these constraints by the whole list, unlike those of other services.
void check_endpoint_configuration(const Json& configuration) {
    std::vector<std::string> errors;
    const Json* types = find_member(configuration, "types");
    if (types && types->is_array()) {
        std::vector<std::string> names;
        bool valid = true;
        for (const Json& type : *types) {
            names.push_back(type.is_string() ? type.get<std::string>() : to_text(type));
            valid = valid && is_endpoint_type(names.back());
        }
        if (!valid) {
            errors.push_back(fmt::format(
                "Value '[{}]' at 'createRestApiInput.endpointConfiguration.types' failed to "
                "satisfy "
                "constraint: Member must satisfy constraint: [Member must satisfy enum value set: "
                "[PRIVATE, EDGE, REGIONAL]]",
                fmt::join(names, ", ")));
        }
    }
    const std::string address = text_of(configuration, "ipAddressType");
    if (!address.empty() && address != "ipv4" && address != "dualstack") {
        errors.push_back(fmt::format(
            "Value '{}' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to "
            "satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]",
            address));
    }
    if (errors.empty()) return;
    throw AwsError::validation(fmt::format("{} validation error{} detected: {}", errors.size(),
                                           errors.size() == 1 ? "" : "s", fmt::join(errors, "; ")));
}

Json endpoint_configuration(const Json& input) {
    const Json* given = find_member(input, "endpointConfiguration");
    Json result = Json::object();
    if (given && given->is_object()) result = *given;
    const Json* types = find_member(result, "types");
    if (!types || types->is_null())
        result["types"] = Json::array({"EDGE"});
    else if (types->empty())
        throw bad_request("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
    else if (types->size() > 1)
        throw bad_request("Cannot create an api with multiple Endpoint Types.");
    if (!find_member(result, "ipAddressType")) {
        result["ipAddressType"] = result["types"][0] == "PRIVATE" ? "dualstack" : "ipv4";
    }
    return result;
}

Json create_rest_api(Store& store, Context& context, const Json& input) {
    if (const Json* configuration = find_member(input, "endpointConfiguration")) {
        check_endpoint_configuration(*configuration);
    }
    const Json* description = find_member(input, "description");
    if (description && is_empty_text(*description)) {
        throw bad_request("Description cannot be an empty string");
    }
    return create_api(store, context.caller, input);
}

Json get_rest_apis(Store& store, Context& context, const Json&) {
    std::vector<Json> items;
    store.apis.for_each(context.caller.scope(), [&](const std::string&, const Json& api) {
        items.push_back(api);
        return true;
    });
    return item_list(std::move(items));
}

Json get_rest_api(Store& store, Context& context, const Json& input) {
    return store.api(context.caller, text_of(input, "restapi_id"));
}

Json delete_rest_api(Store& store, Context& context, const Json& input) {
    delete_api(store, context.caller, text_of(input, "restapi_id"));
    return Json::object();
}

void patch_endpoint(Json& api, const PatchOperation& operation) {
    const std::vector<std::string> tokens = operation.tokens();
    if (operation.op != "replace") {
        throw bad_request("Invalid patch operation specified. Must be one of: [replace]");
    }
    Json& configuration = api["endpointConfiguration"];
    if (tokens.size() > 1 && tokens[1] == "ipAddressType") {
        if (operation.text() == "ipv4" && configuration["types"][0] == "PRIVATE") {
            throw bad_request("Only dualstack ipAddressType is supported for Private APIs.");
        }
        configuration["ipAddressType"] = operation.text();
    } else if (tokens.size() > 1 && tokens[1] == "types") {
        if (!is_endpoint_type(operation.text())) {
            throw bad_request("Invalid EndpointTypes specified. Valid options are " +
                              std::string(kEndpointTypes));
        }
        configuration["types"] = Json::array({operation.text()});
        if (operation.text() == "PRIVATE") configuration["ipAddressType"] = "dualstack";
    }
}

void patch_media_types(Json& api, const PatchOperation& operation) {
    const std::vector<std::string> tokens = operation.tokens();
    if (tokens.size() < 2) throw bad_request("Invalid patch path " + operation.path);
    Json& types = api["binaryMediaTypes"];
    if (!types.is_array()) types = Json::array();
    const auto found = std::find(types.begin(), types.end(), Json(tokens[1]));
    if (operation.op == "remove") {
        if (found != types.end()) types.erase(found);
    } else if (operation.op == "replace") {
        if (found != types.end()) *found = operation.value;
    } else if (found == types.end()) {
        types.push_back(tokens[1]);
    }
    if (types.empty()) api.erase("binaryMediaTypes");
}

void patch_compression(Json& api, const PatchOperation& operation) {
    if (operation.op == "remove" || (operation.op == "replace" && operation.text().empty())) {
        api.erase("minimumCompressionSize");
        return;
    }
    if (operation.op != "replace") {
        throw bad_request("Invalid patch operation specified. Must be one of: [replace]");
    }
    int size = -1;
    try {
        size = std::stoi(operation.text());
    } catch (const std::exception&) {
        size = -1;
    }
    if (size < 0 || size > 10485760) {
        throw bad_request("Invalid minimum compression size, must be between 0 and 10485760");
    }
    api["minimumCompressionSize"] = size;
}

Json update_rest_api(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const std::vector<PatchOperation> operations = patch_operations(input, "updateRestApiInput");
    Json api = store.api(context.caller, api_id);
    for (const PatchOperation& operation : operations) {
        const std::vector<std::string> tokens = operation.tokens();
        const std::string first = tokens.empty() ? "" : tokens[0];
        if (first == "endpointConfiguration")
            patch_endpoint(api, operation);
        else if (first == "binaryMediaTypes")
            patch_media_types(api, operation);
        else if (first == "minimumCompressionSize")
            patch_compression(api, operation);
        else if (first == "disableExecuteApiEndpoint")
            api[first] = operation.text() == "true";
        else
            apply_plainly(api, operation);
    }
    store.apis.put(context.caller.scope(), api_id, api);
    store.touch(api_id);
    return api;
}

std::string import_text(const Json& input) {
    return text_of(input, "body");
}

Json put_rest_api(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    const Json document = read_open_api(import_text(input));
    return import_open_api(store, context.caller, api_id, document,
                           {.overwrite = text_of(input, "mode") == "overwrite",
                            .base_path = text_of(input, "basepath"),
                            .fail_on_warnings = text_of(input, "failonwarnings") == "true"});
}

Json import_rest_api(Store& store, Context& context, const Json& input) {
    const Json document = read_open_api(import_text(input));
    const Json* info = find_member(document, "info");
    Json given = Json::object();
    given["name"] = info ? string_member(*info, "title") : "";
    const std::string type = text_of(input, "endpointConfigurationTypes");
    if (!type.empty()) given["endpointConfiguration"]["types"] = Json::array({type});
    const Json api = create_api(store, context.caller, given);
    return import_open_api(store, context.caller, string_member(api, "id"), document,
                           {.overwrite = true,
                            .base_path = text_of(input, "basepath"),
                            .fail_on_warnings = text_of(input, "failonwarnings") == "true"});
}

}  // namespace

Json create_api(Store& store, const Caller& caller, const Json& input) {
    Json api = Json::object();
    Json tags = Json::object();
    if (const Json* given = find_member(input, "tags"); given && given->is_object()) tags = *given;
    // A fixed id, so that URLs stay the same from start to start (a custom of local emulators).
    std::string id = string_member(tags, "_custom_id_");
    if (id.empty() || store.apis.find(caller.scope(), id)) id = new_id(store, 10);
    api["id"] = id;
    api["name"] = text_of(input, "name");
    copy_members(input, api, {"description", "version"});
    api["createdDate"] = now_seconds(store);
    copy_members(input, api, {"binaryMediaTypes", "minimumCompressionSize"});
    const std::string source = text_of(input, "apiKeySource");
    api["apiKeySource"] = source.empty() ? "HEADER" : source;
    api["endpointConfiguration"] = endpoint_configuration(input);
    copy_members(input, api, {"policy"});
    api["tags"] = std::move(tags);
    const Json* disable = find_member(input, "disableExecuteApiEndpoint");
    api["disableExecuteApiEndpoint"] = disable && disable->is_boolean() && disable->get<bool>();
    const std::string root = new_id(store, 10);
    api["rootResourceId"] = root;
    store.apis.put(caller.scope(), id, api);
    store.put_part(store.resources, caller.scope(), id, root, {{"id", root}, {"path", "/"}});
    add_default_models(store, caller, id);
    return api;
}

void add_default_models(Store& store, const Caller& caller, const std::string& api_id) {
    constexpr std::string_view empty =
        "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty "
        "Schema\",\n  \"type\" : \"object\"\n}";
    constexpr std::string_view error =
        "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error "
        "Schema\",\n  \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : "
        "\"string\" }\n  }\n}";
    store.put_part(store.models, caller.scope(), api_id, "Empty",
                   {{"id", new_id(store, 6)},
                    {"name", "Empty"},
                    {"description", "This is a default empty schema model"},
                    {"schema", empty},
                    {"contentType", "application/json"}});
    store.put_part(store.models, caller.scope(), api_id, "Error",
                   {{"id", new_id(store, 6)},
                    {"name", "Error"},
                    {"description", "This is a default error schema model"},
                    {"schema", error},
                    {"contentType", "application/json"}});
}

void delete_api(Store& store, const Caller& caller, const std::string& api_id) {
    store.api(caller, api_id);
    for (Collection* collection : {&store.resources, &store.models, &store.validators,
                                   &store.authorizers, &store.deployments, &store.stages,
                                   &store.gateway_responses, &store.documentation_parts}) {
        store.erase_all_parts(*collection, caller.scope(), api_id);
    }
    store.apis.erase(caller.scope(), api_id);
}

void add_rest_api_operations(Service& service, Store& store) {
    const Row rows[] = {
        {"CreateRestApi", "POST", "/restapis", 201, create_rest_api},
        {"GetRestApis", "GET", "/restapis", 200, get_rest_apis},
        {"GetRestApi", "GET", "/restapis/{restapi_id}", 200, get_rest_api},
        {"DeleteRestApi", "DELETE", "/restapis/{restapi_id}", 202, delete_rest_api},
        {"UpdateRestApi", "PATCH", "/restapis/{restapi_id}", 200, update_rest_api},
    };
    for (const Row& row : rows) add_row(service, store, row);
    for (const Row& row :
         {Row{"PutRestApi", "PUT", "/restapis/{restapi_id}", 200, put_rest_api},
          Row{"ImportRestApi", "POST", "/restapis?mode=import", 201, import_rest_api}}) {
        add_row(service, store, row, shape::structure({shape::optional("body", shape::blob())}),
                "body");
    }
}

}  // namespace skafu::apigateway

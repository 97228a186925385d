#include <fstream>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "lambda/files.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda::resources {

namespace {

Task<Json> call(Cloud& cloud, const ResourceRequest& request, std::string_view operation,
                Json input) {
    Json output = co_await cloud.call_json("lambda", operation, std::move(input), request.caller,
                                           request.cause);
    co_return output;
}

/// Deletion of what is gone already is no failure.
Task<void> call_to_delete(Cloud& cloud, const ResourceRequest& request, std::string_view operation,
                          Json input) {
    try {
        co_await cloud.call_json("lambda", operation, std::move(input), request.caller,
                                 request.cause);
    } catch (const AwsError& error) {
        if (error.code() != "ResourceNotFoundException") throw;
    }
}

/// CloudFormation's list of {Key, Value} as the map that the API takes.
Json tag_map(const Json& properties) {
    Json tags = Json::object();
    if (const Json* list = find_member(properties, "Tags")) {
        for (const Json& tag : *list)
            tags[string_member(tag, "Key")] = tag.value("Value", Json(""));
    }
    return tags;
}

// ---- AWS::Lambda::Function ---------------------------------------------------------------------

/// The API's Code for the property of the same name, which may also mean a local path or carry
/// the source itself.
Json code_of(const ResourceRequest& request) {
    const Json code = request.properties.value("Code", Json::object());
    if (!request.local_path.empty()) {
        const std::filesystem::path path = request.local_path;
        if (std::filesystem::is_directory(path)) return {{"LocalFolder", path.string()}};
        if (path.extension() == ".zip" || path.extension() == ".jar") {
            return {{"ZipFile", base64_encode(read_file(path.string()))}};
        }
        return {{"LocalFolder", path.parent_path().string()}};
    }
    const std::string source = string_member(code, "ZipFile");
    if (!source.empty()) {
        const std::string runtime = string_member(request.properties, "Runtime");
        const std::string name = runtime.starts_with("python") ? "index.py" : "index.js";
        return {{"SourceName", name}, {"SourceText", source}};
    }
    return code;
}

/// The properties as CreateFunction and UpdateFunctionConfiguration take them.
Json settings_of(const ResourceRequest& request) {
    Json input = request.properties;
    input.erase("Code");
    input.erase("Tags");
    if (input.contains("KmsKeyArn")) input["KMSKeyArn"] = input["KmsKeyArn"];
    if (input.contains("Environment")) {
        for (auto& [name, value] : input["Environment"]["Variables"].items()) {
            if (!value.is_string()) value = to_text(value);
        }
    }
    return input;
}

Task<void> put_concurrency(Cloud& cloud, const ResourceRequest& request, std::string name) {
    const Json* reserved = find_member(request.properties, "ReservedConcurrentExecutions");
    if (reserved == nullptr) {
        Json input = {{"FunctionName", name}};
        co_await call(cloud, request, "DeleteFunctionConcurrency", std::move(input));
        co_return;
    }
    Json input = {{"FunctionName", name}, {"ReservedConcurrentExecutions", to_integer(*reserved)}};
    co_await call(cloud, request, "PutFunctionConcurrency", std::move(input));
}

ResourceState function_state(const ResourceRequest& request, std::string name,
                             ResourceState state) {
    state.attributes["Arn"] =
        make_arn("lambda", request.caller.region, request.caller.account, "function:" + name);
    state.physical_id = std::move(name);
    return state;
}

Task<ResourceState> create_function(Cloud& cloud, ResourceRequest request) {
    ResourceState state;
    Json input = settings_of(request);
    std::string name = string_member(input, "FunctionName");
    if (name.empty()) name = request.generated_name.substr(0, 64);
    input["FunctionName"] = name;
    Json code = code_of(request);
    input["Code"] = std::move(code);
    input["Tags"] = tag_map(request.properties);
    co_await call(cloud, request, "CreateFunction", std::move(input));
    if (request.properties.contains("ReservedConcurrentExecutions")) {
        co_await put_concurrency(cloud, request, name);
    }
    co_return function_state(request, std::move(name), std::move(state));
}

Task<ResourceState> update_function(Cloud& cloud, ResourceRequest request) {
    ResourceState state;
    const std::string name = request.physical_id;
    Json input = settings_of(request);
    input["FunctionName"] = name;
    // What the template no longer says goes back to its default.
    for (const auto& [member, fallback] : {std::pair<const char*, Json>{"Timeout", 3},
                                           {"MemorySize", 128},
                                           {"Description", ""},
                                           {"Environment", Json::object()},
                                           {"Layers", Json::array()}}) {
        if (!input.contains(member)) input[member] = fallback;
    }
    Json code = code_of(request);
    co_await call(cloud, request, "UpdateFunctionConfiguration", std::move(input));
    code["FunctionName"] = name;
    co_await call(cloud, request, "UpdateFunctionCode", std::move(code));
    co_await put_concurrency(cloud, request, name);
    co_return function_state(request, name, std::move(state));
}

Task<void> remove_function(Cloud& cloud, ResourceRequest request) {
    Json input = {{"FunctionName", request.physical_id}};
    co_await call_to_delete(cloud, request, "DeleteFunction", std::move(input));
}

// ---- AWS::Lambda::LayerVersion -----------------------------------------------------------------

Task<ResourceState> create_layer(Cloud& cloud, ResourceRequest request) {
    Json input = request.properties;
    std::string name = string_member(input, "LayerName");
    if (name.empty()) name = request.logical_id;
    input["LayerName"] = name;
    if (!request.local_path.empty()) {
        const std::filesystem::path path = request.local_path;
        if (std::filesystem::is_directory(path)) {
            input["Content"] = {{"LocalFolder", path.string()}};
        } else {
            input["Content"] = {{"ZipFile", base64_encode(read_file(path.string()))}};
        }
    }
    Json output = co_await call(cloud, request, "PublishLayerVersion", std::move(input));
    ResourceState state;
    state.physical_id = string_member(output, "LayerVersionArn");
    state.attributes["LayerVersionArn"] = state.physical_id;
    co_return state;
}

Task<void> remove_layer(Cloud& cloud, ResourceRequest request) {
    const std::string& arn = request.physical_id;
    const std::size_t colon = arn.rfind(':');
    if (colon == std::string::npos) co_return;
    Json input = {{"LayerName", arn.substr(0, colon)}, {"VersionNumber", arn.substr(colon + 1)}};
    co_await call_to_delete(cloud, request, "DeleteLayerVersion", std::move(input));
}

/// Layers are shared within one machine anyway: the permission is only kept.
Task<ResourceState> create_layer_permission(Cloud& cloud, ResourceRequest request) {
    const std::string arn = string_member(request.properties, "LayerVersionArn");
    const std::size_t colon = arn.rfind(':');
    Json input = {{"LayerName", arn.substr(0, colon)},
                  {"VersionNumber", arn.substr(colon + 1)},
                  {"StatementId", request.generated_name.substr(0, 100)},
                  {"Action", request.properties.value("Action", Json())},
                  {"Principal", request.properties.value("Principal", Json())}};
    co_await call(cloud, request, "AddLayerVersionPermission", std::move(input));
    ResourceState state;
    state.physical_id = fmt::format("{}#{}", arn, request.generated_name);
    co_return state;
}

Task<void> remove_nothing(Cloud&, ResourceRequest) {
    co_return;
}

// ---- AWS::Lambda::Permission -------------------------------------------------------------------

Task<ResourceState> create_permission(Cloud& cloud, ResourceRequest request) {
    Json input = request.properties;
    const std::string statement = request.generated_name.substr(0, 100);
    input["StatementId"] = statement;
    co_await call(cloud, request, "AddPermission", std::move(input));
    ResourceState state;
    state.physical_id = statement;
    state.attributes["Id"] = statement;
    co_return state;
}

Task<void> remove_permission(Cloud& cloud, ResourceRequest request) {
    Json input = {{"FunctionName", request.properties["FunctionName"]},
                  {"StatementId", request.physical_id}};
    co_await call_to_delete(cloud, request, "RemovePermission", std::move(input));
}

// ---- AWS::Lambda::Version and Alias ------------------------------------------------------------

Task<ResourceState> create_version(Cloud& cloud, ResourceRequest request) {
    Json output = co_await call(cloud, request, "PublishVersion", request.properties);
    ResourceState state;
    state.physical_id = string_member(output, "FunctionArn");
    state.attributes = {{"FunctionArn", state.physical_id}, {"Version", output["Version"]}};
    co_return state;
}

Task<void> remove_version(Cloud& cloud, ResourceRequest request) {
    Json input = {{"FunctionName", request.physical_id}};
    co_await call_to_delete(cloud, request, "DeleteFunction", std::move(input));
}

Task<ResourceState> put_alias(Cloud& cloud, ResourceRequest request) {
    const std::string_view operation = request.physical_id.empty() ? "CreateAlias" : "UpdateAlias";
    Json input = request.properties;
    Json weights = Json::object();
    if (const Json* routing = find_member(input, "RoutingConfig")) {
        for (const Json& each : routing->value("AdditionalVersionWeights", Json::array())) {
            weights[string_member(each, "FunctionVersion")] = each["FunctionWeight"];
        }
        input["RoutingConfig"] = {{"AdditionalVersionWeights", std::move(weights)}};
    }
    Json output = co_await call(cloud, request, operation, std::move(input));
    ResourceState state;
    state.physical_id = string_member(output, "AliasArn");
    state.attributes["AliasArn"] = state.physical_id;
    co_return state;
}

Task<void> remove_alias(Cloud& cloud, ResourceRequest request) {
    Json input = {{"FunctionName", request.properties.value("FunctionName", Json())},
                  {"Name", request.properties.value("Name", Json())}};
    co_await call_to_delete(cloud, request, "DeleteAlias", std::move(input));
}

// ---- AWS::Lambda::Url --------------------------------------------------------------------------

Json url_input(const ResourceRequest& request) {
    Json input = request.properties;
    input["FunctionName"] = string_member(input, "TargetFunctionArn");
    return input;
}

Task<ResourceState> put_url(Cloud& cloud, ResourceRequest request) {
    const std::string_view operation =
        request.physical_id.empty() ? "CreateFunctionUrlConfig" : "UpdateFunctionUrlConfig";
    Json output = co_await call(cloud, request, operation, url_input(request));
    ResourceState state;
    state.physical_id = string_member(output, "FunctionArn");
    state.attributes = {{"FunctionArn", output.at("FunctionArn")},
                        {"FunctionUrl", output.at("FunctionUrl")}};
    co_return state;
}

Task<void> remove_url(Cloud& cloud, ResourceRequest request) {
    co_await call_to_delete(cloud, request, "DeleteFunctionUrlConfig", url_input(request));
}

// ---- AWS::Lambda::EventInvokeConfig ------------------------------------------------------------

Task<ResourceState> put_async_config(Cloud& cloud, ResourceRequest request) {
    co_await call(cloud, request, "PutFunctionEventInvokeConfig", request.properties);
    ResourceState state;
    state.physical_id = request.physical_id.empty() ? request.generated_name : request.physical_id;
    co_return state;
}

Task<void> remove_async_config(Cloud& cloud, ResourceRequest request) {
    Json input = {{"FunctionName", request.properties["FunctionName"]},
                  {"Qualifier", request.properties.value("Qualifier", Json("$LATEST"))}};
    co_await call_to_delete(cloud, request, "DeleteFunctionEventInvokeConfig", std::move(input));
}

// ---- AWS::Lambda::EventSourceMapping -----------------------------------------------------------

/// Templates may carry numbers and switches as texts.
Json mapping_input(const Json& properties) {
    Json input = properties;
    for (auto& [name, value] : input.items()) {
        if (!value.is_string()) continue;
        const std::string& text = value.get_ref<const std::string&>();
        if (text == "true" || text == "false") {
            value = text == "true";
        } else if (!text.empty() && text.find_first_not_of("-0123456789") == std::string::npos) {
            value = to_integer(value);
        }
    }
    return input;
}

ResourceState mapping_state(const Json& output) {
    ResourceState state;
    state.physical_id = string_member(output, "UUID");
    state.attributes = {{"Id", state.physical_id},
                        {"EventSourceMappingArn", output["EventSourceMappingArn"]}};
    return state;
}

Task<ResourceState> create_mapping(Cloud& cloud, ResourceRequest request) {
    Json output = co_await call(cloud, request, "CreateEventSourceMapping",
                                mapping_input(request.properties));
    co_return mapping_state(output);
}

Task<ResourceState> update_mapping(Cloud& cloud, ResourceRequest request) {
    Json input = mapping_input(request.properties);
    input["UUID"] = request.physical_id;
    Json output = co_await call(cloud, request, "UpdateEventSourceMapping", std::move(input));
    co_return mapping_state(output);
}

Task<void> remove_mapping(Cloud& cloud, ResourceRequest request) {
    Json input = {{"UUID", request.physical_id}};
    co_await call_to_delete(cloud, request, "DeleteEventSourceMapping", std::move(input));
}

ResourceType type_of(std::string name,
                     std::function<Task<ResourceState>(Cloud&, ResourceRequest)> create,
                     std::function<Task<ResourceState>(Cloud&, ResourceRequest)> update,
                     std::function<Task<void>(Cloud&, ResourceRequest)> remove,
                     std::vector<std::string> replaced_by = {}) {
    ResourceType type;
    type.name = std::move(name);
    type.create = std::move(create);
    type.update = std::move(update);
    type.remove = std::move(remove);
    type.replaced_by = std::move(replaced_by);
    return type;
}

}  // namespace

void add_types(LambdaService& lambda) {
    ResourceTypes& types = lambda.cloud.resource_types();
    types.add(type_of("AWS::Lambda::Function", create_function, update_function, remove_function,
                      {"FunctionName", "PackageType"}));
    types.add(type_of("AWS::Lambda::LayerVersion", create_layer, {}, remove_layer));
    types.add(type_of("AWS::Lambda::LayerVersionPermission", create_layer_permission, {},
                      remove_nothing));
    types.add(type_of("AWS::Lambda::Permission", create_permission, {}, remove_permission));
    types.add(type_of("AWS::Lambda::Version", create_version, {}, remove_version));
    types.add(type_of("AWS::Lambda::Alias", put_alias, put_alias, remove_alias,
                      {"FunctionName", "Name"}));
    types.add(type_of("AWS::Lambda::EventSourceMapping", create_mapping, update_mapping,
                      remove_mapping, {"EventSourceArn", "StartingPosition"}));
    types.add(type_of("AWS::Lambda::Url", put_url, put_url, remove_url,
                      {"TargetFunctionArn", "Qualifier"}));
    types.add(type_of("AWS::Lambda::EventInvokeConfig", put_async_config, put_async_config,
                      remove_async_config, {"FunctionName", "Qualifier"}));
}

}  // namespace skafu::lambda::resources

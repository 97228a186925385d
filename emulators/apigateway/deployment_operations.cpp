#include "apigateway/operations.h"
#include "apigateway/patch.h"
#include "apigateway/rest_api.h"

namespace skafu::apigateway {
namespace {

const std::string kDeployments = "/restapis/{restapi_id}/deployments";
const std::string kStages = "/restapis/{restapi_id}/stages";

constexpr std::string_view kStagePaths =
    "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, "
    "/accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, "
    "/{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, "
    "/{resourcePath}/{httpMethod}/logging/loglevel, "
    "/{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/"
    "rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, "
    "/{resourcePath}/{httpMethod}/caching/enabled, "
    "/{resourcePath}/{httpMethod}/caching/dataEncrypted, "
    "/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, "
    "/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, "
    "/*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, "
    "/*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, "
    "/*/*/caching/enabled, /*/*/caching/dataEncrypted, "
    "/*/*/caching/requireAuthorizationForCacheControl, "
    "/*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, "
    "/tracingEnabled";

Json make_stage(Store& store, const Caller& caller, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const std::string name = text_of(input, "stageName");
    if (store.part(store.stages, caller.scope(), api_id, name)) {
        throw conflict("Stage already exists");
    }
    if (!store.part(store.deployments, caller.scope(), api_id, text_of(input, "deploymentId"))) {
        throw bad_request("Deployment id does not exist");
    }
    Json stage = Json::object();
    copy_members(input, stage, {"deploymentId", "clientCertificateId"});
    stage["stageName"] = name;
    copy_members(input, stage, {"description"});
    const Json* cache = find_member(input, "cacheClusterEnabled");
    stage["cacheClusterEnabled"] = cache && cache->is_boolean() && cache->get<bool>();
    stage["cacheClusterStatus"] = "NOT_AVAILABLE";
    stage["methodSettings"] = Json::object();
    copy_members(input, stage, {"variables", "documentationVersion", "canarySettings", "tags"});
    const Json* tracing = find_member(input, "tracingEnabled");
    stage["tracingEnabled"] = tracing && tracing->is_boolean() && tracing->get<bool>();
    stage["createdDate"] = now_seconds(store);
    stage["lastUpdatedDate"] = stage["createdDate"];
    store.put_part(store.stages, caller.scope(), api_id, name, stage);
    return stage;
}

Json create_deployment_operation(Store& store, Context& context, const Json& input) {
    return create_deployment(store, context.caller, input);
}

Json get_deployments(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    std::vector<Json> items = store.parts(store.deployments, context.caller.scope(), api_id);
    for (Json& item : items) item = public_deployment(std::move(item));
    return item_list(std::move(items));
}

const Json& deployment_of(Store& store, const Caller& caller, const Json& input) {
    const Json* found = store.part(store.deployments, caller.scope(), text_of(input, "restapi_id"),
                                   text_of(input, "deployment_id"));
    if (!found) throw not_found("Invalid Deployment identifier specified");
    return *found;
}

Json get_deployment(Store& store, Context& context, const Json& input) {
    return public_deployment(deployment_of(store, context.caller, input));
}

Json delete_deployment(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const std::string id = string_member(deployment_of(store, context.caller, input), "id");
    for (const Json& stage : store.parts(store.stages, context.caller.scope(), api_id)) {
        if (string_member(stage, "deploymentId") == id) {
            throw bad_request("Active stages pointing to this deployment must be moved or deleted");
        }
    }
    store.erase_part(store.deployments, context.caller.scope(), api_id, id);
    return Json::object();
}

Json update_deployment(Store& store, Context& context, const Json& input) {
    Json deployment = deployment_of(store, context.caller, input);
    for (const PatchOperation& operation : patch_operations(input, "updateDeploymentInput")) {
        apply_plainly(deployment, operation);
    }
    store.put_part(store.deployments, context.caller.scope(), text_of(input, "restapi_id"),
                   text_of(input, "deployment_id"), deployment);
    return public_deployment(std::move(deployment));
}

Json create_stage(Store& store, Context& context, const Json& input) {
    store.api(context.caller, text_of(input, "restapi_id"));
    return make_stage(store, context.caller, input);
}

Json get_stages(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(context.caller, api_id);
    const std::string wanted = text_of(input, "deploymentId");
    std::vector<Json> items = store.parts(store.stages, context.caller.scope(), api_id);
    std::erase_if(items, [&](const Json& stage) {
        return !wanted.empty() && string_member(stage, "deploymentId") != wanted;
    });
    return item_list(std::move(items));
}

const Json& stage_of(Store& store, const Caller& caller, const Json& input) {
    const Json* found = store.part(store.stages, caller.scope(), text_of(input, "restapi_id"),
                                   text_of(input, "stage_name"));
    if (!found) throw not_found("Invalid stage identifier specified");
    return *found;
}

Json get_stage(Store& store, Context& context, const Json& input) {
    return stage_of(store, context.caller, input);
}

Json delete_stage(Store& store, Context& context, const Json& input) {
    stage_of(store, context.caller, input);
    store.erase_part(store.stages, context.caller.scope(), text_of(input, "restapi_id"),
                     text_of(input, "stage_name"));
    return Json::object();
}

AwsError cannot_remove(const std::string& path) {
    return bad_request(fmt::format(
        "Cannot remove method setting {} because there is no method setting for this method ",
        path.substr(1)));
}

void patch_access_log(Json& stage, const PatchOperation& operation) {
    const bool known = operation.path == "/accessLogSettings/destinationArn" ||
                       operation.path == "/accessLogSettings/format" ||
                       (operation.path == "/accessLogSettings" && operation.op == "remove");
    if (!known) {
        throw bad_request(
            "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, "
            "/accessLogSettings/format]");
    }
    if (operation.op == "remove" && operation.path != "/accessLogSettings") {
        throw cannot_remove(operation.path);
    }
    if (operation.op != "remove" && operation.text().empty()) {
        throw bad_request("Access Log value must not be empty");
    }
    apply_plainly(stage, operation);
}

AwsError bad_stage_path(const std::string& path) {
    return bad_request(
        fmt::format("Invalid method setting path: {}. Must be one of: [{}]", path, kStagePaths));
}

Json setting_value(const std::string& text) {
    if (text == "true" || text == "false") return text == "true";
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) {
        return std::atoi(text.c_str());
    }
    return text;
}

/// "/{resourcePath}/{method}/{group}/{name}", or "/*/*/…" for all methods.
void patch_method_setting(Json& stage, const PatchOperation& operation) {
    const std::vector<std::string> tokens = operation.tokens();
    static const std::map<std::string, std::string> names = {
        {"metrics/enabled", "metricsEnabled"},
        {"logging/dataTrace", "dataTraceEnabled"},
        {"logging/dataTraceEnabled", "dataTraceEnabled"},
        {"logging/loglevel", "loggingLevel"},
        {"throttling/burstLimit", "throttlingBurstLimit"},
        {"throttling/rateLimit", "throttlingRateLimit"},
        {"caching/ttlInSeconds", "cacheTtlInSeconds"},
        {"caching/enabled", "cachingEnabled"},
        {"caching/dataEncrypted", "cacheDataEncrypted"},
        {"caching/requireAuthorizationForCacheControl", "requireAuthorizationForCacheControl"},
        {"caching/unauthorizedCacheControlHeaderStrategy",
         "unauthorizedCacheControlHeaderStrategy"}};
    if (tokens.size() < 4) throw bad_stage_path(operation.path);
    const auto name = names.find(tokens[tokens.size() - 2] + "/" + tokens.back());
    if (name == names.end()) throw bad_stage_path(operation.path);
    const std::string key = tokens[0] + "/" + tokens[1];
    Json& settings = stage["methodSettings"][key];
    if (operation.op == "remove")
        settings.erase(name->second);
    else
        settings[name->second] = setting_value(operation.text());
}

void patch_stage(Store& store, const Caller& caller, const std::string& api_id, Json& stage,
                 const PatchOperation& operation) {
    const std::vector<std::string> tokens = operation.tokens();
    const std::string first = tokens.empty() ? "" : tokens[0];
    if (first == "accessLogSettings") return patch_access_log(stage, operation);
    if (first == "deploymentId") {
        if (!store.part(store.deployments, caller.scope(), api_id, operation.text())) {
            throw bad_request("Deployment id does not exist");
        }
        stage["deploymentId"] = operation.text();
    } else if (first == "cacheClusterEnabled" || first == "tracingEnabled") {
        stage[first] = operation.text() == "true";
    } else if (first == "description" || first == "cacheClusterSize" ||
               first == "clientCertificateId" || first == "documentationVersion" ||
               (first == "variables" && tokens.size() == 2)) {
        apply_plainly(stage, operation);
    } else if (first == "canarySettings") {
        const bool known = tokens.size() > 1 &&
                           (tokens[1] == "percentTraffic" || tokens[1] == "deploymentId" ||
                            tokens[1] == "useStageCache" || tokens[1] == "stageVariableOverrides");
        if (tokens.size() == 1 && operation.op == "remove")
            stage.erase(first);
        else if (!known)
            throw bad_stage_path(operation.path);
        else if (operation.op == "add" && tokens[1] == "deploymentId")
            throw bad_request("Invalid add operation with path: " + operation.path);
        else if (operation.op == "remove")
            throw cannot_remove(operation.path);
        else
            apply_plainly(stage, operation);
    } else {
        patch_method_setting(stage, operation);
    }
}

Json update_stage(Store& store, Context& context, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    const auto operations = patch_operations(input, "updateStageInput");
    Json stage = stage_of(store, context.caller, input);
    for (const PatchOperation& operation : operations) {
        patch_stage(store, context.caller, api_id, stage, operation);
    }
    stage["lastUpdatedDate"] = now_seconds(store);
    store.put_part(store.stages, context.caller.scope(), api_id, text_of(input, "stage_name"),
                   stage);
    return stage;
}

}  // namespace

Json create_deployment(Store& store, const Caller& caller, const Json& input) {
    const std::string api_id = text_of(input, "restapi_id");
    store.api(caller, api_id);
    const std::string stage_name = text_of(input, "stageName");
    if (find_member(input, "canarySettings") && stage_name.empty()) {
        throw bad_request(
            "Invalid deployment content specified.Non null and non empty stageName must be "
            "provided "
            "for canary deployment. Provided value is null");
    }
    Json definition = store.definition(caller.scope(), api_id);
    bool has_method = false;
    for (const Json& resource : definition["resources"]) {
        const Json* methods = find_member(resource, "resourceMethods");
        if (!methods) continue;
        for (const auto& [name, method] : methods->items()) {
            has_method = true;
            if (!find_member(method, "methodIntegration") && !find_member(input, "live")) {
                throw bad_request("No integration defined for method");
            }
        }
    }
    if (!has_method && !find_member(input, "live")) {
        throw bad_request("The REST API doesn't contain any methods");
    }
    const std::string id = new_id(store, 6);
    Json deployment = {{"id", id}};
    copy_members(input, deployment, {"description"});
    deployment["createdDate"] = now_seconds(store);
    const Json shown = deployment;
    copy_members(input, deployment, {"live"});
    deployment["definition"] = std::move(definition);
    store.put_part(store.deployments, caller.scope(), api_id, id, std::move(deployment));
    if (stage_name.empty()) return shown;
    if (const Json* known = store.part(store.stages, caller.scope(), api_id, stage_name)) {
        Json stage = *known;
        stage["deploymentId"] = id;
        copy_members(input, stage, {"variables"});
        stage["lastUpdatedDate"] = now_seconds(store);
        store.put_part(store.stages, caller.scope(), api_id, stage_name, std::move(stage));
        return shown;
    }
    Json stage = input;
    stage["deploymentId"] = id;
    stage.erase("description");
    if (const Json* description = find_member(input, "stageDescription")) {
        stage["description"] = *description;
    }
    make_stage(store, caller, stage);
    return shown;
}

Json public_deployment(Json deployment) {
    deployment.erase("definition");
    deployment.erase("live");
    return deployment;
}

void add_deployment_operations(Service& service, Store& store) {
    const std::string deployment = kDeployments + "/{deployment_id}";
    const std::string stage = kStages + "/{stage_name}";
    const Row rows[] = {
        {"CreateDeployment", "POST", kDeployments, 201, create_deployment_operation},
        {"GetDeployments", "GET", kDeployments, 200, get_deployments},
        {"GetDeployment", "GET", deployment, 200, get_deployment},
        {"DeleteDeployment", "DELETE", deployment, 202, delete_deployment},
        {"UpdateDeployment", "PATCH", deployment, 200, update_deployment},
        {"CreateStage", "POST", kStages, 201, create_stage},
        {"GetStages", "GET", kStages, 200, get_stages},
        {"GetStage", "GET", stage, 200, get_stage},
        {"DeleteStage", "DELETE", stage, 202, delete_stage},
        {"UpdateStage", "PATCH", stage, 200, update_stage},
    };
    for (const Row& row : rows) add_row(service, store, row);
}

}  // namespace skafu::apigateway

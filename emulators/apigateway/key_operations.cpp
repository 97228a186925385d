#include "apigateway/operations.h"
#include "apigateway/patch.h"

// API keys and usage plans: enough to require keys; quotas and throttling are kept, not enforced.

namespace skafu::apigateway {
namespace {

const Json& document_of(const Collection& collection, Context& context, const std::string& id,
                        std::string_view refusal) {
    const Json* found = collection.find(context.caller.scope(), id);
    if (!found) throw not_found(std::string(refusal));
    return *found;
}

std::vector<Json> all_of(const Collection& collection, const Scope& scope) {
    std::vector<Json> items;
    collection.for_each(scope, [&](const std::string&, const Json& document) {
        items.push_back(document);
        return true;
    });
    return items;
}

Json without_value(Json key, const Json& input) {
    const Json* include = find_member(input, "includeValue");
    const Json* includes = find_member(input, "includeValues");
    const bool wanted = (include && to_text(*include).find("true") != std::string::npos) ||
                        (includes && to_text(*includes).find("true") != std::string::npos);
    if (!wanted) key.erase("value");
    return key;
}

Json create_key(Store& store, Context& context, const Json& input) {
    const std::string id = new_id(store, 10);
    std::string value = text_of(input, "value");
    if (text_of(input, "name").size() > 1024) {
        throw bad_request("Invalid API Key name, can be at most 1024 characters.");
    }
    if (!value.empty() && value.size() < 20) {
        throw bad_request("API Key value should be at least 20 characters");
    }
    if (value.empty()) value = store.cloud.entropy().lower_alphanumeric(40);
    Json key = {{"id", id}, {"value", value}};
    copy_members(input, key, {"name", "customerId", "description"});
    const Json* enabled = find_member(input, "enabled");
    key["enabled"] = enabled && enabled->is_boolean() && enabled->get<bool>();
    key["createdDate"] = now_seconds(store);
    key["lastUpdatedDate"] = key["createdDate"];
    key["stageKeys"] = Json::array();
    if (const Json* stages = find_member(input, "stageKeys"); stages && stages->is_array()) {
        for (const Json& stage : *stages) {
            key["stageKeys"].push_back(string_member(stage, "restApiId") + "/" +
                                       string_member(stage, "stageName"));
        }
    }
    copy_members(input, key, {"tags"});
    store.api_keys.put(context.caller.scope(), id, key);
    return key;
}

Json get_keys(Store& store, Context& context, const Json& input) {
    std::vector<Json> keys = all_of(store.api_keys, context.caller.scope());
    const std::string name = text_of(input, "name");
    std::erase_if(keys, [&](const Json& key) {
        return !name.empty() && !string_member(key, "name").starts_with(name);
    });
    for (Json& key : keys) key = without_value(std::move(key), input);
    return item_list(std::move(keys));
}

Json get_key(Store& store, Context& context, const Json& input) {
    return without_value(document_of(store.api_keys, context, text_of(input, "api_Key"),
                                     "Invalid API Key identifier specified"),
                         input);
}

Json delete_key(Store& store, Context& context, const Json& input) {
    document_of(store.api_keys, context, text_of(input, "api_Key"),
                "Invalid API Key identifier specified");
    store.api_keys.erase(context.caller.scope(), text_of(input, "api_Key"));
    return Json::object();
}

Json update_key(Store& store, Context& context, const Json& input) {
    Json key = document_of(store.api_keys, context, text_of(input, "api_Key"),
                           "Invalid API Key identifier specified");
    for (const PatchOperation& operation : patch_operations(input, "updateApiKeyInput")) {
        const bool known = operation.path == "/description" || operation.path == "/enabled" ||
                           operation.path == "/name" || operation.path == "/customerId";
        if (!known) {
            throw bad_request(fmt::format(
                "Invalid patch path  '{}' specified for op '{}'. Must be one of: [/description, "
                "/enabled, /name, /customerId]",
                operation.path, operation.op));
        }
        if (operation.path == "/enabled")
            key["enabled"] = operation.text() == "true";
        else
            apply_plainly(key, operation);
    }
    store.api_keys.put(context.caller.scope(), text_of(input, "api_Key"), key);
    key.erase("value");
    return key;
}

constexpr std::string_view kNoPlan = "Invalid Usage Plan ID specified";

Json create_plan(Store& store, Context& context, const Json& input) {
    const std::string id = new_id(store, 6);
    Json plan = {{"id", id}};
    copy_members(input, plan, {"name", "description", "apiStages", "throttle", "quota", "tags"});
    if (!find_member(plan, "apiStages")) plan["apiStages"] = Json::array();
    store.usage_plans.put(context.caller.scope(), id, plan);
    return plan;
}

Json get_plans(Store& store, Context& context, const Json&) {
    return item_list(all_of(store.usage_plans, context.caller.scope()));
}

Json get_plan(Store& store, Context& context, const Json& input) {
    return document_of(store.usage_plans, context, text_of(input, "usageplanId"), kNoPlan);
}

Json delete_plan(Store& store, Context& context, const Json& input) {
    get_plan(store, context, input);
    store.usage_plans.erase(context.caller.scope(), text_of(input, "usageplanId"));
    return Json::object();
}

void patch_plan_stage(Store& store, const Caller& caller, Json& plan,
                      const PatchOperation& operation) {
    const std::string value = operation.text();
    const std::size_t colon = value.find(':');
    if (colon == std::string::npos) throw bad_request("Invalid API Stage specified");
    const std::string api_id = value.substr(0, colon);
    const std::string stage = value.substr(colon + 1);
    if (!store.part(store.stages, caller.scope(), api_id, stage)) {
        throw not_found(
            fmt::format("Invalid API Stage {{api: {}, stage: {}}} specified for usageplan {}",
                        api_id, stage, string_member(plan, "id")));
    }
    Json& stages = plan["apiStages"];
    const Json entry = {{"apiId", api_id}, {"stage", stage}};
    const auto found = std::find(stages.begin(), stages.end(), entry);
    if (operation.op == "remove" && found != stages.end()) stages.erase(found);
    if (operation.op == "add" && found == stages.end()) stages.push_back(entry);
}

Json update_plan(Store& store, Context& context, const Json& input) {
    Json plan = get_plan(store, context, input);
    for (const PatchOperation& operation : patch_operations(input, "updateUsagePlanInput")) {
        if (operation.path == "/apiStages") {
            patch_plan_stage(store, context.caller, plan, operation);
            continue;
        }
        apply_plainly(plan, operation);
        const std::vector<std::string> tokens = operation.tokens();
        const bool number = tokens.size() == 2 && tokens[1] != "period" && operation.op != "remove";
        if (number) plan[tokens[0]][tokens[1]] = std::atof(operation.text().c_str());
    }
    store.usage_plans.put(context.caller.scope(), text_of(input, "usageplanId"), plan);
    return plan;
}

Json create_plan_key(Store& store, Context& context, const Json& input) {
    get_plan(store, context, input);
    const std::string key_id = text_of(input, "keyId");
    const Json& key =
        document_of(store.api_keys, context, key_id, "Invalid API Key identifier specified");
    Json entry = {{"id", key_id}, {"type", "API_KEY"}, {"value", key.at("value")}};
    copy_members(key, entry, {"name"});
    store.usage_plan_keys.put(context.caller.scope(), text_of(input, "usageplanId") + "/" + key_id,
                              entry);
    return entry;
}

Json get_plan_keys(Store& store, Context& context, const Json& input) {
    std::vector<Json> items;
    const std::string prefix = text_of(input, "usageplanId") + "/";
    store.usage_plan_keys.for_each(
        context.caller.scope(),
        [&](const std::string& key, const Json& document) {
            if (!key.starts_with(prefix)) return false;
            items.push_back(document);
            return true;
        },
        prefix);
    return item_list(std::move(items));
}

Json delete_plan_key(Store& store, Context& context, const Json& input) {
    store.usage_plan_keys.erase(context.caller.scope(),
                                text_of(input, "usageplanId") + "/" + text_of(input, "keyId"));
    return Json::object();
}

}  // namespace

void add_key_operations(Service& service, Store& store) {
    const Row rows[] = {
        {"CreateApiKey", "POST", "/apikeys", 201, create_key},
        {"GetApiKeys", "GET", "/apikeys", 200, get_keys},
        {"GetApiKey", "GET", "/apikeys/{api_Key}", 200, get_key},
        {"DeleteApiKey", "DELETE", "/apikeys/{api_Key}", 202, delete_key},
        {"UpdateApiKey", "PATCH", "/apikeys/{api_Key}", 200, update_key},
        {"CreateUsagePlan", "POST", "/usageplans", 201, create_plan},
        {"GetUsagePlans", "GET", "/usageplans", 200, get_plans},
        {"GetUsagePlan", "GET", "/usageplans/{usageplanId}", 200, get_plan},
        {"DeleteUsagePlan", "DELETE", "/usageplans/{usageplanId}", 202, delete_plan},
        {"UpdateUsagePlan", "PATCH", "/usageplans/{usageplanId}", 200, update_plan},
        {"CreateUsagePlanKey", "POST", "/usageplans/{usageplanId}/keys", 201, create_plan_key},
        {"GetUsagePlanKeys", "GET", "/usageplans/{usageplanId}/keys", 200, get_plan_keys},
        {"DeleteUsagePlanKey", "DELETE", "/usageplans/{usageplanId}/keys/{keyId}", 202,
         delete_plan_key},
    };
    for (const Row& row : rows) add_row(service, store, row);
}

}  // namespace skafu::apigateway

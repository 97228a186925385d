#include "apigateway/store.h"

#include "apigateway/errors.h"

namespace skafu::apigateway {
namespace {

constexpr std::string_view kService = "apigateway";

std::string key_of(const std::string& api_id, std::string_view id) {
    return fmt::format("{}/{}", api_id, id);
}

Json list_of(std::vector<Json> documents) {
    Json list = Json::array();
    for (Json& document : documents) list.push_back(std::move(document));
    return list;
}

}  // namespace

Store::Store(Cloud& cloud)
    : cloud(cloud),
      apis(cloud.database(), kService, "api"),
      resources(cloud.database(), kService, "resource"),
      models(cloud.database(), kService, "model"),
      validators(cloud.database(), kService, "validator"),
      authorizers(cloud.database(), kService, "authorizer"),
      deployments(cloud.database(), kService, "deployment"),
      stages(cloud.database(), kService, "stage"),
      gateway_responses(cloud.database(), kService, "gateway-response"),
      documentation_parts(cloud.database(), kService, "documentation-part"),
      api_keys(cloud.database(), kService, "api-key"),
      usage_plans(cloud.database(), kService, "usage-plan"),
      usage_plan_keys(cloud.database(), kService, "usage-plan-key"),
      domain_names(cloud.database(), kService, "domain-name"),
      base_path_mappings(cloud.database(), kService, "base-path-mapping"),
      vpc_links(cloud.database(), kService, "vpc-link"),
      account(cloud.database(), kService, "account") {}

const Json& Store::api(const Caller& caller, const std::string& api_id) const {
    const Json* found = apis.find(caller.scope(), api_id);
    if (!found) {
        throw not_found(
            fmt::format("Invalid API identifier specified {}:{}", caller.account, api_id));
    }
    return *found;
}

const Json* Store::part(const Collection& collection, const Caller& caller,
                        const std::string& api_id, std::string_view id) const {
    return collection.find(caller.scope(), key_of(api_id, id));
}

void Store::put_part(Collection& collection, const Caller& caller, const std::string& api_id,
                     std::string_view id, Json document) {
    collection.put(caller.scope(), key_of(api_id, id), std::move(document));
    touch(api_id);
}

bool Store::erase_part(Collection& collection, const Caller& caller, const std::string& api_id,
                       std::string_view id) {
    touch(api_id);
    return collection.erase(caller.scope(), key_of(api_id, id));
}

std::vector<Json> Store::parts(const Collection& collection, const Scope& scope,
                               const std::string& api_id) const {
    std::vector<Json> found;
    const std::string prefix = key_of(api_id, "");
    collection.for_each(
        scope,
        [&](const std::string& key, const Json& document) {
            if (!key.starts_with(prefix)) return false;
            found.push_back(document);
            return true;
        },
        prefix);
    return found;
}

void Store::erase_all_parts(Collection& collection, const Caller& caller,
                            const std::string& api_id) {
    std::vector<std::string> keys;
    const std::string prefix = key_of(api_id, "");
    collection.for_each(
        caller.scope(),
        [&](const std::string& key, const Json&) {
            if (!key.starts_with(prefix)) return false;
            keys.push_back(key);
            return true;
        },
        prefix);
    for (const std::string& key : keys) collection.erase(caller.scope(), key);
    touch(api_id);
}

Json Store::definition(const Scope& scope, const std::string& api_id) const {
    Json definition = Json::object();
    if (const Json* api = apis.find(scope, api_id)) definition["api"] = *api;
    definition["resources"] = list_of(parts(resources, scope, api_id));
    definition["models"] = list_of(parts(models, scope, api_id));
    definition["validators"] = list_of(parts(validators, scope, api_id));
    definition["authorizers"] = list_of(parts(authorizers, scope, api_id));
    definition["gatewayResponses"] = list_of(parts(gateway_responses, scope, api_id));
    return definition;
}

std::optional<Scope> Store::owner(const std::string& api_id) {
    const auto known = owners_.find(api_id);
    if (known != owners_.end() && apis.find(known->second, api_id)) return known->second;
    std::optional<Scope> owner;
    apis.for_each_scope([&](const Scope& scope) {
        if (apis.find(scope, api_id)) owner = scope;
    });
    if (owner) owners_[api_id] = *owner;
    return owner;
}

std::uint64_t Store::revision(const std::string& api_id) const {
    const auto found = revisions_.find(api_id);
    return found == revisions_.end() ? 0 : found->second;
}

void Store::reset(const Scope* scope) {
    for (Collection* collection :
         {&apis, &resources, &models, &validators, &authorizers, &deployments, &stages,
          &gateway_responses, &documentation_parts, &api_keys, &usage_plans, &usage_plan_keys,
          &domain_names, &base_path_mappings, &vpc_links, &account}) {
        collection->clear(scope);
    }
    for (auto& [api_id, revision] : revisions_) ++revision;
    owners_.clear();
}

}  // namespace skafu::apigateway

#include "apigateway/store.h"

#include "apigateway/errors.h"

namespace skafu::apigateway {
namespace {

constexpr std::string_view kService = "apigateway";

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

void Store::reset(const Scope* scope) {
    for (Collection* collection :
         {&apis, &resources, &models, &validators, &authorizers, &deployments, &stages,
          &gateway_responses, &documentation_parts, &api_keys, &usage_plans, &usage_plan_keys,
          &domain_names, &base_path_mappings, &vpc_links, &account}) {
        collection->clear(scope);
    }
    touch_all();
    owners_.clear();
}

}  // namespace skafu::apigateway

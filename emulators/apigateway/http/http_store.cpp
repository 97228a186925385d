#include "apigateway/http/http_store.h"

#include "apigateway/errors.h"

namespace skafu::apigateway::http {
namespace {

constexpr std::string_view kHttpService = "apigatewayv2";

}  // namespace

HttpStore::HttpStore(Cloud& house)
    : cloud(house),
      apis(house.database(), kHttpService, "api"),
      routes(house.database(), kHttpService, "route"),
      integrations(house.database(), kHttpService, "integration"),
      authorizers(house.database(), kHttpService, "authorizer"),
      stages(house.database(), kHttpService, "stage"),
      deployments(house.database(), kHttpService, "deployment") {}

const Json& HttpStore::api(const Scope& scope, const std::string& api_id) const {
    const Json* found = apis.find(scope, api_id);
    if (found == nullptr) throw not_found("Invalid API identifier specified " + api_id);
    return *found;
}

void HttpStore::put_api(const Scope& scope, const std::string& api_id, Json document) {
    apis.put(scope, api_id, std::move(document));
    touch(api_id);
}

void HttpStore::erase_api(const Scope& scope, const std::string& api_id) {
    for (Collection* collection : {&routes, &integrations, &authorizers, &stages, &deployments}) {
        erase_all_parts(*collection, scope, api_id);
    }
    apis.erase(scope, api_id);
}

Json HttpStore::definition(const Scope& scope, const std::string& api_id) const {
    return {{"routes", list_of(parts(routes, scope, api_id))},
            {"integrations", list_of(parts(integrations, scope, api_id))},
            {"authorizers", list_of(parts(authorizers, scope, api_id))}};
}

std::optional<Scope> HttpStore::owner(const std::string& api_id) const {
    std::optional<Scope> owner;
    apis.for_each_scope([&](const Scope& scope) {
        if (apis.find(scope, api_id) != nullptr) owner = scope;
    });
    return owner;
}

void HttpStore::reset(const Scope* scope) {
    for (Collection* collection :
         {&apis, &routes, &integrations, &authorizers, &stages, &deployments}) {
        collection->clear(scope);
    }
    touch_all();
}

}  // namespace skafu::apigateway::http

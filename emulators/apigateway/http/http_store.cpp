#include "apigateway/http/http_store.h"

#include "apigateway/errors.h"

namespace skafu::apigateway::http {
namespace {

constexpr std::string_view kHttpService = "apigatewayv2";

std::string part_key(const std::string& api_id, std::string_view id) {
    return fmt::format("{}/{}", api_id, id);
}

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

const Json* HttpStore::part(const Collection& collection, const Scope& scope,
                            const std::string& api_id, std::string_view id) const {
    return collection.find(scope, part_key(api_id, id));
}

void HttpStore::put_part(Collection& collection, const Scope& scope, const std::string& api_id,
                         std::string_view id, Json document) {
    collection.put(scope, part_key(api_id, id), std::move(document));
    ++revisions_[api_id];
}

bool HttpStore::erase_part(Collection& collection, const Scope& scope, const std::string& api_id,
                           std::string_view id) {
    ++revisions_[api_id];
    return collection.erase(scope, part_key(api_id, id));
}

Json HttpStore::parts(const Collection& collection, const Scope& scope,
                      const std::string& api_id) const {
    Json found = Json::array();
    const std::string prefix = part_key(api_id, "");
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

void HttpStore::erase_parts(Collection& collection, const Scope& scope, const std::string& api_id) {
    std::vector<std::string> keys;
    const std::string prefix = part_key(api_id, "");
    collection.for_each(
        scope,
        [&](const std::string& key, const Json&) {
            if (!key.starts_with(prefix)) return false;
            keys.push_back(key);
            return true;
        },
        prefix);
    for (const std::string& key : keys) collection.erase(scope, key);
    ++revisions_[api_id];
}

void HttpStore::put_api(const Scope& scope, const std::string& api_id, Json document) {
    apis.put(scope, api_id, std::move(document));
    ++revisions_[api_id];
}

void HttpStore::erase_api(const Scope& scope, const std::string& api_id) {
    for (Collection* collection : {&routes, &integrations, &authorizers, &stages, &deployments}) {
        erase_parts(*collection, scope, api_id);
    }
    apis.erase(scope, api_id);
}

Json HttpStore::definition(const Scope& scope, const std::string& api_id) const {
    return {{"routes", parts(routes, scope, api_id)},
            {"integrations", parts(integrations, scope, api_id)},
            {"authorizers", parts(authorizers, scope, api_id)}};
}

std::optional<Scope> HttpStore::owner(const std::string& api_id) const {
    std::optional<Scope> owner;
    apis.for_each_scope([&](const Scope& scope) {
        if (apis.find(scope, api_id) != nullptr) owner = scope;
    });
    return owner;
}

std::uint64_t HttpStore::revision(const std::string& api_id) const {
    const auto found = revisions_.find(api_id);
    return found == revisions_.end() ? 0 : found->second;
}

void HttpStore::reset(const Scope* scope) {
    for (Collection* collection :
         {&apis, &routes, &integrations, &authorizers, &stages, &deployments}) {
        collection->clear(scope);
    }
    for (auto& [api_id, revision] : revisions_) ++revision;
}

}  // namespace skafu::apigateway::http

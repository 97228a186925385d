#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::apigateway::http {

/// All that is known of HTTP (and WebSocket) APIs, as documents in the form in which the API
/// answers them. What belongs to an API has the key "apiId/id".
class HttpStore {
  public:
    explicit HttpStore(Cloud& cloud);

    Cloud& cloud;
    Collection apis;
    Collection routes;
    Collection integrations;
    Collection authorizers;
    Collection stages;
    Collection deployments;

    /// Throws NotFoundException.
    const Json& api(const Scope& scope, const std::string& api_id) const;
    /// nullptr if absent.
    const Json* part(const Collection& collection, const Scope& scope, const std::string& api_id,
                     std::string_view id) const;
    void put_part(Collection& collection, const Scope& scope, const std::string& api_id,
                  std::string_view id, Json document);
    bool erase_part(Collection& collection, const Scope& scope, const std::string& api_id,
                    std::string_view id);
    /// All documents of an API in one collection, in the order of their ids.
    Json parts(const Collection& collection, const Scope& scope, const std::string& api_id) const;
    void erase_parts(Collection& collection, const Scope& scope, const std::string& api_id);
    void put_api(const Scope& scope, const std::string& api_id, Json document);
    void erase_api(const Scope& scope, const std::string& api_id);

    /// {routes, integrations, authorizers}: what a deployment freezes.
    Json definition(const Scope& scope, const std::string& api_id) const;
    /// Whose API it is: a request to its host names no account.
    std::optional<Scope> owner(const std::string& api_id) const;
    /// Counts the changes of an API, so that what was compiled can tell that it is old.
    std::uint64_t revision(const std::string& api_id) const;
    void reset(const Scope* scope);

  private:
    std::unordered_map<std::string, std::uint64_t> revisions_;
};

}  // namespace skafu::apigateway::http

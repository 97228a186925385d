#pragma once

#include <optional>
#include <string>

#include "apigateway/api_parts.h"
#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::apigateway::http {

/// All that is known of HTTP (and WebSocket) APIs, as documents in the form in which the API
/// answers them.
class HttpStore : public ApiParts {
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
    void put_api(const Scope& scope, const std::string& api_id, Json document);
    void erase_api(const Scope& scope, const std::string& api_id);

    /// {routes, integrations, authorizers}: what a deployment freezes.
    Json definition(const Scope& scope, const std::string& api_id) const;
    /// Whose API it is: a request to its host names no account.
    std::optional<Scope> owner(const std::string& api_id) const;
    void reset(const Scope* scope);
};

}  // namespace skafu::apigateway::http

#pragma once

#include <unordered_map>

#include "apigateway/http/http_authorization.h"

namespace skafu::apigateway::http {

/// Serves HTTP APIs: stage, route, CORS, authorizer, integration.
class HttpGateway {
  public:
    explicit HttpGateway(HttpStore& store) : store_(store), authorization_(store) {}

    bool serves(const std::string& api_id) const { return store_.owner(api_id).has_value(); }
    /// The operation Invoke of `execute-api`, as register_apigateway says.
    Task<Document> invoke(Context& context, Document input);

  private:
    struct Compiled {
        std::uint64_t revision = 0;
        std::shared_ptr<const HttpRoutes> routes;
    };

    Task<Answer> handle(HttpExchange& exchange);
    void find_stage(HttpExchange& exchange, const std::string& stage, const std::string& path,
                    const std::string& whole);
    std::shared_ptr<const HttpRoutes> routes_of(const HttpExchange& exchange);

    HttpStore& store_;
    HttpAuthorization authorization_;
    std::unordered_map<std::string, Compiled> compiled_;  // by API and deployment
};

/// Sends a request to its route's integration and gives what it answers. Throws HttpRefusal.
Task<Answer> call_integration(HttpExchange& exchange);

}  // namespace skafu::apigateway::http

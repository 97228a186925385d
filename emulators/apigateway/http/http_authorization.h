#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "apigateway/http/http_request.h"
#include "core/jwt.h"
#include "core/task.h"

namespace skafu::apigateway::http {

/// Decides whether a request may reach its route: JWT and function authorizers.
class HttpAuthorization {
  public:
    explicit HttpAuthorization(HttpStore& store) : store_(store) {}

    /// Fills exchange.authorizer. Throws HttpRefusal.
    Task<void> check(HttpExchange& exchange);

  private:
    struct Verdict {
        bool allowed = false;
        Json context;
        std::int64_t until_ms = 0;
    };

    Task<void> check_jwt(HttpExchange& exchange);
    Task<void> check_function(HttpExchange& exchange);
    Task<Verdict> ask_function(HttpExchange& exchange, Json identities);
    Task<jwt::VerifyingKey> key_of(HttpExchange& exchange, std::string issuer, std::string kid);
    Task<Json> keys_of(HttpExchange& exchange, std::string issuer);

    HttpStore& store_;
    std::map<std::string, jwt::VerifyingKey> keys_;      // by issuer and key id
    std::unordered_map<std::string, Verdict> verdicts_;  // by authorizer and identity
};

}  // namespace skafu::apigateway::http

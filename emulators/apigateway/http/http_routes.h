#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/cors.h"
#include "core/json.h"

namespace skafu::apigateway::http {

/// A route with all that serving it needs.
struct HttpRoute {
    std::string key;     // "GET /pets/{id}", "$default"
    std::string method;  // "GET", "ANY"
    std::vector<std::string> segments;
    Json document;
    Json integration;  // null where there is none
    Json authorizer;   // null where there is none
};

/// The routes of an API, compiled from its definition.
class HttpRoutes {
  public:
    using Values = std::vector<std::pair<std::string, std::string>>;

    explicit HttpRoutes(const Json& definition);

    /// The most specific route for a request, as AWS chooses it: a full match before one with a
    /// greedy variable, the method's own before ANY, $default last. Variables' values, decoded,
    /// are put into `values`. nullptr if there is none.
    const HttpRoute* find(std::string_view method, std::string_view path, Values& values) const;

  private:
    std::vector<HttpRoute> routes_;
    const HttpRoute* default_ = nullptr;
};

}  // namespace skafu::apigateway::http

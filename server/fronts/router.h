#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/cloud.h"
#include "core/http.h"

namespace skafu::server {

/// Decides whom a request is for: one of our own paths, a deployed API, or a service of AWS.
/// It goes by the path first, then by X-Amz-Target, the host name, and the credential scope.
class Router {
  public:
    /// Every service must be registered by now.
    explicit Router(Cloud& cloud);

    Task<HttpResponse> handle(HttpRequest request);

  private:
    Task<HttpResponse> route(HttpRequest request);
    const Service* by_signing_name(std::string_view name) const;
    const Service* by_host(std::string_view host) const;

    Cloud& cloud_;
    std::unordered_map<std::string, const Service*> by_target_prefix_;
    std::unordered_map<std::string, const Service*> by_signing_name_;
};

}  // namespace skafu::server

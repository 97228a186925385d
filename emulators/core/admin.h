#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/http.h"
#include "core/service.h"

namespace skafu {

/// A request to one of our own paths.
struct AdminRequest {
    HttpRequest http;
    Caller caller;
    std::map<std::string, std::string, std::less<>> path;  ///< {name} parts of the route, decoded
    std::map<std::string, std::string, std::less<>> query;

    /// The body as JSON; an empty body is {}. Throws AwsError ValidationException.
    Json body() const;
};

/// Paths beside AWS's own: `/_skafu/…` and what services serve as plain HTTP (JWKS documents).
/// Emulators register theirs; the server's front asks find().
class AdminRoutes {
  public:
    using Handler = std::function<Task<HttpResponse>(AdminRequest)>;
    using JsonHandler = std::function<Json(const AdminRequest&)>;

    /// `pattern` as "/_skafu/executions/{arn}"; a last part "{rest+}" takes slashes too.
    void add(std::string method, std::string pattern, Handler handler);
    /// A handler that answers JSON at once; AwsError becomes {"error", "message"} with its status.
    void add_json(std::string method, std::string pattern, JsonHandler handler);

    /// The handler for a path, its {parts} put into `path`; nullptr if there is none.
    const Handler* find(std::string_view method, std::string_view request_path,
                        std::map<std::string, std::string, std::less<>>& path) const;

  private:
    struct Route {
        std::string method;
        std::vector<std::string> parts;
        Handler handler;
    };
    std::vector<Route> routes_;
};

HttpResponse json_response(const Json& body, int status = 200);

}  // namespace skafu

#pragma once

#include <optional>
#include <string>

#include "core/cloud.h"
#include "core/http.h"

namespace skafu::server {

/// Where a request to a deployed API goes.
struct ApiAddress {
    std::string api_id;
    std::string stage;
    std::string path;        ///< after the stage, percent escapes kept, with a leading '/'
    std::string whole_path;  ///< the stage too, as far as it is there
    std::string host;        ///< as the API's callers would see it
};

/// Recognises the three ways to reach an API:
///   Host: {api}.execute-api.localhost:4566      /{stage}/path
///   /restapis/{api}/{stage}/_user_request_/path
///   /_aws/execute-api/{api}/{stage}/path
std::optional<ApiAddress> find_api(const HttpRequest& request);

/// Hands the request to the service `execute-api`, operation `Invoke`, through the door:
///   input  {apiId, stage, method, path, wholePath, rawQuery, headers: [[name, value]…], body,
///           sourceIp, domainName}
///   output {status, headers: [[name, value]…], body}
/// Bodies are raw bytes in a JSON string.
Task<HttpResponse> answer_execute_api(Cloud& cloud, ApiAddress address, HttpRequest request);

}  // namespace skafu::server

#pragma once

#include <string>

#include "core/clock.h"
#include "core/http.h"
#include "core/json.h"

namespace skafu::lambda {

/// The event of a function URL (payload format 2.0; "Invoking Lambda function URLs", Lambda
/// Developer Guide). `path` is the path behind the URL, with its leading slash.
Json url_event(const HttpRequest& request, const std::string& path, const std::string& url_id,
               const std::string& request_id, TimePoint now);

/// The HTTP response for what the function answered: a {statusCode, headers, body, cookies,
/// isBase64Encoded} object, a streamed response, or anything else as the body.
HttpResponse url_response(const std::string& payload);

}  // namespace skafu::lambda

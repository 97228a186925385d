#pragma once

#include "core/cloud.h"
#include "core/http.h"

namespace skafu::server {

/// Answers one request to an AWS service: decodes its protocol into a Call, hands it to the door,
/// and encodes what comes back. `service` is the one that the request named, or nullptr.
Task<HttpResponse> answer_aws_api(Cloud& cloud, const Service* service, HttpRequest request);

}  // namespace skafu::server

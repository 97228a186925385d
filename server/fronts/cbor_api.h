#pragma once

#include <functional>

#include "core/cloud.h"
#include "core/http.h"

namespace skafu::server {

/// True for requests of the protocol "Smithy RPC v2 CBOR", which the newest SDKs speak to
/// CloudWatch: POST /service/{name}/operation/{operation}.
bool is_rpc_cbor(const HttpRequest& request);

/// Finds a service by its name on the wire, which is that of X-Amz-Target; nullptr if unknown.
using FindService = std::function<const Service*(std::string_view name)>;

/// Answers one such request through the door.
Task<HttpResponse> answer_rpc_cbor(Cloud& cloud, FindService find, HttpRequest request);

}  // namespace skafu::server

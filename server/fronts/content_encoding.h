#pragma once

#include <string_view>

#include "core/http.h"

namespace skafu::server {

/// Undoes a request's Content-Encoding (gzip, deflate). Throws AwsError InternalServerError (500)
/// for an encoding that is unknown or does not decode, as DynamoDB answers it.
void decode_content(HttpRequest& request);

/// The same of an answer. Throws AwsError InternalServerError (500).
void decode_content(HttpResponse& response);

/// Compresses a body of more than `over` bytes, if the client's Accept-Encoding takes gzip or
/// deflate.
void encode_content(std::string_view accept_encoding, std::size_t over, HttpResponse& response);

}  // namespace skafu::server

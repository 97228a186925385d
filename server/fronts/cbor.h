#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::server {

/// CBOR (RFC 8949) as AWS's "Smithy RPC v2 CBOR" protocol uses it. Byte strings become base64 text,
/// as in the JSON protocols, and tagged times the number that they tag. Throws AwsError
/// SerializationException for what is not exactly one item, nested too deep, or keyed by anything
/// but text.
Json from_cbor(std::string_view bytes);

/// The members of which `is_time` says so hold times as ISO 8601 text, and go as tagged seconds;
/// null members are left out.
std::string to_cbor(const Json& value, const std::function<bool(std::string_view name)>& is_time);

}  // namespace skafu::server

#pragma once

#include <cstdint>
#include <string_view>

namespace skafu::dynamodb {

/// A number for what a JSON text says: the same for two texts that differ in white space, in
/// escapes or in the order of members. Throws AwsError (SerializationException) for what is no
/// JSON. It stands in data files, so it never changes.
std::int64_t json_digest(std::string_view text);

}  // namespace skafu::dynamodb

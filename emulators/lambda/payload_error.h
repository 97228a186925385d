#pragma once

#include <string>
#include <string_view>

namespace skafu::lambda {

/// Why a payload is no JSON, in the words of the parser that Lambda uses (Jackson), which clients
/// see behind "Could not parse payload into json: "; "" where it is JSON.
std::string payload_error(std::string_view payload);

}  // namespace skafu::lambda

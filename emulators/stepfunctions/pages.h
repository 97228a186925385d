#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace skafu::stepfunctions {

/// One page of a list that is made anew for each request: `maxResults` (or all of 1000) from
/// where `nextToken` points. Puts the entries under `member`, and `nextToken` where more follow.
/// Throws AwsError InvalidToken for a token that we did not give.
Json page_of(std::vector<Json> entries, const Json& input, const char* member);

}  // namespace skafu::stepfunctions

#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace skafu::stepfunctions {

/// Where a list gets its new entries: a page goes on behind the former one, whatever came
/// meanwhile.
enum class Growth { at_end, at_front };

/// One page of a list that is made anew for each request: `maxResults` (or 100) from where
/// `nextToken` points. Puts the entries under `member`, and `nextToken` where more follow.
/// Throws AwsError InvalidToken for a token that we did not give for such a list.
Json page_of(std::vector<Json> entries, const Json& input, const char* member,
             Growth growth = Growth::at_end);

}  // namespace skafu::stepfunctions

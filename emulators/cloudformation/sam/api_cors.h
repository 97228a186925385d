#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// The API's Cors: an OPTIONS method that answers preflight requests on every path that has none.
/// Throws SamProblem.
void add_cors(const Source& source, const Json& cors, Json& body);

}  // namespace skafu::cloudformation::sam

#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// Adds the records that lead a domain's name to its API: Domain.Route53. APIs with one hosted
/// zone share a group of records. Throws SamProblem.
void add_records(Context& context, const Source& source, const Json& domain, const Json& target);

}  // namespace skafu::cloudformation::sam

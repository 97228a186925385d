#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// Domain of a REST API: domain name, base paths, Route 53 records. Throws SamProblem.
void add_domain(Context& context, const Source& source, const Json& domain);

/// Domain of an HTTP or WebSocket API (API Gateway version 2); `tags` go to the domain name.
/// Throws SamProblem.
void add_domain_v2(Context& context, const Source& source, const Json& domain, const Json& tags);

}  // namespace skafu::cloudformation::sam

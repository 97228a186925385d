#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// The property Domain of a REST API: domain name, base path mappings, and Route 53 records.
/// `stage` is the id of the API's stage. Throws SamProblem.
void add_domain(Context& context, const Source& source, const std::string& stage);

}  // namespace skafu::cloudformation::sam

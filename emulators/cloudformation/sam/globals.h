#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// Merges the section Globals into the SAM resources, and removes it: maps are merged with the
/// resource's values winning, lists are joined, all else is replaced. Throws SamProblem.
/// Source: "Globals section of the AWS SAM template".
void merge_globals(Context& context);

}  // namespace skafu::cloudformation::sam

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cloudformation/finding.h"
#include "cloudformation/stack_template.h"

namespace skafu::cloudformation {

/// What AWS would refuse in a template that can run here: misnamed properties, policies that do not
/// exist, resources that are no ARNs, misnamed handlers.
std::vector<Finding> findings_of(const StackTemplate& prepared);

/// Mends what is told to be mended: with `fix_handlers`, a handler that the code does not define
/// becomes the only candidate there is. Gives a finding for each function with a wrong handler.
std::vector<Finding> check_handlers(StackTemplate& prepared, const LocalFiles& files,
                                    bool fix_handlers);

/// Takes from roles the managed policies that are named by something that is no ARN, as SAM leaves
/// a name that it does not know. Gives a finding for each.
std::vector<Finding> leave_out_policies(StackTemplate& prepared);

}  // namespace skafu::cloudformation

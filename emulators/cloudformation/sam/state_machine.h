#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// AWS::Serverless::StateMachine -> state machine, role, rules, version and alias.
/// Throws SamProblem.
void translate_state_machine(Context& context, Source source);

}  // namespace skafu::cloudformation::sam

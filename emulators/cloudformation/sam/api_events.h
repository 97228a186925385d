#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

/// An Api event has to refer to an API of the template. Throws SamProblem.
void link_api_event(const EventSource& event);

/// Api and HttpApi events of a function: the permission, and the integration in the API's body
/// where the translator manages it. False when `type` is another. Throws SamProblem.
bool translate_api_event(const std::string& type, const EventSource& event);

/// The Api event of a state machine: the role, and an integration that starts the machine.
/// `boundary` is the permissions boundary of the machine's role, where it has one.
void translate_state_machine_api_event(const EventSource& event, const Json* boundary);

}  // namespace skafu::cloudformation::sam

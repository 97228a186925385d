#pragma once

#include "cloudformation/sam/function_events.h"

namespace skafu::cloudformation::sam {

/// Api and HttpApi events of a function: the permission, and the integration in the API's body
/// where the translator manages it. False when `type` is another.
bool translate_api_event(const std::string& type, const EventSource& event);

/// The Api event of a state machine: the role, and an integration that starts the machine.
void translate_state_machine_api_event(const EventSource& event);

/// The methods of one path of an API's body, below Fn::If where the path is conditional: in each
/// branch that is a map.
std::vector<Json*> path_items(Json& path);

}  // namespace skafu::cloudformation::sam

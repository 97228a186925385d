#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// Checks the properties of a SAM resource against what its type has. Properties that are null are
/// taken away first: to the translator they are not there. Throws SamProblem.
/// Source: "AWS SAM resource and property reference".
void check_properties(Source& source);

/// The same for an event: `kind` is "Function" or "StateMachine", `id` that of what the event
/// becomes. False when there is no such type of event.
bool check_event_properties(std::string_view kind, const std::string& type, const std::string& id,
                            Json& properties);

/// The property of a SAM resource or of an event that is spelt most like `name`; "" where none is.
std::string nearest_property(const std::string& type, const std::string& name);

}  // namespace skafu::cloudformation::sam

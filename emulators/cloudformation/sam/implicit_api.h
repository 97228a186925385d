#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// Marks an API whose body the translator makes: events write their paths into it.
inline constexpr const char* kManaged = "__MANAGE_SWAGGER";

/// Gives each API without a body an empty one that events fill.
void add_default_bodies(Context& context);

/// Makes ServerlessRestApi and ServerlessHttpApi for the events that name no API, and the paths of
/// all events in the bodies that the translator manages. Throws SamProblem.
/// Source: "AWS SAM specification", implicit APIs.
void add_implicit_rest_api(Context& context);
void add_implicit_http_api(Context& context);

}  // namespace skafu::cloudformation::sam

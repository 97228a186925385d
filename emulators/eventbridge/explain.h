#pragma once

#include "core/json.h"
#include "eventbridge/event_tape.h"
#include "eventbridge/pattern.h"

namespace skafu::eventbridge {

/// Why a pattern matches an event or not: {"matches": true}, or, for the $or branch that comes
/// closest, {"matches": false, "failing": {"path", "operator", "wanted", "got", "hint"}}. `hint`
/// is there for what people commonly get wrong.
Json explain(const Pattern& pattern, EventTape& event);

}  // namespace skafu::eventbridge

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "eventbridge/event_tape.h"
#include "eventbridge/pattern.h"

namespace skafu::eventbridge {

/// A leaf of an event: its path, its value, and which element of which arrays it lies in.
struct EventLeaf {
    std::string path;
    OwnedScalar value;
    std::vector<std::pair<std::size_t, std::size_t>> elements;  // array, element
};

/// All leaves of an event, in order.
std::vector<EventLeaf> event_leaves(EventTape& event);

/// Whether a pattern matches an event: the plain recursive definition, one rule at a time. It
/// is what the compiled automaton is tested against, and what explains a verdict.
bool matches(const Pattern& pattern, const std::vector<EventLeaf>& leaves);

}  // namespace skafu::eventbridge

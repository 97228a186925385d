#pragma once

#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// An execution with its threads as a document, from which it can go on after a restart.
Json execution_to_json(const Execution& execution);

/// Fills `execution` (whose machine is set) from such a document; the threads come up as they
/// were, without timers and open calls.
void execution_from_json(Execution& execution, const Json& document);

}  // namespace skafu::stepfunctions

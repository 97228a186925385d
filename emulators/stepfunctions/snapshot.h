#pragma once

#include <functional>
#include <memory>
#include <string>

#include "stepfunctions/execution.h"
#include "stepfunctions/map_run.h"

namespace skafu::stepfunctions {

/// An execution with its threads as a document, from which it can go on after a restart.
Json execution_to_json(const Execution& execution);

/// The Map Run with that ARN, or nullptr.
using FindRun = std::function<std::shared_ptr<MapRun>(const std::string& arn)>;

/// Fills `execution` (whose machine and states are set) from such a document; the threads come up
/// as they were, without timers and open calls.
void execution_from_json(Execution& execution, const Json& document, const FindRun& find_run);

/// A Map Run without its children and their inputs as a document.
Json map_run_to_json(const MapRun& run);

/// Fills `run` (whose machine is set) from such a document. Throws std::runtime_error where the
/// machine has no such Map.
void map_run_from_json(MapRun& run, const Json& document);

}  // namespace skafu::stepfunctions

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "stepfunctions/value.h"

namespace skafu::stepfunctions {

struct Integration;

/// One event of an execution's history. The texts that are not owned are of the program or of
/// the code.
struct HistoryEvent {
    std::int64_t id = 0;
    std::int64_t previous = 0;
    TimePoint time;
    std::string_view type;         ///< "PassStateEntered"
    std::string_view details;      ///< "stateEnteredEventDetails"; empty: none
    std::string_view name;         ///< the member `name` of the details, where they have one
    std::string_view data_member;  ///< "input", "output", "parameters": what `data` is
    SharedText data;
    std::int64_t index = -1;  ///< of a Map iteration's events
    /// Of a task's events: the details' members `resource` and `resourceType`.
    const Integration* integration = nullptr;
    Json extra;  ///< further members of the details, or null
};

/// Whether data (input, output, parameters) is shown.
enum class ExecutionData { included, left_out };

/// A text that lives as long as the process: names of event types and of members, of which
/// there are few.
std::string_view kept_text(std::string_view text);

/// The event as GetExecutionHistory gives it.
Json event_to_json(const HistoryEvent& event, ExecutionData data);
/// The reverse; texts that HistoryEvent only refers to are kept alive by the process.
HistoryEvent event_from_json(const Json& json);

/// The details' members alone, as the log writes them.
Json event_details(const HistoryEvent& event, ExecutionData data);

/// The name of the details member for an event type ("taskFailedEventDetails").
std::string_view details_name(std::string_view type);

}  // namespace skafu::stepfunctions

#pragma once

#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// What a caller asks for: without the data that a customer's key may protect, or with it.
enum class IncludedData { all, metadata_only };

/// What DescribeExecution answers.
Json describe_execution(const Execution& execution, TimePoint now,
                        IncludedData data = IncludedData::all);
/// Why the execution cannot be redriven (API reference, "redriveStatusReason"); empty if it can.
std::string redrive_obstacle(const Execution& execution, TimePoint now);
/// The members redriveStatus and redriveStatusReason.
void add_redrive_status(Json& to, const Execution& execution, TimePoint now);
/// Its entry in ListExecutions.
Json summarise_execution(const Execution& execution);
/// What DescribeStateMachineForExecution answers.
Json describe_machine_of(const Execution& execution, IncludedData data);
/// What an Express execution is billed: 64 MB, for each 100 ms begun.
inline constexpr int kBilledMegabytes = 64;
std::int64_t billed_milliseconds(const Execution& execution);
/// What StartSyncExecution answers, as text.
std::string sync_answer(const Execution& execution, IncludedData data);

}  // namespace skafu::stepfunctions

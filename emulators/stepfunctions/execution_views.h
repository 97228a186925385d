#pragma once

#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// What DescribeExecution answers.
Json describe_execution(const Execution& execution);
/// Its entry in ListExecutions.
Json summarise_execution(const Execution& execution);
/// What DescribeStateMachineForExecution answers.
Json describe_machine_of(const Execution& execution);
/// What an Express execution is billed: 64 MB, for each 100 ms begun.
inline constexpr int kBilledMegabytes = 64;
std::int64_t billed_milliseconds(const Execution& execution);
/// What StartSyncExecution answers, as text.
std::string sync_answer(const Execution& execution);

}  // namespace skafu::stepfunctions

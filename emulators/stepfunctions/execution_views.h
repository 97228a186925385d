#pragma once

#include "stepfunctions/execution.h"

namespace skafu::stepfunctions {

/// What DescribeExecution answers.
Json describe_execution(const Execution& execution);
/// Its entry in ListExecutions.
Json summarise_execution(const Execution& execution);
/// What DescribeStateMachineForExecution answers.
Json describe_machine_of(const Execution& execution);
/// What StartSyncExecution answers, as text.
std::string sync_answer(const Execution& execution);
/// The graph with what each state did, for people (`/_skafu/executions/{arn}`).
Json draw_execution(const Execution& execution);

}  // namespace skafu::stepfunctions

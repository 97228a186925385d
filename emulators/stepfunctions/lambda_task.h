#pragma once

#include <optional>

#include "stepfunctions/integration.h"

namespace skafu::stepfunctions {

/// The input of Lambda's Invoke for a function's ARN or `lambda:invoke`.
Json lambda_input(const Integration& integration, Json arguments);

/// The failure that the function itself reported, named after its errorType.
std::optional<Failure> lambda_failure(const Json& output);

/// What the function returned.
Json lambda_payload(const Json& output);

/// Invoke's output with its payload as a value.
Json lambda_result(const Json& output);

}  // namespace skafu::stepfunctions

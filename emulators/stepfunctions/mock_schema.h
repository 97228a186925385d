#pragma once

#include "stepfunctions/integration.h"

namespace skafu::stepfunctions {

enum class FieldValidation { strict, present, none };

/// Refuses a mocked result that the service could not have given. Throws AwsError
/// ValidationException "Mock result schema validation error: …".
void check_mock_result(const Integration& integration, const Json& result, FieldValidation mode);

}  // namespace skafu::stepfunctions

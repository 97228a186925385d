#pragma once

#include "stepfunctions/integration.h"

namespace skafu::stepfunctions {

/// `apigateway:invoke` and `http:invoke`, which are HTTP requests rather than calls.
bool is_http_integration(const Integration& integration);

/// Sends the request that the arguments describe; gives the task's result. Throws Failure named
/// after the HTTP status ("ApiGateway.404", "States.Http.StatusCode.404").
Task<Json> call_http(Cloud& cloud, Integration integration, Json arguments, Caller caller,
                     ActivityId cause);

}  // namespace skafu::stepfunctions

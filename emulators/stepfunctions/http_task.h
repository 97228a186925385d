#pragma once

#include "stepfunctions/integration.h"

namespace skafu::stepfunctions {

/// `apigateway:invoke` and `http:invoke`, which are HTTP requests rather than calls.
bool is_http_integration(const Integration& integration);

/// A request and its response as TestState shows them at the level TRACE; null until they are
/// there.
struct HttpTrace {
    bool shows_secrets = false;  ///< what the connection adds is shown too
    Json request;
    Json response;
};

/// Sends the request that the arguments describe; gives the task's result. Throws Failure named
/// after the HTTP status ("ApiGateway.404", "States.Http.StatusCode.404").
/// `trace` is filled for http:invoke.
Task<Json> call_http(Cloud& cloud, Integration integration, Json arguments, Caller caller,
                     ActivityId cause, HttpTrace& trace);

}  // namespace skafu::stepfunctions

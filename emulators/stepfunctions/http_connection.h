#pragma once

#include <string>

#include "core/cloud.h"

namespace skafu::stepfunctions {

/// What an EventBridge connection adds to a request: {"Headers", "Query", "Body"}, names to values.
/// Throws AwsError where there is no such connection, and Failure for one that is not authorised or
/// gets no token.
Task<Json> connection_parameters(Cloud& cloud, std::string connection_arn, Caller caller,
                                 ActivityId cause);

}  // namespace skafu::stepfunctions

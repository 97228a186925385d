#pragma once

#include <string>

#include "core/cloud.h"

namespace skafu::stepfunctions {

/// What an EventBridge connection adds to a request: {"Headers", "Query", "Body"}, names to values.
/// As on AWS it is read from the connection's secret. Throws AwsError, and Failure for a connection
/// that is not authorised or gets no token.
Task<Json> connection_parameters(Cloud& cloud, std::string connection_arn, Caller caller,
                                 ActivityId cause);

}  // namespace skafu::stepfunctions

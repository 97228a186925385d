#pragma once

#include <string>
#include <vector>

#include "core/cloud.h"
#include "logs/store.h"

namespace skafu::logs {

/// A subscription filter at work: hands matching events to a function or a stream in AWS's form
/// ("Log group-level subscription filters", CloudWatch Logs User Guide): gzipped JSON.
struct Subscription {
    const std::string& group;
    const std::string& stream;
    const Json& filter;

    /// Starts the delivery and returns at once.
    void deliver(Cloud& cloud, const Caller& caller, ActivityId cause,
                 const std::vector<LogEvent>& events) const;
};

}  // namespace skafu::logs

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "eventbridge/bus.h"

namespace skafu::eventbridge {

/// What an event on its way to a target is made of.
struct Outgoing {
    const Rule& rule;
    const Target& target;
    Scope scope;          // of the rule
    std::string payload;  // what Input, InputPath or InputTransformer made of it
    std::string_view event;
    int hops = 0;
    ActivityId cause = 0;
};

/// Whether we can deliver to this kind of target at all; else why not.
std::optional<std::string> unsupported_target(std::string_view arn);

/// Why AWS refuses an ARN as the dead-letter queue of a rule's target or a bus in `region`; nullopt
/// for a standard queue there.
std::optional<std::string> dead_letter_problem(std::string_view arn, std::string_view region);

/// How many deliveries to one target may run at once: 1 keeps their order.
std::size_t target_concurrency(std::string_view arn);

/// The one call that delivers, where the target's service answers at once; nullopt where it
/// takes several calls or time.
std::optional<Call> immediate_call(Cloud& cloud, Outgoing outgoing);

/// Delivers. Throws AwsError where the target refuses.
Task<void> deliver_to_target(Cloud& cloud, Outgoing outgoing);

/// A failure in EventBridge's terms: the ERROR_CODE of a dead letter, and whether trying again
/// may help.
struct DeliveryFailure {
    std::string code;
    std::string message;
    bool retry = true;
};
DeliveryFailure classify_failure(const AwsError& error);

/// The queue URL of a queue's ARN.
std::string queue_url(Cloud& cloud, std::string_view queue_arn);

}  // namespace skafu::eventbridge

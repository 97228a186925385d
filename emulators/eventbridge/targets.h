#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// The ARN in the DeadLetterConfig of a target, a bus or a schedule's target; empty without one.
std::string dead_letter_queue(const Json& owner);

/// Throws AwsError ValidationException where the DeadLetterConfig of a target, a bus or a schedule
/// names anything but a standard queue in `region`.
void check_dead_letter_queue(const Json& owner, std::string_view region);

/// Parameters that a target takes only where it is of one of some services.
struct TargetParameters {
    const char* name;
    std::vector<std::string_view> services;
};

/// The first parameters of a target that are for other services than its own; nullptr if none are.
const char* parameters_of_others(const Json& target, const std::vector<TargetParameters>& kinds,
                                 std::string_view service);

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

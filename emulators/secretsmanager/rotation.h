#pragma once

#include <optional>
#include <string>

#include "core/cloud.h"
#include "core/collection.h"

namespace skafu::secretsmanager {

/// Rotates secrets by their Lambda functions, when it is asked to and by the secrets' schedules
/// ("Rotate AWS Secrets Manager secrets"). A secret's document has it under "rotation": {enabled,
/// function, rules, last, next}.
class Rotation {
  public:
    Rotation(Cloud& cloud, Collection& secrets);

    /// The function that is to rotate: the input's, or the secret's. Throws
    /// InvalidRequestException.
    static std::string function_for(const Json& secret, const Json& input);
    /// Throws AccessDeniedException where there is no such function.
    Task<void> check_function(Caller caller, ActivityId cause, std::string function);
    /// RotateSecret: sets rotation up and starts it; what it does goes on behind the answer. Throws
    /// InvalidRequestException while an earlier one is not complete.
    Json begin(Context& context, Json secret, const Json& input, const std::string& function);
    /// CancelRotateSecret.
    Json cancel(Json secret);

  private:
    struct Round {
        Scope scope;
        std::string name;  ///< of the secret
        std::string token;
        Activity activity;
    };
    Task<void> rotate(Round round);
    /// What RotateSecret does instead where it is not to rotate immediately.
    Task<void> test(Round round);
    /// Empty, or why the step failed.
    Task<std::string> run_step(const Round& round, std::string_view step);
    /// The secret of a round that nobody has cancelled meanwhile; nullptr otherwise.
    const Json* find(const Round& round) const;
    void complete(Round& round);
    Round start(Json secret, const std::string& token, ActivityId cause);
    void put(Json secret);
    /// Sets the timer for the secret that is due first.
    void arm();
    void rotate_due();
    double now() const { return epoch_seconds(cloud_.clock().now()); }

    Cloud& cloud_;
    Collection& secrets_;
    Clock::TimerId timer_ = 0;
};

/// Throws InvalidParameterException for rules that contradict themselves or name no time.
void check_rules(const Json& input);
/// Adds what DescribeSecret tells of a secret's rotation.
void describe_rotation(const Json& secret, Json& out);

}  // namespace skafu::secretsmanager

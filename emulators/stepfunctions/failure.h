#pragma once

#include <optional>
#include <string>

namespace skafu::stepfunctions {

/// An error of a state, as retriers and catchers see it: a name, and a cause where there is one.
struct Failure {
    std::optional<std::string> error;
    std::optional<std::string> cause;
    /// The field at fault, for the EvaluationFailed event of JSONata states.
    std::string location;
    /// The cause still lacks the words "An error occurred while executing the state …".
    bool names_state = false;
    /// JSONata: an EvaluationFailed event comes first.
    bool is_evaluation = false;

    const std::string& name() const;
};

inline constexpr const char* kRuntime = "States.Runtime";
inline constexpr const char* kQueryEvaluation = "States.QueryEvaluationError";
inline constexpr const char* kTimeout = "States.Timeout";
inline constexpr const char* kTaskFailed = "States.TaskFailed";
inline constexpr const char* kDataLimit = "States.DataLimitExceeded";

/// A failure of the interpreter itself, in a state whose data or fields do not fit.
Failure runtime_failure(std::string cause);
/// The same in a JSONata state; `location` is the field, or empty.
Failure evaluation_failure(std::string cause, std::string location);

}  // namespace skafu::stepfunctions

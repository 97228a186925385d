#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {

const std::string& Failure::name() const {
    static const std::string kNone;
    return error ? *error : kNone;
}

Failure runtime_failure(std::string cause) {
    Failure failure;
    failure.error = kRuntime;
    failure.cause = std::move(cause);
    failure.names_state = true;
    return failure;
}

Failure evaluation_failure(std::string cause, std::string location) {
    Failure failure;
    failure.error = kQueryEvaluation;
    failure.cause = std::move(cause);
    failure.location = std::move(location);
    failure.names_state = true;
    failure.is_evaluation = true;
    return failure;
}

}  // namespace skafu::stepfunctions

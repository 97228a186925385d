#pragma once

#include <string>
#include <utility>

#include "core/aws_error.h"

namespace skafu::dynamodb {

/// Throws the ValidationException of this text.
[[noreturn]] inline void reject(std::string message) {
    throw AwsError::validation(std::move(message));
}

/// Throws the ValidationException that begins with "One or more parameter values were invalid: ".
[[noreturn]] inline void reject_value(const std::string& why) {
    throw AwsError::validation("One or more parameter values were invalid: " + why);
}

}  // namespace skafu::dynamodb

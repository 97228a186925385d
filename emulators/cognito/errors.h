#pragma once

#include <string>

#include "core/aws_error.h"

namespace skafu::cognito {

inline AwsError error(std::string code, std::string message) {
    return {std::move(code), std::move(message), 400};
}
inline AwsError not_authorized(std::string message) {
    return error("NotAuthorizedException", std::move(message));
}
inline AwsError invalid_parameter(std::string message) {
    return error("InvalidParameterException", std::move(message));
}
inline AwsError resource_not_found(std::string message) {
    return error("ResourceNotFoundException", std::move(message));
}
inline AwsError user_not_found() {
    return error("UserNotFoundException", "User does not exist.");
}

}  // namespace skafu::cognito

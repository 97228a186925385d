#pragma once

#include <string>

#include "core/aws_error.h"

namespace skafu::apigateway {

inline AwsError bad_request(std::string message) {
    return {"BadRequestException", std::move(message), 400};
}

inline AwsError not_found(std::string message) {
    return {"NotFoundException", std::move(message), 404};
}

inline AwsError conflict(std::string message) {
    return {"ConflictException", std::move(message), 409};
}

}  // namespace skafu::apigateway

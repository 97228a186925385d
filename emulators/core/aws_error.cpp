#include "core/aws_error.h"

namespace skafu {

AwsError::AwsError(std::string code, std::string message, int status, Json fields)
    : code_(std::move(code)),
      message_(std::move(message)),
      status_(status),
      fields_(std::move(fields)),
      what_(code_ + ": " + message_) {}

AwsError AwsError::validation(std::string message) {
    return {"ValidationException", std::move(message)};
}

AwsError AwsError::serialization(std::string message) {
    return {"SerializationException", std::move(message)};
}

AwsError AwsError::access_denied(std::string message) {
    return {"AccessDeniedException", std::move(message)};
}

AwsError AwsError::not_found(std::string message) {
    return {"ResourceNotFoundException", std::move(message)};
}

AwsError AwsError::internal(std::string message) {
    return {"InternalFailure", std::move(message), 500};
}

AwsError AwsError::unknown_operation(std::string message) {
    return {"UnknownOperationException", std::move(message)};
}

}  // namespace skafu

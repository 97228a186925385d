#pragma once

#include <exception>
#include <string>

#include "core/json.h"

namespace skafu {

/// An error as AWS answers it. Handlers throw it; the edge gives it each protocol's form.
class AwsError : public std::exception {
  public:
    /// `code` is AWS's error code without a namespace ("ResourceNotFoundException"),
    /// `fields` further members of the error's body (such as CancellationReasons).
    AwsError(std::string code, std::string message, int status = 400, Json fields = Json::object());

    const std::string& code() const { return code_; }
    const std::string& message() const { return message_; }
    int status() const { return status_; }
    const Json& fields() const { return fields_; }
    const char* what() const noexcept override { return what_.c_str(); }

    static AwsError validation(std::string message);
    static AwsError serialization(std::string message);
    static AwsError access_denied(std::string message);
    static AwsError not_found(std::string message);  ///< ResourceNotFoundException, 400
    static AwsError internal(std::string message);   ///< InternalFailure, 500
    static AwsError unknown_operation(std::string message);

  private:
    std::string code_;
    std::string message_;
    int status_;
    Json fields_;
    std::string what_;
};

}  // namespace skafu

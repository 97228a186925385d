#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu::apigateway {

/// What the gateway itself answers instead of the integration: thrown where it is found out, and
/// turned into the API's gateway response of that type.
class Refusal : public std::exception {
  public:
    Refusal(std::string_view type, std::string message, std::string detail = {})
        : type_(type), message_(std::move(message)), detail_(std::move(detail)) {}

    std::string_view type() const { return type_; }
    const std::string& message() const { return message_; }
    /// For the log: what AWS writes there and never sends.
    const std::string& detail() const { return detail_; }
    const char* what() const noexcept override { return message_.c_str(); }

  private:
    std::string_view type_;
    std::string message_;
    std::string detail_;
};

/// 500 Internal server error, as configuration errors end.
Refusal configuration_error(std::string detail);

/// "Gateway response types in API Gateway" of the developer guide.
const std::vector<std::string_view>& gateway_response_types();
bool is_gateway_response_type(std::string_view type);
/// The status it has unless changed; 0 for the DEFAULT_ ones.
int gateway_response_status(std::string_view type);
/// The x-amzn-ErrorType that goes with it.
std::string_view gateway_error_type(std::string_view type);
Json default_gateway_response(std::string_view type);

}  // namespace skafu::apigateway

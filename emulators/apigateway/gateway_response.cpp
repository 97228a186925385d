#include "apigateway/gateway_response.h"

#include <array>

namespace skafu::apigateway {
namespace {

struct Kind {
    std::string_view type;
    int status;
    std::string_view error_type;
};

constexpr std::array kKinds = std::to_array<Kind>({
    {"ACCESS_DENIED", 403, "AccessDeniedException"},
    {"API_CONFIGURATION_ERROR", 500, "InternalServerErrorException"},
    {"AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException"},
    {"AUTHORIZER_FAILURE", 500, "AuthorizerFailureException"},
    {"BAD_REQUEST_BODY", 400, "BadRequestException"},
    {"BAD_REQUEST_PARAMETERS", 400, "BadRequestException"},
    {"DEFAULT_4XX", 0, "BadRequestException"},
    {"DEFAULT_5XX", 0, "InternalServerErrorException"},
    {"EXPIRED_TOKEN", 403, "ExpiredTokenException"},
    {"INTEGRATION_FAILURE", 504, "InternalServerErrorException"},
    {"INTEGRATION_TIMEOUT", 504, "InternalServerErrorException"},
    {"INVALID_API_KEY", 403, "ForbiddenException"},
    {"INVALID_SIGNATURE", 403, "InvalidSignatureException"},
    {"MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException"},
    {"QUOTA_EXCEEDED", 429, "LimitExceededException"},
    {"REQUEST_TOO_LARGE", 413, "RequestTooLargeException"},
    {"RESOURCE_NOT_FOUND", 404, "NotFoundException"},
    {"THROTTLED", 429, "TooManyRequestsException"},
    {"UNAUTHORIZED", 401, "UnauthorizedException"},
    {"UNSUPPORTED_MEDIA_TYPE", 415, "UnsupportedMediaTypeException"},
    {"WAF_FILTERED", 403, "ForbiddenException"},
});

const Kind* find_kind(std::string_view type) {
    const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                    [type](const Kind& kind) { return kind.type == type; });
    return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace

Refusal configuration_error(std::string detail) {
    return {"API_CONFIGURATION_ERROR", "Internal server error", std::move(detail)};
}

const std::vector<std::string_view>& gateway_response_types() {
    static const std::vector<std::string_view> types = [] {
        std::vector<std::string_view> names;
        for (const Kind& kind : kKinds) names.push_back(kind.type);
        return names;
    }();
    return types;
}

bool is_gateway_response_type(std::string_view type) {
    return find_kind(type) != nullptr;
}

int gateway_response_status(std::string_view type) {
    const Kind* kind = find_kind(type);
    return kind ? kind->status : 500;
}

std::string_view gateway_error_type(std::string_view type) {
    const Kind* kind = find_kind(type);
    return kind ? kind->error_type : "InternalServerErrorException";
}

Json default_gateway_response(std::string_view type) {
    Json response = {{"responseType", type}};
    const int status = gateway_response_status(type);
    if (status != 0) response["statusCode"] = std::to_string(status);
    response["responseParameters"] = Json::object();
    response["responseTemplates"] = {
        {"application/json", "{\"message\":$context.error.messageString}"}};
    response["defaultResponse"] = true;
    return response;
}

}  // namespace skafu::apigateway

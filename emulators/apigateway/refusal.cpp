#include "apigateway/gateway.h"
#include "apigateway/integrations.h"

namespace skafu::apigateway {
namespace {

const GatewayResponse* find_response(const Exchange& exchange, std::string_view type, int status) {
    if (!exchange.api) return nullptr;
    const auto& responses = exchange.api->gateway_responses;
    const auto exact = responses.find(type);
    if (exact != responses.end()) return &exact->second;
    const auto general = responses.find(status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
    return general == responses.end() ? nullptr : &general->second;
}

/// AWS's own texts differ in one blank between these kinds.
std::string default_body(const Refusal& refusal, int status) {
    const std::string_view type = refusal.type();
    const bool spaced = status >= 500 || type == "BAD_REQUEST_BODY" ||
                        type == "BAD_REQUEST_PARAMETERS" || type == "UNSUPPORTED_MEDIA_TYPE";
    if (type == "ACCESS_DENIED" && refusal.message() != "Forbidden") {
        return "{\"Message\":" + to_text(Json(refusal.message())) + "}";
    }
    return (spaced ? "{\"message\": " : "{\"message\":") + to_text(Json(refusal.message())) + "}";
}

}  // namespace

Answer refuse(Exchange& exchange, const Refusal& refusal) {
    Answer answer;
    answer.status = gateway_response_status(refusal.type());
    if (answer.status == 0) answer.status = refusal.type() == "DEFAULT_4XX" ? 400 : 502;
    exchange.error_message = refusal.message();
    exchange.error_type = refusal.type();
    exchange.error_detail = refusal.detail();
    std::string_view error_type = gateway_error_type(refusal.type());
    if (refusal.type() == "ACCESS_DENIED" && refusal.message() == "Forbidden") {
        error_type = "ForbiddenException";
    }
    answer.headers.emplace_back("x-amzn-ErrorType", error_type);
    answer.body = default_body(refusal, answer.status);
    const GatewayResponse* custom = find_response(exchange, refusal.type(), answer.status);
    std::string content_type = "application/json";
    if (custom) {
        if (custom->status != 0) answer.status = custom->status;
        if (const CompiledTemplate* compiled = custom->templates.first()) {
            exchange.context.reset();  // so that it has $context.error
            try {
                answer.body = render(exchange, *compiled, exchange.body);
            } catch (const Refusal&) {
                answer.body = default_body(refusal, answer.status);
            }
        }
        for (const Mapping& mapping : custom->parameters) {
            if (auto value = mapping.source.value(exchange)) {
                set_header(answer.headers, mapping.name, std::move(*value));
            }
        }
    }
    if (!find_header(answer.headers, "Content-Type")) {
        answer.headers.emplace_back("Content-Type", content_type);
    }
    return answer;
}

void add_standard_headers(const Exchange& exchange, Answer& answer) {
    answer.headers.emplace_back("x-amzn-RequestId", exchange.request_id);
    answer.headers.emplace_back("x-amz-apigw-id", exchange.extended_id);
    if (exchange.reached_integration && exchange.error_type.empty()) {
        answer.headers.emplace_back("X-Amzn-Trace-Id", exchange.trace_id);
    }
}

}  // namespace skafu::apigateway

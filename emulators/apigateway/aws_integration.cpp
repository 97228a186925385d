#include "apigateway/gateway_response.h"
#include "apigateway/integrations.h"
#include "apigateway/wire_request.h"
#include "core/aws_error.h"
#include "core/xml.h"

// AWS integrations: the request goes to a service through the door, in whatever form the
// integration gives it: JSON for an action, a form, or a REST path.

namespace skafu::apigateway {
namespace {

std::string error_body(const AwsError& error) {
    Json body = {{"__type", error.code()}, {"message", error.message()}};
    for (const auto& [name, value] : error.fields().items()) body[name] = value;
    return to_text(body);
}

Outcome outcome_of(const AwsError& error) {
    Outcome outcome;
    outcome.status = error.status();
    outcome.selector = std::to_string(error.status());
    outcome.body = std::make_shared<vtl::Body>(error_body(error));
    return outcome;
}

bool wants_xml(const IntegrationRequest& request) {
    const std::string* accept = find_header(request.headers, "Accept");
    return accept != nullptr && accept->find("application/xml") != std::string::npos;
}

/// What the query protocol answers, in the JSON form for which the gateway asks by itself.
Document query_answer(const std::string& operation, Document result,
                      const std::string& request_id) {
    Json members = result.take_value();
    Json response = Json::object();
    if (!members.empty()) response[operation + "Result"] = std::move(members);
    response["ResponseMetadata"] = {{"RequestId", request_id}};
    Json wrapped = Json::object();
    wrapped[operation + "Response"] = std::move(response);
    return Document(std::move(wrapped));
}

Task<Outcome> invoke_function(Exchange& exchange, IntegrationRequest request) {
    if (exchange.method->integration.http_method != "POST") {
        throw configuration_error("A function is invoked by POST");
    }
    const std::string* type = find_header(request.headers, "X-Amz-Invocation-Type");
    Json input = {{"FunctionName", request.target.function},
                  {"InvocationType", type ? *type : std::string("RequestResponse")},
                  {"Payload", request.body.empty() ? std::string("{}") : std::move(request.body)}};
    Json result = co_await exchange.store.cloud.call_json("lambda", "Invoke", std::move(input),
                                                          exchange.caller, exchange.cause);
    Outcome outcome;
    std::string payload = string_member(result, "Payload");
    if (find_member(result, "FunctionError")) {
        try {
            outcome.selector = string_member(parse_json(payload), "errorMessage");
        } catch (const JsonError&) {
            outcome.selector = payload;
        }
        // An error without a message must still not look like success.
        if (outcome.selector.empty()) outcome.selector = "null";
    }
    outcome.body = std::make_shared<vtl::Body>(std::move(payload));
    co_return outcome;
}

Task<Outcome> call_service(Exchange& exchange, IntegrationRequest request) {
    const AwsTarget target = request.target;
    const Service* service = exchange.store.cloud.find_service(target.service);
    if (!service) service = exchange.store.cloud.find_service_by_sdk_name(target.service);
    if (!service) {
        throw AwsError::unknown_operation("Service " + target.service + " is not emulated.");
    }
    WireCall wire = decode_wire(*service, exchange.method->integration.http_method, request);
    Caller caller = exchange.caller;
    if (!target.region.empty()) caller.region = target.region;
    Call call{service->name,     wire.operation->name, std::move(wire.input),
              std::move(caller), exchange.cause,       {}};
    Document result = co_await exchange.store.cloud.call(std::move(call));
    Outcome outcome;
    outcome.status = wire.operation->http.method.empty() ? 200 : wire.operation->http.status;
    outcome.selector = std::to_string(outcome.status);
    const std::string& payload = wire.operation->http.response_payload;
    if (wire.form == WireForm::Query && wants_xml(request)) {
        outcome.headers.emplace_back("Content-Type", "text/xml");
        result = Document::from_text(
            query_answer_xml(*service, *wire.operation, result.take_value(), exchange.request_id));
    } else if (wire.form == WireForm::Query) {
        result = query_answer(wire.operation->name, std::move(result), exchange.request_id);
    } else if (wire.form == WireForm::Rest && !payload.empty()) {
        const Json* body = find_member(result.value(), payload);
        const std::string text = !body               ? ""
                                 : body->is_string() ? body->get<std::string>()
                                                     : to_text(*body);
        for (const auto& [member, header] : wire.operation->http.response_headers) {
            const std::string value = string_member(result.value(), member);
            if (!value.empty()) outcome.headers.emplace_back(header, value);
        }
        result = Document::from_text(text);
    }
    outcome.body = std::make_shared<vtl::Body>(std::move(result));
    co_return outcome;
}

}  // namespace

Task<Outcome> call_aws(Exchange& exchange, IntegrationRequest request) {
    if (request.target.service.empty()) {
        throw configuration_error("The integration's URI names no service: " + request.uri);
    }
    std::optional<AwsError> failure;
    try {
        if (!request.target.function.empty()) {
            Outcome outcome = co_await invoke_function(exchange, std::move(request));
            co_return outcome;
        }
        Outcome outcome = co_await call_service(exchange, std::move(request));
        co_return outcome;
    } catch (const AwsError& error) {
        failure = error;
    }
    co_return outcome_of(*failure);
}

}  // namespace skafu::apigateway

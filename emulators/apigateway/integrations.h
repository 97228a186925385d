#pragma once

#include "apigateway/exchange.h"
#include "core/task.h"

namespace skafu::apigateway {

/// What an integration request is mapped to, before it is sent.
struct IntegrationRequest {
    Pairs headers;
    Pairs query;
    std::vector<std::pair<std::string, std::string>> path;
    std::string body;
    std::string uri;
    AwsTarget target;
};

/// Applies requestParameters, the mapping template and requestOverride. Throws Refusal.
IntegrationRequest map_request(Exchange& exchange);

/// Chooses the integration response and makes the answer of it: responseParameters, template,
/// responseOverride. Throws Refusal.
Answer map_response(Exchange& exchange, Outcome outcome);

Answer answer_mock(Exchange& exchange);
Task<Outcome> call_aws(Exchange& exchange, IntegrationRequest request);
Task<Answer> call_function_proxy(Exchange& exchange);
Task<Outcome> call_http(Exchange& exchange, IntegrationRequest request);
/// The answer of HTTP_PROXY, its headers renamed as the gateway does.
Answer proxied_answer(Outcome outcome);

/// The event of a proxy integration, payload 1.0.
Json proxy_event(Exchange& exchange);
/// The answer in a function's result. Throws Refusal (502) for a malformed one.
Answer proxy_answer(Exchange& exchange, const Json& result);

/// Whether a media type is one of the API's binaryMediaTypes.
bool is_binary(const CompiledApi& api, std::string_view media_type);

/// Adds a header of the integration's answer under the name the client may see it by.
void add_remapped_header(Pairs& headers, const std::string& name, std::string value);

/// {stageVariables.x} and {name} of path parameters filled in.
std::string fill_uri(const Exchange& exchange, const std::string& uri, const Pairs& path);

}  // namespace skafu::apigateway

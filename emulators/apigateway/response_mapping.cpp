#include <re2/re2.h>

#include "apigateway/gateway_response.h"
#include "apigateway/integrations.h"

namespace skafu::apigateway {
namespace {

std::string scalar_text(const vtl::Value& value) {
    return vtl::to_text(value);
}

/// $context.requestOverride.header and the like, set by a template.
void for_each_override(const Exchange& exchange, const char* kind, const char* part,
                       const std::function<void(const std::string&, std::string)>& visit) {
    if (!exchange.context) return;
    const vtl::Value overrides = exchange.context->get(kind);
    if (!overrides.map()) return;
    const vtl::Value values = overrides.map()->get(part);
    if (!values.map()) return;
    for (const auto& [name, value] : values.map()->entries()) visit(name, scalar_text(value));
}

void set_pair(Pairs& pairs, const std::string& name, std::string value) {
    std::erase_if(pairs, [&](const auto& pair) { return pair.first == name; });
    pairs.emplace_back(name, std::move(value));
}

/// The body of the integration request: a template's, or the client's own where that passes.
std::string request_body(Exchange& exchange) {
    const Integration& integration = exchange.method->integration;
    const CompiledTemplate* compiled = integration.templates.find(exchange.content_type());
    if (compiled) return render(exchange, *compiled, exchange.body);
    const bool refused =
        integration.passthrough == Passthrough::Never ||
        (integration.passthrough == Passthrough::WhenNoTemplates && !integration.templates.empty());
    if (refused) throw Refusal("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type");
    return exchange.body->text();
}

const IntegrationResponse* choose(const Integration& integration, const std::string& selector) {
    for (const IntegrationResponse& response : integration.responses) {
        if (response.pattern && re2::RE2::FullMatch(selector, *response.pattern)) return &response;
    }
    return integration.fallback;
}

void apply_response_override(const Exchange& exchange, Answer& answer) {
    for_each_override(exchange, "responseOverride", "header",
                      [&](const std::string& name, std::string value) {
                          set_header(answer.headers, name, std::move(value));
                      });
    if (!exchange.context) return;
    const vtl::Value overrides = exchange.context->get("responseOverride");
    if (!overrides.map()) return;
    const int status = std::atoi(scalar_text(overrides.map()->get("status")).c_str());
    if (status >= 100 && status <= 599) answer.status = status;
}

}  // namespace

IntegrationRequest map_request(Exchange& exchange) {
    const Integration& integration = exchange.method->integration;
    IntegrationRequest request;
    if (integration.type == IntegrationType::HttpProxy) {
        request.headers = exchange.headers;
        request.query = exchange.query;
    }
    for (const auto& [name, value] : exchange.path_values) {
        request.path.emplace_back(std::string(name), value);
    }
    for (const Mapping& mapping : integration.parameters) {
        auto value = mapping.source.value(exchange);
        if (!value) continue;
        if (mapping.place == Mapping::Place::Header) {
            set_header(request.headers, mapping.name, std::move(*value));
        } else if (mapping.place == Mapping::Place::Query) {
            set_pair(request.query, mapping.name, std::move(*value));
        } else {
            set_pair(request.path, mapping.name, std::move(*value));
        }
    }
    request.body = integration.type == IntegrationType::HttpProxy ? exchange.body->text()
                                                                  : request_body(exchange);
    for_each_override(exchange, "requestOverride", "header",
                      [&](const std::string& name, std::string value) {
                          set_header(request.headers, name, std::move(value));
                      });
    for_each_override(exchange, "requestOverride", "querystring",
                      [&](const std::string& name, std::string value) {
                          set_pair(request.query, name, std::move(value));
                      });
    for_each_override(exchange, "requestOverride", "path",
                      [&](const std::string& name, std::string value) {
                          set_pair(request.path, name, std::move(value));
                      });
    if (integration.uri_has_variables) {
        request.uri = fill_uri(exchange, integration.uri, request.path);
        request.target = parse_aws_target(request.uri);
    } else {
        request.uri = integration.uri;
        request.target = integration.target;
    }
    return request;
}

Answer map_response(Exchange& exchange, Outcome outcome) {
    const Integration& integration = exchange.method->integration;
    const IntegrationResponse* response = choose(integration, outcome.selector);
    if (!response) {
        throw configuration_error("No integration response matches \"" + outcome.selector +
                                  "\", and there is no default one");
    }
    exchange.outcome = &outcome;
    Answer answer;
    answer.status = response->status;
    for (const Mapping& mapping : response->parameters) {
        auto value = mapping.source.value(exchange);
        if (value) add_remapped_header(answer.headers, mapping.name, std::move(*value));
    }
    const std::string* type = find_header(outcome.headers, "Content-Type");
    const CompiledTemplate* compiled =
        response->templates.find(type ? std::string_view(*type) : "application/json");
    if (!compiled) compiled = response->templates.find("application/json");
    if (compiled)
        answer.body = render(exchange, *compiled, outcome.body);
    else if (integration.type != IntegrationType::Mock)
        answer.body = outcome.body->text();
    apply_response_override(exchange, answer);
    if (!find_header(answer.headers, "Content-Type")) {
        answer.headers.emplace_back("Content-Type", "application/json");
    }
    exchange.outcome = nullptr;
    return answer;
}

namespace {

/// The statusCode of a MOCK integration's rendered request, read leniently: names without quotes
/// and trailing commas pass. 0 where there is none.
int mock_status(const std::string& text) {
    static const re2::RE2 pattern(
        R"((?s)^\s*\{.*?["']?\bstatusCode["']?\s*:\s*["']?([0-9]{3})\b.*\}\s*$)");
    std::string status;
    return re2::RE2::FullMatch(text, pattern, &status) ? std::atoi(status.c_str()) : 0;
}

}  // namespace

Answer answer_mock(Exchange& exchange) {
    const std::string rendered = request_body(exchange);
    const int status = mock_status(rendered);
    if (status == 0) {
        throw configuration_error("The MOCK integration's request has no statusCode: " + rendered);
    }
    Outcome outcome;
    outcome.status = status;
    outcome.body = exchange.body;
    outcome.selector = std::to_string(status);
    return map_response(exchange, std::move(outcome));
}

std::string fill_uri(const Exchange& exchange, const std::string& uri, const Pairs& path) {
    std::string filled;
    for (std::size_t at = 0; at < uri.size();) {
        const bool dollar = uri[at] == '$' && at + 1 < uri.size() && uri[at + 1] == '{';
        const std::size_t open = at + (dollar ? 1 : 0);
        const std::size_t close = uri[open] == '{' ? uri.find('}', open) : std::string::npos;
        if (close == std::string::npos) {
            filled += uri[at++];
            continue;
        }
        std::string name = uri.substr(open + 1, close - open - 1);
        at = close + 1;
        constexpr std::string_view stage = "stageVariables.";
        if (name.starts_with(stage)) {
            filled += string_member(exchange.stage_variables, name.substr(stage.size()));
            continue;
        }
        if (name.ends_with('+')) name.pop_back();
        if (const std::string* value = find_pair(path, name)) filled += *value;
    }
    return filled;
}

void add_remapped_header(Pairs& headers, const std::string& name, std::string value) {
    static constexpr std::string_view kRemapped[] = {
        "Authorization", "Connection", "Content-Length", "Content-MD5",        "Date",
        "Expect",        "Host",       "Max-Forwards",   "Proxy-Authenticate", "Server",
        "Trailer",       "Upgrade",    "User-Agent",     "WWW-Authenticate"};
    if (iequals(name, "Transfer-Encoding")) return;
    for (const std::string_view remapped : kRemapped) {
        if (!iequals(name, remapped)) continue;
        headers.emplace_back("x-amzn-Remapped-" + name, std::move(value));
        return;
    }
    set_header(headers, name, std::move(value));
}

bool is_binary(const CompiledApi& api, std::string_view media_type) {
    const std::string_view type = media_type.substr(0, media_type.find_first_of(";,"));
    for (const std::string& binary : api.binary_media_types) {
        if (binary == "*/*" || iequals(binary, type)) return true;
        if (binary.ends_with("/*") && iequals(std::string_view(binary).substr(0, binary.size() - 1),
                                              type.substr(0, binary.size() - 1))) {
            return true;
        }
    }
    return false;
}

}  // namespace skafu::apigateway

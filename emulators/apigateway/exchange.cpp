#include "apigateway/exchange.h"

#include "apigateway/gateway_response.h"
#include "core/text.h"

namespace skafu::apigateway {
namespace {

using vtl::Map;
using vtl::Value;

std::shared_ptr<Map> map_of(const Pairs& pairs) {
    auto map = std::make_shared<Map>();
    for (const auto& [name, value] : pairs) map->put(name, value);
    return map;
}

/// "09/Apr/2015:12:34:56 +0000"
std::string common_log_time(std::int64_t time_ms) {
    const std::string iso =
        iso8601_seconds(from_epoch_seconds(static_cast<double>(time_ms) / 1000));
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int month = std::atoi(iso.substr(5, 2).c_str());
    return fmt::format("{}/{}/{}:{} +0000", iso.substr(8, 2), kMonths[(month + 11) % 12],
                       iso.substr(0, 4), iso.substr(11, 8));
}

Value identity_of(const Exchange& exchange) {
    auto identity = Map::blank_when_empty();
    identity->put("sourceIp", exchange.source_ip);
    const std::string* agent = find_header(exchange.headers, "User-Agent");
    if (agent) identity->put("userAgent", *agent);
    if (!exchange.api_key.empty()) identity->put("apiKey", exchange.api_key);
    return identity;
}

void put_overrides(Map& context) {
    auto request = Map::blank_when_empty();
    for (const char* part : {"path", "header", "querystring"}) {
        request->put(part, Map::blank_when_empty());
    }
    auto response = Map::blank_when_empty();
    response->put("header", Map::blank_when_empty());
    context.put("requestOverride", std::move(request));
    context.put("responseOverride", std::move(response));
}

void put_error(const Exchange& exchange, Map& context) {
    auto error = std::make_shared<Map>();
    error->put("message", exchange.error_message);
    error->put("messageString", to_text(Json(exchange.error_message)));
    error->put("responseType", exchange.error_type);
    if (!exchange.error_detail.empty()) {
        error->put("validationErrorString", exchange.error_detail);
    }
    context.put("error", std::move(error));
}

}  // namespace

const std::string* find_header(const Pairs& headers, std::string_view name) {
    for (auto at = headers.rbegin(); at != headers.rend(); ++at) {
        if (iequals(at->first, name)) return &at->second;
    }
    return nullptr;
}

const std::string* find_pair(const Pairs& pairs, std::string_view name) {
    for (auto at = pairs.rbegin(); at != pairs.rend(); ++at) {
        if (at->first == name) return &at->second;
    }
    return nullptr;
}

void set_header(Pairs& headers, std::string name, std::string value) {
    std::erase_if(headers, [&](const auto& pair) { return iequals(pair.first, name); });
    headers.emplace_back(std::move(name), std::move(value));
}

std::string_view Exchange::content_type() const {
    const std::string* type = find_header(headers, "Content-Type");
    return type && !type->empty() ? std::string_view(*type) : "application/json";
}

const std::shared_ptr<Map>& parameters_of(Exchange& exchange) {
    if (exchange.parameters) return exchange.parameters;
    auto path = std::make_shared<Map>();
    for (const auto& [name, value] : exchange.path_values) {
        path->put(std::string(name), value);
    }
    exchange.parameters = std::make_shared<Map>();
    exchange.parameters->put("path", std::move(path));
    exchange.parameters->put("querystring", map_of(exchange.query));
    exchange.parameters->put("header", map_of(exchange.headers));
    return exchange.parameters;
}

const std::shared_ptr<Map>& context_of(Exchange& exchange) {
    if (exchange.context) return exchange.context;
    exchange.context = Map::blank_when_empty();
    Map& context = *exchange.context;
    for (const char* name :
         {"accountId", "apiId", "deploymentId", "domainName", "domainPrefix", "extendedRequestId",
          "httpMethod", "path", "protocol", "requestId", "requestTime", "resourceId",
          "resourcePath", "stage", "xrayTraceId", "awsEndpointRequestId"}) {
        std::string text = context_text(exchange, name);
        if (!text.empty()) context.put(name, std::move(text));
    }
    context.put("requestTimeEpoch", exchange.time_ms);
    context.put("identity", identity_of(exchange));
    if (exchange.authorizer) {
        context.put("authorizer", Value::from_json(exchange.authorizer, *exchange.authorizer));
    }
    put_overrides(context);
    if (!exchange.error_type.empty()) put_error(exchange, context);
    return exchange.context;
}

std::string context_text(const Exchange& exchange, std::string_view name) {
    if (name == "requestId") return exchange.request_id;
    if (name == "extendedRequestId") return exchange.extended_id;
    if (name == "accountId") return exchange.caller.account;
    if (name == "apiId" || name == "domainPrefix") return exchange.api_id;
    if (name == "domainName") return exchange.host;
    if (name == "stage") return exchange.stage;
    if (name == "deploymentId") return exchange.deployment_id;
    if (name == "httpMethod") return exchange.http_method;
    if (name == "path") return exchange.request_path;
    if (name == "protocol") return exchange.protocol;
    if (name == "requestTime") return common_log_time(exchange.time_ms);
    if (name == "requestTimeEpoch") return std::to_string(exchange.time_ms);
    if (name == "resourceId") return exchange.resource ? exchange.resource->id : "";
    if (name == "resourcePath") return exchange.resource ? exchange.resource->path : "";
    if (name == "xrayTraceId") return exchange.trace_id;
    if (name == "identity.sourceIp") return exchange.source_ip;
    if (name == "identity.apiKey") return exchange.api_key;
    if (name == "identity.userAgent") {
        const std::string* agent = find_header(exchange.headers, "User-Agent");
        return agent ? *agent : "";
    }
    if (name == "error.message") return exchange.error_message;
    if (name == "error.messageString") return to_text(Json(exchange.error_message));
    if (name == "error.responseType") return exchange.error_type;
    if (name == "error.validationErrorString") return exchange.error_detail;
    constexpr std::string_view authorizer = "authorizer.";
    if (!name.starts_with(authorizer) || !exchange.authorizer) return {};
    name.remove_prefix(authorizer.size());
    const Json* found = find_member(*exchange.authorizer, name);
    if (!found && name.starts_with("claims.")) {
        const Json* claims = find_member(*exchange.authorizer, "claims");
        if (claims) found = find_member(*claims, name.substr(7));
    }
    return found ? plain_text(*found) : "";
}

namespace {

const std::shared_ptr<Map>& stage_variables_of(Exchange& exchange) {
    if (exchange.variables) return exchange.variables;
    exchange.variables = std::make_shared<Map>();
    for (const auto& [name, value] : exchange.stage_variables.items()) {
        exchange.variables->put(name, Value::from_json(value));
    }
    return exchange.variables;
}

}  // namespace

std::string render(Exchange& exchange, const CompiledTemplate& compiled,
                   const std::shared_ptr<vtl::Body>& body) {
    if (compiled.is_plain) return compiled.plain;
    if (!compiled.program)
        throw configuration_error("Unable to transform request: " + compiled.error);
    static const Value util = std::shared_ptr<vtl::Object>(std::make_shared<vtl::Util>());
    const Value input = std::shared_ptr<vtl::Object>(
        std::make_shared<vtl::Input>(body, [&exchange] { return parameters_of(exchange); }));
    const vtl::Template& program = *compiled.program;
    vtl::Variables variables = {{"input", input}, {"util", util}};
    if (program.uses("context")) variables.emplace_back("context", context_of(exchange));
    if (program.uses("stageVariables")) {
        variables.emplace_back("stageVariables", stage_variables_of(exchange));
    }
    try {
        return program.render(variables);
    } catch (const vtl::TemplateError& error) {
        throw configuration_error(std::string("Unable to transform: ") + error.what());
    }
}

}  // namespace skafu::apigateway

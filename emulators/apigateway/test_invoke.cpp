#include "apigateway/errors.h"
#include "apigateway/gateway.h"
#include "apigateway/operations.h"
#include "apigateway/rest_api.h"

// TestInvokeMethod: one method's execution without its authorizer, and the log of it ("Use the API
// Gateway console to test a REST API method").

namespace skafu::apigateway {
namespace {

constexpr const char* kTestStage = "test-invoke-stage";

Pairs test_headers(const Json& input) {
    Pairs headers;
    if (const Json* many = find_member(input, "multiValueHeaders"); many && many->is_object()) {
        for (const auto& [name, values] : many->items()) {
            for (const Json& value : values) headers.emplace_back(name, value.get<std::string>());
        }
    }
    if (const Json* given = find_member(input, "headers"); given && given->is_object()) {
        for (const auto& [name, value] : given->items()) {
            if (!find_header(headers, name)) headers.emplace_back(name, value.get<std::string>());
        }
    }
    return headers;
}

void log_request(const Exchange& exchange, ExecutionLog& log) {
    Pairs path;
    for (const auto& [name, value] : exchange.path_values) path.emplace_back(name, value);
    log.add(fmt::format("HTTP Method: {}, Resource Path: {}", exchange.http_method, exchange.path));
    log.add("Method request path: " + java_map(path));
    log.add("Method request query string: " + java_map(exchange.query));
    log.add("Method request headers: " + java_map(exchange.headers));
    log.add("Method request body before transformations: " + exchange.body->text());
}

Json test_answer(const Answer& answer, const std::string& log, std::int64_t latency) {
    Json headers = Json::object();
    Json all = Json::object();
    for (const auto& [name, value] : answer.headers) {
        headers[name] = value;
        all[name].push_back(value);
    }
    return {{"status", answer.status},
            {"body", answer.body},
            {"headers", std::move(headers)},
            {"multiValueHeaders", std::move(all)},
            {"log", log},
            {"latency", latency}};
}

}  // namespace

/// Fills in what the test says of the request; throws NotFoundException for a method that is none.
void Gateway::prepare_test(Exchange& exchange, const Json& input) {
    exchange.api_id = text_of(input, "restapi_id");
    exchange.stage = kTestStage;
    exchange.http_method = method_name(input);
    store_.api(exchange.caller, exchange.api_id);
    const std::string id = text_of(input, "resource_id");
    const Json* document =
        store_.part(store_.resources, exchange.caller.scope(), exchange.api_id, id);
    if (!document) throw not_found("Invalid Resource identifier specified");
    method_of(*document, exchange.http_method);
    exchange.api = compiled(exchange, nullptr);
    const std::string given = text_of(input, "pathWithQueryString");
    const std::size_t mark = std::min(given.find('?'), given.size());
    exchange.path = given.substr(0, mark);
    if (exchange.path.empty()) exchange.path = string_member(*document, "path");
    if (mark < given.size()) exchange.query = parse_query(given.substr(mark + 1));
    exchange.request_path = exchange.path;
    const Resource* found = exchange.api->router.find(exchange.path, exchange.path_values);
    if (!found || found->id != id) {
        exchange.path_values.clear();
        for (const auto& resource : exchange.api->resources) {
            if (resource->id == id) found = resource.get();
        }
    }
    exchange.resource = found;
    exchange.method = found->find(exchange.http_method);
    exchange.headers = test_headers(input);
    exchange.body = std::make_shared<vtl::Body>(text_of(input, "body"));
    if (const Json* variables = find_member(input, "stageVariables");
        variables && variables->is_object()) {
        exchange.stage_variables = *variables;
    }
    exchange.source_ip = "test-invoke-source-ip";
}

Task<Json> Gateway::test_invoke(Context& context, Json input) {
    const Stopwatch watch;
    Exchange exchange(store_, context.caller, context.activity.id());
    prepare_test(exchange, input);
    exchange.caller.principal = "apigateway.amazonaws.com";
    make_ids(exchange, context.request_id);
    ExecutionLog log(store_.cloud.clock(), exchange.request_id);
    exchange.log = &log;
    log_request(exchange, log);
    std::optional<Refusal> refusal;
    Answer answer;
    try {
        validate_request(exchange);
        answer = co_await integrate(exchange);
    } catch (const Refusal& caught) {
        refusal = caught;
    }
    if (refusal) {
        answer = refuse(exchange, *refusal);
        constexpr std::string_view failed = "Execution failed due to configuration error: ";
        const std::string& detail = refusal->detail();
        const bool told = detail.empty() || detail.starts_with(failed) || answer.status < 500;
        log.add(
            fmt::format("{}{}", told ? "" : failed, detail.empty() ? refusal->message() : detail));
    } else {
        if (exchange.reached_integration) {
            answer.headers.emplace_back("X-Amzn-Trace-Id", exchange.trace_id);
        }
        log.add("Method response body after transformations: " + answer.body);
        log.add("Method response headers: " + java_map(answer.headers));
        log.add("Successfully completed execution");
    }
    log.add(fmt::format("Method completed with status: {}", answer.status));
    co_return test_answer(answer, log.text(), watch.elapsed().count() / 1000);
}

void add_test_operations(Service& service, Gateway& gateway) {
    Operation operation;
    operation.name = "TestInvokeMethod";
    operation.http.method = "POST";
    operation.http.uri = "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}";
    service.add_async(std::move(operation), [&gateway](Context& context, Json input) {
        return gateway.test_invoke(context, std::move(input));
    });
}

}  // namespace skafu::apigateway

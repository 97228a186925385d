#include "apigateway/gateway_response.h"
#include "apigateway/integrations.h"

// HTTP and HTTP_PROXY: a request to another server.

namespace skafu::apigateway {
namespace {

std::string with_query(std::string uri, const Pairs& query) {
    char separator = uri.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : query) {
        uri += separator;
        uri += percent_encode(name) + "=" + percent_encode(value);
        separator = '&';
    }
    return uri;
}

std::string target_of(const std::string& url) {
    const std::size_t scheme = url.find("://");
    const std::size_t slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    return slash == std::string::npos ? "/" : url.substr(slash);
}

bool is_front_header(std::string_view name) {
    return iequals(name, "Host") || iequals(name, "Connection") ||
           iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding") ||
           iequals(name, "Expect");
}

void set_if_absent(Pairs& headers, const char* name, std::string value) {
    if (!find_header(headers, name)) headers.emplace_back(name, std::move(value));
}

}  // namespace

Task<Outcome> call_http(Exchange& exchange, IntegrationRequest request) {
    const Integration& integration = exchange.method->integration;
    const bool proxy = integration.type == IntegrationType::HttpProxy;
    std::erase_if(request.headers, [](const auto& pair) { return is_front_header(pair.first); });
    set_if_absent(request.headers, "Accept", "application/json");
    set_if_absent(request.headers, "User-Agent", "AmazonAPIGateway_" + exchange.api_id);
    set_header(request.headers, "X-Amzn-Apigateway-Api-Id", exchange.api_id);
    set_if_absent(request.headers, "X-Amzn-Trace-Id", exchange.trace_id);
    if (!proxy && !request.body.empty()) {
        set_if_absent(request.headers, "Content-Type", "application/json");
    }
    HttpRequest http;
    http.method = integration.http_method == "ANY" || integration.http_method.empty()
                      ? exchange.http_method
                      : integration.http_method;
    const std::string url = with_query(request.uri, request.query);
    http.target = target_of(url);
    for (auto& [name, value] : request.headers) http.headers.add(name, std::move(value));
    http.body = std::move(request.body);
    HttpResponse response;
    const Duration limit = std::chrono::milliseconds(integration.timeout_ms);
    bool reached = true;
    std::string failure;
    try {
        response = co_await exchange.store.cloud.http().fetch(url, std::move(http), limit);
    } catch (const std::runtime_error& error) {
        reached = false;
        failure = error.what();
    }
    if (!reached) {
        throw Refusal("INTEGRATION_FAILURE", "Endpoint request timed out", url + ": " + failure);
    }
    Outcome outcome;
    outcome.status = response.status;
    outcome.selector = std::to_string(response.status);
    for (const auto& [name, value] : response.headers) outcome.headers.emplace_back(name, value);
    outcome.body = std::make_shared<vtl::Body>(std::move(response.body));
    co_return outcome;
}

Answer proxied_answer(Outcome outcome) {
    Answer answer;
    answer.status = outcome.status;
    for (auto& [name, value] : outcome.headers) {
        if (iequals(name, "Transfer-Encoding")) continue;
        Pairs renamed;
        add_remapped_header(renamed, name, std::move(value));
        for (auto& pair : renamed) answer.headers.push_back(std::move(pair));
    }
    answer.body = outcome.body->text();
    return answer;
}

}  // namespace skafu::apigateway

#include "apigateway/execution_log.h"

namespace skafu::apigateway {

ExecutionLog::ExecutionLog(const Clock& clock, const std::string& request_id)
    : clock_(clock), text_(fmt::format("Execution log for request {}\n", request_id)) {
    add("Starting execution for request: " + request_id);
}

void ExecutionLog::add(std::string_view line) {
    const std::string http = http_date(clock_.now());  // "Thu, 20 Apr 2017 23:37:45 GMT"
    text_ += fmt::format("{} {} {} {} UTC {} : {}\n", http.substr(0, 3), http.substr(8, 3),
                         http.substr(5, 2), http.substr(17, 8), http.substr(12, 4), line);
}

void ExecutionLog::add_request(std::string_view uri, const Pairs& headers, std::string_view body) {
    add(fmt::format("Endpoint request URI: {}", uri));
    add(fmt::format("Endpoint request headers: {}", java_map(headers)));
    add(fmt::format("Endpoint request body after transformations: {}", body));
    add(fmt::format("Sending request to {}", uri));
    integration_ = Stopwatch();
}

void ExecutionLog::add_answer(int status, const Pairs& headers, std::string_view body) {
    add(fmt::format("Received response. Status: {}, Integration latency: {} ms", status,
                    integration_.elapsed().count() / 1000));
    add(fmt::format("Endpoint response headers: {}", java_map(headers)));
    add(fmt::format("Endpoint response body before transformations: {}", body));
}

std::string java_map(const ExecutionLog::Pairs& pairs) {
    std::string text = "{";
    for (const auto& [name, value] : pairs) {
        if (text.size() > 1) text += ", ";
        text += name + "=" + value;
    }
    return text + "}";
}

}  // namespace skafu::apigateway

#include <algorithm>

#include "apigateway/http/http_request.h"

// "Transform API requests and responses for HTTP APIs": what a parameter's value is taken from.

namespace skafu::apigateway::http {
namespace {

std::string_view behind(std::string_view text, std::string_view prefix) {
    return text.substr(prefix.size());
}

/// What of a body a path looks into: AWS cuts it there, and what is cut is no JSON.
constexpr std::size_t kMaxSearched = 100 * 1024;

/// "$.a.b[0]" or "a.b" in a JSON body; the whole text without a path.
Json body_value(const std::string& body, std::string_view path) {
    if (path.empty()) return body;
    if (body.size() > kMaxSearched) return nullptr;
    if (path.starts_with('.')) path.remove_prefix(1);
    Json value;
    try {
        value = parse_json(body);
    } catch (const JsonError&) {
        return nullptr;
    }
    while (!path.empty()) {
        const std::size_t end = std::min(path.find_first_of(".["), path.size());
        const std::string name(path.substr(0, end));
        if (!name.empty()) {
            const Json* member = find_member(value, name);
            if (member == nullptr) return nullptr;
            value = Json(*member);
        }
        path.remove_prefix(end);
        if (path.starts_with('[')) {
            const std::size_t at = static_cast<std::size_t>(std::atoi(path.data() + 1));
            if (!value.is_array() || at >= value.size()) return nullptr;
            value = Json(value[at]);
            path.remove_prefix(std::min(path.find(']'), path.size() - 1) + 1);
        }
        if (path.starts_with('.')) path.remove_prefix(1);
    }
    return value;
}

Json joined(const Pairs& pairs, std::string_view name, bool as_header) {
    std::string all;
    bool found = false;
    for (const auto& [key, value] : pairs) {
        if (as_header ? !iequals(key, name) : key != name) continue;
        all += (found ? "," : "") + value;
        found = true;
    }
    return found ? Json(all) : Json();
}

Json context_value(const HttpExchange& exchange, std::string_view name) {
    const Json event = http_event(exchange, true);
    const Json& context = event.at("requestContext");
    if (name.starts_with("identity.")) {
        name = name == "identity.sourceIp" ? "http.sourceIp" : "http.userAgent";
    }
    const std::pair<std::string_view, std::string_view> names[] = {
        {"httpMethod", "http.method"},
        {"path", "http.path"},
        {"protocol", "http.protocol"},
        {"requestTime", "time"},
        {"requestTimeEpoch", "timeEpoch"}};
    for (const auto& [from, to] : names) {
        if (name == from) name = to;
    }
    const Json* value = &context;
    while (!name.empty()) {
        const std::size_t end = std::min(name.find('.'), name.size());
        const Json* next = find_member(*value, std::string(name.substr(0, end)));
        // An authorizer's claims may be named without the kind of the authorizer.
        if (next == nullptr && value == find_member(context, "authorizer")) {
            const Json* own = find_member(*value, "jwt");
            if (own == nullptr) own = find_member(*value, "lambda");
            if (own != nullptr) next = find_member(*own, std::string(name.substr(0, end)));
        }
        if (next == nullptr) return nullptr;
        value = next;
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return *value;
}

Json variable(const HttpExchange& exchange, std::string_view name) {
    if (name.starts_with("request.header."))
        return joined(exchange.headers, behind(name, "request.header."), true);
    if (name.starts_with("request.querystring."))
        return joined(exchange.query, behind(name, "request.querystring."), false);
    if (name.starts_with("request.path.")) {
        const std::string_view wanted = behind(name, "request.path.");
        for (const auto& [key, value] : exchange.path_values) {
            if (key == wanted) return value;
        }
        return nullptr;
    }
    if (name == "request.path") return exchange.path;
    if (name.starts_with("request.body")) {
        return body_value(exchange.body, behind(name, "request.body"));
    }
    if (exchange.answer != nullptr && name.starts_with("response.header."))
        return joined(exchange.answer->headers, behind(name, "response.header."), true);
    if (exchange.answer != nullptr && name.starts_with("response.body"))
        return body_value(exchange.answer->body, behind(name, "response.body"));
    if (name.starts_with("stageVariables.")) {
        const Json* all = find_member(exchange.stage_document, "stageVariables");
        const Json* value = all == nullptr
                                ? nullptr
                                : find_member(*all, std::string(behind(name, "stageVariables.")));
        return value == nullptr ? Json() : *value;
    }
    if (name.starts_with("context.")) return context_value(exchange, behind(name, "context."));
    return nullptr;
}

}  // namespace

Json selected(const HttpExchange& exchange, const std::string& selection) {
    const bool whole = selection.starts_with('$') && !selection.starts_with("${");
    if (whole) return variable(exchange, std::string_view(selection).substr(1));
    std::string out;
    std::size_t from = 0;
    while (from < selection.size()) {
        const std::size_t start = selection.find("${", from);
        const std::size_t end = selection.find('}', start);
        if (start == std::string::npos || end == std::string::npos) break;
        out += selection.substr(from, start - from);
        const Json value =
            variable(exchange, std::string_view(selection).substr(start + 2, end - start - 2));
        if (!value.is_null()) out += value.is_string() ? value.get<std::string>() : to_text(value);
        from = end + 1;
    }
    return out + selection.substr(from);
}

}  // namespace skafu::apigateway::http

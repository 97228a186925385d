#include "core/admin.h"

#include "core/aws_error.h"

namespace skafu {
namespace {

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        if (path.front() == '/') {
            path.remove_prefix(1);
            continue;
        }
        const std::size_t end = std::min(path.find('/'), path.size());
        parts.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return parts;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& parts,
             std::map<std::string, std::string, std::less<>>& values) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const std::string& part = pattern[i];
        if (i >= parts.size()) return false;
        if (part.front() != '{') {
            if (part != parts[i]) return false;
            continue;
        }
        if (part.ends_with("+}")) {
            std::string rest = percent_decode(parts[i]);
            for (std::size_t j = i + 1; j < parts.size(); ++j)
                rest += "/" + percent_decode(parts[j]);
            values[part.substr(1, part.size() - 3)] = std::move(rest);
            return true;
        }
        values[part.substr(1, part.size() - 2)] = percent_decode(parts[i]);
    }
    return parts.size() == pattern.size();
}

Task<HttpResponse> answer_json(const AdminRoutes::JsonHandler& handler, AdminRequest request) {
    co_return json_response(handler(request));
}

}  // namespace

Json AdminRequest::body() const {
    if (http.body.empty()) return Json::object();
    try {
        return parse_json(http.body);
    } catch (const JsonError& error) {
        throw AwsError::validation(std::string("the body is not JSON: ") + error.what());
    }
}

void AdminRoutes::add(std::string method, std::string pattern, Handler handler) {
    routes_.push_back({std::move(method), split_path(pattern), std::move(handler)});
}

void AdminRoutes::add_json(std::string method, std::string pattern, JsonHandler handler) {
    auto kept = std::make_shared<const JsonHandler>(std::move(handler));
    add(std::move(method), std::move(pattern),
        [kept](AdminRequest request) { return answer_json(*kept, std::move(request)); });
}

const AdminRoutes::Handler* AdminRoutes::find(
    std::string_view method, std::string_view request_path,
    std::map<std::string, std::string, std::less<>>& path) const {
    const std::vector<std::string> parts = split_path(request_path);
    for (const Route& route : routes_) {
        if (route.method != method) continue;
        std::map<std::string, std::string, std::less<>> values;
        if (!matches(route.parts, parts, values)) continue;
        path = std::move(values);
        return &route.handler;
    }
    return nullptr;
}

HttpResponse json_response(const Json& body, int status) {
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = to_text(body);
    return response;
}

}  // namespace skafu

#include "apigateway/http/http_routes.h"

#include <algorithm>

#include "core/http.h"

namespace skafu::apigateway::http {
namespace {

constexpr std::string_view kDefaultKey = "$default";

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> segments;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (!path.empty()) {
        const std::size_t end = path.find('/');
        segments.emplace_back(path.substr(0, end));
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
        if (path.empty()) segments.emplace_back();  // a slash at the end is a segment of its own
    }
    return segments;
}

bool is_variable(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

bool is_greedy(std::string_view segment) {
    return is_variable(segment) && segment.ends_with("+}");
}

std::string variable_name(std::string_view segment) {
    const std::size_t marks = is_greedy(segment) ? 3 : 2;
    return std::string(segment.substr(1, segment.size() - marks));
}

const Json& by_id(const Json& list, std::string_view member, const std::string& id) {
    static const Json none;
    const auto found = std::find_if(list.begin(), list.end(), [&](const Json& one) {
        return !id.empty() && string_member(one, member) == id;
    });
    return found == list.end() ? none : *found;
}

/// How a route fits a path: one letter a segment, 'a' for text, 'b' for a variable, 'c' for a
/// greedy one, so that the smaller text is the more specific route. Empty where it does not fit.
std::string fit(const HttpRoute& route, const std::vector<std::string>& path,
                HttpRoutes::Values& values) {
    std::string how;
    values.clear();
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
        const std::string& segment = route.segments[i];
        if (i >= path.size() || (path[i].empty() && is_variable(segment))) return {};
        if (is_greedy(segment)) {
            std::string rest = path[i];
            for (std::size_t j = i + 1; j < path.size(); ++j) rest += "/" + path[j];
            values.emplace_back(variable_name(segment), percent_decode(rest));
            return how + 'c';
        }
        if (is_variable(segment)) {
            values.emplace_back(variable_name(segment), percent_decode(path[i]));
            how += 'b';
        } else if (segment == percent_decode(path[i])) {
            how += 'a';
        } else {
            return {};
        }
    }
    if (path.size() != route.segments.size()) return {};
    return how.empty() ? "a" : how;
}

}  // namespace

HttpRoutes::HttpRoutes(const Json& definition) {
    const Json& routes = definition.at("routes");
    routes_.reserve(routes.size());
    for (const Json& document : routes) {
        HttpRoute route;
        route.key = string_member(document, "routeKey");
        const std::size_t blank = route.key.find(' ');
        if (blank != std::string::npos) {
            route.method = route.key.substr(0, blank);
            route.segments = split_path(std::string_view(route.key).substr(blank + 1));
        }
        std::string target = string_member(document, "target");
        if (target.starts_with("integrations/")) target.erase(0, 13);
        route.integration = by_id(definition.at("integrations"), "integrationId", target);
        route.authorizer = by_id(definition.at("authorizers"), "authorizerId",
                                 string_member(document, "authorizerId"));
        route.document = document;
        routes_.push_back(std::move(route));
        if (routes_.back().key == kDefaultKey) default_ = &routes_.back();
    }
}

const HttpRoute* HttpRoutes::find(std::string_view method, std::string_view path,
                                  Values& values) const {
    const std::vector<std::string> segments = split_path(path);
    const HttpRoute* best = nullptr;
    std::string best_fit;
    Values candidate;
    for (const HttpRoute& route : routes_) {
        const bool any = route.method == "ANY";
        if (&route == default_ || (!any && route.method != method)) continue;
        std::string how = fit(route, segments, candidate);
        if (how.empty()) continue;
        how += any ? 'z' : 'y';
        if (best != nullptr && best_fit <= how) continue;
        best = &route;
        best_fit = std::move(how);
        values = candidate;
    }
    if (best == nullptr) values.clear();
    return best != nullptr ? best : default_;
}

}  // namespace skafu::apigateway::http

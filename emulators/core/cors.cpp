#include "core/cors.h"

#include <algorithm>

namespace skafu {
namespace {

const Json* setting(const Json& configuration, std::string name) {
    const Json* found = find_member(configuration, name);
    if (found == nullptr) {
        name[0] = static_cast<char>(name[0] - 'A' + 'a');
        found = find_member(configuration, name);
    }
    return found;
}

std::vector<std::string> texts(const Json& configuration, const char* name) {
    std::vector<std::string> out;
    const Json* list = setting(configuration, name);
    if (list == nullptr || !list->is_array()) return out;
    for (const Json& entry : *list) {
        if (entry.is_string()) out.push_back(entry.get<std::string>());
    }
    return out;
}

void add_list(HttpHeaders& answer, const char* name, const std::vector<std::string>& values) {
    if (!values.empty()) answer.set(name, fmt::format("{}", fmt::join(values, ",")));
}

bool origin_matches(std::string_view pattern, std::string_view origin) {
    if (!pattern.ends_with('*')) return iequals(pattern, origin);
    pattern.remove_suffix(1);
    return origin.size() >= pattern.size() && iequals(origin.substr(0, pattern.size()), pattern);
}

}  // namespace

CorsRules CorsRules::from(const Json& configuration) {
    CorsRules rules;
    rules.origins = texts(configuration, "AllowOrigins");
    rules.methods = texts(configuration, "AllowMethods");
    rules.headers = texts(configuration, "AllowHeaders");
    rules.exposed_headers = texts(configuration, "ExposeHeaders");
    const Json* age = setting(configuration, "MaxAge");
    if (age != nullptr && age->is_number()) rules.max_age = age->get<std::int64_t>();
    const Json* credentials = setting(configuration, "AllowCredentials");
    rules.credentials = credentials != nullptr && *credentials == true;
    return rules;
}

bool CorsRules::allows(std::string_view origin) const {
    return !origin.empty() && std::any_of(origins.begin(), origins.end(), [&](const auto& one) {
        return origin_matches(one, origin);
    });
}

void CorsRules::add_origin(std::string_view origin, HttpHeaders& answer) const {
    // A browser takes no "*" together with credentials.
    const bool any =
        !credentials && std::find(origins.begin(), origins.end(), "*") != origins.end();
    answer.set("Access-Control-Allow-Origin", any ? "*" : std::string(origin));
    if (!any) answer.set("Vary", "Origin");
    if (credentials) answer.set("Access-Control-Allow-Credentials", "true");
}

void CorsRules::mark(std::string_view origin, HttpHeaders& answer) const {
    for (const char* name : {"Origin", "Credentials", "Methods", "Headers"}) {
        answer.erase(fmt::format("Access-Control-Allow-{}", name));
    }
    answer.erase("Access-Control-Expose-Headers");
    answer.erase("Access-Control-Max-Age");
    if (!allows(origin)) return;
    add_origin(origin, answer);
    add_list(answer, "Access-Control-Expose-Headers", exposed_headers);
}

void CorsRules::answer_preflight(std::string_view origin, HttpHeaders& answer) const {
    if (!allows(origin)) return;
    add_origin(origin, answer);
    add_list(answer, "Access-Control-Allow-Methods", methods);
    add_list(answer, "Access-Control-Allow-Headers", headers);
    add_list(answer, "Access-Control-Expose-Headers", exposed_headers);
    if (max_age) answer.set("Access-Control-Max-Age", std::to_string(*max_age));
}

}  // namespace skafu

#include "core/sigv4.h"

#include <cstdlib>
#include <map>

#include <fmt/format.h>

#include "core/digest.h"

namespace skafu {
namespace {

std::string from_environment(const char* name, const char* fallback) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? fallback : value;
}

struct UrlParts {
    std::string_view host;
    std::string_view path;
    std::string_view query;
};

UrlParts split(std::string_view url) {
    const std::size_t scheme = url.find("://");
    std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
    UrlParts parts;
    const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
    parts.host = rest.substr(0, slash);
    rest.remove_prefix(slash);
    const std::size_t mark = std::min(rest.find('?'), rest.size());
    parts.path = rest.substr(0, mark);
    parts.query = rest.substr(std::min(mark + 1, rest.size()));
    return parts;
}

std::string canonical_query(std::string_view query) {
    std::multimap<std::string, std::string> sorted;
    for (const auto& [name, value] : parse_query(query)) {
        sorted.emplace(percent_encode(name), percent_encode(value));
    }
    std::string text;
    for (const auto& [name, value] : sorted) {
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
    }
    return text;
}

/// "2026-01-31T12:00:00Z" -> "20260131T120000Z"
std::string compact(std::string time) {
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    return time;
}

}  // namespace

AwsCredentials credentials_from_environment() {
    return {from_environment("AWS_ACCESS_KEY_ID", "test"),
            from_environment("AWS_SECRET_ACCESS_KEY", "test"),
            from_environment("AWS_SESSION_TOKEN", "")};
}

void sign_v4(HttpRequest& request, std::string_view url, const AwsCredentials& credentials,
             std::string_view region, std::string_view service, TimePoint now) {
    const UrlParts parts = split(url);
    const std::string time = compact(iso8601_seconds(now));
    const std::string date = time.substr(0, 8);
    request.headers.set("Host", std::string(parts.host));
    request.headers.set("X-Amz-Date", time);
    request.headers.erase("Authorization");
    request.headers.erase("X-Amz-Security-Token");
    if (!credentials.session_token.empty()) {
        request.headers.add("X-Amz-Security-Token", credentials.session_token);
    }
    std::map<std::string, std::string> signed_fields;
    for (const char* name :
         {"Host", "X-Amz-Date", "X-Amz-Target", "X-Amz-Security-Token", "Content-Type"}) {
        const std::string* value = request.headers.find(name);
        if (value == nullptr) continue;
        std::string lower = name;
        for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        signed_fields[lower] = *value;
    }
    std::string fields;
    std::string names;
    for (const auto& [name, value] : signed_fields) {
        fields += fmt::format("{}:{}\n", name, value);
        names += fmt::format("{}{}", names.empty() ? "" : ";", name);
    }
    const std::string canonical = fmt::format(
        "{}\n{}\n{}\n{}\n{}\n{}", request.method, parts.path.empty() ? "/" : parts.path,
        canonical_query(parts.query), fields, names, digest::hex(digest::sha256(request.body)));
    const std::string scope = fmt::format("{}/{}/{}/aws4_request", date, region, service);
    const std::string to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope,
                                            digest::hex(digest::sha256(canonical)));
    std::string key = digest::hmac_sha256("AWS4" + credentials.secret_key, date);
    for (const std::string_view part : {region, service, std::string_view("aws4_request")}) {
        key = digest::hmac_sha256(key, part);
    }
    request.headers.add(
        "Authorization",
        fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                    credentials.access_key, scope, names,
                    digest::hex(digest::hmac_sha256(key, to_sign))));
}

}  // namespace skafu

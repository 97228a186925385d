#include "fronts/signature.h"

#include <algorithm>

namespace skafu::server {
namespace {

/// "AKID/20260101/us-east-1/dynamodb/aws4_request"
std::optional<Credential> parse_scope(std::string_view scope) {
    std::string_view parts[5];
    for (std::string_view& part : parts) {
        const std::size_t end = std::min(scope.find('/'), scope.size());
        part = scope.substr(0, end);
        scope.remove_prefix(std::min(end + 1, scope.size()));
    }
    if (parts[3].empty()) return std::nullopt;
    return Credential{std::string(parts[0]), std::string(parts[2]), std::string(parts[3])};
}

}  // namespace

std::optional<Credential> find_credential(const HttpRequest& request) {
    const std::string_view header = request.headers.get("Authorization");
    if (header.starts_with("AWS4-")) {
        constexpr std::string_view mark = "Credential=";
        const std::size_t at = header.find(mark);
        if (at == std::string_view::npos) return std::nullopt;
        const std::string_view rest = header.substr(at + mark.size());
        return parse_scope(rest.substr(0, rest.find_first_of(", ")));
    }
    if (request.query().find("X-Amz-Credential=") == std::string_view::npos) return std::nullopt;
    for (const auto& [name, value] : parse_query(request.query())) {
        if (name == "X-Amz-Credential") return parse_scope(value);
    }
    return std::nullopt;
}

Caller caller_of(const Credential* credential, const Settings& settings) {
    Caller caller;
    caller.account = settings.account;
    caller.region = settings.region;
    if (credential == nullptr) return caller;
    const std::string& key = credential->access_key;
    const bool is_account = key.size() == 12 && std::all_of(key.begin(), key.end(), [](char c) {
                                return c >= '0' && c <= '9';
                            });
    if (is_account) caller.account = key;
    if (!credential->region.empty() && credential->region != "*")
        caller.region = credential->region;
    return caller;
}

}  // namespace skafu::server

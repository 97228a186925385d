#include "fronts/signature.h"

#include <algorithm>
#include <charconv>

#include "core/account.h"
#include "core/aws_error.h"

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

AwsError query_parameters_error(std::string message) {
    return {"AuthorizationQueryParametersError", std::move(message), 400};
}

/// A whole number of seconds, the largest there is for one that is out of range; nullopt for a text
/// that is none.
std::optional<std::int64_t> whole_seconds(const std::string& text) {
    std::int64_t seconds = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, seconds);
    if (read.ptr != end || read.ec == std::errc::invalid_argument) return std::nullopt;
    return read.ec == std::errc() ? seconds : INT64_MAX;
}

std::int64_t checked_expires(const std::string& text) {
    constexpr std::int64_t kWeek = 604'800;
    const std::optional<std::int64_t> seconds = whole_seconds(text);
    if (!seconds) throw query_parameters_error("X-Amz-Expires should be a number");
    if (*seconds < 0) throw query_parameters_error("X-Amz-Expires must be non-negative");
    if (*seconds > kWeek) {
        throw query_parameters_error(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
            "must be less than 604800 seconds");
    }
    return *seconds;
}

/// "20260131T120000Z"
TimePoint checked_date(const std::string& text) {
    const bool has_form = text.size() == 16 && text[8] == 'T' && text[15] == 'Z';
    try {
        if (has_form) {
            return parse_iso8601(fmt::format(
                "{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
                text.substr(9, 2), text.substr(11, 2), text.substr(13, 2)));
        }
    } catch (const std::invalid_argument&) {
        // told below
    }
    throw query_parameters_error(
        "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
}

/// Refuses what has ended by the house's clock, where AWS's strictness is asked for.
void check_end(Cloud& cloud, TimePoint end, Json details) {
    const TimePoint now = cloud.clock().now();
    if (!cloud.settings().strict || now <= end) return;
    details["Expires"] = iso8601_seconds(end);
    details["ServerTime"] = iso8601_seconds(now);
    throw AwsError("AccessDenied", "Request has expired", 403, std::move(details));
}

constexpr std::string_view kOldKey = "AWSAccessKeyId";

/// A presigned URL of version 2 ("Signing and authenticating REST requests": query string request
/// authentication alternative).
void check_old_presigned(const HttpRequest& request, Cloud& cloud) {
    std::string expires;
    bool is_signed = false;
    for (const auto& [name, value] : parse_query(request.query())) {
        if (name == "Expires") expires = value;
        if (name == "Signature") is_signed = !value.empty();
    }
    if (expires.empty() || !is_signed) {
        throw AwsError("AccessDenied",
                       "Query-string authentication requires the Signature, Expires and "
                       "AWSAccessKeyId parameters",
                       403);
    }
    const std::optional<std::int64_t> seconds = whole_seconds(expires);
    if (!seconds) {
        throw AwsError("AccessDenied", "Invalid date (should be seconds since epoch): " + expires,
                       403);
    }
    constexpr std::int64_t kLatest = 32'503'680'000;  // the year 3000
    const std::chrono::seconds end(std::clamp<std::int64_t>(*seconds, 0, kLatest));
    check_end(cloud, TimePoint(end), Json::object());
}

/// A parameter of the query, the first of its name; nullopt where there is none.
std::optional<std::string> query_parameter(const HttpRequest& request, std::string_view name) {
    if (request.query().find(name) == std::string_view::npos) return std::nullopt;
    for (auto& [given, value] : parse_query(request.query())) {
        if (given == name) return std::move(value);
    }
    return std::nullopt;
}

/// The access key of a signature of version 2, whose only service left is S3; it names no region.
std::optional<Credential> old_credential(const HttpRequest& request) {
    const std::string_view header = request.headers.get("Authorization");
    if (header.starts_with("AWS ")) {
        const std::string_view rest = header.substr(4);
        return Credential{std::string(rest.substr(0, rest.find(':'))), "", "s3"};
    }
    // Query services, which nobody signs so any more, say SignatureVersion besides.
    if (request.query().find("SignatureVersion=") != std::string_view::npos) return std::nullopt;
    const std::optional<std::string> key = query_parameter(request, kOldKey);
    return key ? std::optional(Credential{*key, "", "s3"}) : std::nullopt;
}

}  // namespace

void check_presigned(const HttpRequest& request, Cloud& cloud) {
    if (request.query().find(kOldKey) != std::string_view::npos) {
        return check_old_presigned(request, cloud);
    }
    if (request.query().find("X-Amz-Expires=") == std::string_view::npos) return;
    std::string expires;
    std::string date;
    for (const auto& [name, value] : parse_query(request.query())) {
        if (name == "X-Amz-Expires") expires = value;
        if (name == "X-Amz-Date") date = value;
    }
    const std::chrono::seconds lifetime(checked_expires(expires));
    if (!cloud.settings().strict) return;
    check_end(cloud, checked_date(date) + lifetime, {{"X-Amz-Expires", expires}});
}

std::optional<Credential> find_credential(const HttpRequest& request) {
    const std::string_view header = request.headers.get("Authorization");
    if (header.starts_with("AWS4-")) {
        constexpr std::string_view mark = "Credential=";
        const std::size_t at = header.find(mark);
        if (at == std::string_view::npos) return std::nullopt;
        const std::string_view rest = header.substr(at + mark.size());
        return parse_scope(rest.substr(0, rest.find_first_of(", ")));
    }
    const std::optional<std::string> scope = query_parameter(request, "X-Amz-Credential");
    return scope ? parse_scope(*scope) : old_credential(request);
}

Caller caller_of(const Credential* credential, const Settings& settings) {
    Caller caller;
    caller.account = settings.account;
    caller.region = settings.region;
    if (credential == nullptr) return caller;
    if (is_account_id(credential->access_key)) caller.account = credential->access_key;
    if (!credential->region.empty() && credential->region != "*")
        caller.region = credential->region;
    return caller;
}

}  // namespace skafu::server

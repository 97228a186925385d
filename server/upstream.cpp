#include "upstream.h"

#include <algorithm>

#include "core/aws_error.h"
#include "core/log.h"
#include "core/sigv4.h"
#include "core/wall_clock.h"
#include "fronts/content_encoding.h"
#include "http/pause.h"
#include "http/transport.h"

namespace skafu::server {
namespace {

constexpr Duration kUpstreamTimeout = std::chrono::seconds(60);
constexpr int kAttempts = 3;
constexpr std::chrono::milliseconds kFirstPause{50};

/// What the APIs have beyond the operations that are emulated.
constexpr std::pair<std::string_view, std::string_view> kNotEmulated[] = {
    {"dynamodb", "CreateGlobalTable"},
    {"dynamodb", "DescribeTableReplicaAutoScaling"},
    {"dynamodb", "UpdateGlobalTable"},
    {"dynamodb", "UpdateGlobalTableSettings"},
    {"dynamodb", "UpdateTableReplicaAutoScaling"}};

/// One service that lives elsewhere.
struct Upstream {
    std::string url;
    std::string target_prefix;
    std::string signing_name;
    std::string content_type;
    std::unique_ptr<HttpTransport> transport;
};

bool is_json(std::string_view text) {
    try {
        parse_json(text);
        return true;
    } catch (const JsonError&) {
        return false;
    }
}

/// The error that an AWS-compatible service answered, {"__type": "namespace#Code", "message": …},
/// with all its members as they came.
AwsError error_of(const HttpResponse& response) {
    Json body;
    try {
        body = parse_json(response.body);
    } catch (const JsonError&) {
        body = nullptr;
    }
    if (!body.is_object()) {
        return AwsError(
            "InternalServerError",
            fmt::format("The upstream answered {} without a JSON body.", response.status),
            response.status < 400 ? 502 : response.status);
    }
    std::string code = string_member(body, "__type", "InternalServerError");
    code.erase(0, code.rfind('#') + 1);
    std::string message = string_member(body, "message", string_member(body, "Message"));
    return AwsError(std::move(code), std::move(message), response.status, std::move(body));
}

Task<Document> forward(std::shared_ptr<const Upstream> upstream, Context& context, Document input) {
    Cloud& cloud = context.cloud;
    HttpRequest request;
    request.method = "POST";
    request.body = input.take_text();
    request.headers.add("Content-Type", upstream->content_type);
    request.headers.add("X-Amz-Target",
                        fmt::format("{}.{}", upstream->target_prefix, context.operation));
    // Real time, not the house's: others check how old a signature is.
    const TimePoint now{std::chrono::milliseconds(wall_clock_millis())};
    sign_v4(request, upstream->url, credentials_from_environment(), context.caller.region,
            upstream->signing_name, now);
    const Clock::Busy busy(cloud.clock());
    std::string failure;
    std::chrono::milliseconds wait = kFirstPause;
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
        if (attempt > 1) {
            co_await pause(wait);
            wait *= 2;
        }
        try {
            HttpResponse response =
                co_await upstream->transport->fetch(upstream->url, request, kUpstreamTimeout);
            // We ask for none, but what lies between may compress.
            decode_content(response);
            // Some operations answer nothing at all (DynamoDB's TagResource).
            if (response.status == 200 && response.body.empty()) co_return Document(Json());
            if (response.status != 200 || !is_json(response.body)) throw error_of(response);
            co_return Document::from_text(std::move(response.body));
        } catch (const AwsError&) {
            throw;
        } catch (const std::exception& error) {
            failure = error.what();
            log::warn("upstream {}: {} (attempt {} of {})", upstream->url, failure, attempt,
                      kAttempts);
        }
    }
    throw AwsError("InternalServerError",
                   fmt::format("The upstream {} cannot be reached: {}", upstream->url, failure),
                   500);
}

/// Where the streams of the tables at a DynamoDB's URL are read. AWS has them on a host of their
/// own; DynamoDB Local and ScyllaDB answer for both at one.
std::string streams_url(const std::string& url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string::npos) return url;
    const std::size_t host = scheme + 3;
    const std::string_view name = std::string_view(url).substr(host);
    if (!name.starts_with("dynamodb.")) return url;
    const std::string_view authority = name.substr(0, name.find_first_of(":/"));
    const bool is_aws =
        authority.ends_with(".amazonaws.com") || authority.ends_with(".amazonaws.com.cn");
    if (is_aws) return url.substr(0, host) + "streams." + url.substr(host);
    // The dual-stack endpoints.
    return authority.ends_with(".api.aws") ? url.substr(0, host) + "streams-" + url.substr(host)
                                           : url;
}

/// Tables that live elsewhere have their streams there.
std::map<std::string, std::string> with_streams(std::map<std::string, std::string> upstreams) {
    const auto tables = upstreams.find("dynamodb");
    if (tables != upstreams.end()) {
        const std::string url = streams_url(tables->second);
        upstreams.emplace("dynamodbstreams", url);
    }
    return upstreams;
}

}  // namespace

void connect_upstreams(Cloud& cloud) {
    for (const auto& [name, url] : with_streams(cloud.settings().upstreams)) {
        const auto found =
            std::find_if(cloud.services().begin(), cloud.services().end(),
                         [&name = name](const auto& candidate) { return candidate->name == name; });
        if (found == cloud.services().end()) {
            throw std::runtime_error("--upstream: there is no service " + name);
        }
        Service* const service = found->get();
        if (service->target_prefix.empty()) {
            throw std::runtime_error("--upstream: service " + name +
                                     " does not speak a JSON protocol");
        }
        if (!url.starts_with("http://") && !url.starts_with("https://")) {
            throw std::runtime_error("--upstream: not an http(s) URL: " + url);
        }
        auto upstream = std::make_shared<Upstream>();
        upstream->url = url.ends_with('/') ? url : url + "/";
        upstream->target_prefix = service->target_prefix;
        upstream->signing_name =
            service->signing_names.empty() ? service->name : service->signing_names.front();
        upstream->content_type = service->protocols.front() == Protocol::json_1_1
                                     ? "application/x-amz-json-1.1"
                                     : "application/x-amz-json-1.0";
        upstream->transport = make_transport(cloud.io(), Connections::kKept);
        const auto handler = [upstream](Context& context, Document input) {
            return forward(upstream, context, std::move(input));
        };
        for (Operation* operation : service->operations()) {
            if (operation->internal) continue;
            operation->handler = nullptr;
            operation->validates_itself = true;
            operation->async_handler = handler;
        }
        for (const auto& [owner, operation_name] : kNotEmulated) {
            if (owner != name) continue;
            Operation operation;
            operation.name = operation_name;
            service->add_async_raw(std::move(operation), handler);
        }
        log::info("service {} lives at {}", name, upstream->url);
    }
}

}  // namespace skafu::server

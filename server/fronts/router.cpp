#include "fronts/router.h"

#include "core/aws_error.h"
#include "fronts/aws_api.h"
#include "fronts/cbor_api.h"
#include "fronts/execute_api.h"
#include "fronts/s3_host.h"
#include "fronts/signature.h"

namespace skafu::server {
namespace {

/// What LocalStack's users and browsers expect of the service endpoints.
void add_cors(HttpResponse& response) {
    if (response.headers.contains("Access-Control-Allow-Origin")) return;
    response.headers.add("Access-Control-Allow-Origin", "*");
    response.headers.add("Access-Control-Expose-Headers",
                         "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-query-error,x-amz-request-id,"
                         "x-amz-id-2,x-amz-version-id,ETag,Date");
}

HttpResponse preflight(const HttpRequest& request) {
    HttpResponse response;
    const std::string_view wanted = request.headers.get("Access-Control-Request-Headers");
    add_cors(response);
    response.headers.add("Access-Control-Allow-Methods", "HEAD,GET,PUT,POST,DELETE,OPTIONS,PATCH");
    response.headers.add(
        "Access-Control-Allow-Headers",
        wanted.empty() ? "authorization,content-type,x-amz-target" : std::string(wanted));
    response.headers.add("Access-Control-Max-Age", "3600");
    return response;
}

Task<HttpResponse> answer_admin(Cloud& cloud, const AdminRoutes::Handler& handler,
                                AdminRequest request) {
    const std::optional<Credential> credential = find_credential(request.http);
    request.caller = caller_of(credential ? &*credential : nullptr, cloud.settings());
    for (auto& [name, value] : parse_query(request.http.query())) {
        request.query[std::move(name)] = std::move(value);
    }
    HttpResponse response;
    try {
        response = co_await handler(std::move(request));
    } catch (const AwsError& error) {
        response = json_response(Json{{"error", error.code()}, {"message", error.message()}},
                                 error.status());
    } catch (const Json::exception& error) {  // a member of another type than we read
        response =
            json_response(Json{{"error", "ValidationException"}, {"message", error.what()}}, 400);
    }
    co_return response;
}

/// Our own paths and documents that services publish as plain HTTP.
bool may_be_admin(std::string_view path) {
    return path.starts_with("/_") || path.find("/.well-known/") != std::string_view::npos;
}

}  // namespace

Router::Router(Cloud& cloud) : cloud_(cloud) {
    for (const std::unique_ptr<Service>& service : cloud.services()) {
        if (!service->target_prefix.empty()) {
            by_target_prefix_.emplace(service->target_prefix, service.get());
        }
        if (service->signing_names.empty()) by_signing_name_.emplace(service->name, service.get());
        for (const std::string& name : service->signing_names) {
            by_signing_name_.emplace(name, service.get());
        }
    }
}

const Service* Router::by_signing_name(std::string_view name) const {
    const auto found = by_signing_name_.find(std::string(name));
    return found == by_signing_name_.end() ? nullptr : found->second;
}

const Service* Router::by_host(std::string_view host) const {
    // "sqs.us-east-1.localhost:4566", "us-east-1.queue.localhost", "s3.localhost", "b.s3.localhost"
    if (host.find(".s3.") != std::string_view::npos || host.starts_with("s3.")) {
        return cloud_.find_service("s3");
    }
    if (host.find("queue.") != std::string_view::npos) return cloud_.find_service("sqs");
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return nullptr;
    std::string_view first = host.substr(0, dot);
    // StartSyncExecution's host prefix.
    if (first.starts_with("sync-")) first.remove_prefix(5);
    return by_signing_name(first);
}

Task<HttpResponse> Router::handle(HttpRequest request) {
    // An API answers browsers as it was told to, or not at all.
    std::optional<ApiAddress> api = find_api(request);
    if (api) {
        HttpResponse answer =
            co_await answer_execute_api(cloud_, std::move(*api), std::move(request));
        co_return answer;
    }
    // So does a function URL.
    const bool from_browser =
        request.headers.contains("Origin") && !request.path().starts_with("/_aws/lambda-url/");
    HttpResponse response = co_await route(std::move(request));
    if (from_browser) add_cors(response);
    co_return response;
}

Task<HttpResponse> Router::route(HttpRequest request) {
    // The usual SDK call first: it needs no look at path and host.
    const std::string_view target = request.headers.get("X-Amz-Target");
    if (!target.empty()) {
        const std::size_t dot = target.rfind('.');
        const auto found = by_target_prefix_.find(std::string(target.substr(0, dot)));
        const Service* service = found == by_target_prefix_.end() ? nullptr : found->second;
        HttpResponse response = co_await answer_aws_api(cloud_, service, std::move(request));
        co_return response;
    }
    if (is_rpc_cbor(request)) {
        FindService find = [this](std::string_view name) -> const Service* {
            const auto found = by_target_prefix_.find(std::string(name));
            return found == by_target_prefix_.end() ? nullptr : found->second;
        };
        HttpResponse response =
            co_await answer_rpc_cbor(cloud_, std::move(find), std::move(request));
        co_return response;
    }
    const std::string_view path = request.path();
    if (may_be_admin(path)) {
        AdminRequest admin;
        const AdminRoutes::Handler* handler = cloud_.admin().find(request.method, path, admin.path);
        if (handler == nullptr && request.method == "OPTIONS") co_return preflight(request);
        if (handler != nullptr) {
            admin.http = std::move(request);
            HttpResponse response = co_await answer_admin(cloud_, *handler, std::move(admin));
            co_return response;
        }
        if (path.starts_with("/_skafu") || path.starts_with("/_localstack")) {
            Json body = {
                {"error", "NotFound"},
                {"message", fmt::format("There is nothing at {} {}.", request.method, path)}};
            co_return json_response(body, 404);
        }
    }
    const std::optional<Credential> credential = find_credential(request);
    const Service* service = credential ? by_signing_name(credential->service) : nullptr;
    if (service == nullptr) service = by_host(request.headers.get("Host"));
    // Both versions of API Gateway sign for the same name.
    if (service != nullptr && service->name == "apigateway" && path.starts_with("/v2/")) {
        service = cloud_.find_service("apigatewayv2");
    }
    if (request.method == "OPTIONS") co_return preflight(request);
    if (service == nullptr && credential) {
        Json body = {{"__type", "UnknownOperationException"},
                     {"message", fmt::format("Service {} is not emulated ({} {}).",
                                             credential->service, request.method, path)}};
        co_return json_response(body, 501);
    }
    if (service == nullptr && request.method == "POST" && path == "/") {
        // Unsigned query calls name only their action.
        for (const std::unique_ptr<Service>& candidate : cloud_.services()) {
            for (const auto& [name, value] : parse_query(request.body)) {
                if (name == "Action" && candidate->find(value) != nullptr &&
                    !candidate->api_version.empty()) {
                    service = candidate.get();
                }
            }
            if (service != nullptr) break;
        }
    }
    if (service == nullptr && path == "/" && request.method == "GET") {
        Json body = {{"service", "skafu-local"}, {"health", "/_skafu/health"}};
        co_return json_response(body);
    }
    // What is left without a name is S3 by path: buckets of public objects are read unsigned.
    if (service == nullptr) service = cloud_.find_service("s3");
    if (service == nullptr) {
        co_return json_response(Json{{"message", "Missing Authentication Token"}}, 403);
    }
    if (service->name == "s3") put_bucket_into_path(request);
    HttpResponse response = co_await answer_aws_api(cloud_, service, std::move(request));
    co_return response;
}

}  // namespace skafu::server

#include "fronts/aws_api.h"

#include <algorithm>

#include "core/trace.h"
#include "fronts/codec.h"
#include "fronts/content_encoding.h"
#include "fronts/signature.h"

namespace skafu::server {
namespace {

constexpr std::string_view kJsonType = "application/x-amz-json-";

bool speaks(const Service& service, Protocol protocol) {
    return std::find(service.protocols.begin(), service.protocols.end(), protocol) !=
           service.protocols.end();
}

/// The JSON version a client asked for; its own spelling is kept in the answer.
Protocol json_version(std::string_view content_type) {
    return content_type.starts_with("application/x-amz-json-1.1") ? Protocol::json_1_1
                                                                  : Protocol::json_1_0;
}

Protocol protocol_of(const Service* service, const HttpRequest& request) {
    const std::string_view type = request.headers.get("Content-Type");
    if (request.headers.contains("X-Amz-Target")) return json_version(type);
    if (service == nullptr) return Protocol::query;
    if (speaks(*service, Protocol::query) &&
        (type.starts_with("application/x-www-form-urlencoded") ||
         request.query().find("Action=") != std::string_view::npos)) {
        return Protocol::query;
    }
    return service->protocols.empty() ? Protocol::json_1_0 : service->protocols.front();
}

std::string query_action(std::string_view form) {
    for (const auto& [name, value] : parse_query(form)) {
        if (name == "Action") return value;
    }
    return {};
}

void check_limits(const Service& service, const HttpRequest& request) {
    if (service.max_body != 0 && request.body.size() > service.max_body) {
        throw AwsError("RequestEntityTooLargeException", "Request body too large", 413);
    }
    if (service.max_headers == 0) return;
    std::size_t bytes = request.target.size();
    if (bytes > service.max_headers) throw AwsError("BadRequest", "Request line too long", 400);
    for (const auto& [name, value] : request.headers) bytes += name.size() + value.size() + 4;
    if (bytes > service.max_headers) throw AwsError("BadRequest", "Request headers too long", 400);
}

AwsError unknown_operation(const Service& service, std::string_view operation) {
    return AwsError::unknown_operation(
        fmt::format("Operation {} of service {} is not emulated.", operation, service.name));
}

/// To DynamoDB an empty request is no JSON; the others take it for one without members.
bool needs_body(const Service& service) {
    return service.error_namespace.starts_with("com.amazonaws.dynamodb");
}

DecodedCall decode_json_target(const Service* service, HttpRequest& request) {
    const std::string_view target = request.headers.get("X-Amz-Target");
    const std::string_view type = request.headers.get("Content-Type");
    if (request.method != "POST" ||
        !(type.starts_with(kJsonType) || type.starts_with("application/json"))) {
        throw AwsError("UnknownOperationException",
                       fmt::format("{} needs POST and Content-Type application/x-amz-json-1.0 or "
                                   "-1.1; got {} and \"{}\".",
                                   target, request.method, type),
                       404);
    }
    if (service == nullptr) {
        throw AwsError::unknown_operation(
            fmt::format("The service of X-Amz-Target {} is not emulated.", target));
    }
    const std::string_view name = target.substr(std::min(target.rfind('.') + 1, target.size()));
    DecodedCall call;
    call.service = service;
    call.protocol = json_version(type);
    call.operation = service->find(name);
    if (call.operation == nullptr || call.operation->internal) {
        throw unknown_operation(*service, name);
    }
    if (request.body.empty() && needs_body(*service)) throw AwsError::serialization("");
    call.input = request.body.empty() ? Document() : Document::from_text(std::move(request.body));
    return call;
}

DecodedCall decode_query_request(const Service& service, const HttpRequest& request) {
    const std::string_view form =
        request.method == "GET" ? request.query() : std::string_view(request.body);
    std::string action = query_action(form);
    if (action.empty()) action = query_action(request.query());
    if (action.empty()) {
        throw AwsError("MissingAction",
                       "The request is missing an action or a required parameter.");
    }
    DecodedCall call;
    call.service = &service;
    call.protocol = Protocol::query;
    call.operation = service.find(action);
    if (call.operation == nullptr || call.operation->internal) {
        throw AwsError("InvalidAction",
                       fmt::format("The action {} is not valid for this endpoint.", action));
    }
    call.input = Document(decode_query(*call.operation, form));
    return call;
}

/// Subresources of S3 that are not emulated. Without their rows the request would be taken for one
/// of the object or bucket itself.
bool is_unknown_subresource(std::string_view query) {
    static constexpr std::string_view kUnknown[] = {
        "analytics", "intelligent-tiering", "inventory", "legal-hold", "metadataTable", "metrics",
        "retention", "renameObject",        "restore",   "select",     "session",       "torrent"};
    for (const auto& [name, value] : parse_query(query)) {
        if (std::find(std::begin(kUnknown), std::end(kUnknown), name) != std::end(kUnknown)) {
            return true;
        }
    }
    return false;
}

DecodedCall decode_rest_request(const Service& service, Protocol protocol,
                                const HttpRequest& request) {
    std::map<std::string, std::string> labels;
    DecodedCall call;
    call.service = &service;
    call.protocol = protocol;
    call.operation = find_rest_operation(service, request.method, request.path(), request.query(),
                                         request.headers, labels);
    if (call.operation == nullptr ||
        (protocol == Protocol::rest_xml && is_unknown_subresource(request.query()))) {
        throw AwsError("UnknownOperationException",
                       fmt::format("No operation of service {} is bound to {} {}.", service.name,
                                   request.method, request.target),
                       404);
    }
    call.input = Document(decode_rest(*call.operation, protocol, request, labels));
    return call;
}

DecodedCall decode(const Service* service, Protocol protocol, HttpRequest& request) {
    if (service != nullptr) check_limits(*service, request);
    if (protocol == Protocol::json_1_0 || protocol == Protocol::json_1_1) {
        if (!request.headers.contains("X-Amz-Target")) {
            throw AwsError("UnknownOperationException",
                           "The request names no operation: X-Amz-Target is missing.", 404);
        }
        return decode_json_target(service, request);
    }
    if (service == nullptr) {
        throw AwsError::unknown_operation("The request names no service that is emulated.");
    }
    if (protocol == Protocol::query) return decode_query_request(*service, request);
    return decode_rest_request(*service, protocol, request);
}

HttpResponse encode_error(const Service* service, Protocol protocol, const AwsError& error,
                          const std::string& request_id, std::string_view path) {
    switch (protocol) {
        case Protocol::json_1_0:
        case Protocol::json_1_1:
            return encode_json_error(service, protocol, error);
        case Protocol::query:
            return encode_query_error(service, error, request_id);
        case Protocol::rest_json:
        case Protocol::rest_xml:
            return encode_rest_error(*service, protocol, error, request_id, path);
    }
    return {};
}

HttpResponse encode_result(const DecodedCall& call, Document result,
                           const std::string& request_id) {
    switch (call.protocol) {
        case Protocol::json_1_0:
        case Protocol::json_1_1:
            return encode_json_result(call, std::move(result));
        case Protocol::query:
            return encode_query_result(call, result.value(), request_id);
        case Protocol::rest_json:
        case Protocol::rest_xml:
            return encode_rest_result(call, std::move(result));
    }
    return {};
}

}  // namespace

Task<HttpResponse> answer_aws_api(Cloud& cloud, const Service* service, HttpRequest request) {
    const Protocol protocol = protocol_of(service, request);
    std::string request_id = cloud.entropy().uuid();
    HttpResponse response;
    // What the codecs refer to must not end with the request that is moved into the call.
    const std::string path(protocol == Protocol::rest_xml ? request.path() : std::string_view());
    const std::string accepts(request.headers.get("Accept-Encoding"));
    const std::string trace(request.headers.get("X-Amzn-Trace-Id"));
    try {
        const std::optional<Credential> credential = find_credential(request);
        const bool is_targeted = request.headers.contains("X-Amz-Target");
        if (protocol == Protocol::rest_xml) {
            check_presigned(request, cloud);
        } else {
            decode_content(request);
        }
        DecodedCall call = decode(service, protocol, request);
        if (!credential && is_targeted && !call.operation->is_public) {
            throw AwsError("MissingAuthenticationTokenException",
                           "Request is missing Authentication Token");
        }
        service = call.service;
        Caller caller = caller_of(credential ? &*credential : nullptr, cloud.settings());
        const ActivityId cause = activity_of_trace_id(trace);
        Call wish{call.service->name,
                  call.operation->name,
                  std::move(call.input),
                  std::move(caller),
                  cause,
                  request_id};
        Document result;
        if (call.operation->handler) {
            result = cloud.call_now(std::move(wish));
        } else {
            result = co_await cloud.call(std::move(wish));
        }
        response = encode_result(call, std::move(result), request_id);
    } catch (const AwsError& error) {
        response = encode_error(service, protocol, error, request_id, path);
    }
    if (protocol == Protocol::rest_xml) {  // S3's own names ("Common response headers")
        response.headers.add("x-amz-id-2", host_id(request_id));
        response.headers.add("x-amz-request-id", request_id);
    } else {
        response.headers.add("x-amzn-RequestId", std::move(request_id));
    }
    if (service != nullptr && service->compress_over != 0) {
        encode_content(accepts, service->compress_over, response);
    }
    co_return response;
}

}  // namespace skafu::server

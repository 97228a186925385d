#include "fronts/cbor_api.h"

#include "core/aws_error.h"
#include "core/trace.h"
#include "fronts/cbor.h"
#include "fronts/codec.h"
#include "fronts/content_encoding.h"
#include "fronts/signature.h"

namespace skafu::server {
namespace {

struct Address {
    std::string service;
    std::string operation;
};

/// "/service/GraniteServiceVersion20100801/operation/ListMetrics"; a prefix before it is allowed.
Address address_of(std::string_view path) {
    constexpr std::string_view service = "/service/";
    constexpr std::string_view operation = "/operation/";
    const std::size_t first = path.find(service);
    const std::size_t second = path.find(operation, first);
    if (first == std::string_view::npos || second == std::string_view::npos) {
        throw AwsError("UnknownOperationException",
                       fmt::format("{} names no service and operation.", path), 404);
    }
    const std::size_t from = first + service.size();
    return {percent_decode(path.substr(from, second - from)),
            percent_decode(path.substr(second + operation.size()))};
}

HttpResponse cbor_response(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.headers.add("smithy-protocol", "rpc-v2-cbor");
    response.headers.add("Content-Type", "application/cbor");
    response.body = std::move(body);
    return response;
}

HttpResponse cbor_error(const Service* service, const AwsError& error) {
    // The error is the JSON protocols' one, in CBOR.
    const HttpResponse json = encode_json_error(service, Protocol::json_1_0, error);
    HttpResponse response =
        cbor_response(json.status, to_cbor(parse_json(json.body), is_timestamp_member));
    if (const std::string* code = json.headers.find("x-amzn-query-error")) {
        response.headers.add("x-amzn-query-error", *code);
    }
    return response;
}

}  // namespace

bool is_rpc_cbor(const HttpRequest& request) {
    return request.headers.get("smithy-protocol") == "rpc-v2-cbor";
}

Task<HttpResponse> answer_rpc_cbor(Cloud& cloud, FindService find, HttpRequest request) {
    const Service* service = nullptr;
    std::string request_id = cloud.entropy().uuid();
    HttpResponse response;
    try {
        const Address address = address_of(request.path());
        service = find(address.service);
        if (service == nullptr) {
            throw AwsError::unknown_operation(
                fmt::format("Service {} is not emulated.", address.service));
        }
        const Operation* operation = service->find(address.operation);
        if (operation == nullptr || operation->internal) {
            throw AwsError::unknown_operation(fmt::format(
                "Operation {} of service {} is not emulated.", address.operation, service->name));
        }
        const std::optional<Credential> credential = find_credential(request);
        if (!credential && !operation->is_public) {
            throw AwsError("MissingAuthenticationTokenException",
                           "Request is missing Authentication Token", 403);
        }
        decode_content(request);
        Json input = request.body.empty() ? Json::object() : from_cbor(request.body);
        Call call{service->name,
                  operation->name,
                  Document(std::move(input)),
                  caller_of(credential ? &*credential : nullptr, cloud.settings()),
                  activity_of_trace_id(request.headers.get("X-Amzn-Trace-Id")),
                  request_id};
        Document result = co_await cloud.call(std::move(call));
        const Json value = result.take_value();
        response = cbor_response(
            200, to_cbor(value.is_null() ? Json::object() : value, is_timestamp_member));
    } catch (const AwsError& error) {
        response = cbor_error(service, error);
    }
    response.headers.add("x-amzn-RequestId", std::move(request_id));
    co_return response;
}

}  // namespace skafu::server

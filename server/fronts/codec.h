#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/http.h"

namespace skafu::server {

/// A request that was recognised: the operation it asks for, its input, and how to answer.
struct DecodedCall {
    const Service* service = nullptr;
    const Operation* operation = nullptr;
    Protocol protocol = Protocol::json_1_0;
    Document input;
};

// The JSON protocols (json-1.0, json-1.1; smithy.io "AWS JSON protocol").
HttpResponse encode_json_result(const DecodedCall& call, Document result);
HttpResponse encode_json_error(const Service* service, Protocol protocol, const AwsError& error);

/// Services of the query protocol give times as ISO 8601 text, which that protocol writes as it is;
/// in their other protocols the members of these names (CloudWatch's) are seconds since 1970.
bool is_timestamp_member(std::string_view name);

// The query protocol (smithy.io "AWS query protocol"): form in, XML out.
/// Decodes "Members.member.1.Name=x" by the operation's input shape.
Json decode_query(const Operation& operation, std::string_view form);
HttpResponse encode_query_result(const DecodedCall& call, const Json& result,
                                 const std::string& request_id);
HttpResponse encode_query_error(const Service* service, const AwsError& error,
                                const std::string& request_id);

// The REST protocols (smithy.io "AWS restJson1", "AWS restXml").
/// The operation of `service` that the request's method, path and query are bound to; the labels
/// of the path go into `labels`. nullptr if there is none.
const Operation* find_rest_operation(const Service& service, std::string_view method,
                                     std::string_view path, std::string_view query,
                                     const HttpHeaders& headers,
                                     std::map<std::string, std::string>& labels);
Json decode_rest(const Operation& operation, Protocol protocol, const HttpRequest& request,
                 const std::map<std::string, std::string>& labels);
HttpResponse encode_rest_result(const DecodedCall& call, Document result);
/// S3's second id of a request (x-amz-id-2, HostId).
std::string host_id(std::string_view request_id);
HttpResponse encode_rest_error(const Service& service, Protocol protocol, const AwsError& error,
                               const std::string& request_id, std::string_view resource);

/// The members of the root element of an XML document, typed by `shape`. Throws AwsError
/// MalformedXML.
Json from_xml(const Shape& shape, std::string_view text);

}  // namespace skafu::server

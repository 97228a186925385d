#include "fronts/codec.h"

#include <doctest/doctest.h>

#include "core/xml.h"
#include "fronts/content_encoding.h"
#include "fronts/execute_api.h"
#include "fronts/signature.h"

using namespace skafu;
using namespace skafu::server;
using shape::optional;

namespace {

Operation operation(std::string name, Shape input, HttpBinding http = {}) {
    Operation row;
    row.name = std::move(name);
    row.input = std::move(input);
    row.http = std::move(http);
    return row;
}

Json nothing(Context&, const Json&) {
    return Json::object();
}

HttpBinding binding(std::string method, std::string uri) {
    HttpBinding http;
    http.method = std::move(method);
    http.uri = std::move(uri);
    return http;
}

Service bucket_service() {
    Service service;
    service.name = "s3";
    service.add(operation("ListBuckets", shape::any(), binding("GET", "/")), nothing);
    service.add(operation("ListObjects", shape::any(), binding("GET", "/{Bucket}")), nothing);
    service.add(operation("ListObjectsV2", shape::any(), binding("GET", "/{Bucket}?list-type=2")),
                nothing);
    service.add(operation("GetObject", shape::any(), binding("GET", "/{Bucket}/{Key+}")), nothing);
    service.add(operation("PutObject", shape::any(), binding("PUT", "/{Bucket}/{Key+}")), nothing);
    HttpBinding copy = binding("PUT", "/{Bucket}/{Key+}");
    copy.requires_headers = {"x-amz-copy-source"};
    service.add(operation("CopyObject", shape::any(), copy), nothing);
    return service;
}

std::string found(const Service& service, std::string_view method, std::string_view path,
                  std::string_view query, const HttpHeaders& headers,
                  std::map<std::string, std::string>& labels) {
    const Operation* row = find_rest_operation(service, method, path, query, headers, labels);
    return row == nullptr ? "" : row->name;
}

}  // namespace

TEST_CASE("query: lists, maps and structures come out of dotted names") {
    const Shape entry = shape::structure(
        {optional("Id", shape::string()), optional("DelaySeconds", shape::integer())});
    const Operation row = operation(
        "SendMessageBatch",
        shape::structure(
            {optional("QueueUrl", shape::string()),
             optional("Entries", shape::flat(shape::list(entry), "SendMessageBatchRequestEntry")),
             optional("Tags", shape::map(shape::string(), shape::string())),
             optional("Names", shape::list(shape::string()))}));
    const Json input = decode_query(
        row,
        "Action=SendMessageBatch&QueueUrl=http%3A%2F%2Fx%2Fq&SendMessageBatchRequestEntry.2.Id=b"
        "&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.DelaySeconds=5"
        "&Tags.entry.1.key=k&Tags.entry.1.value=v&Names.member.1=x&Names.member.2=y");
    CHECK(input["QueueUrl"] == "http://x/q");
    CHECK(input["Entries"] == parse_json(R"([{"Id":"a","DelaySeconds":5},{"Id":"b"}])"));
    CHECK(input["Tags"] == parse_json(R"({"k":"v"})"));
    CHECK(input["Names"] == parse_json(R"(["x","y"])"));
}

TEST_CASE("query: a number that is none is refused") {
    const Operation row = operation("X", shape::structure({optional("Max", shape::integer())}));
    CHECK_THROWS_AS(decode_query(row, "Max=ten"), AwsError);
}

TEST_CASE("xml: lists are wrapped unless the service flattens them") {
    XmlOutput rules;
    rules.flattened = {{"Messages", "Message"}, {"Messages.Attributes", "Attribute"}};
    rules.map_names = {{"Messages.Attributes", {"Name", "Value"}}};
    const Json value = parse_json(
        R"({"Messages":[{"Body":"a<b","Attributes":{"k":"v"}}],"Names":["x"],"None":null,"N":5})");
    CHECK(to_xml("R", "urn:x", value, rules) ==
          "<R xmlns=\"urn:x\"><Message><Body>a&lt;b</Body><Attribute><Name>k</Name><Value>v</Value>"
          "</Attribute></Message><Names><member>x</member></Names><N>5</N></R>");
}

TEST_CASE("xml: input is typed by its shape, and nonsense is MalformedXML") {
    const Shape shape = shape::structure(
        {optional("Objects",
                  shape::flat(shape::list(shape::structure({optional("Key", shape::string())})),
                              "Object")),
         optional("Quiet", shape::boolean())});
    CHECK(from_xml(shape,
                   "<Delete><Object><Key>a</Key></Object><Object><Key>b &amp; c</Key></Object>"
                   "<Quiet>true</Quiet></Delete>") ==
          parse_json(R"({"Objects":[{"Key":"a"},{"Key":"b & c"}],"Quiet":true})"));
    CHECK_THROWS_AS(from_xml(shape, "<Delete>"), AwsError);
    CHECK_THROWS_AS(from_xml(shape, ""), AwsError);
}

TEST_CASE("rest: the most specific binding wins") {
    const Service service = bucket_service();
    std::map<std::string, std::string> labels;
    CHECK(found(service, "GET", "/", "", {}, labels) == "ListBuckets");
    CHECK(found(service, "GET", "/b", "", {}, labels) == "ListObjects");
    CHECK(found(service, "GET", "/b/", "list-type=2", {}, labels) == "ListObjectsV2");
    CHECK(found(service, "GET", "/b/a/b%20c//d/", "", {}, labels) == "GetObject");
    CHECK(labels["Key"] == "a/b c//d/");
    HttpHeaders copying;
    copying.add("X-Amz-Copy-Source", "b/other");
    CHECK(found(service, "PUT", "/b/k", "", copying, labels) == "CopyObject");
    CHECK(found(service, "PUT", "/b/k", "", {}, labels) == "PutObject");
    CHECK(found(service, "PATCH", "/b/k", "", {}, labels).empty());
}

TEST_CASE("rest: members come from path, query, headers and body") {
    HttpBinding http = binding("POST", "/functions/{FunctionName}/invocations");
    http.query = {{"Qualifier", "Qualifier"}, {"Keys", "key"}};
    http.headers = {{"LogType", "X-Amz-Log-Type"}, {"Metadata", "x-amz-meta-*"}};
    http.payload = "Payload";
    const Operation row =
        operation("Invoke",
                  shape::structure({optional("Payload", shape::blob()),
                                    optional("Keys", shape::list(shape::integer()))}),
                  http);
    HttpRequest request;
    request.method = "POST";
    request.target = "/functions/f/invocations?Qualifier=live&key=1&key=2";
    request.headers.add("X-Amz-Log-Type", "Tail");
    request.headers.add("X-Amz-Meta-Owner", "ada");
    request.body = "{\"raw\":1}";
    const Json input = decode_rest(row, Protocol::rest_json, request, {{"FunctionName", "f"}});
    CHECK(input ==
          parse_json(R"({"Payload":"{\"raw\":1}","Qualifier":"live","Keys":[1,2],)"
                     R"("LogType":"Tail","Metadata":{"owner":"ada"},"FunctionName":"f"})"));
}

TEST_CASE("json: errors carry the namespace of their layer") {
    Service service;
    service.error_namespace = "com.amazonaws.dynamodb.v20120810";
    const auto type_of = [&](const AwsError& error) {
        const HttpResponse response = encode_json_error(&service, Protocol::json_1_0, error);
        return string_member(parse_json(response.body), "__type");
    };
    CHECK(type_of(AwsError("ResourceNotFoundException", "")) ==
          "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
    CHECK(type_of(AwsError::validation("x")) == "com.amazon.coral.validate#ValidationException");
    CHECK(type_of(AwsError::serialization("x")) ==
          "com.amazon.coral.service#SerializationException");
}

TEST_CASE("the credential scope names account, region and service") {
    HttpRequest request;
    request.target = "/";
    request.headers.add("Authorization",
                        "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/sqs/"
                        "aws4_request, SignedHeaders=host, Signature=0");
    const std::optional<Credential> credential = find_credential(request);
    REQUIRE(credential);
    CHECK(credential->service == "sqs");
    const Caller caller = caller_of(&*credential, Settings{});
    CHECK(caller.account == "123456789012");
    CHECK(caller.region == "eu-west-1");
    HttpRequest presigned;
    presigned.target = "/b/k?X-Amz-Credential=AKIA%2F20260101%2Fus-west-2%2Fs3%2Faws4_request";
    CHECK(find_credential(presigned)->region == "us-west-2");
    CHECK(caller_of(nullptr, Settings{}).account == "000000000000");
}

TEST_CASE("a deployed API is reached by host and by both paths") {
    HttpRequest request;
    request.target = "/dev/orders/1?x=1";
    request.headers.add("Host", "abc123.execute-api.localhost:4566");
    const auto by_host = find_api(request);
    REQUIRE(by_host);
    CHECK(by_host->api_id == "abc123");
    CHECK(by_host->stage == "dev");
    CHECK(by_host->path == "/orders/1");
    HttpRequest by_path;
    by_path.target = "/restapis/abc123/dev/_user_request_/orders//1";
    CHECK(find_api(by_path)->path == "/orders//1");
    by_path.target = "/_aws/execute-api/abc123/dev";
    CHECK(find_api(by_path)->path == "/");
    by_path.target = "/restapis/abc123/resources";
    CHECK_FALSE(find_api(by_path));
}

TEST_CASE("answers are compressed only when large and wanted") {
    const auto encoding_of = [](std::string_view accept, std::size_t size) {
        HttpResponse response;
        response.body.assign(size, 'x');
        encode_content(accept, 4096, response);
        return std::string(response.headers.get("Content-Encoding"));
    };
    CHECK(encoding_of("gzip", 5000) == "gzip");
    CHECK(encoding_of("gzip", 4096).empty());
    CHECK(encoding_of("identity", 5000).empty());
    CHECK(encoding_of("gzip;q=0.1, deflate;q=0.9", 5000) == "deflate");
    CHECK(encoding_of("*", 5000) == "gzip");
    CHECK(encoding_of("gzip;q=0", 5000).empty());
}

#include "lambda/url_event.h"

#include <doctest/doctest.h>

namespace skafu::lambda {

TEST_CASE("the event of a function URL") {
    HttpRequest request;
    request.method = "POST";
    request.target = "/_aws/lambda-url/abc/a%20b?x=1&x=2&y=";
    request.headers.add("Host", "localhost");
    request.headers.add("Cookie", "a=1; b=2");
    request.headers.add("X-Many", "1");
    request.headers.add("x-many", "2");
    request.headers.add("Content-Type", "application/json");
    request.body = "{}";
    const TimePoint now{std::chrono::seconds(1'700'000'000)};
    const Json event = url_event(request, "/a b", "abc", "r-1", now);
    CHECK(event["version"] == "2.0");
    CHECK(event["rawPath"] == "/a b");
    CHECK(event["rawQueryString"] == "x=1&x=2&y=");
    CHECK(event["queryStringParameters"] == Json{{"x", "1,2"}, {"y", ""}});
    CHECK(event["cookies"] == Json::array({"a=1", "b=2"}));
    CHECK(event["headers"]["x-many"] == "1,2");
    CHECK_FALSE(event["headers"].contains("cookie"));
    CHECK(event["body"] == "{}");
    CHECK(event["isBase64Encoded"] == false);
    CHECK(event["requestContext"]["time"] == "14/Nov/2023:22:13:20 +0000");

    request.headers.set("Content-Type", "image/png");
    const Json binary = url_event(request, "/", "abc", "r-1", now);
    CHECK(binary["body"] == "e30=");
    CHECK(binary["isBase64Encoded"] == true);
}

TEST_CASE("the answers of a function URL") {
    const HttpResponse full = url_response(
        R"({"statusCode":201,"headers":{"A":"b"},"cookies":["c=d"],"body":"e30=","isBase64Encoded":true})");
    CHECK(full.status == 201);
    CHECK(full.headers.get("A") == "b");
    CHECK(full.headers.get("Set-Cookie") == "c=d");
    CHECK(full.body == "{}");

    const HttpResponse plain = url_response(R"({"a":1})");
    CHECK(plain.status == 200);
    CHECK(plain.headers.get("Content-Type") == "application/json");
    CHECK(plain.body == R"({"a":1})");

    CHECK(url_response("\"text\"").body == "text");

    const std::string streamed = R"({"statusCode":202})" + std::string(8, '\0') + "body";
    CHECK(url_response(streamed).status == 202);
    CHECK(url_response(streamed).body == "body");
}

}  // namespace skafu::lambda

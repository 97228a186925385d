#include "sqs/message.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "core/digest.h"

using namespace skafu;
using namespace skafu::sqs;

TEST_CASE("the digest of message attributes follows the documented encoding") {
    const Json attributes = parse_json(
        R"({"b": {"DataType": "Number", "StringValue": "7"},
            "a": {"DataType": "Binary", "BinaryValue": "aGk="}})");
    const std::string bytes = std::string("\0\0\0\1a\0\0\0\6Binary\2\0\0\0\2hi", 22) +
                              std::string(
                                  "\0\0\0\1b\0\0\0\6Number\1\0\0\0\1"
                                  "7",
                                  21);
    CHECK(attributes_md5(attributes) == digest::hex(digest::md5(bytes)));
}

TEST_CASE("receipt handles name their message") {
    const Receipt receipt = parse_handle(to_handle({7, 1ull << 40, 3}));
    CHECK(receipt.queue == 7);
    CHECK(receipt.sequence == 1ull << 40);
    CHECK(receipt.receive == 3);
    CHECK_THROWS_AS(parse_handle("garbage"), AwsError);
    CHECK_THROWS_AS(parse_handle(std::string(36, 'z')), AwsError);
}

TEST_CASE("bodies hold XML characters only") {
    CHECK(has_only_valid_characters("plain\t\r\n \xc3\xa9"));
    CHECK_FALSE(has_only_valid_characters(std::string_view("a\0b", 3)));
    CHECK_FALSE(has_only_valid_characters("\x1b"));
    CHECK_FALSE(has_only_valid_characters("\xef\xbf\xbf"));
}

TEST_CASE("message attributes are refused as SQS refuses them") {
    CHECK_NOTHROW(check_attributes(
        parse_json(R"({"n": {"DataType": "Number.int", "StringValue": "-1.5e3"}})")));
    for (const std::string_view bad : {R"({"n": {"DataType": "Number", "StringValue": "x"}})",
                                       R"({"n": {"DataType": "Text", "StringValue": "x"}})",
                                       R"({"n": {"DataType": "String", "StringValue": ""}})",
                                       R"({".n": {"DataType": "String", "StringValue": "x"}})"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(check_attributes(parse_json(bad)), AwsError);
    }
}

TEST_CASE("a received message shows the attributes asked for") {
    Message message;
    message.content->id = "id";
    message.content->body = "b";
    message.content->attributes = R"({"x.a":{"DataType":"String","StringValue":"1"},)"
                                  R"("y":{"DataType":"String","StringValue":"2"}})";
    message.receive_count = 2;
    const Json none = to_received(message, Json(), Json());
    CHECK_FALSE(none.contains("Attributes"));
    CHECK_FALSE(none.contains("MessageAttributes"));
    const Json some = to_received(message, parse_json(R"(["ApproximateReceiveCount"])"),
                                  parse_json(R"(["x.*"])"));
    CHECK(some["Attributes"] == parse_json(R"({"ApproximateReceiveCount":"2"})"));
    CHECK(some["MessageAttributes"].size() == 1);
    CHECK(some["MD5OfMessageAttributes"] == attributes_md5(some["MessageAttributes"]));
}

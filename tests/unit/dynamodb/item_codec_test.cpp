#include "dynamodb/item_codec.h"

#include <string>

#include <doctest/doctest.h>

#include "core/aws_error.h"

using namespace skafu::dynamodb;
using skafu::AwsError;

namespace {

std::string round_trip(std::string_view text) {
    return item_text(parse_item(text));
}

std::string fault(std::string_view text) {
    try {
        parse_item(text);
    } catch (const AwsError& error) {
        return error.code() + ": " + error.message();
    }
    return "";
}

bool has_text(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string nested(int levels) {
    std::string text = "{\"S\":\"x\"}";
    for (int i = 0; i < levels; ++i) text = "{\"M\":{\"a\":" + text + "}}";
    return "{\"a\":" + text + "}";
}

}  // namespace

TEST_CASE("every type survives a round trip, numbers in normal form") {
    const char* text =
        R"({"s":{"S":"a\"b\\c\n\u0001é"},"n":{"N":"1"},"b":{"B":"AAH/"},"ss":{"SS":["x",""]},)"
        R"("ns":{"NS":["1","-2.5"]},"bs":{"BS":["AA==",""]},"t":{"BOOL":true},"z":{"NULL":true},)"
        R"("l":{"L":[{"S":""},{"L":[]}]},"m":{"M":{"k":{"M":{}}}}})";
    CHECK(round_trip(text) == text);
    CHECK(round_trip(R"({"n":{"NS":["1e2","0.50"]}})") == R"({"n":{"NS":["100","0.5"]}})");
    CHECK(round_trip(R"({ "a" : { "S" : "\u00e9\ud83d\ude00\/" } })") == "{\"a\":{\"S\":\"é😀/\"}}");
    CHECK(item_text(decode_item(text)) == text);
}

TEST_CASE("sets compare without order and numbers by value") {
    CHECK(parse_item(R"({"a":{"NS":["1","2.0"]}})") == parse_item(R"({"a":{"NS":["2","1.00"]}})"));
    CHECK_FALSE(parse_item(R"({"a":{"SS":["1"]}})") == parse_item(R"({"a":{"NS":["1"]}})"));
}

TEST_CASE("malformed values") {
    CHECK(has_text(fault(R"({"a":{"N":1}})"), "SerializationException"));
    CHECK(has_text(fault(R"({"a":{"BOOL":"true"}})"), "SerializationException"));
    CHECK(has_text(fault(R"({"a":{"S":1}})"), "SerializationException"));
    CHECK(has_text(fault(R"({"a":"x"})"), "SerializationException"));
    CHECK(has_text(fault(R"({"a":[]})"), "SerializationException"));
    CHECK(has_text(fault(R"({"a":{}})"), "Supplied AttributeValue is empty"));
    CHECK(has_text(fault(R"({"a":{"S":"x","N":"1"}})"), "more than one datatypes set"));
    CHECK(has_text(fault(R"({"a":{"SS":[]}})"), "An string set  may not be empty"));
    CHECK(has_text(fault(R"({"a":{"NS":["1","1.0"]}})"), "duplicates"));
    CHECK(has_text(fault(R"({"a":{"NULL":false}})"), "must have the value of true"));
    CHECK(has_text(fault(R"({"a":{"B":"AA"}})"), "SerializationException"));
    CHECK(has_text(fault(R"({"a":{"S":"x"})"), "SerializationException"));
    CHECK(has_text(fault(R"({"a":{"S":"x"}} x)"), "SerializationException"));
}

TEST_CASE("nesting of at most 32 levels") {
    CHECK(fault(nested(32)) == "");
    CHECK(has_text(fault(nested(33)), "nested"));
    CHECK(has_text(fault(nested(900)), "nested"));
    CHECK(item_text(decode_item(round_trip(nested(32)))) == nested(32));
}

TEST_CASE("item sizes as DynamoDB counts them") {
    CHECK(item_size(parse_item(R"({"abc":{"S":"xy"}})")) == 5);
    CHECK(item_size(parse_item(R"({"n":{"N":"12345"}})")) == 1 + 4);
    CHECK(item_size(parse_item(R"({"l":{"L":[{"S":"ab"}]}})")) == 1 + 3 + 1 + 2);
    CHECK(item_size(parse_item(R"({"b":{"BOOL":true},"x":{"NULL":true}})")) == 4);
}

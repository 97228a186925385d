#include "core/json.h"

#include <doctest/doctest.h>

using namespace skafu;

TEST_CASE("objects keep the order of their members") {
    CHECK(to_text(parse_json(R"({"b":1,"a":{"z":2,"y":3}})")) == R"({"b":1,"a":{"z":2,"y":3}})");
}

TEST_CASE("objects compare without order") {
    CHECK(parse_json(R"({"a":1,"b":2})") == parse_json(R"({"b":2,"a":1})"));
    CHECK(parse_json(R"({"a":1,"b":2})") != parse_json(R"({"b":2,"a":2})"));
}

TEST_CASE("a large object is searched by its index, also after members were erased") {
    Json object = Json::object();
    for (int i = 0; i < 1000; ++i) object["key" + std::to_string(i)] = i;
    CHECK(object.size() == 1000);
    CHECK(object["key777"] == 777);
    object.erase("key500");
    CHECK_FALSE(object.contains("key500"));
    CHECK(object["key999"] == 999);
}

TEST_CASE("a repeated member keeps its last value") {
    CHECK(parse_json(R"({"a":1,"a":2})") == Json{{"a", 2}});
}

TEST_CASE("numbers beyond 64 bits become doubles") {
    CHECK(parse_json("123456789012345678901234567890").is_number_float());
}

TEST_CASE("what is no JSON is refused with its place") {
    CHECK_THROWS_AS(parse_json("{\"a\":}"), JsonError);
    CHECK_THROWS_AS(parse_json(""), JsonError);
    CHECK_THROWS_AS(parse_json("1 2"), JsonError);
    CHECK_THROWS_AS(parse_json(std::string(100000, '[')), JsonError);
}

TEST_CASE("numbers keep their kind and their last bit") {
    CHECK(parse_json("-9223372036854775808").get<std::int64_t>() == INT64_MIN);
    CHECK(parse_json("18446744073709551615").get<std::uint64_t>() == UINT64_MAX);
    CHECK(parse_json("18446744073709551616").is_number_float());
    CHECK(parse_json("-0").is_number_integer());
    CHECK(parse_json("1.0").is_number_float());
    CHECK(parse_json("1E2").is_number_float());
    for (const char* text : {"0.1", "123456789.123456789", "2.2250738585072011e-308", "5e-324",
                             "1.7976931348623157e308", "9007199254740993.0", "0.3e1", "8.5e-7",
                             "123456789012345678901234567890.5"}) {
        CHECK_MESSAGE(parse_json(text).get<double>() == std::strtod(text, nullptr), text);
    }
    CHECK_THROWS_AS(parse_json("1e400"), JsonError);
    for (const char* text : {"01", "1.", ".5", "+1", "1e", "-", "NaN", "Infinity", "0x10"}) {
        CHECK_THROWS_AS_MESSAGE(parse_json(text), JsonError, text);
    }
}

TEST_CASE("escapes are resolved, in keys too") {
    CHECK(parse_json(R"({"a\"\u0041":"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é"})") ==
          Json{{"a\"A", "\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80é"}});
    CHECK(parse_json(R"(["a\u0000b"])")[0].get<std::string>() == std::string("a\0b", 3));
    for (const char* text : {R"("\x")", R"("\u12")", R"("\ud800")", R"("\udc00")", "\"a\nb\"",
                             "\"\xff\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"open"}) {
        CHECK_THROWS_AS_MESSAGE(parse_json(text), JsonError, text);
    }
}

TEST_CASE("blanks around a value are passed over, comments and commas too many are not") {
    CHECK(parse_json(" \r\n\t{ \"a\" : [ 1 , 2 ] } \n") == Json{{"a", {1, 2}}});
    for (const char* text : {"[1,]", "{\"a\":1,}", "[1 2]", "{a:1}", "{'a':1}", "/**/1", "1//",
                             "tru", "nul", "[", "]", "{\"a\"}", " "}) {
        CHECK_THROWS_AS_MESSAGE(parse_json(text), JsonError, text);
    }
}

TEST_CASE("nesting is taken as deep as promised") {
    const std::string deep = std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']');
    CHECK(parse_json(deep).is_array());
    CHECK_THROWS_AS(parse_json("[" + deep + "]"), JsonError);
}

TEST_CASE("a text that is refused leaves nothing behind for the next one") {
    CHECK_THROWS_AS(parse_json(R"({"a":[1,{"b":"c\n)"), JsonError);
    CHECK(parse_json(R"({"d":["e"]})") == Json{{"d", {"e"}}});
}

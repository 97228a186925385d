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

#include <limits>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "core/json.h"

using namespace skafu;

TEST_CASE("braces make an object of pairs and a list of anything else") {
    CHECK(to_text(Json{{"a", 1}, {"b", {{"c", nullptr}}}}) == R"({"a":1,"b":{"c":null}})");
    CHECK(to_text(Json{1, "two", true}) == R"([1,"two",true])");
    CHECK(to_text(Json::array({"a", "b"})) == R"(["a","b"])");
    CHECK(to_text(Json::array({{"a", 1}})) == R"([["a",1]])");
    CHECK(to_text(Json::object({{"a", 1}})) == R"({"a":1})");
    CHECK_THROWS_AS(Json::object({1, 2}), Json::exception);
    CHECK(Json().is_null());
    CHECK(to_text(Json(std::map<std::string, int>{{"x", 1}})) == R"({"x":1})");
    CHECK(to_text(Json(std::set<std::string>{"b", "a"})) == R"(["a","b"])");
    CHECK(to_text(Json(std::map<std::string, std::set<std::string>>{{"x", {"y"}}})) ==
          R"({"x":["y"]})");
}

TEST_CASE("braces take over what is moved into them and copy what is not") {
    std::string text(40, 't');
    std::vector<std::string> texts = {"x", std::string(40, 'y')};
    Json value = {{"v", 1}};
    Json::array_t values = {1, 2};
    const std::string before = text;
    const Json copy = {{"text", text}, {"texts", texts}, {"value", value}, {"values", values}};
    CHECK(text == before);
    CHECK(value.size() == 1);
    CHECK(values.size() == 2);
    const char* const where = text.data();
    const Json taken = {{"text", std::move(text)},
                        {"texts", std::move(texts)},
                        {"value", std::move(value)},
                        {"values", std::move(values)}};
    CHECK(taken == copy);
    CHECK(taken["text"].get_ref<const std::string&>().data() == where);
    CHECK(value.is_null());
    CHECK(values.empty());
    CHECK(to_text(taken["texts"]) == "[\"x\",\"" + std::string(40, 'y') + "\"]");
}

TEST_CASE("a pair that is a value already is a member in braces, a range is an element") {
    CHECK(to_text(Json{Json::array({"a", 1})}) == R"({"a":1})");
    CHECK(to_text(Json{std::vector<std::string>{"a", "b"}}) == R"([["a","b"]])");
    enum class Kind : std::uint8_t { second = 1 };
    CHECK(to_text(Json{nullptr, false, -1, 2U, 0.5, 'A', Kind::second}) ==
          "[null,false,-1,2,0.5,65,1]");
    Json object = Json::object();
    object.push_back({"a", 1});
    const std::string name = "b";
    object.push_back({name, {{"c", 2}}});
    CHECK(to_text(object) == R"({"a":1,"b":{"c":2}})");
    Json list = Json::array();
    list.push_back({"a", 1});
    CHECK(to_text(list) == R"([["a",1]])");
}

TEST_CASE("numbers are equal by value, whatever holds them") {
    CHECK(Json(1) == Json(1U));
    CHECK(Json(1) == Json(1.0));
    CHECK(Json(1) == 1);
    CHECK(Json(2.5) == 2.5);
    CHECK(Json(-1) != Json(UINT64_MAX));
    CHECK(Json(UINT64_MAX) != Json(-1));
    CHECK(Json(-1) < Json(UINT64_MAX));
    CHECK_FALSE(Json(UINT64_MAX) < Json(-1));
    CHECK(Json(INT64_MIN) < Json(0U));
    CHECK(Json(true) != Json(1));
    const Json nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(nan != nan);
}

TEST_CASE("texts compare without a copy") {
    const Json text = "abc";
    CHECK(text == "abc");
    CHECK(text == std::string("abc"));
    CHECK(text == std::string_view("abc"));
    CHECK(text != "abd");
    CHECK(Json(1) != "1");
    CHECK(Json() == nullptr);
}

TEST_CASE("a value of another type is refused by its name") {
    CHECK_THROWS_WITH_AS(Json(1).get<std::string>(), "type must be string, but is number",
                         Json::exception);
    CHECK_THROWS_WITH_AS(Json("1").get<int>(), "type must be number, but is string",
                         Json::exception);
    CHECK_THROWS_AS(Json("x").get<bool>(), Json::exception);
    CHECK_THROWS_AS(Json::object().at("a"), Json::exception);
    CHECK_THROWS_AS(Json::array().at(0), Json::exception);
    CHECK_THROWS_AS(Json(1).at("a"), Json::exception);
    CHECK_THROWS_AS(Json(1)["a"], Json::exception);
    const Json text = "x";
    const Json list = {1};
    CHECK_THROWS_AS(text[0], Json::exception);
    CHECK_THROWS_AS(text["a"], Json::exception);
    CHECK_THROWS_AS(list[1], Json::exception);
    CHECK_THROWS_AS(Json(1).push_back(2), Json::exception);
    CHECK_THROWS_AS((Json{{"a", 1}}.value("a", "text")), Json::exception);
    CHECK(Json(2.9).get<int>() == 2);
    CHECK(Json(3).get<double>() == 3.0);
    CHECK(Json(UINT64_MAX).get<double>() == 18446744073709551615.0);
    CHECK((Json{"a", "b"}).get<std::vector<std::string>>() == std::vector<std::string>{"a", "b"});
    CHECK(Json(1).get_ptr<const std::string*>() == nullptr);
}

TEST_CASE("null becomes what it is used as") {
    Json object;
    object["a"]["b"] = 1;
    CHECK(to_text(object) == R"({"a":{"b":1}})");
    Json list;
    list.push_back(1);
    list.emplace_back("x");
    list[3] = true;
    CHECK(to_text(list) == R"([1,"x",null,true])");
    Json members;
    CHECK(members.emplace("a", 1).second);
    CHECK_FALSE(members.emplace("a", 2).second);
    members.update({{"a", 3}, {"b", 4}});
    members.push_back({"c", 5});
    CHECK(to_text(members) == R"({"a":3,"b":4,"c":5})");
}

TEST_CASE("elements and members are walked over, taken out and put in") {
    Json list = {1, 2, 3, 4};
    list.erase(list.begin() + 1);
    list.erase(0);
    CHECK(list == Json({3, 4}));
    list.insert(list.begin(), 2);
    const Json more = {0, 1};
    list.insert(list.begin(), more.begin(), more.end());
    CHECK(to_text(list) == "[0,1,2,3,4]");
    CHECK(list.front() == 0);
    CHECK(list.back() == 4);
    CHECK(list.end() - list.begin() == 5);

    Json object = {{"a", 1}, {"b", 2}, {"c", 3}};
    std::string names;
    int sum = 0;
    for (auto at = object.begin(); at != object.end(); ++at) {
        names += at.key();
        sum += at->get<int>();
    }
    CHECK(names == "abc");
    CHECK(sum == 6);
    for (auto& [name, value] : object.items()) value = name;
    CHECK(object.find("b").value() == "b");
    object.erase(object.find("b"));
    CHECK(object.erase("c") == 1);
    CHECK(object.erase("c") == 0);
    CHECK(to_text(object) == R"({"a":"a"})");
    CHECK(object.find("x") == object.end());

    for (const Json& value : Json()) FAIL("null has no element ", value);
    for (const Json& value : Json::object()) FAIL("there is no member ", value);
    int found = 0;
    for (const Json& value : Json("alone")) found += value == "alone" ? 1 : 0;
    CHECK(found == 1);
}

TEST_CASE("a copy is its own, and what was moved is null") {
    Json first = {{"a", {1, 2}}};
    Json second = first;
    second["a"][0] = 9;
    CHECK(first["a"][0] == 1);
    const Json third = std::move(second);
    CHECK(second.is_null());
    CHECK(third["a"][0] == 9);
    first = first["a"];
    CHECK(first == Json({1, 2}));
}

TEST_CASE("real numbers are written with the fewest digits, and as real ones") {
    const std::pair<double, const char*> written[] = {{1.0, "1.0"},
                                                      {-0.0, "-0.0"},
                                                      {0.1, "0.1"},
                                                      {0.0001, "0.0001"},
                                                      {0.00001, "1e-05"},
                                                      {123456789012345.0, "123456789012345.0"},
                                                      {1e14, "100000000000000.0"},
                                                      {1e15, "1e+15"},
                                                      {1.5e300, "1.5e+300"},
                                                      {5e-324, "5e-324"},
                                                      {1.0 / 3, "0.3333333333333333"}};
    for (const auto& [number, text] : written) CHECK(to_text(Json(number)) == text);
    CHECK(to_text(Json(std::numeric_limits<double>::infinity())) == "null");
    CHECK(to_text(Json(UINT64_MAX)) == "18446744073709551615");
    CHECK(to_text(Json(INT64_MIN)) == "-9223372036854775808");
}

TEST_CASE("texts are written so that they can be read") {
    CHECK(to_text(Json("\"\\/\b\f\n\r\t\x01\x7f")) == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\"");
    CHECK(to_text(Json("é€😀")) == "\"é€😀\"");
    CHECK(to_ascii_text(Json("é€😀")) == R"("\u00e9\u20ac\ud83d\ude00")");
    // One replacement for each part that could have begun a character.
    CHECK(to_text(Json("a\xFFz")) == "\"a\uFFFDz\"");
    CHECK(to_text(Json("\xE2\x82")) == "\"\uFFFD\"");
    CHECK(to_text(Json("\xE2\x82!")) == "\"\uFFFD!\"");
    CHECK(to_text(Json("\xC0\x80")) == "\"\uFFFD\uFFFD\"");
    CHECK(to_text(Json("\xED\xA0\x80")) == "\"\uFFFD\uFFFD\uFFFD\"");
    CHECK(to_text(Json("\xF4\x90\x80\x80")) == "\"\uFFFD\uFFFD\uFFFD\uFFFD\"");
    CHECK(to_ascii_text(Json("\xFF")) == R"("\ufffd")");
}

TEST_CASE("text for people is indented") {
    CHECK(to_pretty_text(Json{{"a", Json::array({1, Json::object()})}, {"b", Json::array()}}) ==
          "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
    CHECK(to_pretty_ascii_text(Json{{"é", 1}}, 4) == "{\n    \"\\u00e9\": 1\n}");
}

TEST_CASE("pointers find what they say") {
    const Json document = parse_json(R"({"a":[{"b/c":1},{"m~n":2}],"":3,"01":4})");
    const auto found = [&](const char* pointer) {
        const Json* value = find_pointer(document, pointer);
        return value == nullptr ? Json("nothing") : *value;
    };
    CHECK(found("") == document);
    CHECK(found("/a/0/b~1c") == 1);
    CHECK(found("/a/1/m~0n") == 2);
    CHECK(found("/") == 3);
    CHECK(found("/01") == 4);
    for (const char* pointer :
         {"a", "/a/2", "/a/-", "/a/01", "/a/0/b/c", "/x", "/a/1/m~2n", "/a/"}) {
        CHECK_MESSAGE(found(pointer) == "nothing", pointer);
    }
}

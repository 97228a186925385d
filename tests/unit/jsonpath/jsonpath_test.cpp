#include "expressions/jsonpath/jsonpath.h"

#include <doctest/doctest.h>

using namespace skafu;
using namespace skafu::jsonpath;

namespace {

const Json kStore = parse_json(R"({
  "book": [{"title": "A", "price": 8, "tags": ["x"]}, {"title": "B", "price": 12.5},
           {"title": "C", "price": 22, "isbn": "1"}],
  "bicycle": {"color": "red", "price": 19}, "nothing": null, "a-b": 1, "limit": 10})");

std::string read(std::string_view path) {
    return to_text(JsonPath::compile(path).read(kStore));
}

std::string miss(std::string_view path, std::string_view document) {
    try {
        return to_text(JsonPath::compile(path).read(parse_json(document)));
    } catch (const JsonPathMiss& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("names, indexes and nulls") {
    CHECK(read("$.bicycle.color") == R"("red")");
    CHECK(read("$['bicycle']['color']") == R"("red")");
    CHECK(read("$.book[0].title") == R"("A")");
    CHECK(read("$.book[-1].title") == R"("C")");
    CHECK(read("$.nothing") == "null");
    CHECK(read("$.a-b") == "1");
}

TEST_CASE("unions, slices and wildcards give arrays") {
    CHECK(read("$.book[0,2].title") == R"(["A","C"])");
    CHECK(read("$.book[1:].title") == R"(["B","C"])");
    CHECK(read("$.book[:-2].title") == R"(["A"])");
    CHECK(read("$.book[*].price") == "[8,12.5,22]");
    CHECK(read("$.bicycle[*]") == R"(["red",19])");
    CHECK(read("$.bicycle['color','price']") == R"({"color":"red","price":19})");
}

TEST_CASE("recursive descent") {
    CHECK(read("$..price") == "[8,12.5,22,19]");
    CHECK(read("$..book[0].title") == R"(["A"])");
    CHECK(read("$..tags[*]") == R"(["x"])");
}

TEST_CASE("filters") {
    CHECK(read("$.book[?(@.price < 10)].title") == R"(["A"])");
    CHECK(read("$.book[?(@.price > $.limit && @.isbn)].title") == R"(["C"])");
    CHECK(read("$.book[?(@.title == 'B' || @.title == 'A')].price") == "[8,12.5]");
    CHECK(read("$.book[?(!@.isbn)].title") == R"(["A","B"])");
    CHECK(read("$.book[?(@.title =~ /[bc]/i)].title") == R"(["B","C"])");
    CHECK(read("$.book[?(@.title in ['A','C'])].title") == R"(["A","C"])");
    CHECK(read("$..[?(@.isbn == '1')].title") == R"(["C"])");
    CHECK(read("$.book[?(@.tags contains 'x')].title") == R"(["A"])");
}

TEST_CASE("functions") {
    CHECK(read("$.book.length()") == "3");
    CHECK(read("$..price.max()") == "22.0");
    CHECK(read("$.book[*].price.sum()") == "42.5");
    CHECK(read("$.bicycle.keys()") == R"(["color","price"])");
}

TEST_CASE("a definite path over a missing member fails as AWS words it") {
    CHECK(miss("$.X", "{}") == "No results for path: $['X']");
    CHECK(miss("$.a.b.c", "{}") == "Missing property in path $['a']");
    CHECK(miss("$.a.b", R"({"a":{}})") == "No results for path: $['a']['b']");
    CHECK(miss("$.items[10]", R"({"items":[1]})") == "No results for path: $['items'][10]");
}

TEST_CASE("an indefinite path over a missing member is an empty array") {
    CHECK(miss("$.a[*].b", "{}") == "[]");
    CHECK(miss("$.a[1:5]", "{}") == "[]");
    CHECK(miss("$[*]", "{}") == "[]");
}

TEST_CASE("the roots of the States language") {
    const JsonPath context = JsonPath::compile("$$.Execution.Input.input-value", Dialect::States);
    CHECK(context.root() == Root::Context);
    const JsonPath variable = JsonPath::compile("$order.items[0]", Dialect::States);
    CHECK(variable.root() == Root::Variable);
    CHECK(variable.variable() == "order");
    CHECK(variable.is_reference());
    CHECK_THROWS_AS(JsonPath::compile("$order"), JsonPathError);
}

TEST_CASE("what is no path is refused") {
    for (const char* text : {"", "a", "$.", "$..", "$[", "$[0", "$['a", "$.a b", "$[?(@.x]",
                             "$.a[]", "$.nope()", "$.a[::0]"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(JsonPath::compile(text), JsonPathError);
    }
    std::string deep = "$";
    for (int i = 0; i < 5000; ++i) deep += "[?(@";
    CHECK_THROWS_AS(JsonPath::compile(deep), JsonPathError);
}

TEST_CASE("a value is put at a reference path, or nothing changes") {
    Json document = parse_json(R"({"a":{"b":1},"list":[1,2]})");
    CHECK(set_at(document, JsonPath::compile("$.a.c.d"), Json(5)));
    CHECK(set_at(document, JsonPath::compile("$.list[1]"), Json("x")));
    CHECK(to_text(document) == R"({"a":{"b":1,"c":{"d":5}},"list":[1,"x"]})");
    CHECK_FALSE(set_at(document, JsonPath::compile("$.a.b.c"), Json(1)));
    CHECK_FALSE(set_at(document, JsonPath::compile("$.list[9]"), Json(1)));
    CHECK_FALSE(set_at(document, JsonPath::compile("$.new[0]"), Json(1)));
    CHECK_FALSE(document.contains("new"));
    CHECK(set_at(document, JsonPath::compile("$"), Json(7)));
    CHECK(document == 7);
}

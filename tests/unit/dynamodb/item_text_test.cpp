#include "dynamodb/item_text.h"

#include <string>

#include <doctest/doctest.h>

#include "dynamodb/item_codec.h"

using namespace skafu::dynamodb;

namespace {

/// Whether an item's text is taken as it stands; then it must say what the tree says.
bool is_taken(std::string_view text) {
    JsonCursor cursor(text);
    ItemText item;
    if (!item.read(cursor)) return false;
    const Item tree = parse_item(text);
    CHECK(item.text() == item_text(tree));
    CHECK(item.size() == item_size(tree));
    CHECK_NOTHROW(cursor.finish());
    return true;
}

std::string attribute(std::string_view value) {
    return "{\"a\":" + std::string(value) + "}";
}

}  // namespace

TEST_CASE("usual items are taken as text, and come out as from the tree") {
    CHECK(is_taken("{}"));
    CHECK(is_taken(R"( { "p" : { "S" : "x" } , "n":{"N":"007.50"} } )"));
    CHECK(is_taken(attribute(R"({"S":"quoted \"text\", \\ and \n\r\t"})")));
    CHECK(is_taken(attribute(R"({"N":"-1.5e3"})")));
    CHECK(is_taken(attribute(R"({"BOOL":false})")));
    CHECK(is_taken(attribute(R"({"NULL":true})")));
    CHECK(is_taken(attribute(R"({"B":"AAEC"})")));
    CHECK(is_taken(attribute(R"({"SS":["a","b"]})")));
    CHECK(is_taken(attribute(R"({"NS":["1.0","2"]})")));
    CHECK(is_taken(attribute(R"({"BS":["AA=="]})")));
    CHECK(is_taken(attribute(R"({"L":[{"S":"a"},{"L":[]},{"M":{"x":{"N":"1"}}}]})")));
    CHECK(is_taken(attribute(R"({"M":{"x":{"M":{}},"y":{"SS":["é"]}}})")));
}

TEST_CASE("escapes of any length and place are found") {
    for (int before = 0; before < 40; ++before) {
        for (int escapes = 0; escapes < 5; ++escapes) {
            std::string value(static_cast<std::size_t>(before), 'x');
            for (int i = 0; i < escapes; ++i) value += "\\\"\\\\y";
            CHECK(is_taken(attribute("{\"S\":\"" + value + "\"}")));
        }
    }
}

TEST_CASE("what is unusual or wrong is left to the tree") {
    CHECK_FALSE(is_taken(R"({"a":{"S":"x"},"a":{"S":"y"}})"));
    CHECK_FALSE(is_taken(attribute(R"({"M":{"x":{"S":"1"},"x":{"S":"2"}}})")));
    CHECK_FALSE(is_taken(attribute(R"({"S":"\u0041"})")));
    CHECK_FALSE(is_taken(attribute(R"({"S":"a\/b"})")));
    CHECK_FALSE(is_taken(R"({"\u0061":{"S":"x"}})"));
    CHECK_FALSE(is_taken(R"({"":{"S":"x"}})"));
    for (const char* wrong :
         {R"({"S":1})", R"({"S":null})", R"({"N":"x"})", R"({"NULL":false})", R"({})", R"(null)",
          R"({"S":"a","N":"1"})", R"({"Q":"a"})", R"({"SS":[]})", R"({"SS":["a","a"]})",
          R"({"S":"a)", R"({"B":"A"})", R"([])", R"({"BOOL":"true"})", "{\"S\":\"a\nb\"}"}) {
        CHECK_FALSE(is_taken(attribute(wrong)));
    }
    std::string deep = "{\"S\":\"x\"}";
    for (int i = 0; i < 33; ++i) deep = "{\"L\":[" + deep + "]}";
    CHECK_FALSE(is_taken(attribute(deep)));
}

TEST_CASE("the key's attributes are found in the text") {
    KeySchema keys;
    keys.hash.push_back({"p", Type::kString});
    keys.range.push_back({"c", Type::kNumber});
    const std::string text = R"({"x":{"S":"p"},"c":{"N":"07"},"p":{"S":"\"k\""}})";
    JsonCursor cursor(text);
    ItemText item;
    REQUIRE(item.read(cursor));
    const Map values = item.key_values(keys);
    CHECK(item_text(values) == R"({"p":{"S":"\"k\""},"c":{"N":"7"}})");
}

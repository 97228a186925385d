#include "apigateway/schema.h"

#include <doctest/doctest.h>

namespace skafu::apigateway {
namespace {

bool accepts(const std::string& schema, const std::string& value) {
    const auto models = [](const std::string& name) -> std::string {
        if (name == "Item") return R"({"type": "integer"})";
        if (name == "Loop") return R"({"properties": {"next": {"$ref": "#"}}, "type": "object"})";
        return {};
    };
    return Schema::compile(schema, models)->accepts(parse_json(value));
}

}  // namespace

TEST_CASE("draft 4 keywords") {
    CHECK(accepts(R"({"type": ["string", "null"]})", "null"));
    CHECK_FALSE(accepts(R"({"type": "integer"})", "1.5"));
    CHECK(accepts(R"({"type": "integer"})", "2.0"));
    CHECK_FALSE(accepts(R"({"minimum": 3, "exclusiveMinimum": true})", "3"));
    CHECK(accepts(R"({"multipleOf": 0.1})", "0.3"));
    CHECK_FALSE(accepts(R"({"minLength": 2})", R"("é")"));
    CHECK(accepts(R"({"pattern": "^a"})", R"("abc")"));
    CHECK_FALSE(accepts(R"({"required": ["a"]})", "{}"));
    CHECK_FALSE(
        accepts(R"({"properties": {"a": {}}, "additionalProperties": false})", R"({"b": 1})"));
    CHECK(accepts(R"({"patternProperties": {"^x": {}}, "additionalProperties": false})",
                  R"({"x1": 1})"));
    CHECK_FALSE(accepts(R"({"items": {"type": "string"}})", R"(["a", 1])"));
    CHECK_FALSE(accepts(R"({"uniqueItems": true})", "[1, 1.0]"));
    CHECK_FALSE(accepts(R"({"oneOf": [{"type": "number"}, {"minimum": 1}]})", "2"));
    CHECK(accepts(R"({"not": {"enum": [1, 2]}})", "3"));
    CHECK_FALSE(accepts(R"({"dependencies": {"a": ["b"]}})", R"({"a": 1})"));
}

TEST_CASE("models refer to each other, and to themselves") {
    const std::string base = "https://apigateway.amazonaws.com/restapis/x/models/";
    CHECK(accepts(R"({"items": {"$ref": ")" + base + R"(Item"}})", "[1, 2]"));
    CHECK_FALSE(accepts(R"({"items": {"$ref": ")" + base + R"(Item"}})", R"(["a"])"));
    CHECK_FALSE(accepts(R"({"$ref": ")" + base + R"(Loop"})", R"({"next": {"next": 1}})"));
    CHECK(accepts(R"({"definitions": {"d": {"type": "string"}}, "$ref": "#/definitions/d"})",
                  R"("x")"));
    CHECK_THROWS_AS(accepts(R"({"$ref": ")" + base + R"(None"})", "1"), std::invalid_argument);
}

}  // namespace skafu::apigateway

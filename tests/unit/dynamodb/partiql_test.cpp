#include "dynamodb/partiql.h"

#include <string>

#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "dynamodb/partiql_lexer.h"

using namespace skafu;
using namespace skafu::dynamodb;

namespace {

const Json kNoParameters = Json::array();

const Table& orders_table() {
    static const Json definition = {
        {"space", 1},
        {"AttributeDefinitions", Json::array({{{"AttributeName", "p"}, {"AttributeType", "S"}},
                                              {{"AttributeName", "c"}, {"AttributeType", "N"}}})},
        {"KeySchema", Json::array({{{"AttributeName", "p"}, {"KeyType", "HASH"}},
                                   {{"AttributeName", "c"}, {"KeyType", "RANGE"}}})}};
    static const Table table(Scope{"000000000000", "us-east-1"}, "orders", definition);
    return table;
}

std::vector<PartiqlRead> reads_of(const std::string& where) {
    const std::string text = "SELECT * FROM orders WHERE " + where;
    return plan_partiql_reads(parse_partiql(text, kNoParameters), orders_table());
}

std::string refusal_of(std::string_view statement) {
    try {
        parse_partiql(statement, kNoParameters);
    } catch (const AwsError& error) {
        return error.message();
    }
    return "";
}

}  // namespace

TEST_CASE("PartiQL tokens know where they stand") {
    const auto tokens = tokenize_partiql("SELECT \"a\"\"b\" -- note\n  FROM/* x */t <= .5e1");
    REQUIRE(tokens.size() == 7);
    CHECK(tokens[1].text == "a\"b");
    CHECK(tokens[1].position() == "1:8:6");
    CHECK(tokens[2].position() == "2:3:4");
    CHECK(tokens[3].position() == "2:14:1");
    CHECK(tokens[4].text == "<=");
    CHECK(tokens[5].text == ".5e1");
    CHECK(tokens[6].kind == PartiqlToken::Kind::kEnd);
}

TEST_CASE("A WHERE becomes as few reads as it names partitions and ranges") {
    CHECK(reads_of("v = 1").size() == 1);
    CHECK_FALSE(reads_of("v = 1 OR p = 'a'").front().is_query);
    const auto one = reads_of("p = 'a' AND c > 3");
    REQUIRE(one.size() == 1);
    CHECK(one.front().is_query);
    CHECK(string_member(one.front().input, "KeyConditionExpression") == "#n0 = :v0 AND #n1 > :v1");
    CHECK(find_member(one.front().input, "FilterExpression") == nullptr);
    CHECK(find_member(reads_of("p = 'a' AND v = 1").front().input, "FilterExpression") != nullptr);
    CHECK(reads_of("p IN ['a', 'b', 'c'] AND c IN [1, 2]").size() == 6);
    CHECK(reads_of("p = 'a' AND c = 1 AND c = 2").empty());
    CHECK(reads_of("p = 'a' AND NOT c = 1 OR p = 'a' AND c = 1").size() == 1);
    CHECK_THROWS_AS(reads_of("p = 'a' OR p = 'a'"), AwsError);
    CHECK_THROWS_AS(reads_of("p = 'a' AND (c < 5 OR c > 3)"), AwsError);
}

TEST_CASE("Statements nested without end are refused") {
    const std::string deep = "SELECT * FROM orders WHERE " + std::string(4000, '(') + "a = 1";
    CHECK(refusal_of(deep).starts_with("Statement wasn't well formed"));
    CHECK(refusal_of("INSERT INTO orders VALUE {'a': " + std::string(4000, '[') + "}")
              .starts_with("Nesting Levels have exceeded supported limits under root[0][0]"));
    CHECK(refusal_of("UPDATE orders SET a = " + std::string(400, '(') + "1")
              .starts_with("Statement"));
}

TEST_CASE("What PartiQL writes is the expression language") {
    PartiqlWriter writer;
    const auto statement = parse_partiql(
        "UPDATE orders SET a.b[2] = a.b[1] + 1, s = set_add(s, <<'x'>>) REMOVE l[0] WHERE p = 'a'",
        kNoParameters);
    CHECK(writer.update(statement.changes) ==
          "SET #n0.#n1[2] = #n0.#n1[1] + :v0 REMOVE #n2[0] ADD #n3 :v1");
    const auto select = parse_partiql(
        "SELECT * FROM orders WHERE NOT (a = 1 OR b <> 2) AND c BETWEEN 1 AND 2", kNoParameters);
    PartiqlWriter conditions;
    CHECK(conditions.condition(*select.where) ==
          "NOT (#n0 = :v0 OR #n1 <> :v1) AND #n2 BETWEEN :v2 AND :v3");
}

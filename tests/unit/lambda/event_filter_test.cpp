#include "lambda/event_filter.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"

namespace skafu::lambda {

namespace {

bool passes(const Json& pattern, const Json& record) {
    const Json filter = {{"Pattern", to_text(pattern)}};
    const Json criteria = {{"Filters", Json::array({filter})}};
    return EventFilter(criteria).passes(record);
}

Json parse(const char* text) {
    return parse_json(text);
}

}  // namespace

TEST_CASE("no criteria pass everything") {
    CHECK(EventFilter().passes({{"a", 1}}));
    CHECK(EventFilter(Json()).passes({{"a", 1}}));
}

TEST_CASE("values, nested members and arrays") {
    const Json record = parse(R"({"body":{"type":"order","n":5,"tags":["a","b"],"none":null}})");
    CHECK(passes(parse(R"({"body":{"type":["order","return"]}})"), record));
    CHECK_FALSE(passes(parse(R"({"body":{"type":["return"]}})"), record));
    CHECK(passes(parse(R"({"body":{"tags":["b"]}})"), record));
    CHECK(passes(parse(R"({"body":{"none":[null]}})"), record));
    CHECK(passes(parse(R"({"body":{"type":["order"],"n":[5.0]}})"), record));
    CHECK_FALSE(passes(parse(R"({"other":{"type":["order"]}})"), record));
}

TEST_CASE("operators") {
    const Json record = parse(R"({"s":"Hello","n":5})");
    CHECK(passes(parse(R"({"s":[{"prefix":"He"}]})"), record));
    CHECK(passes(parse(R"({"s":[{"suffix":"lo"}]})"), record));
    CHECK(passes(parse(R"({"s":[{"equals-ignore-case":"hELLO"}]})"), record));
    CHECK(passes(parse(R"({"s":[{"wildcard":"H*o"}]})"), record));
    CHECK(passes(parse(R"({"s":[{"anything-but":["x"]}]})"), record));
    CHECK_FALSE(passes(parse(R"({"s":[{"anything-but":{"prefix":"He"}}]})"), record));
    CHECK(passes(parse(R"({"n":[{"numeric":[">",0,"<=",5]}]})"), record));
    CHECK_FALSE(passes(parse(R"({"n":[{"numeric":["<",5]}]})"), record));
    CHECK(passes(parse(R"({"s":[{"exists":true}],"m":[{"exists":false}]})"), record));
    CHECK_FALSE(passes(parse(R"({"m":[{"exists":true}]})"), record));
    CHECK(passes(parse(R"({"$or":[{"s":["x"]},{"n":[5]}]})"), record));
}

TEST_CASE("patterns that are none") {
    const auto compile = [](const char* pattern) {
        const Json filter = {{"Pattern", pattern}};
        const Json criteria = {{"Filters", Json::array({filter})}};
        EventFilter made(criteria);
    };
    CHECK_THROWS_AS(compile("{"), AwsError);
    CHECK_THROWS_AS(compile("[]"), AwsError);
    CHECK_THROWS_AS(compile(R"({"a":"b"})"), AwsError);
}

}  // namespace skafu::lambda

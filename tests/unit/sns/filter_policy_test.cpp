#include "sns/filter_policy.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"

using namespace skafu;
using namespace skafu::sns;

namespace {

bool body(std::string_view policy, std::string_view text) {
    return matches_body(parse_json(policy), parse_json(text));
}

}  // namespace

TEST_CASE("operators of filter policies") {
    CHECK(body(R"({"a":["x",1,null]})", R"({"a":1.0})"));
    CHECK(body(R"({"a":[null]})", R"({"a":null})"));
    CHECK_FALSE(body(R"({"a":["x"]})", R"({"b":"x"})"));
    CHECK(body(R"({"a":[{"prefix":"ab"}]})", R"({"a":"abc"})"));
    CHECK(body(R"({"a":[{"suffix":"bc"}]})", R"({"a":["z","abc"]})"));
    CHECK(body(R"({"a":[{"wildcard":"*b*d"}]})", R"({"a":"abcd"})"));
    CHECK_FALSE(body(R"({"a":[{"wildcard":"*b*d"}]})", R"({"a":"abc"})"));
    CHECK(body(R"({"a":[{"equals-ignore-case":"ABC"}]})", R"({"a":"aBc"})"));
    CHECK(body(R"({"a":[{"numeric":[">=",1,"<",5]}]})", R"({"a":4.9})"));
    CHECK_FALSE(body(R"({"a":[{"numeric":[">=",1,"<",5]}]})", R"({"a":5})"));
    CHECK(body(R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"10.0.0.255"})"));
    CHECK_FALSE(body(R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"10.0.1.0"})"));
    CHECK(body(R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":"z"})"));
    CHECK_FALSE(body(R"({"a":[{"anything-but":{"prefix":"x"}}]})", R"({"a":"xy"})"));
    CHECK_FALSE(body(R"({"a":[{"anything-but":["x"]}]})", R"({})"));
    CHECK(body(R"({"a":[{"exists":false}]})", R"({})"));
    CHECK_FALSE(body(R"({"a":[{"exists":true}]})", R"({})"));
    CHECK(body(R"({"$or":[{"a":["x"]},{"b":["y"]}]})", R"({"b":"y"})"));
    CHECK(body(R"({"a":{"b":["x"]}})", R"({"a":[{"b":"w"},{"b":"x"}]})"));
}

TEST_CASE("attributes: numbers and arrays have their types") {
    const Json attributes = parse_json(
        R"({"n":{"DataType":"Number","StringValue":"7"},
            "l":{"DataType":"String.Array","StringValue":"[\"a\",true,2]"},
            "s":{"DataType":"String","StringValue":"7"}})");
    const auto matches = [&](std::string_view policy) {
        return matches_attributes(parse_json(policy), attributes);
    };
    CHECK(matches(R"({"n":[7],"l":[true]})"));
    CHECK(matches(R"({"s":["7"]})"));
    CHECK_FALSE(matches(R"({"s":[7]})"));
    CHECK_FALSE(matches(R"({"n":[7],"other":["x"]})"));
}

TEST_CASE("filter policies are checked") {
    CHECK_NOTHROW(check_filter_policy(parse_json(R"({"a":["x"]})")));
    CHECK_THROWS_AS(check_filter_policy(parse_json(R"({"a":"x"})")), AwsError);
    CHECK_THROWS_AS(check_filter_policy(parse_json(R"([])")), AwsError);
    CHECK_THROWS_AS(
        check_filter_policy(parse_json(R"({"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]})")),
        AwsError);
}

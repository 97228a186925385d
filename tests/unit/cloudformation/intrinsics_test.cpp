#include "cloudformation/intrinsics.h"

#include <doctest/doctest.h>

#include "cloudformation/conditions.h"
#include "core/aws_error.h"

using namespace skafu;
using namespace skafu::cloudformation;

namespace {

Names names() {
    static const Json mappings = parse_json(R"({"M":{"a":{"b":"c","l":["p","q"]}}})");
    Names result;
    result.mappings = &mappings;
    result.region = "us-east-1";
    result.ref = [](const std::string& name) -> std::optional<Json> {
        if (name == "P") return "p";
        if (name == "L") return Json::array({"x", "y"});
        return std::nullopt;
    };
    result.get_att = [](const std::string& id, const std::string& attribute) -> Json {
        return id + "/" + attribute;
    };
    result.import_value = [](const std::string& name) -> Json { return "imported " + name; };
    result.condition = [](const std::string& name) { return name == "Yes"; };
    result.dynamic_reference = [](const std::string& reference) { return "<" + reference + ">"; };
    return result;
}

std::string result_of(std::string_view expression) {
    const std::optional<Json> value = evaluate(parse_json(expression), names());
    return value ? to_text(*value) : "nothing";
}

}  // namespace

TEST_CASE("functions give what CloudFormation gives") {
    CHECK(result_of(R"({"Fn::Join":["-",["a",{"Ref":"P"},{"Ref":"AWS::NoValue"}]]})") == "\"a-p\"");
    CHECK(result_of(R"({"Fn::Split":["|","a|b|"]})") == R"(["a","b",""])");
    CHECK(result_of(R"({"Fn::Select":["1",{"Ref":"L"}]})") == "\"y\"");
    CHECK(result_of(R"({"Fn::Sub":"${!P} ${P} ${Q.Arn}"})") == "\"${P} p Q/Arn\"");
    CHECK(result_of(R"({"Fn::Sub":["${P}${v}",{"v":{"Ref":"P"},"P":"own"}]})") == "\"ownp\"");
    CHECK(result_of(R"({"Fn::FindInMap":["M","a","l"]})") == R"(["p","q"])");
    CHECK(result_of(R"({"Fn::If":["No",1,{"Ref":"AWS::NoValue"}]})") == "nothing");
    CHECK(result_of(R"({"Fn::ImportValue":{"Fn::Sub":"${P}-x"}})") == "\"imported p-x\"");
    CHECK(result_of(R"({"a":"x {{resolve:ssm:/n}} y"})") == R"({"a":"x <ssm:/n> y"})");
    CHECK(result_of(R"({"Fn::Cidr":["10.0.0.0/24",2,4]})") == R"(["10.0.0.0/28","10.0.0.16/28"])");
}

TEST_CASE("faulty functions are refused in CloudFormation's words") {
    CHECK_THROWS_AS(result_of(R"({"Fn::Join":["-"]})"), AwsError);
    CHECK_THROWS_AS(result_of(R"({"Fn::Select":[5,["a"]]})"), AwsError);
    CHECK_THROWS_AS(result_of(R"({"Fn::FindInMap":["M","a","z"]})"), AwsError);
    CHECK_THROWS_AS(result_of(R"({"Fn::Nope":1})"), AwsError);
}

TEST_CASE("conditions that lead back to themselves are refused") {
    const Json section = parse_json(R"({"A":{"Fn::Not":[{"Condition":"B"}]},
        "B":{"Fn::Not":[{"Condition":"A"}]}})");
    CHECK_THROWS_AS(evaluate_conditions(section, names()), AwsError);
}

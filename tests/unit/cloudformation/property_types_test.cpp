#include "cloudformation/property_types.h"

#include <doctest/doctest.h>

#include "cloudformation/runtime_check.h"

using namespace skafu;
using namespace skafu::cloudformation;

namespace {

std::vector<std::string> told(const std::string& type, const char* properties) {
    std::vector<std::string> texts;
    for (const UnknownProperty& one : unknown_properties(type, parse_json(properties))) {
        texts.push_back(one.path + ' ' + one.name + ' ' + one.meant);
    }
    return texts;
}

std::vector<std::string> remarks(const std::string& runtime) {
    std::vector<std::string> texts;
    for (const RuntimeRemark& one : check_runtime(runtime)) texts.push_back(one.message);
    return texts;
}

}  // namespace

TEST_CASE("properties that a type does not have, with the ones that were meant") {
    using Texts = std::vector<std::string>;
    CHECK(told("AWS::DynamoDB::Table", R"({"Tablename": "x"})") == Texts{" Tablename TableName"});
    CHECK(told("AWS::DynamoDB::Table",
               R"({"KeySchema": [{"AttributeName": "id"}, {"KeyTipe": "HASH"}]})") ==
          Texts{"/KeySchema/1 KeyTipe KeyType"});
    CHECK(told("AWS::SQS::Queue", R"({"Name": "x"})") == Texts{" Name QueueName"});
    CHECK(told("AWS::Cognito::IdentityPool", R"({"Tags": []})") == Texts{" Tags IdentityPoolTags"});
    CHECK(told("AWS::Events::Rule", R"({"RuleName": "x", "Pattern": {}})") ==
          Texts{" RuleName Name", " Pattern EventPattern"});
    CHECK(told("AWS::Logs::LogGroup", R"({"Colour": "red"})") == Texts{" Colour "});
}

TEST_CASE("what is not CloudFormation's to check has no unknown properties") {
    for (const auto& [type, properties] :
         {std::pair{"AWS::Nowhere::Thing", R"({"Anything": 1})"},
          std::pair{"AWS::Events::Rule", R"({"EventPattern": {"source": ["a"]}})"},
          std::pair{"AWS::SQS::Queue", R"({"Tags": {"Fn::If": ["C", [], []]}})"},
          std::pair{"AWS::Lambda::Function", R"({"Environment": {"Variables": {"A": "b"}}})"},
          std::pair{"AWS::IAM::Role", R"({"AssumeRolePolicyDocument": {"Any": "thing"}})"}}) {
        CHECK(told(type, properties).empty());
    }
}

TEST_CASE("texts become numbers and booleans where the schema has these") {
    Json table = parse_json(
        R"({"TableName": "7", "PointInTimeRecoverySpecification":
            {"PointInTimeRecoveryEnabled": "true"}, "ProvisionedThroughput":
            {"ReadCapacityUnits": "5", "WriteCapacityUnits": "many"}})");
    convert_scalars("AWS::DynamoDB::Table", table);
    CHECK(table == parse_json(
                       R"({"TableName": "7", "PointInTimeRecoverySpecification":
            {"PointInTimeRecoveryEnabled": true}, "ProvisionedThroughput":
            {"ReadCapacityUnits": 5, "WriteCapacityUnits": "many"}})"));
    Json function = parse_json(R"({"Timeout": "9", "Environment": {"Variables": {"Size": "1"}}})");
    convert_scalars("AWS::Lambda::Function", function);
    CHECK(function == parse_json(R"({"Timeout": 9, "Environment": {"Variables": {"Size": "1"}}})"));
}

TEST_CASE("required properties") {
    CHECK(missing_property("AWS::Lambda::Function", parse_json(R"({"Code": {}})")) == "Role");
    CHECK(missing_property("AWS::SSM::Parameter", parse_json(R"({"Type": "String"})")) == "Value");
    CHECK(missing_property("AWS::SQS::Queue", Json::object()) == "");
}

TEST_CASE("runtimes that AWS does not have or no longer takes, or that do not run here") {
    using Texts = std::vector<std::string>;
    CHECK(remarks("python3.12").empty());
    CHECK(remarks("nodejs22.x").empty());
    CHECK(remarks("provided.al2023").empty());
    CHECK(remarks("python3.99").empty());  // AWS may have it by then
    CHECK(remarks("python2.7") == Texts{"The runtime python2.7 is out of service."});
    CHECK(remarks("nodejs21.x") == Texts{"AWS Lambda has no runtime nodejs21.x."});
    CHECK(remarks("ruby3.2") ==
          Texts{"The runtime ruby3.2 does not run here: each call of the function fails."});
    CHECK(remarks("java8").size() == 2);
    CHECK(check_runtime("pyhton3.12").front().mend == "write python3.12");
    CHECK(check_runtime("go1.x").front().mend == "write provided.al2023");
}

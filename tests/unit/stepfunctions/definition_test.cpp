#include <doctest/doctest.h>

#include "house.h"
#include "stepfunctions/compiler.h"
#include "stepfunctions/definition_text.h"
#include "stepfunctions/expression.h"
#include "stepfunctions/item_reader.h"
#include "stepfunctions/mocks.h"
#include "stepfunctions/timestamp.h"

using namespace skafu;
using namespace skafu::stepfunctions;

namespace {

std::string findings(const std::string& definition, Tolerance tolerance = Tolerance::none) {
    static House house;
    Diagnostics diagnostics;
    compile_definition(definition, MachineType::standard, house.cloud, tolerance, diagnostics);
    return diagnostics.text();
}

std::string one_state(const std::string& state) {
    return findings(R"({"StartAt":"A","States":{"A":)" + state + "}}");
}

}  // namespace

TEST_CASE("what is wrong with a definition is told in AWS's words, with its place") {
    CHECK(findings("{}") ==
          "SCHEMA_VALIDATION_FAILED: These fields are required: [States, "
          "StartAt] at /");
    CHECK(findings(" ") == "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object");
    CHECK(one_state(R"({"Type":"Wait","Timestamp":"soon","End":true})") ==
          "SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at "
          "/States/A/Timestamp");
    CHECK(one_state(R"({"Type":"Pass","Parameters":{"x.$":"no path"},"End":true})") ==
          "SCHEMA_VALIDATION_FAILED: The value for the field 'x.$' must be a valid JSONPath or a "
          "valid intrinsic function call at /States/A/Parameters");
    CHECK(one_state(R"({"Type":"Pass","Next":"B"})")
              .starts_with("MISSING_TRANSITION_TARGET: Missing 'Next' target: B at "
                           "/States/A/Next"));
}

TEST_CASE("an unknown name is answered with the nearest one") {
    CHECK(one_state(R"({"Type":"Pas","End":true})").find("Did you mean 'Pass'?") !=
          std::string::npos);
    const std::string misspelt = one_state(
        R"json({"Type":"Pass","Parameters":{"x.$":"States.Fromat('a')"},"End":true})json");
    CHECK(misspelt.find("States.Format") != std::string::npos);
    CHECK(one_state(R"({"Type":"Task","Resource":"arn:aws:states:::aws-sdk:echo:sya","End":true})")
              .find("aws-sdk:echo:say") != std::string::npos);
}

TEST_CASE("numbers as text are forgiven in templates only") {
    const char* definition = R"({"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":"120",
        "End":true}}})";
    CHECK(findings(definition, Tolerance::template_).empty());
    CHECK_FALSE(findings(definition).empty());
}

TEST_CASE("hostile definitions are refused") {
    std::string deep = R"({"Type":"Pass","End":true})";
    for (int i = 0; i < 60; ++i) {
        deep = R"({"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":)" + deep +
               "}}]}";
    }
    CHECK_FALSE(one_state(deep).empty());
    CHECK_FALSE(findings(std::string(2'000'000, ' ')).empty());
    CHECK_FALSE(findings(std::string(100'000, '[')).empty());
}

TEST_CASE("substitutions are made in the text") {
    const Json values = {{"N", 5}, {"Arn", "arn:x"}};
    CHECK(substitute(R"({"Seconds": ${N}, "R": "${Arn}", "k": "${No}"})", values) ==
          R"({"Seconds": 5, "R": "arn:x", "k": "${No}"})");
    CHECK(definition_as_json("StartAt: A\nStates:\n  A: {Type: Pass, End: true, Result: 5}\n") ==
          R"({"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Result":5}}})");
}

TEST_CASE("timestamps need all parts and an offset") {
    CHECK(parse_timestamp("2016-03-14T01:59:00Z"));
    CHECK(parse_timestamp("2016-03-14T01:59:00.000000Z"));
    CHECK(*parse_timestamp("2016-03-14T02:59:00+01:00") ==
          *parse_timestamp("2016-03-14T01:59:00Z"));
    for (const char* text :
         {"2016-03-14T01:59:00", "2016-03-14 01:59:00Z", "2016-13-14T01:59:00Z",
          "2016-12-05T25:29:29Z", "05-12-2016T21:29:29Z", "", "2016-02-30T00:00:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_timestamp(text));
    }
}

TEST_CASE("CSV rows") {
    const auto rows = parse_csv("a,\"b \"\"q\"\"\",c\r\n1,,3\n\n\"x\ny\",2,", ',', 100);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0] == std::vector<std::string>{"a", "b \"q\"", "c"});
    CHECK(rows[1] == std::vector<std::string>{"1", "", "3"});
    CHECK(rows[2] == std::vector<std::string>{"x\ny", "2", ""});
}

TEST_CASE("the mock file") {
    const Mocks mocks =
        Mocks::parse(R"({"StateMachines":{"M":{"TestCases":{"Happy":{"T":"Answer"}}}},
        "MockedResponses":{"Answer":{"0":{"Throw":{"Error":"E","Cause":"C"}},
                                     "1-2":{"Return":{"ok":true}}}}})");
    CHECK(mocks.has_test_case("M", "Happy"));
    CHECK(*mocks.find("M", "Happy", "T", 0)->failure->error == "E");
    CHECK(mocks.find("M", "Happy", "T", 2)->result->at("ok") == true);
    CHECK(mocks.find("M", "Happy", "T", 3)->failure->error == "States.Runtime");
    CHECK(mocks.find("M", "Happy", "Other", 0) == nullptr);
    CHECK_THROWS(Mocks::parse("{}"));
}

TEST_CASE("the variables that an expression reads are found, wherever they stand") {
    using Names = std::vector<std::string>;
    // Longer than a std::string keeps in itself, and with a bracket before it, as it might be read.
    const std::string text = "($a_rather_long_name";
    CHECK(variables_in(std::string_view(text).substr(1)) == Names{"a_rather_long_name"});
    CHECK(variables_in("$b + $a ") == Names{"a", "b"});
    CHECK(variables_in("$") == Names{});
    CHECK(variables_in("$x:") == Names{"x"});
    CHECK(variables_in("($y := $z; $sum([$y ]))") == Names{"y", "z"});
    CHECK(variables_in("$states.input & '$no' & \"$no\" & $f ('$')") == Names{});
}

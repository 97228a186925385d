#include <doctest/doctest.h>

#include "house.h"
#include "stepfunctions/compiler.h"
#include "stepfunctions/definition_text.h"
#include "stepfunctions/sdk_names.h"

using namespace skafu;
using namespace skafu::stepfunctions;

namespace {

Diagnostics diagnosed(const std::string& definition, Tolerance tolerance = Tolerance::none) {
    static House house;
    Diagnostics diagnostics;
    compile_definition(definition, MachineType::standard, house.cloud, tolerance, diagnostics);
    return diagnostics;
}

std::string of_states(const std::string& states, const std::string& more = "") {
    return diagnosed(R"({"StartAt":"A",)" + more + R"("States":{)" + states + "}}").text();
}

std::string of_expression(const std::string& expression) {
    const Json definition = {
        {"QueryLanguage", "JSONata"},
        {"StartAt", "A"},
        {"States",
         {{"A", {{"Type", "Pass"}, {"Output", "{% " + expression + " %}"}, {"End", true}}}}}};
    return diagnosed(to_text(definition)).text();
}

const std::string kEnd = R"("Z":{"Type":"Succeed"})";

}  // namespace

TEST_CASE("transitions lead somewhere, and everywhere") {
    CHECK(of_states(R"("A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"})") ==
          "MISSING_END_STATE: Workflow has no terminal state at null");
    // Of such a machine the states that nothing leads to are not named.
    CHECK(of_states(R"("A":{"Type":"Pass","Next":"A"},"Unused":{"Type":"Pass","Next":"A"})") ==
          "MISSING_END_STATE: Workflow has no terminal state at null");
    CHECK(of_states(R"("A":{"Type":"Pass","Next":"Nope"})") ==
          "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nope at /States/A/Next, "
          "MISSING_END_STATE: Workflow has no terminal state at null");
    CHECK(of_states(R"("A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},)" + kEnd) ==
          "MISSING_TRANSITION_TARGET: State \"Z\" is not reachable. at /States/Z");
    // A state that only leads to itself is not reached by that.
    CHECK(of_states(R"("A":{"Type":"Pass","End":true},"Self":{"Type":"Pass","Next":"Self"})") ==
          "MISSING_TRANSITION_TARGET: State \"Self\" is not reachable. at /States/Self");
    CHECK(of_states(R"("Other":{"Type":"Pass","End":true})") ==
          "MISSING_TRANSITION_TARGET: Missing 'Next' target: A at /StartAt, "
          "MISSING_TRANSITION_TARGET: State \"Other\" is not reachable. at /States/Other");
    CHECK(of_states(R"("A":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"B","States":{
              "B":{"Type":"Pass","End":true},"Ghost":{"Type":"Pass","End":true}}}})") ==
          "MISSING_TRANSITION_TARGET: State \"Ghost\" is not reachable. at "
          "/States/A/ItemProcessor/States/Ghost");
    CHECK(of_states(R"("A":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{
              "A":{"Type":"Pass","End":true}}}]})") ==
          "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A");
}

TEST_CASE("each type of state has its fields") {
    const std::string open = "SCHEMA_VALIDATION_FAILED: Field '";
    CHECK(of_states(R"("A":{"Type":"Pass","TimeoutSeconds":5,"End":true})") ==
          open + "TimeoutSeconds' is not supported at /States/A");
    CHECK(of_states(R"("A":{"Type":"Wait","Seconds":1,"Retry":[],"End":true})") ==
          open + "Retry' is not supported at /States/A");
    CHECK(of_states(R"("A":{"Type":"Parallel","TimeoutSeconds":5,"End":true,"Branches":[
              {"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}]})") ==
          open + "TimeoutSeconds' is not supported at /States/A");
    CHECK(of_states(R"("A":{"Type":"Pass","Reslt":5,"End":true})") ==
          open + "Reslt' is not supported at /States/A\nDid you mean 'Result'?");
    CHECK(of_states(R"("A":{"Type":"Map","End":true,"ItemProcessor":{"QueryLanguage":"JSONata",
              "StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}})") ==
          open + "QueryLanguage' is not supported at /States/A/ItemProcessor");
    CHECK(of_states(R"("A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:echo:say",
              "TimeoutSeconds":0,"End":true})") ==
          "SCHEMA_VALIDATION_FAILED: Minimum value is 1 at /States/A/TimeoutSeconds");
}

TEST_CASE("the query languages do not mix") {
    const std::string open = "SCHEMA_VALIDATION_FAILED: ";
    CHECK(of_states(R"("A":{"Type":"Pass","Output":1,"End":true})") ==
          open +
              "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for "
              "the 'JSONata' QueryLanguage at /States/A");
    CHECK(of_states(R"("A":{"Type":"Pass","InputPath":"$.a","End":true})",
                    R"("QueryLanguage":"JSONata",)") ==
          open +
              "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for "
              "the 'JSONPath' QueryLanguage at /States/A");
    // The step back is all that is told of the state.
    CHECK(of_states(R"("A":{"Type":"Pass","QueryLanguage":"JSONPath","Output":1,"End":true})",
                    R"("QueryLanguage":"JSONata",)") ==
          open +
              "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine "
              "at /States/A");
    CHECK(of_states(R"("A":{"Type":"Pass","QueryLanguage":"jsonata","Output":1,"End":true})") ==
          open +
              "Value should be one of the following: [JSONPath, JSONata] at "
              "/States/A/QueryLanguage");
    CHECK(of_states(R"("A":{"Type":"Pass","End":true})", R"("QueryLanguage":5,)") ==
          open + "Expected value of type [STRING] at /QueryLanguage");
    CHECK(of_states(R"("A":{"Type":"Map","QueryLanguage":"JSONata","End":true,"ItemProcessor":{
              "StartAt":"B","States":{"B":{"Type":"Pass","Output":1,"End":true}}}})") ==
          open +
              "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for "
              "the 'JSONata' QueryLanguage at /States/A/ItemProcessor/States/B");
}

TEST_CASE("expressions are read when a machine is made") {
    CHECK(of_expression("$states.input.a[type = 'x'].b ~> $count()").empty());
    CHECK(of_expression("$map($states.input.items, function($v) { $v.price * 2 })").empty());
    CHECK(of_expression("$states.input.items^(>price){name: $sum(price)}").empty());
    CHECK(of_expression("1 +") ==
          "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output");
    CHECK(of_expression("phone.number") ==
          "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. "
          "at /States/A/Output");
    CHECK(of_expression("$count(items)") ==
          "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'items' at the top level is not supported. "
          "at /States/A/Output");
    CHECK(of_expression("$$") ==
          "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at "
          "/States/A/Output");
    CHECK(of_expression("$states.errorOutput") ==
          "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.errorOutput' does not exist. at "
          "/States/A/Output");
}

TEST_CASE("what we can run though AWS refuses it is a finding of a template") {
    const Diagnostics found =
        diagnosed(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Retry":[],"Next":"A"}}})",
                  Tolerance::template_);
    CHECK_FALSE(found.has_errors());
    REQUIRE(found.all().size() == 2);
    CHECK(found.all()[0].is_tolerated);
    CHECK(found.all()[1].code == "MISSING_END_STATE");
}

TEST_CASE("warnings do not fail a definition") {
    const Diagnostics found = diagnosed(R"({"StartAt":"A","States":{
        "A":{"Type":"Pass","Parameters":{"a":"$.b"},"Next":"B"},
        "B":{"Type":"Pass","Result":{"c.$":"$.d"},"End":true}}})");
    CHECK_FALSE(found.has_errors());
    CHECK(found.to_json(100, "ERROR").empty());
    const Json shown = found.to_json(100, "WARNING");
    REQUIRE(shown.size() == 2);
    CHECK(shown[0]["code"] == "NO_DOLLAR");
    CHECK(shown[0]["location"] == "/States/A/Parameters/a");
    CHECK(shown[1]["code"] == "PASS_RESULT_IS_STATIC");
}

TEST_CASE("a diagnostic's place is found in the file") {
    const std::string yaml =
        "StartAt: a/b\nStates:\n  a/b:\n    Type: Choice\n    Choices:\n      - Next: Nope\n"
        "        Variable: $.x\n";
    const auto place = find_place(yaml, "/States/a/b/Choices[0]/Next");
    REQUIRE(place);
    CHECK(place->line == 6);
    CHECK(place->column == 9);
    const auto inline_place = find_place(R"({"StartAt": "A",
  "States": {"A": {"Type": "Pas"}}})",
                                         "/States/A/Type");
    REQUIRE(inline_place);
    CHECK(inline_place->line == 2);
    CHECK(inline_place->column == 20);
    CHECK_FALSE(find_place("{", "/States"));
}

TEST_CASE("the names of the aws-sdk integrations") {
    CHECK(sdk_name("ARN") == "Arn");
    CHECK(sdk_name("ETag") == "ETag");
    CHECK(sdk_name("MD5OfBody") == "Md5OfBody");
    CHECK(sdk_name("SSEKMSKeyId") == "SsekmsKeyId");
    CHECK(sdk_name("KMSMasterKeyID") == "KmsMasterKeyID");
    CHECK(sdk_name("QueueUrl") == "QueueUrl");

    Json item = parse_json(
        R"({"Item":{"ID":{"S":"1"},"ok":{"BOOL":true},"no":{"NULL":true},
            "m":{"M":{"BOOL":{"S":"kept"},"set":{"SS":["a"]}}}},"SSEDescription":{"SSEType":"KMS"}})");
    to_sdk_names(item, "dynamodb");
    CHECK(item == parse_json(R"({"Item":{"ID":{"S":"1"},"ok":{"Bool":true},"no":{"Nul":true},
            "m":{"M":{"BOOL":{"S":"kept"},"set":{"Ss":["a"]}}}},"SseDescription":{"SseType":"KMS"}})"));
    Json back = item["Item"];
    to_wire_attributes(back);
    CHECK(back["ok"]["BOOL"] == true);
    CHECK(back["m"]["M"]["BOOL"]["S"] == "kept");
}

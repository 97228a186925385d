#include "cloudformation/template_source.h"

#include <doctest/doctest.h>

using namespace skafu;
using namespace skafu::cloudformation;

TEST_CASE("short forms become long ones") {
    const Json value = read_template(
                           "a: !Ref X\n"
                           "b: !GetAtt A.B.C\n"
                           "c: !Join [',', [!Sub '${X}', !If [C, 1, !Ref AWS::NoValue]]]\n"
                           "d: !Not [!Condition P]\n",
                           "t.yaml")
                           .value;
    CHECK(value == parse_json(R"({"a":{"Ref":"X"},"b":{"Fn::GetAtt":["A","B.C"]},
        "c":{"Fn::Join":[",",[{"Fn::Sub":"${X}"},{"Fn::If":["C",1,{"Ref":"AWS::NoValue"}]}]]},
        "d":{"Fn::Not":[{"Condition":"P"}]}})"));
}

TEST_CASE("scalars follow YAML 1.1, except that dates stay text") {
    const Json value = read_template(
                           "[yes, No, '0123', 0123, 0x1F, 1_000, 1.50, 2012-10-17, ~, "
                           "1e3, 012345678901]",
                           "t.yaml")
                           .value;
    CHECK(value == parse_json(R"([true,false,"0123",83,31,1000,1.5,"2012-10-17",null,"1e3",
        "012345678901"])"));
}

TEST_CASE("anchors, aliases and merge keys are replaced by what they name") {
    const Json value =
        read_template("base: &b {x: 1, y: 2}\nother: {<<: *b, y: 3}\nsame: *b\n", "t.yaml").value;
    CHECK(value["other"] == parse_json(R"({"x":1,"y":3})"));
    CHECK(value["same"] == value["base"]);
}

TEST_CASE("each value knows its line, in YAML and in JSON") {
    const TemplateSource yaml = read_template("Resources:\n  A:\n    Type: T\n", "t.yaml");
    CHECK(yaml.lines.line_of("/Resources/A/Type") == 3);
    CHECK(yaml.lines.line_of("/Resources/A/Properties/None") == 2);
    const TemplateSource json =
        read_template("{\"Resources\": {\n \"A\": {\n  \"T\": [1,\n 2]}}}", "t");
    CHECK(json.lines.line_of("/Resources/A/T/1") == 4);
}

TEST_CASE("what is not well formed is refused with its place") {
    CHECK_THROWS_WITH_AS(read_template("{\"this is invalid JSON\"=\"bobbins\"}", ""),
                         "Template format error: JSON not well-formed. (line 1, column 25)",
                         TemplateError);
    CHECK_THROWS_AS(read_template("a: [", "t.yaml"), TemplateError);
    CHECK_THROWS_AS(read_template("a: {? [x] : 1}", "t.yaml"), TemplateError);
}

TEST_CASE("aliases cannot unfold without end") {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        text += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i,
                            i - 1);
    }
    CHECK_THROWS_AS(read_template(text, "t.yaml"), TemplateError);
}

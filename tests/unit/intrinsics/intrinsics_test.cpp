#include "expressions/intrinsics/intrinsics.h"

#include <doctest/doctest.h>

using namespace skafu;
using namespace skafu::intrinsics;

namespace {

class TestScope : public Scope {
  public:
    const Json& root_of(const jsonpath::JsonPath&) const override { return input; }
    std::string uuid() override { return "00000000-0000-4000-8000-000000000000"; }
    std::uint64_t random() override { return 7; }
    Json input = parse_json(R"({"a": 1.5, "text": "x,y;;z", "list": [1, 2, 2, [3]], "nil": null,
        "object": {"Arg1": 1, "Arg2": []}, "template": "<{}>"})");
};

std::string run(std::string_view call) {
    TestScope scope;
    try {
        return to_text(Call::compile(call).evaluate(scope));
    } catch (const Failure& failure) {
        return failure.error() + ": " + failure.what();
    }
}

}  // namespace

TEST_CASE("States.Format") {
    CHECK(run("States.Format('a {} b {}', $.text, $.nil)") == R"("a x,y;;z b null")");
    CHECK(run("States.Format('{}', $.object)") == R"("{Arg1=1, Arg2=[]}")");
    CHECK(run(R"(States.Format('\{\} it\'s {}', $.a))") == R"("{} it's 1.5")");
    CHECK(run("States.Format($.template, true)") == R"("<true>")");
    CHECK(run("States.Format('{} {}', 1)").starts_with("States.IntrinsicFailure"));
}

TEST_CASE("arrays") {
    CHECK(run("States.Array()") == "[]");
    CHECK(run("States.Array(1, 'b', $.nil)") == R"([1,"b",null])");
    CHECK(run("States.ArrayPartition($.list, 3)") == "[[1,2,2],[[3]]]");
    CHECK(run("States.ArrayContains($.list, States.Array(3))") == "true");
    CHECK(run("States.ArrayRange(0, 10, 3)") == "[0,3,6,9]");
    CHECK(run("States.ArrayRange(3, 1, -1)") == "[3,2,1]");
    CHECK(run("States.ArrayRange(0, 5000, 1)").starts_with("States.IntrinsicFailure"));
    CHECK(run("States.ArrayGetItem($.list, 3)") == "[3]");
    CHECK(run("States.ArrayLength($.list)") == "4");
    CHECK(run("States.ArrayUnique($.list)") == "[1,2,[3]]");
}

TEST_CASE("numbers are rounded half up before they are added") {
    CHECK(run("States.MathAdd(1.49, 1.5)") == "3");
    CHECK(run("States.MathAdd(-1.5, -1.51)") == "-3");
    CHECK(run("States.MathAdd(-0.5, 0)") == "0");
    CHECK(run("States.MathRandom(5, 10)") == "7");
    CHECK(run("States.MathRandom(1, 9, 42)") == run("States.MathRandom(1, 9, 42)"));
}

TEST_CASE("strings and JSON") {
    CHECK(run("States.StringSplit($.text, ',;')") == R"(["x","y","z"])");
    CHECK(run("States.StringSplit(',,', ',')") == "[]");
    CHECK(run("States.StringToJson('')") == "null");
    CHECK(run("States.StringToJson('-0')") == "0");
    CHECK(run(R"(States.StringToJson('{"a": [1]}'))") == R"({"a":[1]})");
    CHECK(run("States.JsonToString($.object)") == R"("{\"Arg1\":1,\"Arg2\":[]}")");
    CHECK(run("States.JsonMerge($.object, States.StringToJson('{\"Arg1\": 2}'), false)") ==
          R"({"Arg1":2,"Arg2":[]})");
    CHECK(run("States.Base64Encode('hi')") == R"("aGk=")");
    CHECK(run("States.Base64Decode('aGk=')") == R"("hi")");
    CHECK(run("States.Hash('input data', 'SHA-1')") ==
          R"("aaff4a450a104cd177d28d18d74485e8cae074b7")");
    CHECK(run("States.UUID()") == R"("00000000-0000-4000-8000-000000000000")");
}

TEST_CASE("an argument that is not there is named with the input") {
    CHECK(run("States.ArrayLength($.no)")
              .starts_with(
                  "States.Runtime: The function 'States.ArrayLength($.no)' had the following "
                  "error: The "
                  "JsonPath argument for the field '$.no' could not be found in the input '{"));
}

TEST_CASE("what is no call is refused, with the nearest name") {
    for (const char* text :
         {"States.Format", "States.Format(", "States.Format('a'", "States.Format('a) ",
          "States.UUID(1)", "States.Array(1,)", "States.Array(1) x", "States.Array(b)",
          "States.StringToJson('{\"text\":\"An \\\"quote\\\" here\"}')"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(Call::compile(text), SyntaxError);
    }
    try {
        Call::compile("States.Fromat('a')");
        CHECK(false);
    } catch (const SyntaxError& error) {
        CHECK(error.hint() == "States.Format");
    }
}

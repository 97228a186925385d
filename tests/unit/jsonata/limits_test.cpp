#include <doctest/doctest.h>

#include "evaluate.h"

using namespace skafu;

TEST_CASE("endless recursion, endless loops and too much memory end in U1001") {
    const auto limited = [](std::string_view expression, jsonata::Limits limits) {
        return evaluate(expression, "", {}, limits);
    };
    const jsonata::Limits usual;
    CHECK(limited("($f := function($n){1 + $f($n)}; $f(1))", usual) == "U1001");
    CHECK(limited("($f := function($n){$f($n)}; $f(1))", {20, 4000, 1U << 30}) == "U1001");
    CHECK(limited("$map([1..1000000], function($v){$v})", {5000, 4000, 1U << 20}) == "U1001");
    CHECK(limited("$pad('x', 1e9)", usual) == "U1001");
    CHECK(limited("[1..1e9]", usual) == "D2014");
}

TEST_CASE("a hostile pattern ends in U1001") {
    CHECK(evaluate("$contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)") == "U1001");
}

TEST_CASE("deep nesting is refused, not followed") {
    CHECK(evaluate(std::string(100000, '(')) == "U1001");
    CHECK(evaluate(std::string(100000, '[')) == "U1001");
    std::string sum = "1";
    for (int i = 0; i < 100000; ++i) sum += "+1";
    CHECK(evaluate(sum) == "U1001");
    CHECK(evaluate("($x := {}; $y := $x ~> |$|{'a': $}|; $y)") != "");
}

TEST_CASE("a value that shares its parts is not written out without end") {
    const std::string twice = "$x := [[$x], [$x]]; ";
    std::string expression = "($x := [1]; ";
    for (int i = 0; i < 60; ++i) expression += twice;
    CHECK(evaluate(expression + "$x)") == "U1001");
    CHECK(evaluate(expression + "$string($x))") == "U1001");
    CHECK(evaluate(expression + "$y := [$x, 1]; $y = [$x, 2])") == "U1001");
}

TEST_CASE("a signature that fits in countless ways ends in U1001") {
    std::string types;
    std::string arguments = "1";
    for (int i = 0; i < 20; ++i) types += "x+";
    for (int i = 0; i < 59; ++i) arguments += ",1";
    CHECK(evaluate("function($a)<" + types + "s:x>{1}(" + arguments + ")") == "U1001");
}

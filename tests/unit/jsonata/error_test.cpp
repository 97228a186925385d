#include <doctest/doctest.h>

#include "expressions/jsonata/jsonata.h"

using namespace skafu;
using jsonata::JsonataError;

TEST_CASE("an error's text is the reference's, with its members filled in") {
    CHECK(std::string(JsonataError("T1006").what()) == "T1006: Attempted to invoke a non-function");
    CHECK(JsonataError("T0410").index(2).token("sum").message() ==
          "Argument 2 of function \"sum\" does not match function signature");
    CHECK(JsonataError("D3030").value("a").message() == "Unable to cast value to a number: \"a\"");
    CHECK(JsonataError("T1005").token("sum").message() ==
          "Attempted to invoke a non-function. Did you mean $sum?");
    CHECK(JsonataError("D3137").message("Too Expensive").message() == "Too Expensive");
}

TEST_CASE("a place is kept once it is known") {
    const JsonataError error = JsonataError("T2001").token("+").at(3);
    CHECK(error.located("x", 9).position() == 3U);
    CHECK(JsonataError("T2001").located("x", 9).token() == "x");
}

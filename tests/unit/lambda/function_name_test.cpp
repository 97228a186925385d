#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "lambda/function_spec.h"

namespace skafu::lambda {

namespace {

const Scope kCaller{"111111111111", "us-east-1"};

}  // namespace

TEST_CASE("the forms of a function name") {
    const FunctionName plain = FunctionName::parse(kCaller, "orders", "");
    CHECK(plain.name == "orders");
    CHECK(plain.qualifier.empty());
    CHECK(plain.arn() == "arn:aws:lambda:us-east-1:111111111111:function:orders");

    CHECK(FunctionName::parse(kCaller, "orders:live", "").qualifier == "live");
    CHECK(FunctionName::parse(kCaller, "orders", "7").qualified_arn() ==
          "arn:aws:lambda:us-east-1:111111111111:function:orders:7");
    CHECK(FunctionName::parse(kCaller, "222222222222:function:orders", "").scope.account ==
          "222222222222");

    const FunctionName full = FunctionName::parse(
        kCaller, "arn:aws:lambda:eu-west-1:222222222222:function:orders:$LATEST", "");
    CHECK(full.scope.region == "eu-west-1");
    CHECK(full.name == "orders");
    CHECK(full.qualifier == "$LATEST");
}

TEST_CASE("names that are none") {
    for (const char* text : {"", "a b", "arn:aws:sqs:us-east-1:1:q", "arn:aws:lambda:x"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(FunctionName::parse(kCaller, text, ""), AwsError);
    }
    CHECK_THROWS_AS(FunctionName::parse(kCaller, "orders:1", "2"), AwsError);
}

}  // namespace skafu::lambda

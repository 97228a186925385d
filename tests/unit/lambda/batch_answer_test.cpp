#include "lambda/batch_answer.h"

#include <doctest/doctest.h>

namespace skafu::lambda {

TEST_CASE("what a function reports of its batch") {
    const std::vector<std::string> given = {"a", "b"};
    CHECK(reported_failures("null", given)->empty());
    CHECK(reported_failures("{}", given)->empty());
    CHECK(reported_failures(R"({"batchItemFailures":null})", given)->empty());
    CHECK(reported_failures(R"({"batchItemFailures":[]})", given)->empty());
    CHECK(*reported_failures(R"({"batchItemFailures":[{"itemIdentifier":"b"}]})", given) ==
          std::set<std::string>{"b"});
    for (const char* wrong : {R"({"batchItemFailures":[{"itemIdentifier":"c"}]})",
                              R"({"batchItemFailures":[{"itemIdentifier":""}]})",
                              R"({"batchItemFailures":[{"id":"a"}]})",
                              R"({"batchItemFailures":"a"})", "[]", "7", "garbage"}) {
        CAPTURE(wrong);
        CHECK_FALSE(reported_failures(wrong, given).has_value());
    }
}

}  // namespace skafu::lambda

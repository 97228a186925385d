#include "logs/filter_pattern.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"

namespace skafu::logs {

namespace {

bool matches(std::string_view pattern, std::string_view message) {
    return FilterPattern(pattern).matches(message);
}

}  // namespace

TEST_CASE("terms") {
    CHECK(matches("", "anything"));
    CHECK(matches("ERROR", "[ERROR 400] BAD REQUEST"));
    CHECK(matches("ERROR REQUEST", "[ERROR 400] BAD REQUEST"));
    CHECK_FALSE(matches("ERROR WARN", "[ERROR 400] BAD REQUEST"));
    CHECK(matches("?ERROR ?WARN", "[WARN] x"));
    CHECK_FALSE(matches("?ERROR ?WARN", "[INFO] x"));
    CHECK(matches("\"BAD REQUEST\" -DEBUG", "[ERROR 400] BAD REQUEST"));
    CHECK_FALSE(matches("ERROR -REQUEST", "[ERROR 400] BAD REQUEST"));
    CHECK(matches("%4[0-9]{2}%", "status 404"));
}

TEST_CASE("JSON expressions") {
    const std::string_view event =
        R"({"level":"ERROR","code":503,"user":{"name":"ann","ids":[1,2]},"gone":null,"on":true})";
    CHECK(matches("{ $.level = \"ERROR\" }", event));
    CHECK(matches("{$.level=ERR*}", event));
    CHECK(matches("{ $.code >= 500 && $.code < 600 }", event));
    CHECK_FALSE(matches("{ $.code = 500 }", event));
    CHECK(matches("{ ($.code = 500) || ($.user.name = ann) }", event));
    CHECK(matches("{ $.user.ids[1] = 2 }", event));
    CHECK(matches("{ $.user.ids[*] = 1 }", event));
    CHECK(matches("{ $.gone IS NULL && $.on IS TRUE && $.none NOT EXISTS }", event));
    CHECK(matches("{ $.user.name = %^a% }", event));
    CHECK(matches("{ $.level != \"INFO\" }", event));
    CHECK_FALSE(matches("{ $.none != \"INFO\" }", event));
    CHECK_FALSE(matches("{ $.level = \"ERROR\" }", "plain text"));
}

TEST_CASE("space-delimited fields") {
    const std::string_view line = "127.0.0.1 ann [10/Oct] \"GET /a HTTP/1.0\" 404 1534";
    CHECK(matches("[ip, user, time, request, status = 4*, bytes]", line));
    CHECK(matches("[ip, ..., status = 404, bytes > 1000]", line));
    CHECK(matches("[..., bytes]", line));
    CHECK_FALSE(matches("[ip, user]", line));
    CHECK_FALSE(matches("[ip, ..., status = 2*, bytes]", line));
    CHECK(matches("[ip, user, ..., (status = 200 || status = 404), bytes]", line));
}

TEST_CASE("texts that are no patterns") {
    for (const char* text : {"{ $.a = ", "{ }", "{ $.a ~ 1 }", "[a", "\"open", "{ $.a = %(% }"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(FilterPattern{text}, AwsError);
    }
}

}  // namespace skafu::logs

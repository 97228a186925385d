#include "dynamodb/number.h"

#include <string>

#include <doctest/doctest.h>

#include "core/aws_error.h"

using skafu::AwsError;
using skafu::dynamodb::Number;

namespace {

std::string normal(std::string_view text) {
    return Number::parse(text).text();
}

std::string number_fault(std::string_view text) {
    try {
        Number::parse(text);
    } catch (const AwsError& error) {
        return error.message();
    }
    return "";
}

std::string key(std::string_view text) {
    std::string out;
    Number::parse(text).append_key(out);
    return out;
}

}  // namespace

TEST_CASE("numbers come back in plain decimal and normal form") {
    CHECK(normal("007") == "7");
    CHECK(normal("+3") == "3");
    CHECK(normal("1.10") == "1.1");
    CHECK(normal("1e3") == "1000");
    CHECK(normal("1.5e2") == "150");
    CHECK(normal("1e-3") == "0.001");
    CHECK(normal("-0") == "0");
    CHECK(normal("0e5") == "0");
    CHECK(normal("-12.5") == "-12.5");
    CHECK(normal("99999999999999999999999999999999999999") ==
          "99999999999999999999999999999999999999");
    CHECK(normal("1E125").size() == 126);
    CHECK(normal("00000000000000000000000000000000000000000000001") == "1");
    CHECK(normal("0.00000000000000000000000000000000000000000000001") ==
          "0.00000000000000000000000000000000000000000000001");
}

TEST_CASE("what is no number is refused with AWS's words") {
    for (const char* text : {"NaN", "Infinity", "dog", "", "1 ", " 1", "1e", "1.2.3", "-", "."}) {
        CHECK(number_fault(text).find("numeric") != std::string::npos);
    }
    CHECK(number_fault("123456789012345678901234567890123456789").find("significant") !=
          std::string::npos);
    CHECK(number_fault("1e126").find("overflow") != std::string::npos);
    CHECK(number_fault("1e1000000000000000000000").find("overflow") != std::string::npos);
    CHECK(number_fault("1e-131").find("underflow") != std::string::npos);
    CHECK(number_fault("0e1000000000") == "");
}

TEST_CASE("sums and differences are exact to 38 digits") {
    const auto sum = [](const char* a, const char* b) {
        return (Number::parse(a) + Number::parse(b)).text();
    };
    const auto difference = [](const char* a, const char* b) {
        return (Number::parse(a) - Number::parse(b)).text();
    };
    CHECK(sum("0.1", "0.2") == "0.3");
    CHECK(sum("99999999999999999999999999999999999999", "1") ==
          "100000000000000000000000000000000000000");
    CHECK(difference("1e38", "1") == "99999999999999999999999999999999999999");
    CHECK(difference("5", "5") == "0");
    CHECK(difference("1", "3.5") == "-2.5");
    CHECK(sum("-1", "-2") == "-3");
    CHECK_THROWS_AS(sum("1e50", "1"), AwsError);
    CHECK_THROWS_AS(sum("9e125", "9e125"), AwsError);
    CHECK_THROWS_AS(sum("99999999999999999999999999999999999999", "0.1"), AwsError);
}

TEST_CASE("key bytes have the order of numbers") {
    const char* ascending[] = {"-9.9e125", "-1000", "-100.5",  "-100", "-12",    "-1.1",
                               "-1",       "-0.5",  "-1e-130", "0",    "1e-130", "0.5",
                               "1",        "1.01",  "1.1",     "1.11", "2",      "10",
                               "11",       "100",   "1000",    "1e20", "9.9e125"};
    for (std::size_t i = 0; i + 1 < std::size(ascending); ++i) {
        CAPTURE(ascending[i]);
        CHECK(key(ascending[i]) < key(ascending[i + 1]));
        CHECK(compare(Number::parse(ascending[i]), Number::parse(ascending[i + 1])) < 0);
    }
    CHECK(key("1000") == key("+1.0e3"));
}

TEST_CASE("A number counts its digits by twos, before and after the point") {
    const std::pair<const char*, std::size_t> sizes[] = {
        {"0", 1},       {"-0", 1},
        {"1", 2},       {"12", 2},
        {"123", 3},     {"1234", 3},
        {"100", 2},     {"1010", 3},
        {"0042", 2},    {"0.0000001", 2},
        {"1E125", 2},   {"1E-100", 2},
        {"1.5", 3},     {"15", 2},
        {"1.200", 3},   {"1.234", 4},
        {"3.14159", 5}, {"123456", 4},
        {"100.5", 4},   {"0.15", 2},
        {"-42", 3},     {"12345678901234567890123456789012345678", 20}};
    for (const auto& [text, size] : sizes) {
        CAPTURE(text);
        CHECK(Number::parse(text).item_size() == size);
    }
}

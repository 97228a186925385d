#include "secretsmanager/random_password.h"

#include <doctest/doctest.h>

#include "core/aws_error.h"

using namespace skafu;
using namespace skafu::secretsmanager;

TEST_CASE("passwords are made as asked") {
    Entropy entropy(1);
    CHECK(random_password(entropy, Json::object()).size() == 32);
    const Json digits = {{"PasswordLength", "8"},
                         {"ExcludeLowercase", true},
                         {"ExcludeUppercase", "true"},
                         {"ExcludePunctuation", true},
                         {"ExcludeCharacters", "0123"}};
    for (int i = 0; i < 20; ++i) {
        const std::string password = random_password(entropy, digits);
        CHECK(password.size() == 8);
        CHECK(password.find_first_not_of("456789") == std::string::npos);
    }
    const std::string four = random_password(entropy, {{"PasswordLength", 4}});
    CHECK(four.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos);
    CHECK(four.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos);
    CHECK(four.find_first_of("0123456789") != std::string::npos);
    CHECK_THROWS_AS(random_password(entropy, {{"PasswordLength", 3}}), AwsError);
    CHECK_THROWS_AS(random_password(entropy, {{"PasswordLength", 0}}), AwsError);
}

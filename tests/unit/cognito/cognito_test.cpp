#include "cognito/cognito.h"

#include <exception>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include "cognito/password.h"
#include "cognito/srp.h"
#include "core/aws_error.h"
#include "core/cloud.h"

namespace skafu::cognito {
namespace {

Task<void> run_call(Cloud& cloud, std::string_view operation, Json input,
                    std::optional<Json>& result) {
    const Caller caller;
    Json answer = co_await cloud.call_json("cognito-idp", operation, std::move(input), caller, 0);
    result = std::move(answer);
}

struct House {
    boost::asio::io_context io;
    Cloud cloud;

    House() : cloud(io, Settings{}, nullptr) {
        cloud.clock().freeze();
        register_cognito(cloud);
    }

    /// Runs the loop until the call has its answer; throws what it throws.
    Json call(std::string_view operation, Json input) {
        std::optional<Json> result;
        std::exception_ptr failure;
        boost::asio::co_spawn(io, run_call(cloud, operation, std::move(input), result),
                              [&](std::exception_ptr error) { failure = std::move(error); });
        io.restart();
        io.poll();
        if (failure) std::rethrow_exception(failure);
        REQUIRE(result);
        return std::move(*result);
    }

    std::string refusal(std::string_view operation, Json input) {
        try {
            call(operation, std::move(input));
        } catch (const AwsError& error) {
            return error.code() + ": " + error.message();
        }
        return "none";
    }

    std::string pool(Json input = Json::object()) {
        input["PoolName"] = "test";
        return call("CreateUserPool", std::move(input)).at("UserPool").at("Id").get<std::string>();
    }
};

Json policy(int length) {
    return {
        {"Policies", {{"PasswordPolicy", {{"MinimumLength", length}, {"RequireSymbols", true}}}}}};
}

}  // namespace

TEST_CASE("a password policy is kept to the letter") {
    House house;
    const std::string id = house.pool(policy(10));
    const Json pool = house.call("DescribeUserPool", {{"UserPoolId", id}}).at("UserPool");
    CHECK_NOTHROW(check_password(pool, "long-enough"));
    CHECK_THROWS_AS(check_password(pool, "short-"), AwsError);
    CHECK_THROWS_AS(check_password(pool, "longenoughbutplain"), AwsError);
}

TEST_CASE("users sign in by email where the pool says so") {
    House house;
    const std::string id = house.pool({{"UsernameAttributes", Json::array({"email"})}});
    const Json made =
        house.call("AdminCreateUser", {{"UserPoolId", id}, {"Username", "Ada@Example.com"}});
    CHECK(made.at("User").at("Username") != "Ada@Example.com");
    const Json found =
        house.call("AdminGetUser", {{"UserPoolId", id}, {"Username", "ada@example.com"}});
    CHECK(found.at("Username") == made.at("User").at("Username"));
    CHECK(house.refusal("AdminCreateUser", {{"UserPoolId", id}, {"Username", "ada@example.com"}}) ==
          "UsernameExistsException: An account with the given email already exists.");
    CHECK(house.refusal("AdminCreateUser", {{"UserPoolId", id}, {"Username", "ada"}}) ==
          "InvalidParameterException: Username should be an email.");
}

TEST_CASE("attributes that the schema does not know are refused") {
    House house;
    const std::string id = house.pool(
        {{"Schema", Json::array({{{"Name", "team"}, {"AttributeDataType", "String"}}})}});
    Json attributes = Json::array({{{"Name", "custom:team"}, {"Value", "a"}}});
    CHECK(house.refusal(
              "AdminCreateUser",
              {{"UserPoolId", id}, {"Username", "one"}, {"UserAttributes", attributes}}) == "none");
    attributes[0]["Name"] = "custom:other";
    CHECK(house.refusal(
              "AdminCreateUser",
              {{"UserPoolId", id}, {"Username", "two"}, {"UserAttributes", attributes}}) != "none");
}

TEST_CASE("the secret hash is that of the documentation") {
    CHECK(secret_hash("secret", "user", "client").size() == 44);
    CHECK(secret_hash("secret", "user", "client") != secret_hash("secret", "other", "client"));
}

TEST_CASE("a public key of zero would let anybody in") {
    CHECK_FALSE(srp::is_valid_public_key("0"));
    CHECK(srp::is_valid_public_key("2"));
}

}  // namespace skafu::cognito

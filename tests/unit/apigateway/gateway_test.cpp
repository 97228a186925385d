#include <doctest/doctest.h>

#include "house.h"

namespace skafu::apigateway {
namespace {

Json request(const std::string& api, const std::string& path, const std::string& body = "") {
    return {{"apiId", api},
            {"stage", "dev"},
            {"method", "POST"},
            {"path", path},
            {"headers", Json::array({Json::array({"Content-Type", "application/json"})})},
            {"body", body}};
}

void put_default_response(House& house, const std::string& api, Json response) {
    response["restapi_id"] = api;
    response["resource_id"] = house.resource_id;
    response["http_method"] = "POST";
    response["status_code"] = "200";
    house.now("PutIntegrationResponse", response);
}

}  // namespace

TEST_CASE("an API without stages is served as it stands on any stage, but not strictly") {
    House house;
    const std::string api = house.api_with(
        "POST",
        {{"type", "MOCK"}, {"requestTemplates", {{"application/json", "{statusCode: 200,}"}}}});
    put_default_response(house, api,
                         {{"responseTemplates", {{"application/json", "hello $context.stage"}}}});
    const Json answer = house.invoke(request(api, "/x"));
    CHECK(answer.at("status") == 200);
    CHECK(answer.at("body") == "hello dev");
    CHECK(header(answer, "x-amz-apigw-id").size() == 16);

    house.cloud.settings().strict = true;
    const Json refused = house.invoke(request(api, "/x"));
    CHECK(refused.at("status") == 403);
    CHECK(refused.at("body") == R"({"message":"Forbidden"})");
}

TEST_CASE("a deployment freezes the API until the next one") {
    House house;
    const std::string api = house.api_with(
        "POST",
        {{"type", "MOCK"}, {"requestTemplates", {{"application/json", "{\"statusCode\": 200}"}}}});
    put_default_response(house, api, {{"responseTemplates", {{"application/json", "one"}}}});
    house.now("CreateDeployment", {{"restapi_id", api}, {"stageName", "dev"}});
    put_default_response(house, api, {{"responseTemplates", {{"application/json", "two"}}}});
    CHECK(house.invoke(request(api, "/x")).at("body") == "one");
    house.now("CreateDeployment", {{"restapi_id", api}, {"stageName", "dev"}});
    CHECK(house.invoke(request(api, "/x")).at("body") == "two");
    Json other = request(api, "/x");
    other["stage"] = "prod";
    CHECK(house.invoke(other).at("status") == 403);
}

TEST_CASE("unknown paths and methods ask for a token") {
    House house;
    const std::string api = house.api_with("GET", {{"type", "MOCK"}});
    for (const char* path : {"/x", "/y"}) {
        const Json answer = house.invoke(request(api, path));
        CHECK(answer.at("status") == 403);
        CHECK(answer.at("body") == R"({"message":"Missing Authentication Token"})");
        CHECK(header(answer, "x-amzn-ErrorType") == "MissingAuthenticationTokenException");
    }
}

TEST_CASE("a MOCK request without a statusCode is an internal server error") {
    House house;
    const std::string api = house.api_with(
        "POST", {{"type", "MOCK"}, {"requestTemplates", {{"application/json", "{}"}}}});
    put_default_response(house, api, Json::object());
    const Json answer = house.invoke(request(api, "/x"));
    CHECK(answer.at("status") == 500);
    CHECK(answer.at("body") == R"({"message": "Internal server error"})");
}

TEST_CASE("passthrough behaviour decides on other content types") {
    House house;
    const std::string api = house.api_with("POST", {{"type", "MOCK"},
                                                    {"passthroughBehavior", "NEVER"},
                                                    {"requestTemplates", {{"text/x", "{}"}}}});
    CHECK(house.invoke(request(api, "/x")).at("status") == 415);
}

TEST_CASE("gateway responses carry their own headers and templates") {
    House house;
    const std::string api = house.api_with("GET", {{"type", "MOCK"}});
    house.now(
        "PutGatewayResponse",
        {{"restapi_id", api},
         {"response_type", "DEFAULT_4XX"},
         {"responseParameters", {{"gatewayresponse.header.Access-Control-Allow-Origin", "'*'"}}},
         {"responseTemplates", {{"application/json", "{\"why\": $context.error.messageString}"}}}});
    const Json answer = house.invoke(request(api, "/x"));
    CHECK(answer.at("body") == R"({"why": "Missing Authentication Token"})");
    CHECK(header(answer, "Access-Control-Allow-Origin") == "*");
}

}  // namespace skafu::apigateway

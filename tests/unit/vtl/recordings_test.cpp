#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <doctest/doctest.h>

#include "expressions/vtl/gateway_objects.h"
#include "expressions/vtl/vtl.h"

// Replays the recorded mapping templates: the request template, then what the integration would
// answer, then the response template, with one $context for both as the gateway has it.

namespace skafu::vtl {
namespace {

std::filesystem::path recordings() {
    if (const char* given = std::getenv("SKAFU_CONFORMANCE")) return given;
    return std::filesystem::path(SKAFU_SOURCE_DIR).parent_path() / "shared" / "conformance";
}

std::shared_ptr<Map> map_of(const Json& object) {
    auto map = std::make_shared<Map>();
    for (const auto& [key, value] : object.items()) map->put(key, Value::from_json(value));
    return map;
}

struct World {
    std::shared_ptr<Map> parameters = std::make_shared<Map>();
    std::shared_ptr<Map> context = Map::blank_when_empty();
    std::shared_ptr<Map> stage_variables = std::make_shared<Map>();

    explicit World(const Json& request) {
        parameters->put("path", std::make_shared<Map>());
        if (const Json* pair = find_member(request, "path_param")) {
            parameters->get("path").map()->put((*pair)[0].get<std::string>(),
                                               Value::from_json((*pair)[1]));
        }
        const Json none = Json::object();
        const Json* query = find_member(request, "query");
        const Json* headers = find_member(request, "headers");
        parameters->put("querystring", map_of(query ? *query : none));
        parameters->put("header", map_of(headers ? *headers : none));
        context->put("stage", "{stage}");
        context->put("resourcePath", "{resource_path}");
        auto request_override = Map::blank_when_empty();
        for (const char* part : {"path", "header", "querystring"}) {
            request_override->put(part, Map::blank_when_empty());
        }
        auto response_override = Map::blank_when_empty();
        response_override->put("header", Map::blank_when_empty());
        context->put("requestOverride", request_override);
        context->put("responseOverride", response_override);
        stage_variables->put("color", "blue");
    }

    std::string render(const std::string& text, const std::string& body) {
        auto input =
            std::make_shared<Input>(std::make_shared<Body>(body), [this] { return parameters; });
        const Template compiled(text);
        return compiled.render({{"input", Value(std::static_pointer_cast<Object>(input))},
                                {"util", Value(std::shared_ptr<Object>(std::make_shared<Util>()))},
                                {"context", context},
                                {"stageVariables", stage_variables}});
    }
};

std::string text_member(const Json& object, std::string_view name) {
    return string_member(object, name);
}

/// What the client would get as the body.
std::string run(const Json& test) {
    const Json& request = test.at("request");
    World world(request);
    std::string body = text_member(request, "body");
    const std::string kind = text_member(test, "kind");
    if (kind == "http-response") {
        body = text_member(test, "integration_body");
    } else {
        const std::string rendered = world.render(text_member(test, "request_template"), body);
        if (kind == "http-echo") body = rendered.empty() ? "{}" : rendered;
    }
    return world.render(text_member(test, "response_template"), body);
}

}  // namespace

TEST_CASE("recorded mapping templates") {
    std::ifstream file(recordings() / "apigateway" / "vtl.jsonl");
    if (!file) {
        std::cout << "skipped, no recordings\n";
        return;
    }
    int count = 0;
    for (std::string line; std::getline(file, line);) {
        const Json test = parse_json(line);
        const std::string id = text_member(test, "id");
        INFO(id << ": " << text_member(test, "response_template"));
        const Json& expected = test.at("expected");
        std::string got;
        REQUIRE_NOTHROW(got = run(test));
        if (const Json* body = find_member(expected, "body")) CHECK(Json(got) == *body);
        if (const Json* json = find_member(expected, "json")) CHECK(parse_json(got) == *json);
        ++count;
    }
    CHECK(count > 200);
}

}  // namespace skafu::vtl

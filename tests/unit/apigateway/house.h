#pragma once

#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "apigateway/apigateway.h"
#include "core/aws_error.h"
#include "core/cloud.h"

namespace skafu::apigateway {

/// A house with API Gateway in it, at a clock that stands still.
struct House {
    boost::asio::io_context io;
    Cloud cloud;

    explicit House(Settings settings = {}) : cloud(io, std::move(settings), nullptr) {
        cloud.clock().freeze();
        register_apigateway(cloud);
    }

    Json now(std::string_view operation, Json input) {
        Call call{"apigateway", operation, Document(std::move(input)), Caller{}, 0, {}};
        return cloud.call_now(std::move(call)).take_value();
    }

    static Task<void> run(Cloud& cloud, Json input, std::optional<Json>& result) {
        Caller caller;
        Json answer =
            co_await cloud.call_json("execute-api", "Invoke", std::move(input), caller, 0);
        result = std::move(answer);
    }

    /// What the API answers.
    Json invoke(Json input) {
        std::optional<Json> result;
        boost::asio::co_spawn(io, run(cloud, std::move(input), result), boost::asio::detached);
        io.restart();
        io.poll();
        return result.value_or(Json());
    }

    /// An API with one method at "/x"; the input members of PutIntegration besides the path.
    std::string api_with(const std::string& http_method, Json integration,
                         Json method = Json::object()) {
        const Json api = now("CreateRestApi", {{"name", "test"}});
        const std::string id = api.at("id").get<std::string>();
        const Json resource =
            now("CreateResource",
                {{"restapi_id", id}, {"parent_id", api.at("rootResourceId")}, {"pathPart", "x"}});
        method["restapi_id"] = id;
        method["resource_id"] = resource.at("id");
        method["http_method"] = http_method;
        if (!method.contains("authorizationType")) method["authorizationType"] = "NONE";
        now("PutMethod", method);
        Json path = {
            {"restapi_id", id}, {"resource_id", resource.at("id")}, {"http_method", http_method}};
        for (auto& [name, value] : path.items()) integration[name] = value;
        now("PutIntegration", integration);
        resource_id = resource.at("id").get<std::string>();
        return id;
    }

    std::string resource_id;  // of api_with
};

inline std::string header(const Json& answer, std::string_view name) {
    for (const Json& pair : answer.at("headers")) {
        if (iequals(pair[0].get<std::string>(), name)) return pair[1].get<std::string>();
    }
    return {};
}

}  // namespace skafu::apigateway

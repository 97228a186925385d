#include "fronts/execute_api.h"

#include "core/aws_error.h"

namespace skafu::server {
namespace {

/// Cuts the first path segment off the front of `path`; the rest keeps its leading '/'.
std::string_view take_segment(std::string_view& path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

std::string path_or_root(std::string_view path) {
    return path.empty() ? "/" : std::string(path);
}

}  // namespace

std::optional<ApiAddress> find_api(const HttpRequest& request) {
    std::string_view path = request.path();
    path = path.substr(0, path.find('#'));  // and what follows it is the client's own
    ApiAddress address;
    if (path.starts_with("/_aws/execute-api/")) {
        path.remove_prefix(std::string_view("/_aws/execute-api").size());
        address.api_id = take_segment(path);
        address.whole_path = path_or_root(path);
        address.stage = take_segment(path);
    } else if (path.starts_with("/restapis/") &&
               path.find("/_user_request_") != std::string_view::npos) {
        path.remove_prefix(std::string_view("/restapis").size());
        address.api_id = take_segment(path);
        address.stage = take_segment(path);
        if (take_segment(path) != "_user_request_") return std::nullopt;
    } else {
        const std::string_view host = request.headers.get("Host");
        const std::size_t dot = host.find('.');
        if (dot == std::string_view::npos || !host.substr(dot + 1).starts_with("execute-api.")) {
            return std::nullopt;
        }
        address.api_id = host.substr(0, dot);
        // "//stage/x" reaches "/x" of the stage: doubled slashes in front do not count.
        while (path.starts_with("//")) path.remove_prefix(1);
        address.whole_path = path_or_root(path);
        address.stage = take_segment(path);
        address.host = host.substr(0, host.find(':'));
    }
    address.path = path_or_root(path);
    return address;
}

Task<HttpResponse> answer_execute_api(Cloud& cloud, ApiAddress address, HttpRequest request) {
    if (address.host.empty()) {
        address.host =
            fmt::format("{}.execute-api.{}.amazonaws.com", address.api_id, cloud.settings().region);
    }
    Activity activity = cloud.journal().begin(
        ActivityKind::request, fmt::format("{} {}", request.method, address.path), 0);
    request.target.resize(std::min(request.target.find('#'), request.target.size()));
    Json headers = Json::array();
    for (const auto& [name, value] : request.headers) {
        headers.push_back(Json::array({name, value}));
    }
    Json input = Json::object();
    input["apiId"] = std::move(address.api_id);
    input["stage"] = std::move(address.stage);
    input["method"] = request.method;
    input["path"] = std::move(address.path);
    input["wholePath"] = std::move(address.whole_path);
    input["rawQuery"] = std::string(request.query());
    input["headers"] = std::move(headers);
    input["body"] = std::move(request.body);
    input["sourceIp"] = std::move(request.remote_address);
    input["domainName"] = std::move(address.host);
    Caller caller;
    caller.account = cloud.settings().account;
    caller.region = cloud.settings().region;
    Call wish{"execute-api",     "Invoke",      Document(std::move(input)),
              std::move(caller), activity.id(), {}};
    Document result;
    HttpResponse response;
    try {
        result = co_await cloud.call(std::move(wish));
    } catch (const AwsError& error) {
        activity.fail(error.code(), error.message());
        response.status = error.code() == "UnknownOperationException" ? 501 : error.status();
        response.headers.add("Content-Type", "application/json");
        response.headers.add("x-amzn-ErrorType", error.code());
        response.body = to_text(Json{{"message", error.message()}});
        co_return response;
    }
    Json answer = result.take_value();
    response.status = answer.at("status").get<int>();
    activity.note(fmt::format("{}", response.status));
    for (const Json& header : answer.at("headers")) {
        response.headers.add(header.at(0).get<std::string>(), header.at(1).get<std::string>());
    }
    response.body = std::move(answer.at("body").get_ref<std::string&>());
    co_return response;
}

}  // namespace skafu::server

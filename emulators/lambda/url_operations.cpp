#include "core/aws_error.h"
#include "core/cors.h"
#include "lambda/lambda_service.h"
#include "lambda/url_event.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr const char* kUrl = "/2021-10-31/functions/{FunctionName}/url";

std::string url_key(const FunctionName& name) {
    return LambdaStore::key(name.name, name.qualifier);
}

const Json& stored_url(LambdaService& lambda, const FunctionName& name) {
    lambda.functions.get(name);
    const Json* found = lambda.store.urls.find(name.scope, url_key(name));
    if (found == nullptr) missing_resource("The resource you requested does not exist.");
    return *found;
}

/// What the API shows; the id and the function's name are ours.
Json shown_url(const Json& stored) {
    Json url = stored;
    url.erase("Id");
    url.erase("Name");
    url.erase("Qualifier");
    return url;
}

void apply_url_settings(LambdaService& lambda, const Json& input, Json& url) {
    for (const char* member : {"AuthType", "Cors", "InvokeMode"}) {
        if (input.contains(member)) url[member] = input[member];
    }
    url["LastModifiedTime"] = iso8601_millis(lambda.cloud.clock().now());
}

Json create_url(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.resolve(name);
    if (lambda.store.urls.find(name.scope, url_key(name)) != nullptr) {
        conflict(fmt::format("FunctionUrlConfig exists for this Lambda function: {}",
                             name.qualified_arn()));
    }
    const std::string id = lambda.cloud.entropy().lower_alphanumeric(32);
    Json url = {{"FunctionUrl",
                 fmt::format("{}/_aws/lambda-url/{}/", lambda.cloud.settings().endpoint(), id)},
                {"FunctionArn", name.qualified_arn()},
                {"AuthType", "NONE"},
                {"CreationTime", iso8601_millis(lambda.cloud.clock().now())},
                {"InvokeMode", "BUFFERED"},
                {"Id", id},
                {"Name", name.name},
                {"Qualifier", name.qualifier}};
    apply_url_settings(lambda, input, url);
    lambda.store.urls.put(name.scope, url_key(name), url);
    return shown_url(url);
}

Json update_url(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    Json url = stored_url(lambda, name);
    apply_url_settings(lambda, input, url);
    lambda.store.urls.put(name.scope, url_key(name), url);
    return shown_url(url);
}

Json delete_url(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    stored_url(lambda, name);
    lambda.store.urls.erase(name.scope, url_key(name));
    return Json();
}

Json list_urls(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.get(name);
    std::vector<Json> list;
    LambdaStore::for_each_of(lambda.store.urls, name.scope, name.name,
                             [&](const std::string&, const Json& url) {
                                 list.push_back(shown_url(url));
                                 return true;
                             });
    return page_of(input, "FunctionUrlConfigs", std::move(list));
}

/// What a URL's id means; the function's name is empty where there is none.
struct ServedUrl {
    FunctionName function;
    std::optional<CorsRules> cors;
};

ServedUrl find_served_url(LambdaService& lambda, const std::string& id) {
    ServedUrl found;
    lambda.store.urls.for_each_scope([&](const Scope& scope) {
        lambda.store.urls.for_each(scope, [&](const std::string&, const Json& url) {
            if (url["Id"] != id) return true;
            found.function = {scope, string_member(url, "Name"), string_member(url, "Qualifier")};
            const Json* cors = find_member(url, "Cors");
            if (cors != nullptr && !cors->empty()) found.cors = CorsRules::from(*cors);
            return false;
        });
    });
    return found;
}

Task<HttpResponse> run_function(LambdaService* lambda, FunctionName name, AdminRequest request) {
    Cloud& cloud = lambda->cloud;
    const std::string id = request.path["id"];
    const std::string path = "/" + request.path["rest"];
    Json event = url_event(request.http, path, id, cloud.entropy().uuid(), cloud.clock().now());
    Activity activity = cloud.journal().begin(ActivityKind::request,
                                              request.http.method + " " + request.http.target, 0);
    Json input = {{"FunctionName", name.qualified_arn()}, {"Payload", to_text(event)}};
    Caller caller;
    caller.account = name.scope.account;
    caller.region = name.scope.region;
    Json output = co_await cloud.call_json("lambda", "Invoke", std::move(input), std::move(caller),
                                           activity.id());
    if (output.contains("FunctionError")) {
        co_return json_response(Json{{"Message", "Internal Server Error"}}, 502);
    }
    co_return url_response(string_member(output, "Payload", "null"));
}

/// With a Cors configuration AWS answers preflights itself and says in each answer what the
/// configuration says, whatever the function says; without one the function sees every request.
Task<HttpResponse> serve_url(LambdaService* lambda, AdminRequest request) {
    const ServedUrl url = find_served_url(*lambda, request.path["id"]);
    if (url.function.name.empty()) co_return json_response(Json{{"Message", "Forbidden"}}, 403);
    const std::string origin(request.http.headers.get("Origin"));
    HttpResponse response;
    if (url.cors && request.http.method == "OPTIONS") {
        url.cors->answer_preflight(origin, response.headers);
        co_return response;
    }
    response = co_await run_function(lambda, url.function, std::move(request));
    if (url.cors) url.cors->mark(origin, response.headers);
    co_return response;
}

}  // namespace

void add_url_operations(Service& service, LambdaService& lambda) {
    const std::vector<std::pair<std::string, std::string>> query = {{"Qualifier", "Qualifier"}};
    const Shape named = structure({required("FunctionName", shape::string(1, 170)),
                                   optional("Qualifier", shape::string(1, 128))});
    const Shape create = structure({required("FunctionName", shape::string(1, 170)),
                                    optional("Qualifier", shape::string(1, 128)),
                                    required("AuthType", shape::enumeration({"NONE", "AWS_IAM"}))});
    using Handler = Json (*)(LambdaService&, Context&, const Json&);
    const auto add = [&](Operation operation, Handler handler) {
        service.add(std::move(operation), [&lambda, handler](Context& context, const Json& input) {
            return handler(lambda, context, input);
        });
    };
    add(rest("CreateFunctionUrlConfig", "POST", kUrl, 201, create, query), create_url);
    add(rest("UpdateFunctionUrlConfig", "PUT", kUrl, 200, named, query), update_url);
    add(rest("GetFunctionUrlConfig", "GET", kUrl, 200, named, query),
        [](LambdaService& self, Context& context, const Json& input) {
            return shown_url(stored_url(self, function_name(context, input)));
        });
    add(rest("DeleteFunctionUrlConfig", "DELETE", kUrl, 204, named, query), delete_url);
    add(rest("ListFunctionUrlConfigs", "GET", std::string(kUrl) + "s", 200, named), list_urls);
}

void add_url_routes(LambdaService& lambda) {
    LambdaService* self = &lambda;
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}) {
        for (const char* path : {"/_aws/lambda-url/{id}", "/_aws/lambda-url/{id}/{rest+}"}) {
            lambda.cloud.admin().add(method, path, [self](AdminRequest request) {
                return serve_url(self, std::move(request));
            });
        }
    }
}

}  // namespace skafu::lambda

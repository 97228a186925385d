#include "core/aws_error.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

// ---- Concurrency -------------------------------------------------------------------------------

void add_concurrency_operations(Service& service, LambdaService& lambda) {
    const std::string write = "/2017-10-31/functions/{FunctionName}/concurrency";
    const Shape put = structure({required("FunctionName", shape::string(1, 170)),
                                 required("ReservedConcurrentExecutions", shape::integer(0))});
    service.add(rest("PutFunctionConcurrency", "PUT", write, 200, put),
                [&lambda](Context& context, const Json& input) {
                    const Json reserved = input["ReservedConcurrentExecutions"];
                    lambda.functions.change(function_name(context, input), [&](Json& stored) {
                        stored["ReservedConcurrency"] = reserved;
                    });
                    return Json({{"ReservedConcurrentExecutions", reserved}});
                });
    service.add(rest("DeleteFunctionConcurrency", "DELETE", write, 204, named()),
                [&lambda](Context& context, const Json& input) {
                    lambda.functions.change(function_name(context, input), [](Json& stored) {
                        stored.erase("ReservedConcurrency");
                    });
                    return Json();
                });
    service.add(rest("GetFunctionConcurrency", "GET",
                     "/2019-09-30/functions/{FunctionName}/concurrency", 200, named()),
                [&lambda](Context& context, const Json& input) {
                    const Json& stored = lambda.functions.get(function_name(context, input));
                    const Json* reserved = find_member(stored, "ReservedConcurrency");
                    Json output = Json::object();
                    if (reserved != nullptr) output["ReservedConcurrentExecutions"] = *reserved;
                    return output;
                });
}

// ---- Asynchronous invocation -------------------------------------------------------------------

std::string config_key(const FunctionName& name) {
    return LambdaStore::key(name.name, name.qualifier.empty() ? "$LATEST" : name.qualifier);
}

std::string qualified_arn(FunctionName name) {
    if (name.qualifier.empty()) name.qualifier = "$LATEST";
    return name.qualified_arn();
}

enum class Existing { replace, keep };

Json put_async_config(LambdaService& lambda, Context& context, const Json& input,
                      Existing existing) {
    const FunctionName name = function_name(context, input);
    lambda.functions.resolve(name);
    Json config = Json::object();
    const Json* old = lambda.store.async_configs.find(name.scope, config_key(name));
    if (existing == Existing::keep && old != nullptr) config = *old;
    for (const char* member : {"MaximumRetryAttempts", "MaximumEventAgeInSeconds"}) {
        if (input.contains(member)) config[member] = to_integer(input[member]);
    }
    if (input.contains("DestinationConfig"))
        config["DestinationConfig"] = input["DestinationConfig"];
    if (!config.contains("DestinationConfig")) {
        config["DestinationConfig"] = {{"OnSuccess", Json::object()},
                                       {"OnFailure", Json::object()}};
    }
    config["FunctionArn"] = qualified_arn(name);
    config["LastModified"] = epoch_seconds(lambda.cloud.clock().now());
    lambda.store.async_configs.put(name.scope, config_key(name), config);
    return config;
}

const Json& async_config(LambdaService& lambda, const FunctionName& name) {
    lambda.functions.get(name);
    const Json* found = lambda.store.async_configs.find(name.scope, config_key(name));
    if (found == nullptr) {
        missing_resource(
            fmt::format("The function {} doesn't have an EventInvokeConfig", qualified_arn(name)));
    }
    return *found;
}

void add_async_operations(Service& service, LambdaService& lambda) {
    const std::string uri = "/2019-09-25/functions/{FunctionName}/event-invoke-config";
    const std::vector<std::pair<std::string, std::string>> query = {{"Qualifier", "Qualifier"}};
    const Shape put = structure({required("FunctionName", shape::string(1, 170)),
                                 optional("Qualifier", shape::string(1, 128)),
                                 optional("MaximumRetryAttempts", shape::integer(0, 2)),
                                 optional("MaximumEventAgeInSeconds", shape::integer(60, 21600))});
    service.add(rest("PutFunctionEventInvokeConfig", "PUT", uri, 200, put, query),
                [&lambda](Context& context, const Json& input) {
                    return put_async_config(lambda, context, input, Existing::replace);
                });
    service.add(rest("UpdateFunctionEventInvokeConfig", "POST", uri, 200, put, query),
                [&lambda](Context& context, const Json& input) {
                    return put_async_config(lambda, context, input, Existing::keep);
                });
    service.add(rest("GetFunctionEventInvokeConfig", "GET", uri, 200, named(), query),
                [&lambda](Context& context, const Json& input) {
                    return async_config(lambda, function_name(context, input));
                });
    service.add(rest("DeleteFunctionEventInvokeConfig", "DELETE", uri, 204, named(), query),
                [&lambda](Context& context, const Json& input) {
                    const FunctionName name = function_name(context, input);
                    async_config(lambda, name);
                    lambda.store.async_configs.erase(name.scope, config_key(name));
                    return Json();
                });
    service.add(rest("ListFunctionEventInvokeConfigs", "GET", uri + "/list", 200, named()),
                [&lambda](Context& context, const Json& input) {
                    const FunctionName name = function_name(context, input);
                    lambda.functions.get(name);
                    std::vector<Json> list;
                    LambdaStore::for_each_of(lambda.store.async_configs, name.scope, name.name,
                                             [&](const std::string&, const Json& config) {
                                                 list.push_back(config);
                                                 return true;
                                             });
                    return page_of(input, "FunctionEventInvokeConfigs", std::move(list));
                });
}

// ---- Tags and the account ----------------------------------------------------------------------

void add_tag_operations(Service& service, LambdaService& lambda) {
    const std::string uri = "/2017-03-31/tags/{Resource}";
    const Shape by_arn = structure({required("Resource", shape::string(1, 256)),
                                    optional("TagKeys", shape::list(shape::string()))});
    const auto named_by = [](Context& context, const Json& input) {
        return FunctionName::parse(context.caller.scope(), string_member(input, "Resource"), "");
    };
    service.add(rest("TagResource", "POST", uri, 204, by_arn),
                [&lambda, named_by](Context& context, const Json& input) {
                    const Json tags = input.value("Tags", Json::object());
                    lambda.functions.change(named_by(context, input), [&](Json& stored) {
                        for (const auto& [key, value] : tags.items()) stored["Tags"][key] = value;
                    });
                    return Json();
                });
    service.add(rest("UntagResource", "DELETE", uri, 204, by_arn, {{"TagKeys", "tagKeys"}}),
                [&lambda, named_by](Context& context, const Json& input) {
                    const Json keys = input.value("TagKeys", Json::array());
                    lambda.functions.change(named_by(context, input), [&](Json& stored) {
                        for (const Json& key : keys) stored["Tags"].erase(key.get<std::string>());
                    });
                    return Json();
                });
    service.add(rest("ListTags", "GET", uri, 200, by_arn),
                [&lambda, named_by](Context& context, const Json& input) {
                    const Json& stored = lambda.functions.get(named_by(context, input));
                    return Json({{"Tags", stored.value("Tags", Json::object())}});
                });
}

Json account_settings(LambdaService& lambda, Context& context) {
    std::int64_t size = 0;
    std::int64_t count = 0;
    lambda.store.functions.for_each(
        context.caller.scope(), [&](const std::string&, const Json& stored) {
            ++count;
            size += stored["Configuration"].value("CodeSize", std::int64_t{0});
            return true;
        });
    return {{"AccountLimit",
             {{"TotalCodeSize", 80'530'636'800},
              {"CodeSizeUnzipped", 262'144'000},
              {"CodeSizeZipped", 52'428'800},
              {"ConcurrentExecutions", 1000},
              {"UnreservedConcurrentExecutions", 1000}}},
            {"AccountUsage", {{"TotalCodeSize", size}, {"FunctionCount", count}}}};
}

}  // namespace

void add_setting_operations(Service& service, LambdaService& lambda) {
    add_concurrency_operations(service, lambda);
    add_async_operations(service, lambda);
    add_tag_operations(service, lambda);
    service.add(
        rest("GetAccountSettings", "GET", "/2016-08-19/account-settings", 200, structure({})),
        [&lambda](Context& context, const Json&) { return account_settings(lambda, context); });
    service.add(rest("GetFunctionCodeSigningConfig", "GET",
                     "/2020-06-30/functions/{FunctionName}/code-signing-config", 200, named()),
                [&lambda](Context& context, const Json& input) {
                    const FunctionName name = function_name(context, input);
                    lambda.functions.get(name);
                    return Json({{"FunctionName", name.name}});
                });
}

}  // namespace skafu::lambda

#include <fstream>

#include "core/aws_error.h"
#include "core/text.h"
#include "lambda/files.h"
#include "lambda/function_configuration.h"
#include "lambda/versions.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr const char* kFunctions = "/2015-03-31/functions";
constexpr const char* kFunction = "/2015-03-31/functions/{FunctionName}";

/// Over the API a role has the form of one; templates may name what nothing here looks at.
void check_role(const Context& context, const Json& input) {
    static const std::string form =
        R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)";
    const Json* role = find_member(input, "Role");
    if (role == nullptr || context.caller.principal == kTemplates) return;
    if (role->is_string() && matches_whole(form, role->get<std::string>())) return;
    throw AwsError::validation(
        fmt::format("1 validation error detected: Value '{}' at 'role' failed to satisfy "
                    "constraint: Member must satisfy regular expression pattern: {}",
                    plain_text(*role), form));
}

Task<Json> create_function(LambdaService& lambda, Context& context, Json input) {
    const FunctionName name = function_name(context, input);
    check_role(context, input);
    if (lambda.store.functions.find(name.scope, name.name) != nullptr) {
        conflict("Function already exist: " + name.name);
    }
    Json stored = {{"Configuration", new_configuration(name, input)}};
    apply_settings(lambda, name, input, stored);
    Json code = input.value("Code", Json::object());
    StoredCode loaded =
        co_await load_code(lambda, std::move(code), context.caller, context.activity.id());
    apply_code(loaded, stored);
    stored["Tags"] = input.value("Tags", Json::object());
    stored["LastVersion"] = 0;
    lambda.functions.put(name, std::move(stored));
    const Json* publish = find_member(input, "Publish");
    if (publish != nullptr && *publish == true) co_return publish_version(lambda, name, "");
    co_return configuration_of(lambda.functions.get(name));
}

Task<Json> update_code(LambdaService& lambda, Context& context, Json input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.get(name);
    StoredCode loaded = co_await load_code(lambda, input, context.caller, context.activity.id());
    const Json* dry_run = find_member(input, "DryRun");
    if (dry_run == nullptr || *dry_run != true) {
        lambda.functions.change(name, [&](Json& stored) {
            apply_code(loaded, stored);
            if (input.contains("Architectures")) {
                stored["Configuration"]["Architectures"] = input["Architectures"];
            }
        });
    }
    const Json* publish = find_member(input, "Publish");
    if (publish != nullptr && *publish == true) co_return publish_version(lambda, name, "");
    co_return configuration_of(lambda.functions.get(name));
}

Json update_configuration(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    check_role(context, input);
    const Json& changed = lambda.functions.change(
        name, [&](Json& stored) { apply_settings(lambda, name, input, stored); });
    return configuration_of(changed);
}

Json get_function(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    const Json& function = lambda.functions.get(name);
    const Json& stored = lambda.functions.resolve(name);
    Json output = {{"Configuration", configuration_of(stored)}};
    output["Code"] = {{"RepositoryType", "S3"},
                      {"Location", fmt::format("{}/_skafu/lambda/code/{}/{}/{}",
                                               lambda.cloud.settings().endpoint(),
                                               name.scope.account, name.scope.region, name.name)}};
    if (const Json* tags = find_member(function, "Tags"); tags != nullptr && !tags->empty()) {
        output["Tags"] = *tags;
    }
    if (const Json* reserved = find_member(function, "ReservedConcurrency")) {
        output["Concurrency"] = {{"ReservedConcurrentExecutions", *reserved}};
    }
    return output;
}

Json list_functions(LambdaService& lambda, Context& context, const Json& input) {
    const bool all = string_member(input, "FunctionVersion") == "ALL";
    std::vector<Json> list;
    const Scope scope = context.caller.scope();
    lambda.store.functions.for_each(scope, [&](const std::string& name, const Json& stored) {
        list.push_back(configuration_of(stored));
        if (all) {
            LambdaStore::for_each_of(lambda.store.versions, scope, name,
                                     [&](const std::string&, const Json& version) {
                                         list.push_back(configuration_of(version));
                                         return true;
                                     });
        }
        return true;
    });
    return page_of(input, "Functions", std::move(list));
}

Json delete_function(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    if (!name.qualifier.empty()) {
        if (name.qualifier == "$LATEST") {
            invalid_value("$LATEST version cannot be deleted without deleting the function.");
        }
        lambda.functions.resolve(name);
        lambda.store.versions.erase(
            name.scope, LambdaStore::version_key(name.name, std::stoll(name.qualifier)));
        lambda.functions.forget_specs();
        return Json();
    }
    lambda.functions.erase(name);
    lambda.invoker.drop(name.scope, name.name);
    return Json();
}

/// The archive that a function's code came from, where GetFunction says it lies.
Task<HttpResponse> serve_code(LambdaService* lambda, AdminRequest request) {
    const FunctionName name{
        {request.path["account"], request.path["region"]}, request.path["name"], ""};
    HttpResponse response;
    const Json* stored = lambda->store.functions.find(name.scope, name.name);
    const std::string archive =
        stored == nullptr ? "" : string_member((*stored)["Code"], "Archive");
    if (archive.empty()) {
        response.status = 404;
        co_return response;
    }
    response.headers.add("Content-Type", "application/zip");
    response.body = read_file(archive);
    co_return response;
}

}  // namespace

void add_function_operations(Service& service, LambdaService& lambda) {
    const Shape create = structure(
        {required("FunctionName", shape::string(1, 140)), required("Code", structure({}))});
    service.add_async(rest("CreateFunction", "POST", kFunctions, 201, create),
                      [&lambda](Context& context, Json input) {
                          return create_function(lambda, context, std::move(input));
                      });
    service.add_async(
        rest("UpdateFunctionCode", "PUT", std::string(kFunction) + "/code", 200, named()),
        [&lambda](Context& context, Json input) {
            return update_code(lambda, context, std::move(input));
        });
    service.add(rest("UpdateFunctionConfiguration", "PUT",
                     std::string(kFunction) + "/configuration", 200, named()),
                [&lambda](Context& context, const Json& input) {
                    return update_configuration(lambda, context, input);
                });
    service.add(rest("GetFunctionConfiguration", "GET", std::string(kFunction) + "/configuration",
                     200, named(), {{"Qualifier", "Qualifier"}}),
                [&lambda](Context& context, const Json& input) {
                    const FunctionName name = function_name(context, input);
                    return configuration_of(lambda.functions.resolve(name));
                });
    service.add(rest("GetFunction", "GET", kFunction, 200, named(), {{"Qualifier", "Qualifier"}}),
                [&lambda](Context& context, const Json& input) {
                    return get_function(lambda, context, input);
                });
    const Shape list = structure({optional("MaxItems", shape::integer(1, 10000)),
                                  optional("Marker", shape::string()),
                                  optional("FunctionVersion", shape::enumeration({"ALL"}))});
    service.add(rest("ListFunctions", "GET", kFunctions, 200, list,
                     {{"MaxItems", "MaxItems"},
                      {"Marker", "Marker"},
                      {"FunctionVersion", "FunctionVersion"}}),
                [&lambda](Context& context, const Json& input) {
                    return list_functions(lambda, context, input);
                });
    service.add(
        rest("DeleteFunction", "DELETE", kFunction, 204, named(), {{"Qualifier", "Qualifier"}}),
        [&lambda](Context& context, const Json& input) {
            return delete_function(lambda, context, input);
        });
}

void add_code_route(LambdaService& lambda) {
    LambdaService* self = &lambda;
    lambda.cloud.admin().add(
        "GET", "/_skafu/lambda/code/{account}/{region}/{name}",
        [self](AdminRequest request) { return serve_code(self, std::move(request)); });
}

}  // namespace skafu::lambda

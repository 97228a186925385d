// Settings that AWS acts upon and that change nothing here, where processes start in no time: they
// are kept and given back.
#include "core/aws_error.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr const char* kProvisioned = "/2019-09-30/functions/{FunctionName}/provisioned-concurrency";

std::string alias_key(const FunctionName& name) {
    return LambdaStore::key(name.name, name.qualifier);
}

Json put_provisioned(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.resolve(name);
    if (name.qualifier.empty() || name.qualifier == "$LATEST") {
        invalid_value(
            "Provisioned Concurrency Configs cannot be applied to unpublished function "
            "versions.");
    }
    const Json wanted = input["ProvisionedConcurrentExecutions"];
    std::string modified = iso8601_seconds(lambda.cloud.clock().now());
    modified.back() = '+';
    Json config = {{"RequestedProvisionedConcurrentExecutions", wanted},
                   {"AvailableProvisionedConcurrentExecutions", wanted},
                   {"AllocatedProvisionedConcurrentExecutions", wanted},
                   {"Status", "READY"},
                   {"LastModified", modified + "0000"}};
    lambda.store.provisioned.put(name.scope, alias_key(name), config);
    return config;
}

const Json& provisioned(LambdaService& lambda, const FunctionName& name) {
    lambda.functions.resolve(name);
    const Json* found = lambda.store.provisioned.find(name.scope, alias_key(name));
    if (found == nullptr) {
        throw AwsError("ProvisionedConcurrencyConfigNotFoundException",
                       "No Provisioned Concurrency Config found for this function", 404,
                       {{"Type", "User"}});
    }
    return *found;
}

Json list_provisioned(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.get(name);
    std::vector<Json> list;
    LambdaStore::for_each_of(lambda.store.provisioned, name.scope, name.name,
                             [&](const std::string& key, const Json& config) {
                                 Json entry = config;
                                 entry["FunctionArn"] =
                                     name.arn() + ":" + key.substr(key.find('\t') + 1);
                                 list.push_back(std::move(entry));
                                 return true;
                             });
    return page_of(input, "ProvisionedConcurrencyConfigs", std::move(list));
}

void add_provisioned(Service& service, LambdaService& lambda) {
    const std::vector<std::pair<std::string, std::string>> query = {{"Qualifier", "Qualifier"}};
    const Shape named = structure({required("FunctionName", shape::string(1, 170)),
                                   optional("Qualifier", shape::string(1, 128))});
    const Shape put = structure({required("FunctionName", shape::string(1, 170)),
                                 required("Qualifier", shape::string(1, 128)),
                                 required("ProvisionedConcurrentExecutions", shape::integer(1))});
    service.add(rest("PutProvisionedConcurrencyConfig", "PUT", kProvisioned, 202, put, query),
                [&lambda](Context& context, const Json& input) {
                    return put_provisioned(lambda, context, input);
                });
    service.add(rest("GetProvisionedConcurrencyConfig", "GET", kProvisioned, 200, named, query),
                [&lambda](Context& context, const Json& input) {
                    return provisioned(lambda, function_name(context, input));
                });
    service.add(
        rest("DeleteProvisionedConcurrencyConfig", "DELETE", kProvisioned, 204, named, query),
        [&lambda](Context& context, const Json& input) {
            const FunctionName name = function_name(context, input);
            lambda.store.provisioned.erase(name.scope, alias_key(name));
            return Json();
        });
    service.add(rest("ListProvisionedConcurrencyConfigs", "GET",
                     std::string(kProvisioned) + "?List=ALL", 200, named),
                [&lambda](Context& context, const Json& input) {
                    return list_provisioned(lambda, context, input);
                });
}

/// A setting of one member that is kept with the function.
void add_kept_setting(Service& service, LambdaService& lambda, const std::string& operation,
                      const std::string& uri, const std::string& member, const Json& fallback) {
    const Shape named = structure({required("FunctionName", shape::string(1, 170)),
                                   optional("Qualifier", shape::string(1, 128))});
    service.add(rest("Put" + operation, "PUT", uri, 200, named, {{"Qualifier", "Qualifier"}}),
                [&lambda, member, fallback](Context& context, const Json& input) {
                    const FunctionName name = function_name(context, input);
                    const Json value = input.value(member, fallback);
                    lambda.functions.change(name, [&](Json& stored) { stored[member] = value; });
                    return Json({{"FunctionArn", name.arn()}, {member, value}});
                });
    service.add(
        rest("Get" + operation, "GET", uri, 200, named, {{"Qualifier", "Qualifier"}}),
        [&lambda, member, fallback](Context& context, const Json& input) {
            const FunctionName name = function_name(context, input);
            const Json& stored = lambda.functions.get(name);
            return Json({{"FunctionArn", name.arn()}, {member, stored.value(member, fallback)}});
        });
}

}  // namespace

void add_provisioning_operations(Service& service, LambdaService& lambda) {
    add_provisioned(service, lambda);
    add_kept_setting(service, lambda, "RuntimeManagementConfig",
                     "/2021-07-20/functions/{FunctionName}/runtime-management-config",
                     "UpdateRuntimeOn", "Auto");
    add_kept_setting(service, lambda, "FunctionRecursionConfig",
                     "/2024-08-31/functions/{FunctionName}/recursion-config", "RecursiveLoop",
                     "Terminate");
}

}  // namespace skafu::lambda

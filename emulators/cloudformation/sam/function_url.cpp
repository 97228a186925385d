#include "cloudformation/sam/function_work.h"

namespace skafu::cloudformation::sam {
namespace {

void check_auth(const FunctionWork& work, const Json& config) {
    const Json* type = given(config, "AuthType");
    if (type != nullptr && is_function(*type)) return;
    if (type != nullptr && (*type == "AWS_IAM" || *type == "NONE")) return;
    throw work.problem(
        "AuthType is required to configure function property `FunctionUrlConfig`. Please provide "
        "either AWS_IAM or NONE.");
}

void check_cors(const FunctionWork& work, const Json& config) {
    const Json* cors = given(config, "Cors");
    if (!is_truthy(cors) || is_function(*cors)) return;
    expect_map(work.source.id, *cors, "FunctionUrlConfig.Cors");
    static const std::map<std::string_view, std::string_view> types = {
        {"AllowOrigins", "list"},  {"AllowMethods", "list"},     {"AllowHeaders", "list"},
        {"ExposeHeaders", "list"}, {"AllowCredentials", "bool"}, {"MaxAge", "int"}};
    for (const auto& [name, value] : cors->items()) {
        const auto known = types.find(name);
        if (known == types.end()) {
            throw work.problem(
                fmt::format("{} is not a valid property for configuring Cors.", name));
        }
        if (is_function(value) || python_type(value) == known->second) continue;
        if (known->second == "int" && value.is_boolean()) continue;
        throw work.problem(fmt::format("{} must be of type {}.", name, known->second));
    }
}

}  // namespace

void add_function_url(FunctionWork& work) {
    const Source& source = work.source;
    if (!source.is_set("FunctionUrlConfig")) return;
    const Json& config = *source.find("FunctionUrlConfig");
    if (!is_function(config)) {
        check_auth(work, config);
        check_cors(work, config);
    }
    Json url = {{"TargetFunctionArn", work.target}};
    copy_members(config, url, {"AuthType", "InvokeMode"});
    if (is_truthy(config, "Cors")) url["Cors"] = config["Cors"];
    const Json attributes = source.attributes();
    work.context.add(source.id, source.id + "Url",
                     make_resource("AWS::Lambda::Url", std::move(url), attributes));
    const Json* auth = given(config, "AuthType");
    if (auth == nullptr || *auth != "NONE") return;
    Json permission = {{"Action", "lambda:InvokeFunctionUrl"},
                       {"FunctionName", work.target},
                       {"FunctionUrlAuthType", *auth},
                       {"Principal", "*"}};
    work.context.add(source.id, source.id + "UrlPublicPermissions",
                     make_resource("AWS::Lambda::Permission", std::move(permission), attributes));
    Json invoke = {{"Action", "lambda:InvokeFunction"},
                   {"FunctionName", work.target},
                   {"InvokedViaFunctionUrl", true},
                   {"Principal", "*"}};
    work.context.add(source.id, source.id + "URLInvokeAllowPublicAccess",
                     make_resource("AWS::Lambda::Permission", std::move(invoke), attributes));
}

}  // namespace skafu::cloudformation::sam

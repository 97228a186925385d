#include "core/aws_error.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr const char* kPolicy = "/2015-03-31/functions/{FunctionName}/policy";

/// AddPermission's principal as the policy has it: a service, an account's root, or anybody.
Json principal_of(const std::string& principal) {
    if (principal == "*") return "*";
    if (principal.ends_with(".amazonaws.com")) return {{"Service", principal}};
    if (principal.starts_with("arn:")) return {{"AWS", principal}};
    return {{"AWS", fmt::format("arn:aws:iam::{}:root", principal)}};
}

Json statement_of(const FunctionName& name, const Json& input) {
    Json statement = {{"Sid", input["StatementId"]},
                      {"Effect", "Allow"},
                      {"Principal", principal_of(string_member(input, "Principal"))},
                      {"Action", input["Action"]},
                      {"Resource", name.qualified_arn()}};
    Json condition = Json::object();
    if (input.contains("SourceArn")) condition["ArnLike"] = {{"AWS:SourceArn", input["SourceArn"]}};
    Json equals = Json::object();
    if (input.contains("SourceAccount")) equals["AWS:SourceAccount"] = input["SourceAccount"];
    if (input.contains("EventSourceToken")) {
        equals["lambda:EventSourceToken"] = input["EventSourceToken"];
    }
    if (input.contains("FunctionUrlAuthType")) {
        equals["lambda:FunctionUrlAuthType"] = input["FunctionUrlAuthType"];
    }
    if (input.contains("PrincipalOrgID")) {
        equals["aws:PrincipalOrgID"] = input["PrincipalOrgID"];
    }
    if (!equals.empty()) condition["StringEquals"] = std::move(equals);
    if (!condition.empty()) statement["Condition"] = std::move(condition);
    return statement;
}

/// The statements of the function's policy for the name's qualifier; nullptr if it has none.
const Json* statements(LambdaService& lambda, const FunctionName& name) {
    const Json* policies = find_member(lambda.functions.get(name), "Policies");
    const Json* list = policies == nullptr ? nullptr : find_member(*policies, name.qualifier);
    return list == nullptr || list->empty() ? nullptr : list;
}

Json add_permission(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    lambda.functions.resolve(name);
    if (const Json* list = statements(lambda, name)) {
        for (const Json& each : *list) {
            if (each["Sid"] == input["StatementId"]) {
                conflict(
                    fmt::format("The statement id ({}) provided already exists. Please provide "
                                "a new statement id, or remove the existing statement.",
                                string_member(input, "StatementId")));
            }
        }
    }
    Json statement = statement_of(name, input);
    lambda.functions.change(
        name, [&](Json& stored) { stored["Policies"][name.qualifier].push_back(statement); });
    return {{"Statement", to_text(statement)}};
}

Json get_policy(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    const Json* list = statements(lambda, name);
    if (list == nullptr) missing_resource("The resource you requested does not exist.");
    const Json policy = {{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", *list}};
    return {{"Policy", to_text(policy)},
            {"RevisionId", lambda.functions.get(name)["Configuration"]["RevisionId"]}};
}

Json remove_permission(LambdaService& lambda, Context& context, const Json& input) {
    const FunctionName name = function_name(context, input);
    const std::string sid = string_member(input, "StatementId");
    const Json* list = statements(lambda, name);
    Json kept = Json::array();
    if (list != nullptr) {
        for (const Json& each : *list) {
            if (each["Sid"] != sid) kept.push_back(each);
        }
    }
    if (list == nullptr || kept.size() == list->size()) {
        missing_resource(fmt::format("Statement {} is not found in resource policy.", sid));
    }
    lambda.functions.change(
        name, [&](Json& stored) { stored["Policies"][name.qualifier] = std::move(kept); });
    return Json();
}

}  // namespace

void add_permission_operations(Service& service, LambdaService& lambda) {
    const Shape add =
        structure({required("FunctionName", shape::string(1, 170)),
                   required("StatementId", shape::string(1, 100, "([a-zA-Z0-9-_]+)")),
                   required("Action", shape::string(1)), required("Principal", shape::string(1))});
    service.add(rest("AddPermission", "POST", kPolicy, 201, add, {{"Qualifier", "Qualifier"}}),
                [&lambda](Context& context, const Json& input) {
                    return add_permission(lambda, context, input);
                });
    const Shape named = structure({required("FunctionName", shape::string(1, 170)),
                                   optional("Qualifier", shape::string(1, 128))});
    service.add(rest("GetPolicy", "GET", kPolicy, 200, named, {{"Qualifier", "Qualifier"}}),
                [&lambda](Context& context, const Json& input) {
                    return get_policy(lambda, context, input);
                });
    const Shape remove = structure({required("FunctionName", shape::string(1, 170)),
                                    required("StatementId", shape::string(1, 100))});
    service.add(rest("RemovePermission", "DELETE", std::string(kPolicy) + "/{StatementId}", 204,
                     remove, {{"Qualifier", "Qualifier"}}),
                [&lambda](Context& context, const Json& input) {
                    return remove_permission(lambda, context, input);
                });
}

}  // namespace skafu::lambda

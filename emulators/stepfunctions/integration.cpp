#include "stepfunctions/integration.h"

#include <array>

#include "core/arn.h"
#include "core/spelling.h"
#include "stepfunctions/diagnostics.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::string_view kOptimised = "arn:aws:states:::";
constexpr std::string_view kSdk = "aws-sdk:";

struct Optimised {
    std::string_view name;
    std::string_view service;
    std::string_view operation;
    std::string_view error_prefix;
    std::string_view error_service;
    bool can_wait = false;  ///< .waitForTaskToken
    bool can_sync = false;
};

constexpr std::array<Optimised, 11> kOptimisedRows{{
    {"lambda:invoke", "lambda", "Invoke", "Lambda", "AWSLambda", true},
    {"dynamodb:getItem", "dynamodb", "GetItem", "DynamoDB", "AmazonDynamoDBv2"},
    {"dynamodb:putItem", "dynamodb", "PutItem", "DynamoDB", "AmazonDynamoDBv2"},
    {"dynamodb:updateItem", "dynamodb", "UpdateItem", "DynamoDB", "AmazonDynamoDBv2"},
    {"dynamodb:deleteItem", "dynamodb", "DeleteItem", "DynamoDB", "AmazonDynamoDBv2"},
    {"events:putEvents", "events", "PutEvents", "EventBridge", "AmazonEventBridge", true},
    {"sqs:sendMessage", "sqs", "SendMessage", "SQS", "AmazonSQS", true},
    {"sns:publish", "sns", "Publish", "SNS", "AmazonSNS", true},
    {"states:startExecution", "states", "StartExecution", "StepFunctions", "AWSStepFunctions", true,
     true},
    {"apigateway:invoke", "apigateway", "Invoke", "ApiGateway", "AmazonApiGateway", true},
    {"http:invoke", "http", "Invoke", "States.Http", "AmazonHttp"},
}};

/// Java SDK v2's spelling of a service, where it is not its name with a capital letter.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kSdkSpellings{{
    {"dynamodb", "DynamoDb"},
    {"secretsmanager", "SecretsManager"},
    {"eventbridge", "EventBridge"},
    {"cloudwatchlogs", "CloudWatchLogs"},
    {"cloudwatch", "CloudWatch"},
    {"apigateway", "ApiGateway"},
    {"cognitoidentityprovider", "CognitoIdentityProvider"},
    {"cognitoidentity", "CognitoIdentity"},
    {"cloudformation", "CloudFormation"},
    {"applicationautoscaling", "ApplicationAutoScaling"},
    {"resourcegroupstaggingapi", "ResourceGroupsTaggingApi"},
    {"apigatewayv2", "ApiGatewayV2"},
}};

std::string capitalised(std::string_view text) {
    std::string result(text);
    if (!result.empty() && result[0] >= 'a' && result[0] <= 'z') result[0] -= 'a' - 'A';
    return result;
}

std::string sdk_spelling(std::string_view name) {
    for (const auto& [key, spelling] : kSdkSpellings) {
        if (key == name) return std::string(spelling);
    }
    return capitalised(name);
}

Integration::Pattern take_pattern(std::string_view& text) {
    const auto take = [&text](std::string_view suffix) {
        if (!text.ends_with(suffix)) return false;
        text.remove_suffix(suffix.size());
        return true;
    };
    if (take(".waitForTaskToken")) return Integration::Pattern::wait_for_token;
    if (take(".sync:2")) return Integration::Pattern::sync2;
    if (take(".sync")) return Integration::Pattern::sync;
    return Integration::Pattern::request_response;
}

std::optional<Integration> parse_sdk(std::string_view text, Integration result,
                                     const Cloud& cloud) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || result.is_nested_execution()) return std::nullopt;
    const std::string_view name = text.substr(0, colon);
    const Service* service = cloud.find_service_by_sdk_name(name);
    if (service == nullptr) return std::nullopt;
    result.is_sdk = true;
    const std::string_view operation_name = text.substr(colon + 1);
    result.operation = capitalised(operation_name);
    // Operations are written in camelCase.
    if (result.operation == operation_name) return std::nullopt;
    const Operation* operation = service->find(result.operation);
    if (operation == nullptr || operation->internal) return std::nullopt;
    result.service = service->name;
    result.resource_type = "aws-sdk:" + std::string(name);
    result.error_prefix = sdk_spelling(name);
    result.error_service = result.error_prefix;
    return result;
}

std::optional<Integration> parse_optimised(std::string_view text, Integration result) {
    for (const Optimised& row : kOptimisedRows) {
        if (row.name != text) continue;
        if (result.is_nested_execution() && !row.can_sync) return std::nullopt;
        if (result.waits_for_token() && !row.can_wait) return std::nullopt;
        result.service = row.service;
        result.operation = row.operation;
        result.error_prefix = row.error_prefix;
        result.error_service = row.error_service;
        result.resource_type = row.name.substr(0, row.name.find(':'));
        return result;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Integration> parse_integration(std::string_view resource, const Cloud& cloud) {
    Integration result;
    result.arn = std::string(resource);
    if (resource.starts_with(kOptimised)) {
        std::string_view text = resource.substr(kOptimised.size());
        result.kind = Integration::Kind::service;
        const std::string_view whole = text;
        result.pattern = take_pattern(text);
        const bool is_sdk = text.starts_with(kSdk);
        const std::string_view named = is_sdk ? whole.substr(kSdk.size()) : whole;
        result.resource = std::string(named.substr(std::min(named.find(':') + 1, named.size())));
        if (is_sdk) return parse_sdk(text.substr(kSdk.size()), std::move(result), cloud);
        return parse_optimised(text, std::move(result));
    }
    const std::optional<Arn> arn = Arn::parse(resource);
    if (!arn) return std::nullopt;
    if (arn->service == "lambda" && arn->resource.starts_with("function:")) {
        result.kind = Integration::Kind::lambda_function;
        result.service = "lambda";
        result.operation = "Invoke";
        result.error_prefix = "Lambda";
        result.error_service = "AWSLambda";
        return result;
    }
    if (arn->service == "states" && arn->resource.starts_with("activity:")) {
        result.kind = Integration::Kind::activity;
        return result;
    }
    return std::nullopt;
}

std::string nearest_resource(std::string_view resource, const Cloud& cloud) {
    std::vector<std::string> names;
    for (const Optimised& row : kOptimisedRows) {
        names.push_back(std::string(kOptimised) + std::string(row.name));
    }
    for (const auto& service : cloud.services()) {
        std::vector<std::string> spellings = service->sdk_names;
        spellings.push_back(service->name);
        for (const Operation* operation : service->operations()) {
            if (operation->internal || operation->name.empty()) continue;
            std::string name = operation->name;
            if (name[0] >= 'A' && name[0] <= 'Z') name[0] += 'a' - 'A';
            for (const std::string& spelling : spellings) {
                names.push_back(fmt::format("{}{}{}:{}", kOptimised, kSdk, spelling, name));
            }
        }
    }
    // What all of them start with says nothing about which one is near.
    const std::size_t shared = resource.starts_with(kOptimised) ? kOptimised.size() : 0;
    for (std::string& name : names) name.erase(0, shared);
    const std::string nearest = nearest_name(resource.substr(shared), names);
    if (nearest.empty()) return {};
    return fmt::format("Did you mean '{}{}'?", resource.substr(0, shared), nearest);
}

}  // namespace skafu::stepfunctions

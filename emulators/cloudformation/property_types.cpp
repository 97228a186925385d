#include "cloudformation/property_types.h"

#include <charconv>
#include <map>
#include <set>

namespace skafu::cloudformation {
namespace {

const std::set<std::string_view>& number_properties() {
    static const std::set<std::string_view> names = {"Timeout",
                                                     "MemorySize",
                                                     "ReservedConcurrentExecutions",
                                                     "BatchSize",
                                                     "Size",
                                                     "MaximumRetryAttempts",
                                                     "MaximumEventAgeInSeconds",
                                                     "MaximumRecordAgeInSeconds",
                                                     "MaximumBatchingWindowInSeconds",
                                                     "ParallelizationFactor",
                                                     "TumblingWindowInSeconds",
                                                     "MaximumConcurrency",
                                                     "ProvisionedConcurrentExecutions",
                                                     "ReadCapacityUnits",
                                                     "WriteCapacityUnits",
                                                     "RetentionInDays",
                                                     "RetentionDays",
                                                     "MinimumLength",
                                                     "TemporaryPasswordValidityDays",
                                                     "Period",
                                                     "EvaluationPeriods",
                                                     "Threshold",
                                                     "DatapointsToAlarm",
                                                     "AccessTokenValidity",
                                                     "IdTokenValidity",
                                                     "RefreshTokenValidity",
                                                     "Precedence",
                                                     "VisibilityTimeout",
                                                     "DelaySeconds",
                                                     "MessageRetentionPeriod",
                                                     "MaximumMessageSize",
                                                     "ReceiveMessageWaitTimeSeconds",
                                                     "TimeoutInMillis",
                                                     "AuthorizerResultTtlInSeconds",
                                                     "MinimumCompressionSize",
                                                     "PasswordLength",
                                                     "PendingWindowInDays",
                                                     "ShardCount",
                                                     "RetentionPeriodHours",
                                                     "InvocationRateLimitPerSecond",
                                                     "ThrottlingBurstLimit",
                                                     "ThrottlingRateLimit",
                                                     "BurstLimit",
                                                     "RateLimit"};
    return names;
}

const std::set<std::string_view>& boolean_properties() {
    static const std::set<std::string_view> names = {"Enabled",
                                                     "PointInTimeRecoveryEnabled",
                                                     "SSEEnabled",
                                                     "DeletionProtectionEnabled",
                                                     "RequireLowercase",
                                                     "RequireUppercase",
                                                     "RequireNumbers",
                                                     "RequireSymbols",
                                                     "FifoQueue",
                                                     "ContentBasedDeduplication",
                                                     "FifoTopic",
                                                     "AllowUnauthenticatedIdentities",
                                                     "GenerateSecret",
                                                     "ApiKeyRequired",
                                                     "ValidateRequestBody",
                                                     "ValidateRequestParameters",
                                                     "AutoDeploy",
                                                     "TracingEnabled",
                                                     "EnableKeyRotation",
                                                     "BisectBatchOnFunctionError",
                                                     "ExcludePunctuation",
                                                     "ActionsEnabled",
                                                     "AllowedOAuthFlowsUserPoolClient",
                                                     "Required",
                                                     "Mutable",
                                                     "AllowAdminCreateUserOnly",
                                                     "IncludeExecutionData",
                                                     "SqsManagedSseEnabled",
                                                     "DisableExecuteApiEndpoint",
                                                     "BlockPublicAcls",
                                                     "RawMessageDelivery",
                                                     "PubliclyAccessible"};
    return names;
}

bool is_free_form(std::string_view name) {
    static const std::set<std::string_view> names = {"EventPattern",
                                                     "Body",
                                                     "Definition",
                                                     "DefinitionString",
                                                     "InputPathsMap",
                                                     "Variables",
                                                     "PolicyDocument",
                                                     "AssumeRolePolicyDocument",
                                                     "KeyPolicy",
                                                     "ResourcePolicy",
                                                     "Schema",
                                                     "Tags",
                                                     "RequestTemplates",
                                                     "ResponseTemplates",
                                                     "FilterPolicy",
                                                     "FilterCriteria",
                                                     "Parameters",
                                                     "Input",
                                                     "ResponseParameters",
                                                     "RequestParameters"};
    return names.contains(name);
}

void convert_number(Json& value) {
    const std::string text = value.get<std::string>();
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    auto [at, fault] = std::from_chars(text.data(), end, whole);
    if (fault == std::errc() && at == end && !text.empty()) {
        value = whole;
        return;
    }
    double real = 0;
    const auto result = std::from_chars(text.data(), end, real);
    if (result.ec == std::errc() && result.ptr == end && !text.empty()) value = real;
}

}  // namespace

std::string missing_property(const std::string& type, const Json& properties) {
    static const std::map<std::string_view, std::vector<std::string_view>> required = {
        {"AWS::SSM::Parameter", {"Type", "Value"}},
        {"AWS::Lambda::Function", {"Code", "Role"}},
        {"AWS::Lambda::Permission", {"Action", "FunctionName", "Principal"}},
        {"AWS::Lambda::EventSourceMapping", {"FunctionName"}},
        {"AWS::DynamoDB::Table", {"KeySchema"}},
        {"AWS::IAM::Role", {"AssumeRolePolicyDocument"}},
        {"AWS::StepFunctions::StateMachine", {"RoleArn"}},
        {"AWS::Events::EventBus", {"Name"}},
        {"AWS::Events::Archive", {"SourceArn"}},
        {"AWS::SQS::QueuePolicy", {"PolicyDocument", "Queues"}},
        {"AWS::SNS::Subscription", {"Protocol", "TopicArn"}},
        {"AWS::ApiGateway::Resource", {"ParentId", "PathPart", "RestApiId"}},
        {"AWS::ApiGateway::Method", {"HttpMethod", "ResourceId", "RestApiId"}},
        {"AWS::ApiGateway::Deployment", {"RestApiId"}},
        {"AWS::ApiGateway::Stage", {"RestApiId"}},
        {"AWS::Cognito::UserPoolClient", {"UserPoolId"}},
        {"AWS::Cognito::UserPoolGroup", {"UserPoolId"}},
        {"AWS::Cognito::IdentityPool", {"AllowUnauthenticatedIdentities"}},
        {"AWS::KMS::Alias", {"AliasName", "TargetKeyId"}},
    };
    const auto known = required.find(type);
    if (known == required.end()) return "";
    for (const std::string_view name : known->second) {
        if (find_member(properties, name) == nullptr) return std::string(name);
    }
    return "";
}

void convert_scalars(Json& properties) {
    if (properties.is_array()) {
        for (Json& item : properties) convert_scalars(item);
        return;
    }
    if (!properties.is_object()) return;
    for (auto& [name, value] : properties.items()) {
        if (value.is_structured()) {
            if (!is_free_form(name)) convert_scalars(value);
        } else if (value.is_string()) {
            if (number_properties().contains(name)) convert_number(value);
            if (boolean_properties().contains(name) && (value == "true" || value == "false")) {
                value = value == "true";
            }
        }
    }
}

}  // namespace skafu::cloudformation

#include "iam/managed_policies.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace skafu::iam {
namespace {

// The policies that serverless applications name; paths as in the AWS Managed Policy Reference.
constexpr std::string_view kNames[] = {
    "AdministratorAccess",
    "AmazonAPIGatewayAdministrator",
    "AmazonAPIGatewayInvokeFullAccess",
    "AmazonAthenaFullAccess",
    "AmazonBedrockFullAccess",
    "AmazonBedrockReadOnly",
    "AmazonCognitoDeveloperAuthenticatedIdentities",
    "AmazonCognitoPowerUser",
    "AmazonCognitoReadOnly",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBFullAccess_v2",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2ContainerRegistryFullAccess",
    "AmazonEC2ContainerRegistryPowerUser",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2FullAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonECS_FullAccess",
    "AmazonElastiCacheFullAccess",
    "AmazonEventBridgeApiDestinationsServiceRolePolicy",
    "AmazonEventBridgeFullAccess",
    "AmazonEventBridgePipesFullAccess",
    "AmazonEventBridgePipesReadOnlyAccess",
    "AmazonEventBridgeReadOnlyAccess",
    "AmazonEventBridgeSchedulerFullAccess",
    "AmazonEventBridgeSchedulerReadOnlyAccess",
    "AmazonEventBridgeSchemasFullAccess",
    "AmazonEventBridgeSchemasReadOnlyAccess",
    "AmazonKinesisFirehoseFullAccess",
    "AmazonKinesisFullAccess",
    "AmazonKinesisReadOnlyAccess",
    "AmazonRDSDataFullAccess",
    "AmazonRDSFullAccess",
    "AmazonRDSReadOnlyAccess",
    "AmazonRekognitionFullAccess",
    "AmazonRoute53FullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ObjectLambdaExecutionRolePolicy",
    "AmazonS3ReadOnlyAccess",
    "AmazonSESFullAccess",
    "AmazonSESReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSNSReadOnlyAccess",
    "AmazonSQSFullAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AmazonSSMReadOnlyAccess",
    "AmazonTextractFullAccess",
    "AmazonVPCFullAccess",
    "AWSAppSyncAdministrator",
    "AWSAppSyncInvokeFullAccess",
    "AWSCloudFormationFullAccess",
    "AWSCloudFormationReadOnlyAccess",
    "AWSCodeBuildAdminAccess",
    "AWSKeyManagementServicePowerUser",
    "AWSLambda_FullAccess",
    "AWSLambda_ReadOnlyAccess",
    "AWSLambdaExecute",
    "AWSLambdaInvocation-DynamoDB",
    "AWSStepFunctionsConsoleFullAccess",
    "AWSStepFunctionsFullAccess",
    "AWSStepFunctionsReadOnlyAccess",
    "AWSWAFFullAccess",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayFullAccess",
    "AWSXrayReadOnlyAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudFrontFullAccess",
    "CloudFrontReadOnlyAccess",
    "CloudWatchAgentServerPolicy",
    "CloudWatchEventsFullAccess",
    "CloudWatchEventsReadOnlyAccess",
    "CloudWatchFullAccess",
    "CloudWatchFullAccessV2",
    "CloudWatchLambdaApplicationSignalsExecutionRolePolicy",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLogsFullAccess",
    "CloudWatchLogsReadOnlyAccess",
    "CloudWatchReadOnlyAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "ResourceGroupsandTagEditorFullAccess",
    "SecretsManagerReadWrite",
    "SecurityAudit",
    "job-function/Billing",
    "job-function/DatabaseAdministrator",
    "job-function/NetworkAdministrator",
    "job-function/SupportUser",
    "job-function/SystemAdministrator",
    "job-function/ViewOnlyAccess",
    "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    "service-role/AmazonCognitoIdpEmailServiceRolePolicy",
    "service-role/AmazonECSTaskExecutionRolePolicy",
    "service-role/AmazonEC2ContainerServiceforEC2Role",
    "service-role/AmazonSNSRole",
    "service-role/AmazonSSMAutomationRole",
    "service-role/AWSAppSyncPushToCloudWatchLogs",
    "service-role/AWSConfigRole",
    "service-role/AWSGlueServiceRole",
    "service-role/AWSLambdaBasicDurableExecutionRolePolicy",
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaDynamoDBExecutionRole",
    "service-role/AWSLambdaENIManagementAccess",
    "service-role/AWSLambdaKinesisExecutionRole",
    "service-role/AWSLambdaMSKExecutionRole",
    "service-role/AWSLambdaRole",
    "service-role/AWSLambdaSQSQueueExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "service-role/CloudWatchEventsBuiltInTargetExecutionAccess",
    "service-role/CloudWatchEventsInvocationAccess",
};

std::string_view without_path(std::string_view name) {
    return name.substr(name.rfind('/') + 1);
}

/// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

bool is_aws_managed_policy(std::string_view name) {
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::string nearest_aws_managed_policy(std::string_view name) {
    const std::string_view bare = without_path(name);
    std::string_view best;
    std::size_t least = bare.size() / 4 + 1;  // farther is another policy, not a slip
    for (const std::string_view known : kNames) {
        const std::size_t far = distance(bare, without_path(known));
        if (far < least) {
            least = far;
            best = known;
        }
    }
    return std::string(best);
}

}  // namespace skafu::iam

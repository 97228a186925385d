#include "cloudformation/sam/schema_tables.h"

namespace skafu::cloudformation::sam {

constexpr std::string_view kSchemaTables =
    R"(AWS::Serverless::Function: FunctionName s|m, Handler -*, Runtime -*, CodeUri -*, ImageUri -*,
PackageType -*, InlineCode -*, DeadLetterQueue m, Description -*, MemorySize -*, Timeout -*,
VpcConfig -*, Role s, AssumeRolePolicyDocument m, Policies s|m|[s|m], RolePath -*,
PermissionsBoundary s, Environment {m}, Events {m}, Tags m, PropagateTags b, Tracing m|s,
KmsKeyArn -*, DeploymentPreference m, ReservedConcurrentExecutions -*, Layers [s|m],
EventInvokeConfig m, EphemeralStorage -*, AutoPublishAlias s, AutoPublishCodeSha256 s,
AutoPublishAliasAllProperties -b, VersionDescription -*, ProvisionedConcurrencyConfig -*,
FileSystemConfigs -*, ImageConfig -*, CodeSigningConfigArn -*, Architectures -*, SnapStart m,
FunctionUrlConfig m, RuntimeManagementConfig -*, LoggingConfig -*, RecursiveLoop -*,
SourceKMSKeyArn -*, CapacityProviderConfig m, FunctionScalingConfig m,
PublishToLatestPublished b, VersionDeletionPolicy -*, TenancyConfig -*, DurableConfig m.
AWS::Serverless::Api: __MANAGE_SWAGGER b, Name s|m, StageName !s|m, Tags m, PropagateTags b,
DefinitionBody m, DefinitionUri s|m, MergeDefinitions -b, CacheClusterEnabled b, CacheClusterSize s,
Variables m, EndpointConfiguration s|m, MethodSettings l, BinaryMediaTypes l,
MinimumCompressionSize i, Cors s|m, Auth m, GatewayResponses m, AccessLogSetting m, CanarySetting m,
TracingEnabled b, OpenApiVersion s, Models m, Domain m, FailOnWarnings b, Description s, Mode s,
DisableExecuteApiEndpoint b, ApiKeySourceType s, AlwaysDeploy -b, Policy m|s, SecurityPolicy -*,
EndpointAccessMode -*.
AWS::Serverless::HttpApi: __MANAGE_SWAGGER b, Name -*, StageName s|m, Tags m, PropagateTags b,
DefinitionBody m, DefinitionUri s|m, StageVariables m, CorsConfiguration b|m, AccessLogSettings m,
DefaultRouteSettings m, Auth m, RouteSettings m, Domain m, FailOnWarnings b, Description s,
DisableExecuteApiEndpoint b.
AWS::Serverless::WebSocketApi: AccessLogSettings m, ApiKeySelectionExpression s, Auth m,
DefaultRouteSettings m, Description s, DisableExecuteApiEndpoint b, DisableSchemaValidation b,
Domain m, IpAddressType s, Name s, PropagateTags b, Routes !m, RouteSelectionExpression !s,
RouteSettings m, StageName s, StageVariables m, Tags m.
AWS::Serverless::SimpleTable: PointInTimeRecoverySpecification -*, PrimaryKey {s},
ProvisionedThroughput {i|m}, TableName s|m, Tags m, SSESpecification m.
AWS::Serverless::Application: Location !s|m, TemplateUrl s, Parameters m, NotificationARNs [s|m],
Tags m, TimeoutInMinutes i.
AWS::Serverless::LayerVersion: LayerName s|m, Description s, ContentUri !s|m,
CompatibleArchitectures [s|m], CompatibleRuntimes [s|m], LicenseInfo s, RetentionPolicy s,
PublishLambdaVersion b.
AWS::Serverless::StateMachine: Definition m, DefinitionUri s|m, Logging m, Role s, RolePath -*,
DefinitionSubstitutions m, Events {m}, Name s, Type s, Tags m, PropagateTags b, Policies s|[s|m],
Tracing m, PermissionsBoundary s, AutoPublishAlias -*, DeploymentPreference m,
UseAliasAsEventTarget -b.
AWS::Serverless::Connector: Source !{*}, Destination !{*}|[{*}], Permissions ![s].
AWS::Serverless::GraphQLApi: Name -s, Tags -m, XrayEnabled -*, Auth !-m, SchemaInline -s,
SchemaUri -s, Logging -m|b, DataSources -m, Functions -m, Resolvers -m, ApiKeys -m, DomainName -m,
Cache -m, Visibility -*, OwnerContact -*, IntrospectionConfig -*, QueryDepthLimit -*,
ResolverCountLimit -*.
AWS::Serverless::CapacityProvider: CapacityProviderName -*, VpcConfig !-m, OperatorRole -*, Tags m,
InstanceRequirements -m, ScalingConfig -m, KmsKeyArn -*, PropagateTags b.
Function/Schedule: Schedule !s, RuleName s, Input s, Enabled b, State s, Name s, Description s,
DeadLetterConfig m, RetryPolicy m.
Function/ScheduleV2: PermissionsBoundary s, ScheduleExpression !s, FlexibleTimeWindow m, Name s,
State s, Description s, StartDate s, EndDate s, ScheduleExpressionTimezone s, GroupName s,
KmsKeyArn s, Input s, RoleArn s, DeadLetterConfig m, RetryPolicy m, OmitName -b.
StateMachine/ScheduleV2: @Function/ScheduleV2.
Function/CloudWatchEvent: EventBusName s, RuleName s, Pattern m, DeadLetterConfig m, RetryPolicy m,
Input s, InputPath s, Target m, Enabled b, State s, InputTransformer -*.
Function/EventBridgeRule: @Function/CloudWatchEvent.
Function/S3: Bucket !s, Events !-s|[s], Filter {s}.
Function/SNS: Topic !s, Region s, FilterPolicy {[s|m]}, FilterPolicyScope -*, SqsSubscription b|m,
RedrivePolicy m.
Function/Api: Path !s, Method !s, RestApiId !s, Stage s, Auth m, RequestModel m,
RequestParameters l, ResponseTransferMode s, TimeoutInMillis -*.
Function/HttpApi: Path s, Method s, ApiId s, Stage s, Auth m, TimeoutInMillis i, RouteSettings m,
PayloadFormatVersion s.
Function/AlexaSkill: SkillId s.
Function/IoTRule: Sql !s, AwsIotSqlVersion s.
Function/Cognito: UserPool !s, Trigger !-s|[s].
Function/CloudWatchLogs: LogGroupName !s, FilterPattern !s.
Pull: BatchSize i, StartingPosition -*, StartingPositionTimestamp -*, Enabled b,
MaximumBatchingWindowInSeconds i, MaximumRetryAttempts i, BisectBatchOnFunctionError b,
MaximumRecordAgeInSeconds i, DestinationConfig m, ParallelizationFactor i, Topics l, Queues l,
SourceAccessConfigurations l, SecretsManagerKmsKeyId s, TumblingWindowInSeconds i,
FunctionResponseTypes l, KafkaBootstrapServers l, FilterCriteria m, KmsKeyArn -*,
ConsumerGroupId s, ScalingConfig m, ProvisionedPollerConfig -*, SchemaRegistryConfig -*,
MetricsConfig -*, LoggingConfig -*.
Stream: @Pull, StartingPosition !-*, Stream !-*.
Function/SQS: @Pull, Queue !-*.
Function/Kinesis: @Stream.
Function/DynamoDB: @Stream.
Function/MSK: @Stream.
Function/MQ: @Pull, Broker !-*, DynamicPolicyName -b.
Function/SelfManagedKafka: @Pull.
Function/DocumentDB: @Pull, Cluster !-*, DatabaseName !-*, CollectionName -*, FullDocument -*.
StateMachine/Schedule: Schedule !s, Input s, Enabled b, State s, Name s, Description s,
DeadLetterConfig m, RetryPolicy m, Target m, RoleArn s.
StateMachine/CloudWatchEvent: EventBusName s, RuleName s, Pattern m, Input s, InputPath s,
DeadLetterConfig m, RetryPolicy m, State s, Target m, InputTransformer m.
StateMachine/EventBridgeRule: @StateMachine/CloudWatchEvent.
StateMachine/Api: Path !s, Method !s, RestApiId !s, Stage s, Auth m, UnescapeMappingTemplate -b.
)";

}  // namespace skafu::cloudformation::sam

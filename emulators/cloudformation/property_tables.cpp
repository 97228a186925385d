#include "cloudformation/property_tables.h"

namespace skafu::cloudformation {

constexpr std::string_view kPropertyTables =
    R"(
AWS::ApiGateway::Account: CloudWatchRoleArn, Id.
AWS::ApiGateway::ApiKey: APIKeyId, CustomerId, Description, Enabled?, GenerateDistinctId?, Name,
StageKeys:StageKey, Tags:Tag, Value.
AWS::ApiGateway::ApiKey.StageKey: RestApiId, StageName.
AWS::ApiGateway::ApiKey.Tag: Key!, Value!.
AWS::ApiGateway::Authorizer: AuthType, AuthorizerCredentials, AuthorizerId,
AuthorizerResultTtlInSeconds#, AuthorizerUri, IdentitySource, IdentityValidationExpression, Name!,
ProviderARNs, RestApiId!, Type!.
AWS::ApiGateway::BasePathMapping: BasePath, DomainName!, RestApiId, Stage.
AWS::ApiGateway::BasePathMappingV2: BasePath, BasePathMappingArn, DomainNameArn!, RestApiId!,
Stage.
AWS::ApiGateway::Deployment: DeploymentCanarySettings:DeploymentCanarySettings, DeploymentId,
Description, RestApiId!, StageDescription:StageDescription, StageName.
AWS::ApiGateway::Deployment.AccessLogSetting: DestinationArn, Format.
AWS::ApiGateway::Deployment.CanarySetting: PercentTraffic#, StageVariableOverrides*,
UseStageCache?.
AWS::ApiGateway::Deployment.DeploymentCanarySettings: PercentTraffic#, StageVariableOverrides*,
UseStageCache?.
AWS::ApiGateway::Deployment.MethodSetting: CacheDataEncrypted?, CacheTtlInSeconds#,
CachingEnabled?, DataTraceEnabled?, HttpMethod, LoggingLevel, MetricsEnabled?, ResourcePath,
ThrottlingBurstLimit#, ThrottlingRateLimit#.
AWS::ApiGateway::Deployment.StageDescription: AccessLogSetting:AccessLogSetting,
CacheClusterEnabled?, CacheClusterSize, CacheDataEncrypted?, CacheTtlInSeconds#, CachingEnabled?,
CanarySetting:CanarySetting, ClientCertificateId, DataTraceEnabled?, Description,
DocumentationVersion, LoggingLevel, MethodSettings:MethodSetting, MetricsEnabled?, Tags:Tag,
ThrottlingBurstLimit#, ThrottlingRateLimit#, TracingEnabled?, Variables*.
AWS::ApiGateway::Deployment.Tag: Key!, Value!.
AWS::ApiGateway::DocumentationPart: DocumentationPartId, Location!:Location, Properties!,
RestApiId!.
AWS::ApiGateway::DocumentationPart.Location: Method, Name, Path, StatusCode, Type.
AWS::ApiGateway::DomainName: CertificateArn, DistributionDomainName, DistributionHostedZoneId,
DomainName, DomainNameArn, EndpointAccessMode, EndpointConfiguration:EndpointConfiguration,
MutualTlsAuthentication:MutualTlsAuthentication, OwnershipVerificationCertificateArn,
RegionalCertificateArn, RegionalDomainName, RegionalHostedZoneId, RoutingMode, SecurityPolicy,
Tags:Tag.
AWS::ApiGateway::DomainName.EndpointConfiguration: IpAddressType, Types.
AWS::ApiGateway::DomainName.MutualTlsAuthentication: TruststoreUri, TruststoreVersion.
AWS::ApiGateway::DomainName.Tag: Key, Value.
AWS::ApiGateway::DomainNameAccessAssociation: AccessAssociationSource!,
AccessAssociationSourceType!, DomainNameAccessAssociationArn, DomainNameArn!, Tags:Tag.
AWS::ApiGateway::DomainNameAccessAssociation.Tag: Key!, Value!.
AWS::ApiGateway::DomainNameV2: CertificateArn, DomainName, DomainNameArn, DomainNameId,
EndpointAccessMode, EndpointConfiguration:EndpointConfiguration, Policy*, RoutingMode,
SecurityPolicy, Tags:Tag.
AWS::ApiGateway::DomainNameV2.EndpointConfiguration: IpAddressType, Types.
AWS::ApiGateway::DomainNameV2.Tag: Key, Value.
AWS::ApiGateway::GatewayResponse: Id, ResponseParameters*, ResponseTemplates*, ResponseType!,
RestApiId!, StatusCode.
AWS::ApiGateway::Method: ApiKeyRequired?, AuthorizationScopes, AuthorizationType, AuthorizerId,
HttpMethod!, Integration:Integration, MethodResponses:MethodResponse, OperationName,
RequestModels*, RequestParameters*, RequestValidatorId, ResourceId!, RestApiId!.
AWS::ApiGateway::Method.Integration: CacheKeyParameters, CacheNamespace, ConnectionId,
ConnectionType, ContentHandling, Credentials, IntegrationHttpMethod,
IntegrationResponses:IntegrationResponse, IntegrationTarget, PassthroughBehavior,
RequestParameters*, RequestTemplates*, ResponseTransferMode, TimeoutInMillis#, Type!, Uri.
AWS::ApiGateway::Method.IntegrationResponse: ContentHandling, ResponseParameters*,
ResponseTemplates*, SelectionPattern, StatusCode!.
AWS::ApiGateway::Method.MethodResponse: ResponseModels*, ResponseParameters*, StatusCode!.
AWS::ApiGateway::Model: ContentType, Description, Name, RestApiId!, Schema*.
AWS::ApiGateway::RequestValidator: Name, RequestValidatorId, RestApiId!, ValidateRequestBody?,
ValidateRequestParameters?.
AWS::ApiGateway::Resource: ParentId!, PathPart!, ResourceId, RestApiId!.
AWS::ApiGateway::RestApi: ApiKeySourceType, BinaryMediaTypes, Body*, BodyS3Location:S3Location,
CloneFrom, Description, DisableExecuteApiEndpoint?, EndpointAccessMode,
EndpointConfiguration:EndpointConfiguration, FailOnWarnings?, MinimumCompressionSize#, Mode, Name,
Parameters*, Policy*, RestApiId, RootResourceId, SecurityPolicy, Tags:Tag.
AWS::ApiGateway::RestApi.EndpointConfiguration: IpAddressType, Types, VpcEndpointIds.
AWS::ApiGateway::RestApi.S3Location: Bucket, ETag, Key, Version.
AWS::ApiGateway::RestApi.Tag: Key!, Value!.
AWS::ApiGateway::Stage: AccessLogSetting:AccessLogSetting, CacheClusterEnabled?, CacheClusterSize,
CanarySetting:CanarySetting, ClientCertificateId, DeploymentId, Description, DocumentationVersion,
MethodSettings:MethodSetting, RestApiId!, StageName, Tags:Tag, TracingEnabled?, Variables*.
AWS::ApiGateway::Stage.AccessLogSetting: DestinationArn, Format.
AWS::ApiGateway::Stage.CanarySetting: DeploymentId, PercentTraffic#, StageVariableOverrides*,
UseStageCache?.
AWS::ApiGateway::Stage.MethodSetting: CacheDataEncrypted?, CacheTtlInSeconds#, CachingEnabled?,
DataTraceEnabled?, HttpMethod, LoggingLevel, MetricsEnabled?, ResourcePath, ThrottlingBurstLimit#,
ThrottlingRateLimit#.
AWS::ApiGateway::Stage.Tag: Key!, Value!.
AWS::ApiGateway::UsagePlan: ApiStages:ApiStage, Description, Id, Quota:QuotaSettings, Tags:Tag,
Throttle:ThrottleSettings, UsagePlanName.
AWS::ApiGateway::UsagePlan.ApiStage: ApiId, Stage, Throttle*.
AWS::ApiGateway::UsagePlan.QuotaSettings: Limit#, Offset#, Period.
AWS::ApiGateway::UsagePlan.Tag: Key!, Value!.
AWS::ApiGateway::UsagePlan.ThrottleSettings: BurstLimit#, RateLimit#.
AWS::ApiGateway::UsagePlanKey: Id, KeyId!, KeyType!, UsagePlanId!.
AWS::ApiGateway::VpcLink: Description, Name!, Tags:Tag, TargetArns!, VpcLinkId.
AWS::ApiGateway::VpcLink.Tag: Key!, Value!.
AWS::ApiGatewayV2::Api: ApiEndpoint, ApiId, ApiKeySelectionExpression, BasePath, Body*,
BodyS3Location:BodyS3Location, CorsConfiguration:Cors, CredentialsArn, Description,
DisableExecuteApiEndpoint?, DisableSchemaValidation?, FailOnWarnings?, IpAddressType, Name,
ProtocolType, RouteKey, RouteSelectionExpression, Tags*, Target, Version.
AWS::ApiGatewayV2::Api.BodyS3Location: Bucket, Etag, Key, Version.
AWS::ApiGatewayV2::Api.Cors: AllowCredentials?, AllowHeaders, AllowMethods, AllowOrigins,
ExposeHeaders, MaxAge#.
AWS::ApiGatewayV2::ApiMapping: ApiId!, ApiMappingId, ApiMappingKey, DomainName!, Stage!.
AWS::ApiGatewayV2::Authorizer: ApiId!, AuthorizerCredentialsArn, AuthorizerId,
AuthorizerPayloadFormatVersion, AuthorizerResultTtlInSeconds#, AuthorizerType!, AuthorizerUri,
EnableSimpleResponses?, IdentitySource, IdentityValidationExpression,
JwtConfiguration:JWTConfiguration, Name!.
AWS::ApiGatewayV2::Authorizer.JWTConfiguration: Audience, Issuer.
AWS::ApiGatewayV2::DomainName: DomainName!, DomainNameArn,
DomainNameConfigurations:DomainNameConfiguration, MutualTlsAuthentication:MutualTlsAuthentication,
RegionalDomainName, RegionalHostedZoneId, RoutingMode, Tags*.
AWS::ApiGatewayV2::DomainName.DomainNameConfiguration: CertificateArn, CertificateName,
EndpointType, IpAddressType, OwnershipVerificationCertificateArn, SecurityPolicy.
AWS::ApiGatewayV2::DomainName.MutualTlsAuthentication: TruststoreUri, TruststoreVersion.
AWS::ApiGatewayV2::Integration: ApiId!, ConnectionId, ConnectionType, ContentHandlingStrategy,
CredentialsArn, Description, IntegrationId, IntegrationMethod, IntegrationSubtype,
IntegrationType!, IntegrationUri, PassthroughBehavior, PayloadFormatVersion, RequestParameters*,
RequestTemplates*, ResponseParameters*, TemplateSelectionExpression, TimeoutInMillis#,
TlsConfig:TlsConfig.
AWS::ApiGatewayV2::Integration.TlsConfig: ServerNameToVerify.
AWS::ApiGatewayV2::Route: ApiId!, ApiKeyRequired?, AuthorizationScopes, AuthorizationType,
AuthorizerId, ModelSelectionExpression, OperationName, RequestModels*, RequestParameters*, RouteId,
RouteKey!, RouteResponseSelectionExpression, Target.
AWS::ApiGatewayV2::Stage: AccessLogSettings:AccessLogSettings, ApiId!, AutoDeploy?,
ClientCertificateId, DefaultRouteSettings:RouteSettings, DeploymentId, Description, Id,
RouteSettings*, StageName!, StageVariables*, Tags*.
AWS::ApiGatewayV2::Stage.AccessLogSettings: DestinationArn, Format.
AWS::ApiGatewayV2::Stage.RouteSettings: DataTraceEnabled?, DetailedMetricsEnabled?, LoggingLevel,
ThrottlingBurstLimit#, ThrottlingRateLimit#.
AWS::AppSync::GraphQLApi: AdditionalAuthenticationProviders:AdditionalAuthenticationProvider,
ApiId, ApiType, Arn, AuthenticationType!, EnhancedMetricsConfig:EnhancedMetricsConfig,
EnvironmentVariables*, GraphQLDns, GraphQLEndpointArn, GraphQLUrl, IntrospectionConfig,
LambdaAuthorizerConfig:LambdaAuthorizerConfig, LogConfig:LogConfig, MergedApiExecutionRoleArn,
Name!, OpenIDConnectConfig:OpenIDConnectConfig, OwnerContact, QueryDepthLimit#, RealtimeDns,
RealtimeUrl, ResolverCountLimit#, Tags:Tag, UserPoolConfig:UserPoolConfig, Visibility,
XrayEnabled?.
AWS::AppSync::GraphQLApi.AdditionalAuthenticationProvider: AuthenticationType!,
LambdaAuthorizerConfig:LambdaAuthorizerConfig, OpenIDConnectConfig:OpenIDConnectConfig,
UserPoolConfig:CognitoUserPoolConfig.
AWS::AppSync::GraphQLApi.CognitoUserPoolConfig: AppIdClientRegex, AwsRegion, UserPoolId.
AWS::AppSync::GraphQLApi.EnhancedMetricsConfig: DataSourceLevelMetricsBehavior!,
OperationLevelMetricsConfig!, ResolverLevelMetricsBehavior!.
AWS::AppSync::GraphQLApi.LambdaAuthorizerConfig: AuthorizerResultTtlInSeconds#, AuthorizerUri,
IdentityValidationExpression.
AWS::AppSync::GraphQLApi.LogConfig: CloudWatchLogsRoleArn!, ExcludeVerboseContent?, FieldLogLevel!.
AWS::AppSync::GraphQLApi.OpenIDConnectConfig: AuthTTL#, ClientId, IatTTL#, Issuer.
AWS::AppSync::GraphQLApi.Tag: Key!, Value!.
AWS::AppSync::GraphQLApi.UserPoolConfig: AppIdClientRegex, AwsRegion, DefaultAction, UserPoolId.
AWS::CloudFormation::Stack: NotificationARNs, Parameters*, StackId, Tags:Tag, TemplateURL!,
TimeoutInMinutes#.
AWS::CloudFormation::Stack.Tag: Key!, Value!.
AWS::CloudFormation::WaitCondition: Count#, Data*, Handle, Id, Timeout.
AWS::CloudFormation::WaitConditionHandle: Id.
AWS::CloudWatch::Alarm: ActionsEnabled?, AlarmActions, AlarmDescription, AlarmName, Arn,
ComparisonOperator, DatapointsToAlarm#, Dimensions:Dimension, EvaluateLowSampleCountPercentile,
EvaluationCriteria:EvaluationCriteria, EvaluationInterval#, EvaluationPeriods#, ExtendedStatistic,
InsufficientDataActions, MetricName, Metrics:MetricDataQuery, Namespace, OKActions, Period#,
Statistic, Tags:Tag, Threshold#, ThresholdMetricId, TreatMissingData, Unit.
AWS::CloudWatch::Alarm.AlarmPromQLCriteria: PendingPeriod#, Query, RecoveryPeriod#.
AWS::CloudWatch::Alarm.Dimension: Name!, Value!.
AWS::CloudWatch::Alarm.EvaluationCriteria: PromQLCriteria:AlarmPromQLCriteria.
AWS::CloudWatch::Alarm.Metric: Dimensions:Dimension, MetricName, Namespace.
AWS::CloudWatch::Alarm.MetricDataQuery: AccountId, Expression, Id!, Label, MetricStat:MetricStat,
Period#, ReturnData?.
AWS::CloudWatch::Alarm.MetricStat: Metric!:Metric, Period!#, Stat!, Unit.
AWS::CloudWatch::Alarm.Tag: Key!, Value!.
AWS::CloudWatch::Dashboard: DashboardBody!, DashboardName.
AWS::CodeDeploy::Application: ApplicationName, ComputePlatform, Tags:Tag.
AWS::CodeDeploy::Application.Tag: Key!, Value!.
AWS::Cognito::IdentityPool: AllowClassicFlow?, AllowUnauthenticatedIdentities!?, CognitoEvents*,
CognitoIdentityProviders:CognitoIdentityProvider, CognitoStreams:CognitoStreams,
DeveloperProviderName, Id, IdentityPoolName, IdentityPoolTags:Tag, Name, OpenIdConnectProviderARNs,
PushSync:PushSync, SamlProviderARNs, SupportedLoginProviders*.
AWS::Cognito::IdentityPool.CognitoIdentityProvider: ClientId!, ProviderName!,
ServerSideTokenCheck?.
AWS::Cognito::IdentityPool.CognitoStreams: RoleArn, StreamName, StreamingStatus.
AWS::Cognito::IdentityPool.PushSync: ApplicationArns, RoleArn.
AWS::Cognito::IdentityPool.Tag: Key!, Value!.
AWS::Cognito::IdentityPoolRoleAttachment: Id, IdentityPoolId!, RoleMappings*, Roles*.
AWS::Cognito::UserPool: AccountRecoverySetting:AccountRecoverySetting,
AdminCreateUserConfig:AdminCreateUserConfig, AliasAttributes, Arn, AutoVerifiedAttributes,
DeletionProtection, DeviceConfiguration:DeviceConfiguration, EmailAuthenticationMessage,
EmailAuthenticationSubject, EmailConfiguration:EmailConfiguration, EmailVerificationMessage,
EmailVerificationSubject, EnabledMfas, LambdaConfig:LambdaConfig, MfaConfiguration,
Policies:Policies, ProviderName, ProviderURL, Schema:SchemaAttribute, SmsAuthenticationMessage,
SmsConfiguration:SmsConfiguration, SmsVerificationMessage,
UserAttributeUpdateSettings:UserAttributeUpdateSettings, UserPoolAddOns:UserPoolAddOns, UserPoolId,
UserPoolName, UserPoolTags*, UserPoolTier, UsernameAttributes,
UsernameConfiguration:UsernameConfiguration,
VerificationMessageTemplate:VerificationMessageTemplate, WebAuthnFactorConfiguration,
WebAuthnRelyingPartyID, WebAuthnUserVerification.
AWS::Cognito::UserPool.AccountRecoverySetting: RecoveryMechanisms:RecoveryOption.
AWS::Cognito::UserPool.AdminCreateUserConfig: AllowAdminCreateUserOnly?,
InviteMessageTemplate:InviteMessageTemplate, UnusedAccountValidityDays#.
AWS::Cognito::UserPool.AdvancedSecurityAdditionalFlows: CustomAuthMode.
AWS::Cognito::UserPool.CustomEmailSender: LambdaArn, LambdaVersion.
AWS::Cognito::UserPool.CustomSMSSender: LambdaArn, LambdaVersion.
AWS::Cognito::UserPool.DeviceConfiguration: ChallengeRequiredOnNewDevice?,
DeviceOnlyRememberedOnUserPrompt?.
AWS::Cognito::UserPool.EmailConfiguration: ConfigurationSet, EmailSendingAccount, From,
ReplyToEmailAddress, SourceArn.
AWS::Cognito::UserPool.InboundFederation: LambdaArn, LambdaVersion.
AWS::Cognito::UserPool.InviteMessageTemplate: EmailMessage, EmailSubject, SMSMessage.
AWS::Cognito::UserPool.LambdaConfig: CreateAuthChallenge, CustomEmailSender:CustomEmailSender,
CustomMessage, CustomSMSSender:CustomSMSSender, DefineAuthChallenge,
InboundFederation:InboundFederation, KMSKeyID, PostAuthentication, PostConfirmation,
PreAuthentication, PreSignUp, PreTokenGeneration,
PreTokenGenerationConfig:PreTokenGenerationConfig, UserMigration, VerifyAuthChallengeResponse.
AWS::Cognito::UserPool.NumberAttributeConstraints: MaxValue, MinValue.
AWS::Cognito::UserPool.PasswordPolicy: MinimumLength#, PasswordHistorySize#, RequireLowercase?,
RequireNumbers?, RequireSymbols?, RequireUppercase?, TemporaryPasswordValidityDays#.
AWS::Cognito::UserPool.Policies: PasswordPolicy:PasswordPolicy, SignInPolicy:SignInPolicy.
AWS::Cognito::UserPool.PreTokenGenerationConfig: LambdaArn, LambdaVersion.
AWS::Cognito::UserPool.RecoveryOption: Name, Priority#.
AWS::Cognito::UserPool.SchemaAttribute: AttributeDataType, DeveloperOnlyAttribute?, Mutable?, Name,
NumberAttributeConstraints:NumberAttributeConstraints, Required?,
StringAttributeConstraints:StringAttributeConstraints.
AWS::Cognito::UserPool.SignInPolicy: AllowedFirstAuthFactors.
AWS::Cognito::UserPool.SmsConfiguration: ExternalId, SnsCallerArn, SnsRegion.
AWS::Cognito::UserPool.StringAttributeConstraints: MaxLength, MinLength.
AWS::Cognito::UserPool.UserAttributeUpdateSettings: AttributesRequireVerificationBeforeUpdate!.
AWS::Cognito::UserPool.UserPoolAddOns:
AdvancedSecurityAdditionalFlows:AdvancedSecurityAdditionalFlows, AdvancedSecurityMode.
AWS::Cognito::UserPool.UsernameConfiguration: CaseSensitive?.
AWS::Cognito::UserPool.VerificationMessageTemplate: DefaultEmailOption, EmailMessage,
EmailMessageByLink, EmailSubject, EmailSubjectByLink, SmsMessage.
AWS::Cognito::UserPoolClient: AccessTokenValidity#, AllowedOAuthFlows,
AllowedOAuthFlowsUserPoolClient?, AllowedOAuthScopes,
AnalyticsConfiguration:AnalyticsConfiguration, AuthSessionValidity#, CallbackURLs, ClientId,
ClientName, ClientSecret, DefaultRedirectURI, EnablePropagateAdditionalUserContextData?,
EnableTokenRevocation?, ExplicitAuthFlows, GenerateSecret?, IdTokenValidity#, LogoutURLs, Name,
PreventUserExistenceErrors, ReadAttributes, RefreshTokenRotation*, RefreshTokenValidity#,
SupportedIdentityProviders, TokenValidityUnits:TokenValidityUnits, UserPoolId!, WriteAttributes.
AWS::Cognito::UserPoolClient.AnalyticsConfiguration: ApplicationArn, ApplicationId, ExternalId,
RoleArn, UserDataShared?.
AWS::Cognito::UserPoolClient.TokenValidityUnits: AccessToken, IdToken, RefreshToken.
AWS::Cognito::UserPoolDomain: CloudFrontDistribution, CustomDomainConfig:CustomDomainConfigType,
Domain!, ManagedLoginVersion#, UserPoolId!.
AWS::Cognito::UserPoolDomain.CustomDomainConfigType: CertificateArn.
AWS::Cognito::UserPoolGroup: Description, GroupName, Precedence#, RoleArn, UserPoolId!.
AWS::Cognito::UserPoolUser: ClientMetadata*, DesiredDeliveryMediums, ForceAliasCreation?,
MessageAction, UserAttributes:AttributeType, UserPoolId!, Username, ValidationData:AttributeType.
AWS::Cognito::UserPoolUser.AttributeType: Name, Value.
AWS::Cognito::UserPoolUserToGroupAttachment: GroupName!, UserPoolId!, Username!.
AWS::DynamoDB::GlobalTable: Arn, AttributeDefinitions:AttributeDefinition, BillingMode,
GlobalSecondaryIndexes:GlobalSecondaryIndex, GlobalTableSourceArn,
GlobalTableWitnesses:GlobalTableWitness, KeySchema:KeySchema,
LocalSecondaryIndexes:LocalSecondaryIndex, MultiRegionConsistency,
ReadOnDemandThroughputSettings:ReadOnDemandThroughputSettings,
ReadProvisionedThroughputSettings:GlobalReadProvisionedThroughputSettings,
Replicas!:ReplicaSpecification, SSESpecification:SSESpecification, StreamArn,
StreamSpecification:StreamSpecification, TableId, TableName,
TimeToLiveSpecification:TimeToLiveSpecification, WarmThroughput:WarmThroughput,
WriteOnDemandThroughputSettings:WriteOnDemandThroughputSettings,
WriteProvisionedThroughputSettings:WriteProvisionedThroughputSettings.
AWS::DynamoDB::GlobalTable.AttributeDefinition: AttributeName!, AttributeType!.
AWS::DynamoDB::GlobalTable.CapacityAutoScalingSettings: MaxCapacity!#, MinCapacity!#,
SeedCapacity#, TargetTrackingScalingPolicyConfiguration!:TargetTrackingScalingPolicyConfiguration.
AWS::DynamoDB::GlobalTable.ContributorInsightsSpecification: Enabled!?, Mode.
AWS::DynamoDB::GlobalTable.GlobalReadProvisionedThroughputSettings: ReadCapacityUnits#.
AWS::DynamoDB::GlobalTable.GlobalSecondaryIndex: IndexName!,
KeySchema!:GlobalSecondaryIndexKeySchema, Projection!:Projection,
ReadOnDemandThroughputSettings:ReadOnDemandThroughputSettings,
ReadProvisionedThroughputSettings:GlobalReadProvisionedThroughputSettings,
WarmThroughput:WarmThroughput, WriteOnDemandThroughputSettings:WriteOnDemandThroughputSettings,
WriteProvisionedThroughputSettings:WriteProvisionedThroughputSettings.
AWS::DynamoDB::GlobalTable.GlobalSecondaryIndexKeySchema: AttributeName!, KeyType!.
AWS::DynamoDB::GlobalTable.GlobalTableWitness: Region.
AWS::DynamoDB::GlobalTable.KeySchema: AttributeName!, KeyType!.
AWS::DynamoDB::GlobalTable.KinesisStreamSpecification: ApproximateCreationDateTimePrecision,
StreamArn!.
AWS::DynamoDB::GlobalTable.LocalSecondaryIndex: IndexName!, KeySchema!:KeySchema,
Projection!:Projection.
AWS::DynamoDB::GlobalTable.PointInTimeRecoverySpecification: PointInTimeRecoveryEnabled?,
RecoveryPeriodInDays#.
AWS::DynamoDB::GlobalTable.Projection: NonKeyAttributes, ProjectionType.
AWS::DynamoDB::GlobalTable.ReadOnDemandThroughputSettings: MaxReadRequestUnits#.
AWS::DynamoDB::GlobalTable.ReadProvisionedThroughputSettings:
ReadCapacityAutoScalingSettings:CapacityAutoScalingSettings, ReadCapacityUnits#.
AWS::DynamoDB::GlobalTable.ReplicaGlobalSecondaryIndexSpecification:
ContributorInsightsSpecification:ContributorInsightsSpecification, IndexName!,
ReadOnDemandThroughputSettings:ReadOnDemandThroughputSettings,
ReadProvisionedThroughputSettings:ReadProvisionedThroughputSettings.
AWS::DynamoDB::GlobalTable.ReplicaSSESpecification: KMSMasterKeyId!.
AWS::DynamoDB::GlobalTable.ReplicaSpecification:
ContributorInsightsSpecification:ContributorInsightsSpecification, DeletionProtectionEnabled?,
GlobalSecondaryIndexes:ReplicaGlobalSecondaryIndexSpecification,
GlobalTableSettingsReplicationMode, KinesisStreamSpecification:KinesisStreamSpecification,
PointInTimeRecoverySpecification:PointInTimeRecoverySpecification,
ReadOnDemandThroughputSettings:ReadOnDemandThroughputSettings,
ReadProvisionedThroughputSettings:ReadProvisionedThroughputSettings, Region!,
ReplicaStreamSpecification:ReplicaStreamSpecification, ResourcePolicy:ResourcePolicy,
SSESpecification:ReplicaSSESpecification, TableClass, Tags:Tag.
AWS::DynamoDB::GlobalTable.ReplicaStreamSpecification: ResourcePolicy!:ResourcePolicy.
AWS::DynamoDB::GlobalTable.ResourcePolicy: PolicyDocument!*.
AWS::DynamoDB::GlobalTable.SSESpecification: SSEEnabled!?, SSEType.
AWS::DynamoDB::GlobalTable.StreamSpecification: StreamViewType!.
AWS::DynamoDB::GlobalTable.Tag: Key!, Value!.
AWS::DynamoDB::GlobalTable.TargetTrackingScalingPolicyConfiguration: DisableScaleIn?,
ScaleInCooldown#, ScaleOutCooldown#, TargetValue!#.
AWS::DynamoDB::GlobalTable.TimeToLiveSpecification: AttributeName, Enabled!?.
AWS::DynamoDB::GlobalTable.WarmThroughput: ReadUnitsPerSecond#, WriteUnitsPerSecond#.
AWS::DynamoDB::GlobalTable.WriteOnDemandThroughputSettings: MaxWriteRequestUnits#.
AWS::DynamoDB::GlobalTable.WriteProvisionedThroughputSettings:
WriteCapacityAutoScalingSettings:CapacityAutoScalingSettings.
AWS::DynamoDB::Table: Arn, AttributeDefinitions:AttributeDefinition, BillingMode,
ContributorInsightsSpecification:ContributorInsightsSpecification, DeletionProtectionEnabled?,
GlobalSecondaryIndexes:GlobalSecondaryIndex, ImportSourceSpecification:ImportSourceSpecification,
KeySchema!:KeySchema, KinesisStreamSpecification:KinesisStreamSpecification,
LocalSecondaryIndexes:LocalSecondaryIndex, OnDemandThroughput:OnDemandThroughput,
PointInTimeRecoverySpecification:PointInTimeRecoverySpecification,
ProvisionedThroughput:ProvisionedThroughput, ResourcePolicy:ResourcePolicy,
SSESpecification:SSESpecification, StreamArn, StreamSpecification:StreamSpecification, TableClass,
TableName, Tags:Tag, TimeToLiveSpecification:TimeToLiveSpecification,
WarmThroughput:WarmThroughput.
AWS::DynamoDB::Table.AttributeDefinition: AttributeName!, AttributeType!.
AWS::DynamoDB::Table.ContributorInsightsSpecification: Enabled!?, Mode.
AWS::DynamoDB::Table.Csv: Delimiter, HeaderList.
AWS::DynamoDB::Table.GlobalSecondaryIndex:
ContributorInsightsSpecification:ContributorInsightsSpecification, IndexName!,
KeySchema!:GlobalSecondaryIndexKeySchema, OnDemandThroughput:OnDemandThroughput,
Projection!:Projection, ProvisionedThroughput:ProvisionedThroughput, WarmThroughput:WarmThroughput.
AWS::DynamoDB::Table.GlobalSecondaryIndexKeySchema: AttributeName!, KeyType!.
AWS::DynamoDB::Table.ImportSourceSpecification: InputCompressionType, InputFormat!,
InputFormatOptions:InputFormatOptions, S3BucketSource!:S3BucketSource.
AWS::DynamoDB::Table.InputFormatOptions: Csv:Csv.
AWS::DynamoDB::Table.KeySchema: AttributeName!, KeyType!.
AWS::DynamoDB::Table.KinesisStreamSpecification: ApproximateCreationDateTimePrecision, StreamArn!.
AWS::DynamoDB::Table.LocalSecondaryIndex: IndexName!, KeySchema!:KeySchema, Projection!:Projection.
AWS::DynamoDB::Table.OnDemandThroughput: MaxReadRequestUnits#, MaxWriteRequestUnits#.
AWS::DynamoDB::Table.PointInTimeRecoverySpecification: PointInTimeRecoveryEnabled?,
RecoveryPeriodInDays#.
AWS::DynamoDB::Table.Projection: NonKeyAttributes, ProjectionType.
AWS::DynamoDB::Table.ProvisionedThroughput: ReadCapacityUnits!#, WriteCapacityUnits!#.
AWS::DynamoDB::Table.ResourcePolicy: PolicyDocument!*.
AWS::DynamoDB::Table.S3BucketSource: S3Bucket!, S3BucketOwner, S3KeyPrefix.
AWS::DynamoDB::Table.SSESpecification: KMSMasterKeyId, SSEEnabled!?, SSEType.
AWS::DynamoDB::Table.StreamSpecification: ResourcePolicy:ResourcePolicy, StreamViewType!.
AWS::DynamoDB::Table.Tag: Key!, Value!.
AWS::DynamoDB::Table.TimeToLiveSpecification: AttributeName, Enabled!?.
AWS::DynamoDB::Table.WarmThroughput: ReadUnitsPerSecond#, WriteUnitsPerSecond#.
AWS::EventSchemas::Discoverer: CrossAccount?, Description, DiscovererArn, DiscovererId, SourceArn!,
State, Tags:TagsEntry.
AWS::EventSchemas::Discoverer.TagsEntry: Key!, Value!.
AWS::EventSchemas::Registry: Description, RegistryArn, RegistryName, Tags:TagsEntry.
AWS::EventSchemas::Registry.TagsEntry: Key!, Value!.
AWS::EventSchemas::Schema: Content!, Description, LastModified, RegistryName!, SchemaArn,
SchemaName, SchemaVersion, Tags:TagsEntry, Type!, VersionCreatedDate.
AWS::EventSchemas::Schema.TagsEntry: Key!, Value!.
AWS::Events::ApiDestination: Arn, ArnForPolicy, ConnectionArn!, Description, HttpMethod!,
InvocationEndpoint!, InvocationRateLimitPerSecond#, Name.
AWS::Events::Archive: ArchiveName, Arn, Description, EventPattern*, KmsKeyIdentifier,
RetentionDays#, SourceArn!.
AWS::Events::Connection: Arn, ArnForPolicy, AuthParameters:AuthParameters, AuthorizationType,
Description, InvocationConnectivityParameters:InvocationConnectivityParameters, KmsKeyIdentifier,
Name, SecretArn.
AWS::Events::Connection.ApiKeyAuthParameters: ApiKeyName!, ApiKeyValue!.
AWS::Events::Connection.AuthParameters: ApiKeyAuthParameters:ApiKeyAuthParameters,
BasicAuthParameters:BasicAuthParameters, ConnectivityParameters:ConnectivityParameters,
InvocationHttpParameters:ConnectionHttpParameters, OAuthParameters:OAuthParameters.
AWS::Events::Connection.BasicAuthParameters: Password!, Username!.
AWS::Events::Connection.ClientParameters: ClientID!, ClientSecret!.
AWS::Events::Connection.ConnectionHttpParameters: BodyParameters:Parameter,
HeaderParameters:Parameter, QueryStringParameters:Parameter.
AWS::Events::Connection.ConnectivityParameters: ResourceParameters!:ResourceParameters.
AWS::Events::Connection.InvocationConnectivityParameters: ResourceParameters!:ResourceParameters.
AWS::Events::Connection.OAuthParameters: AuthorizationEndpoint!,
ClientParameters!:ClientParameters, HttpMethod!, OAuthHttpParameters:ConnectionHttpParameters.
AWS::Events::Connection.Parameter: IsValueSecret?, Key!, Value!.
AWS::Events::Connection.ResourceParameters: ResourceAssociationArn, ResourceConfigurationArn!.
AWS::Events::EventBus: Arn, DeadLetterConfig:DeadLetterConfig, Description, EventSourceName,
KmsKeyIdentifier, LogConfig:LogConfig, Name!, Policy*, Tags:Tag.
AWS::Events::EventBus.DeadLetterConfig: Arn.
AWS::Events::EventBus.LogConfig: IncludeDetail, Level.
AWS::Events::EventBus.Tag: Key!, Value!.
AWS::Events::EventBusPolicy: Action, Condition:Condition, EventBusName, Principal, Statement*,
StatementId!.
AWS::Events::EventBusPolicy.Condition: Key, Type, Value.
AWS::Events::Rule: Arn, Description, EventBusName, EventPattern*, Name, RoleArn,
ScheduleExpression, State, Tags:Tag, Targets:Target.
AWS::Events::Rule.AppSyncParameters: GraphQLOperation!.
AWS::Events::Rule.AwsVpcConfiguration: AssignPublicIp, SecurityGroups, Subnets!.
AWS::Events::Rule.BatchArrayProperties: Size#.
AWS::Events::Rule.BatchParameters: ArrayProperties:BatchArrayProperties, JobDefinition!, JobName!,
RetryStrategy:BatchRetryStrategy.
AWS::Events::Rule.BatchRetryStrategy: Attempts#.
AWS::Events::Rule.CapacityProviderStrategyItem: Base#, CapacityProvider!, Weight#.
AWS::Events::Rule.DeadLetterConfig: Arn.
AWS::Events::Rule.EcsParameters: CapacityProviderStrategy:CapacityProviderStrategyItem,
EnableECSManagedTags?, EnableExecuteCommand?, Group, LaunchType,
NetworkConfiguration:NetworkConfiguration, PlacementConstraints:PlacementConstraint,
PlacementStrategies:PlacementStrategy, PlatformVersion, PropagateTags, ReferenceId, TagList:Tag,
TaskCount#, TaskDefinitionArn!.
AWS::Events::Rule.HttpParameters: HeaderParameters*, PathParameterValues, QueryStringParameters*.
AWS::Events::Rule.InputTransformer: InputPathsMap*, InputTemplate!.
AWS::Events::Rule.KinesisParameters: PartitionKeyPath!.
AWS::Events::Rule.NetworkConfiguration: AwsVpcConfiguration:AwsVpcConfiguration.
AWS::Events::Rule.PlacementConstraint: Expression, Type.
AWS::Events::Rule.PlacementStrategy: Field, Type.
AWS::Events::Rule.RedshiftDataParameters: Database!, DbUser, SecretManagerArn, Sql, Sqls,
StatementName, WithEvent?.
AWS::Events::Rule.RetryPolicy: MaximumEventAgeInSeconds#, MaximumRetryAttempts#.
AWS::Events::Rule.RunCommandParameters: RunCommandTargets!:RunCommandTarget.
AWS::Events::Rule.RunCommandTarget: Key!, Values!.
AWS::Events::Rule.SageMakerPipelineParameter: Name!, Value!.
AWS::Events::Rule.SageMakerPipelineParameters: PipelineParameterList:SageMakerPipelineParameter.
AWS::Events::Rule.SqsParameters: MessageGroupId!.
AWS::Events::Rule.Tag: Key, Value.
AWS::Events::Rule.Target: AppSyncParameters:AppSyncParameters, Arn!,
BatchParameters:BatchParameters, DeadLetterConfig:DeadLetterConfig, EcsParameters:EcsParameters,
HttpParameters:HttpParameters, Id!, Input, InputPath, InputTransformer:InputTransformer,
KinesisParameters:KinesisParameters, RedshiftDataParameters:RedshiftDataParameters,
RetryPolicy:RetryPolicy, RoleArn, RunCommandParameters:RunCommandParameters,
SageMakerPipelineParameters:SageMakerPipelineParameters, SqsParameters:SqsParameters.
AWS::IAM::AccessKey: Id, SecretAccessKey, Serial#, Status, UserName!.
AWS::IAM::Group: Arn, GroupName, ManagedPolicyArns, Path, Policies:Policy.
AWS::IAM::Group.Policy: PolicyDocument!*, PolicyName!.
AWS::IAM::InstanceProfile: Arn, InstanceProfileName, Path, Roles!.
AWS::IAM::ManagedPolicy: AttachmentCount#, CreateDate, DefaultVersionId, Description, Groups,
IsAttachable?, ManagedPolicyName, Path, PermissionsBoundaryUsageCount#, PolicyArn,
PolicyDocument!*, PolicyId, Roles, UpdateDate, Users.
AWS::IAM::Policy: Groups, Id, PolicyDocument!*, PolicyName!, Roles, Users.
AWS::IAM::Role: Arn, AssumeRolePolicyDocument!*, Description, ManagedPolicyArns,
MaxSessionDuration#, Path, PermissionsBoundary, Policies:Policy, RoleId, RoleName, Tags:Tag.
AWS::IAM::Role.Policy: PolicyDocument!*, PolicyName!.
AWS::IAM::Role.Tag: Key!, Value!.
AWS::IAM::User: Arn, Groups, LoginProfile:LoginProfile, ManagedPolicyArns, Path,
PermissionsBoundary, Policies:Policy, Tags:Tag, UserName.
AWS::IAM::User.LoginProfile: Password!, PasswordResetRequired?.
AWS::IAM::User.Policy: PolicyDocument!*, PolicyName!.
AWS::IAM::User.Tag: Key!, Value!.
AWS::IAM::UserToGroupAddition: GroupName!, Id, Users!.
AWS::KMS::Alias: AliasName!, TargetKeyId!.
AWS::KMS::Key: Arn, BypassPolicyLockoutSafetyCheck?, Description, EnableKeyRotation?, Enabled?,
KeyId, KeyPolicy*, KeySpec, KeyUsage, MultiRegion?, Origin, PendingWindowInDays#,
RotationPeriodInDays#, Tags:Tag.
AWS::KMS::Key.Tag: Key!, Value!.
AWS::Lambda::Alias: AliasArn, Description, FunctionName!, FunctionVersion!, Name!,
ProvisionedConcurrencyConfig:ProvisionedConcurrencyConfiguration,
RoutingConfig:AliasRoutingConfiguration.
AWS::Lambda::Alias.AliasRoutingConfiguration: AdditionalVersionWeights:VersionWeight.
AWS::Lambda::Alias.ProvisionedConcurrencyConfiguration: ProvisionedConcurrentExecutions!#.
AWS::Lambda::Alias.VersionWeight: FunctionVersion!, FunctionWeight!#.
AWS::Lambda::EventInvokeConfig: DestinationConfig:DestinationConfig, FunctionName!,
MaximumEventAgeInSeconds#, MaximumRetryAttempts#, Qualifier!.
AWS::Lambda::EventInvokeConfig.DestinationConfig: OnFailure:OnFailure, OnSuccess:OnSuccess.
AWS::Lambda::EventInvokeConfig.OnFailure: Destination!.
AWS::Lambda::EventInvokeConfig.OnSuccess: Destination!.
AWS::Lambda::EventSourceMapping:
AmazonManagedKafkaEventSourceConfig:AmazonManagedKafkaEventSourceConfig, BatchSize#,
BisectBatchOnFunctionError?, DestinationConfig:DestinationConfig,
DocumentDBEventSourceConfig:DocumentDBEventSourceConfig, Enabled?, EventSourceArn,
EventSourceMappingArn, FilterCriteria:FilterCriteria, FunctionName!, FunctionResponseTypes, Id,
KmsKeyArn, LoggingConfig:LoggingConfig, MaximumBatchingWindowInSeconds#,
MaximumRecordAgeInSeconds#, MaximumRetryAttempts#, MetricsConfig:MetricsConfig,
ParallelizationFactor#, ProvisionedPollerConfig:ProvisionedPollerConfig, Queues,
ScalingConfig:ScalingConfig, SelfManagedEventSource:SelfManagedEventSource,
SelfManagedKafkaEventSourceConfig:SelfManagedKafkaEventSourceConfig,
SourceAccessConfigurations:SourceAccessConfiguration, StartingPosition, StartingPositionTimestamp#,
Tags:Tag, Topics, TumblingWindowInSeconds#.
AWS::Lambda::EventSourceMapping.AmazonManagedKafkaEventSourceConfig: ConsumerGroupId,
SchemaRegistryConfig:SchemaRegistryConfig.
AWS::Lambda::EventSourceMapping.DestinationConfig: OnFailure:OnFailure.
AWS::Lambda::EventSourceMapping.DocumentDBEventSourceConfig: CollectionName, DatabaseName,
FullDocument.
AWS::Lambda::EventSourceMapping.Endpoints: KafkaBootstrapServers.
AWS::Lambda::EventSourceMapping.Filter: Pattern.
AWS::Lambda::EventSourceMapping.FilterCriteria: Filters:Filter.
AWS::Lambda::EventSourceMapping.LoggingConfig: SystemLogLevel.
AWS::Lambda::EventSourceMapping.MetricsConfig: Metrics.
AWS::Lambda::EventSourceMapping.OnFailure: Destination.
AWS::Lambda::EventSourceMapping.ProvisionedPollerConfig: MaximumPollers#, MinimumPollers#,
PollerGroupName.
AWS::Lambda::EventSourceMapping.ScalingConfig: MaximumConcurrency#.
AWS::Lambda::EventSourceMapping.SchemaRegistryAccessConfig: Type, URI.
AWS::Lambda::EventSourceMapping.SchemaRegistryConfig: AccessConfigs:SchemaRegistryAccessConfig,
EventRecordFormat, SchemaRegistryURI, SchemaValidationConfigs:SchemaValidationConfig.
AWS::Lambda::EventSourceMapping.SchemaValidationConfig: Attribute.
AWS::Lambda::EventSourceMapping.SelfManagedEventSource: Endpoints:Endpoints.
AWS::Lambda::EventSourceMapping.SelfManagedKafkaEventSourceConfig: ConsumerGroupId,
SchemaRegistryConfig:SchemaRegistryConfig.
AWS::Lambda::EventSourceMapping.SourceAccessConfiguration: Type, URI.
AWS::Lambda::EventSourceMapping.Tag: Key!, Value.
AWS::Lambda::Function: Architectures, Arn, CapacityProviderConfig:CapacityProviderConfig,
Code!:Code, CodeSigningConfigArn, DeadLetterConfig:DeadLetterConfig, Description,
DurableConfig:DurableConfig, Environment:Environment, EphemeralStorage:EphemeralStorage,
FileSystemConfigs:FileSystemConfig, FunctionName, FunctionScalingConfig:FunctionScalingConfig,
Handler, ImageConfig:ImageConfig, KmsKeyArn, Layers, LoggingConfig:LoggingConfig, MemorySize#,
PackageType, PublishToLatestPublished?, RecursiveLoop, ReservedConcurrentExecutions#, Role!,
Runtime, RuntimeManagementConfig:RuntimeManagementConfig, SnapStart:SnapStart,
SnapStartResponse:SnapStartResponse, Tags:Tag, TenancyConfig:TenancyConfig, Timeout#,
TracingConfig:TracingConfig, VpcConfig:VpcConfig.
AWS::Lambda::Function.CapacityProviderConfig:
LambdaManagedInstancesCapacityProviderConfig!:LambdaManagedInstancesCapacityProviderConfig.
AWS::Lambda::Function.Code: ImageUri, S3Bucket, S3Key, S3ObjectStorageMode, S3ObjectVersion,
SourceKMSKeyArn, ZipFile.
AWS::Lambda::Function.DeadLetterConfig: TargetArn.
AWS::Lambda::Function.DurableConfig: ExecutionTimeout!#, RetentionPeriodInDays#.
AWS::Lambda::Function.Environment: Variables*.
AWS::Lambda::Function.EphemeralStorage: Size!#.
AWS::Lambda::Function.FileSystemConfig: Arn!, LocalMountPath!.
AWS::Lambda::Function.FunctionScalingConfig: MaxExecutionEnvironments#, MinExecutionEnvironments#.
AWS::Lambda::Function.ImageConfig: Command, EntryPoint, WorkingDirectory.
AWS::Lambda::Function.LambdaManagedInstancesCapacityProviderConfig: CapacityProviderArn!,
ExecutionEnvironmentMemoryGiBPerVCpu#, PerExecutionEnvironmentMaxConcurrency#.
AWS::Lambda::Function.LoggingConfig: ApplicationLogLevel, LogFormat, LogGroup, SystemLogLevel.
AWS::Lambda::Function.RuntimeManagementConfig: RuntimeVersionArn, UpdateRuntimeOn!.
AWS::Lambda::Function.SnapStart: ApplyOn!.
AWS::Lambda::Function.SnapStartResponse: ApplyOn, OptimizationStatus.
AWS::Lambda::Function.Tag: Key!, Value.
AWS::Lambda::Function.TenancyConfig: TenantIsolationMode!.
AWS::Lambda::Function.TracingConfig: Mode.
AWS::Lambda::Function.VpcConfig: Ipv6AllowedForDualStack?, SecurityGroupIds, SubnetIds.
AWS::Lambda::LayerVersion: CompatibleArchitectures, CompatibleRuntimes, Content!:Content,
Description, LayerName, LayerVersionArn, LicenseInfo.
AWS::Lambda::LayerVersion.Content: S3Bucket!, S3Key!, S3ObjectVersion.
AWS::Lambda::LayerVersionPermission: Action!, Id, LayerVersionArn!, OrganizationId, Principal!.
AWS::Lambda::Permission: Action!, EventSourceToken, FunctionName!, FunctionUrlAuthType, Id,
InvokedViaFunctionUrl?, Principal!, PrincipalOrgID, SourceAccount, SourceArn.
AWS::Lambda::Url: AuthType!, Cors:Cors, FunctionArn, FunctionUrl, InvokeMode, Qualifier,
TargetFunctionArn!.
AWS::Lambda::Url.Cors: AllowCredentials?, AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders,
MaxAge#.
AWS::Lambda::Version: CodeSha256, Description, FunctionArn, FunctionName!,
FunctionScalingConfig:FunctionScalingConfig,
ProvisionedConcurrencyConfig:ProvisionedConcurrencyConfiguration, RuntimePolicy:RuntimePolicy,
Version.
AWS::Lambda::Version.FunctionScalingConfig: MaxExecutionEnvironments#, MinExecutionEnvironments#.
AWS::Lambda::Version.ProvisionedConcurrencyConfiguration: ProvisionedConcurrentExecutions!#.
AWS::Lambda::Version.RuntimePolicy: RuntimeVersionArn, UpdateRuntimeOn!.
AWS::Logs::LogGroup: Arn, BearerTokenAuthenticationEnabled?, DataProtectionPolicy*,
DeletionProtectionEnabled?, FieldIndexPolicies*, KmsKeyId, LogGroupClass, LogGroupName,
ResourcePolicyDocument*, RetentionInDays#, Tags:Tag.
AWS::Logs::LogGroup.Tag: Key!, Value!.
AWS::Logs::LogStream: LogGroupName!, LogStreamName.
AWS::Logs::MetricFilter: ApplyOnTransformedLogs?, EmitSystemFieldDimensions,
FieldSelectionCriteria, FilterName, FilterPattern!, LogGroupName!,
MetricTransformations!:MetricTransformation.
AWS::Logs::MetricFilter.Dimension: Key!, Value!.
AWS::Logs::MetricFilter.MetricTransformation: DefaultValue#, Dimensions:Dimension, MetricName!,
MetricNamespace!, MetricValue!, Unit.
AWS::Logs::ResourcePolicy: PolicyDocument!*, PolicyName!.
AWS::Logs::SubscriptionFilter: ApplyOnTransformedLogs?, DestinationArn!, Distribution,
EmitSystemFields, FieldSelectionCriteria, FilterName, FilterPattern!, LogGroupName!, RoleArn.
AWS::Pipes::Pipe: Arn, CreationTime, CurrentState, Description, DesiredState, Enrichment,
EnrichmentParameters:PipeEnrichmentParameters, KmsKeyIdentifier, LastModifiedTime,
LogConfiguration:PipeLogConfiguration, Name, RoleArn!, Source!,
SourceParameters:PipeSourceParameters, StateReason, Tags*, Target!,
TargetParameters:PipeTargetParameters.
AWS::Pipes::Pipe.AwsVpcConfiguration: AssignPublicIp, SecurityGroups, Subnets!.
AWS::Pipes::Pipe.BatchArrayProperties: Size#.
AWS::Pipes::Pipe.BatchContainerOverrides: Command, Environment:BatchEnvironmentVariable,
InstanceType, ResourceRequirements:BatchResourceRequirement.
AWS::Pipes::Pipe.BatchEnvironmentVariable: Name, Value.
AWS::Pipes::Pipe.BatchJobDependency: JobId, Type.
AWS::Pipes::Pipe.BatchResourceRequirement: Type!, Value!.
AWS::Pipes::Pipe.BatchRetryStrategy: Attempts#.
AWS::Pipes::Pipe.CapacityProviderStrategyItem: Base#, CapacityProvider!, Weight#.
AWS::Pipes::Pipe.CloudwatchLogsLogDestination: LogGroupArn.
AWS::Pipes::Pipe.DeadLetterConfig: Arn.
AWS::Pipes::Pipe.DimensionMapping: DimensionName!, DimensionValue!, DimensionValueType!.
AWS::Pipes::Pipe.EcsContainerOverride: Command, Cpu#, Environment:EcsEnvironmentVariable,
EnvironmentFiles:EcsEnvironmentFile, Memory#, MemoryReservation#, Name,
ResourceRequirements:EcsResourceRequirement.
AWS::Pipes::Pipe.EcsEnvironmentFile: Type!, Value!.
AWS::Pipes::Pipe.EcsEnvironmentVariable: Name, Value.
AWS::Pipes::Pipe.EcsEphemeralStorage: SizeInGiB!#.
AWS::Pipes::Pipe.EcsInferenceAcceleratorOverride: DeviceName, DeviceType.
AWS::Pipes::Pipe.EcsResourceRequirement: Type!, Value!.
AWS::Pipes::Pipe.EcsTaskOverride: ContainerOverrides:EcsContainerOverride, Cpu,
EphemeralStorage:EcsEphemeralStorage, ExecutionRoleArn,
InferenceAcceleratorOverrides:EcsInferenceAcceleratorOverride, Memory, TaskRoleArn.
AWS::Pipes::Pipe.Filter: Pattern.
AWS::Pipes::Pipe.FilterCriteria: Filters:Filter.
AWS::Pipes::Pipe.FirehoseLogDestination: DeliveryStreamArn.
AWS::Pipes::Pipe.MultiMeasureAttributeMapping: MeasureValue!, MeasureValueType!,
MultiMeasureAttributeName!.
AWS::Pipes::Pipe.MultiMeasureMapping: MultiMeasureAttributeMappings!:MultiMeasureAttributeMapping,
MultiMeasureName!.
AWS::Pipes::Pipe.NetworkConfiguration: AwsvpcConfiguration:AwsVpcConfiguration.
AWS::Pipes::Pipe.PipeEnrichmentHttpParameters: HeaderParameters*, PathParameterValues,
QueryStringParameters*.
AWS::Pipes::Pipe.PipeEnrichmentParameters: HttpParameters:PipeEnrichmentHttpParameters,
InputTemplate.
AWS::Pipes::Pipe.PipeLogConfiguration: CloudwatchLogsLogDestination:CloudwatchLogsLogDestination,
FirehoseLogDestination:FirehoseLogDestination, IncludeExecutionData, Level,
S3LogDestination:S3LogDestination.
AWS::Pipes::Pipe.PipeSourceActiveMQBrokerParameters: BatchSize#, Credentials!*,
MaximumBatchingWindowInSeconds#, QueueName!.
AWS::Pipes::Pipe.PipeSourceDynamoDBStreamParameters: BatchSize#, DeadLetterConfig:DeadLetterConfig,
MaximumBatchingWindowInSeconds#, MaximumRecordAgeInSeconds#, MaximumRetryAttempts#,
OnPartialBatchItemFailure, ParallelizationFactor#, StartingPosition!.
AWS::Pipes::Pipe.PipeSourceKinesisStreamParameters: BatchSize#, DeadLetterConfig:DeadLetterConfig,
MaximumBatchingWindowInSeconds#, MaximumRecordAgeInSeconds#, MaximumRetryAttempts#,
OnPartialBatchItemFailure, ParallelizationFactor#, StartingPosition!, StartingPositionTimestamp.
AWS::Pipes::Pipe.PipeSourceManagedStreamingKafkaParameters: BatchSize#, ConsumerGroupID,
Credentials*, MaximumBatchingWindowInSeconds#, StartingPosition, TopicName!.
AWS::Pipes::Pipe.PipeSourceParameters: ActiveMQBrokerParameters:PipeSourceActiveMQBrokerParameters,
DynamoDBStreamParameters:PipeSourceDynamoDBStreamParameters, FilterCriteria:FilterCriteria,
KinesisStreamParameters:PipeSourceKinesisStreamParameters,
ManagedStreamingKafkaParameters:PipeSourceManagedStreamingKafkaParameters,
RabbitMQBrokerParameters:PipeSourceRabbitMQBrokerParameters,
SelfManagedKafkaParameters:PipeSourceSelfManagedKafkaParameters,
SqsQueueParameters:PipeSourceSqsQueueParameters.
AWS::Pipes::Pipe.PipeSourceRabbitMQBrokerParameters: BatchSize#, Credentials!*,
MaximumBatchingWindowInSeconds#, QueueName!, VirtualHost.
AWS::Pipes::Pipe.PipeSourceSelfManagedKafkaParameters: AdditionalBootstrapServers, BatchSize#,
ConsumerGroupID, Credentials*, MaximumBatchingWindowInSeconds#, ServerRootCaCertificate,
StartingPosition, TopicName!, Vpc:SelfManagedKafkaAccessConfigurationVpc.
AWS::Pipes::Pipe.PipeSourceSqsQueueParameters: BatchSize#, MaximumBatchingWindowInSeconds#.
AWS::Pipes::Pipe.PipeTargetBatchJobParameters: ArrayProperties:BatchArrayProperties,
ContainerOverrides:BatchContainerOverrides, DependsOn:BatchJobDependency, JobDefinition!, JobName!,
Parameters*, RetryStrategy:BatchRetryStrategy.
AWS::Pipes::Pipe.PipeTargetCloudWatchLogsParameters: LogStreamName, Timestamp.
AWS::Pipes::Pipe.PipeTargetEcsTaskParameters:
CapacityProviderStrategy:CapacityProviderStrategyItem, EnableECSManagedTags?,
EnableExecuteCommand?, Group, LaunchType, NetworkConfiguration:NetworkConfiguration,
Overrides:EcsTaskOverride, PlacementConstraints:PlacementConstraint,
PlacementStrategy:PlacementStrategy, PlatformVersion, PropagateTags, ReferenceId, Tags:Tag,
TaskCount#, TaskDefinitionArn!.
AWS::Pipes::Pipe.PipeTargetEventBridgeEventBusParameters: DetailType, EndpointId, Resources,
Source, Time.
AWS::Pipes::Pipe.PipeTargetHttpParameters: HeaderParameters*, PathParameterValues,
QueryStringParameters*.
AWS::Pipes::Pipe.PipeTargetKinesisStreamParameters: PartitionKey!.
AWS::Pipes::Pipe.PipeTargetLambdaFunctionParameters: InvocationType.
AWS::Pipes::Pipe.PipeTargetParameters: BatchJobParameters:PipeTargetBatchJobParameters,
CloudWatchLogsParameters:PipeTargetCloudWatchLogsParameters,
EcsTaskParameters:PipeTargetEcsTaskParameters,
EventBridgeEventBusParameters:PipeTargetEventBridgeEventBusParameters,
HttpParameters:PipeTargetHttpParameters, InputTemplate,
KinesisStreamParameters:PipeTargetKinesisStreamParameters,
LambdaFunctionParameters:PipeTargetLambdaFunctionParameters,
RedshiftDataParameters:PipeTargetRedshiftDataParameters,
SageMakerPipelineParameters:PipeTargetSageMakerPipelineParameters,
SqsQueueParameters:PipeTargetSqsQueueParameters,
StepFunctionStateMachineParameters:PipeTargetStateMachineParameters,
TimestreamParameters:PipeTargetTimestreamParameters.
AWS::Pipes::Pipe.PipeTargetRedshiftDataParameters: Database!, DbUser, SecretManagerArn, Sqls!,
StatementName, WithEvent?.
AWS::Pipes::Pipe.PipeTargetSageMakerPipelineParameters:
PipelineParameterList:SageMakerPipelineParameter.
AWS::Pipes::Pipe.PipeTargetSqsQueueParameters: MessageDeduplicationId, MessageGroupId.
AWS::Pipes::Pipe.PipeTargetStateMachineParameters: InvocationType.
AWS::Pipes::Pipe.PipeTargetTimestreamParameters: DimensionMappings!:DimensionMapping,
EpochTimeUnit, MultiMeasureMappings:MultiMeasureMapping,
SingleMeasureMappings:SingleMeasureMapping, TimeFieldType, TimeValue!, TimestampFormat,
VersionValue!.
AWS::Pipes::Pipe.PlacementConstraint: Expression, Type.
AWS::Pipes::Pipe.PlacementStrategy: Field, Type.
AWS::Pipes::Pipe.S3LogDestination: BucketName, BucketOwner, OutputFormat, Prefix.
AWS::Pipes::Pipe.SageMakerPipelineParameter: Name!, Value!.
AWS::Pipes::Pipe.SelfManagedKafkaAccessConfigurationVpc: SecurityGroup, Subnets.
AWS::Pipes::Pipe.SingleMeasureMapping: MeasureName!, MeasureValue!, MeasureValueType!.
AWS::Pipes::Pipe.Tag: Key!, Value!.
AWS::S3::Bucket: AbacStatus, AccelerateConfiguration:AccelerateConfiguration, AccessControl,
AnalyticsConfigurations:AnalyticsConfiguration, Arn, BucketEncryption:BucketEncryption, BucketName,
BucketNamePrefix, BucketNamespace, CorsConfiguration:CorsConfiguration, DomainName,
DualStackDomainName, IntelligentTieringConfigurations:IntelligentTieringConfiguration,
InventoryConfigurations:InventoryConfiguration, LifecycleConfiguration:LifecycleConfiguration,
LoggingConfiguration:LoggingConfiguration, MetadataConfiguration:MetadataConfiguration,
MetadataTableConfiguration:MetadataTableConfiguration, MetricsConfigurations:MetricsConfiguration,
NotificationConfiguration:NotificationConfiguration,
ObjectLockConfiguration:ObjectLockConfiguration, ObjectLockEnabled?,
OwnershipControls:OwnershipControls, PublicAccessBlockConfiguration:PublicAccessBlockConfiguration,
RegionalDomainName, ReplicationConfiguration:ReplicationConfiguration, Tags:Tag,
VersioningConfiguration:VersioningConfiguration, WebsiteConfiguration:WebsiteConfiguration,
WebsiteURL.
AWS::S3::Bucket.AbortIncompleteMultipartUpload: DaysAfterInitiation!#.
AWS::S3::Bucket.AccelerateConfiguration: AccelerationStatus!.
AWS::S3::Bucket.AccessControlTranslation: Owner!.
AWS::S3::Bucket.AnalyticsConfiguration: Id!, Prefix, StorageClassAnalysis!:StorageClassAnalysis,
TagFilters:TagFilter.
AWS::S3::Bucket.BlockedEncryptionTypes: EncryptionType.
AWS::S3::Bucket.BucketEncryption: ServerSideEncryptionConfiguration!:ServerSideEncryptionRule.
AWS::S3::Bucket.CorsConfiguration: CorsRules!:CorsRule.
AWS::S3::Bucket.CorsRule: AllowedHeaders, AllowedMethods!, AllowedOrigins!, ExposedHeaders, Id,
MaxAge#.
AWS::S3::Bucket.DataExport: Destination!:Destination, OutputSchemaVersion!.
AWS::S3::Bucket.DefaultRetention: Days#, Mode, Years#.
AWS::S3::Bucket.DeleteMarkerReplication: Status.
AWS::S3::Bucket.Destination: BucketAccountId, BucketArn!, Format!, Prefix.
AWS::S3::Bucket.EncryptionConfiguration: ReplicaKmsKeyID!.
AWS::S3::Bucket.EventBridgeConfiguration: EventBridgeEnabled!?.
AWS::S3::Bucket.FilterRule: Name!, Value!.
AWS::S3::Bucket.IntelligentTieringConfiguration: Id!, Prefix, Status!, TagFilters:TagFilter,
Tierings!:Tiering.
AWS::S3::Bucket.InventoryConfiguration: Destination!:Destination, Enabled!?, Id!,
IncludedObjectVersions!, OptionalFields, Prefix, ScheduleFrequency!.
AWS::S3::Bucket.InventoryTableConfiguration: ConfigurationState!,
EncryptionConfiguration:MetadataTableEncryptionConfiguration, TableArn, TableName.
AWS::S3::Bucket.JournalTableConfiguration:
EncryptionConfiguration:MetadataTableEncryptionConfiguration, RecordExpiration!:RecordExpiration,
TableArn, TableName.
AWS::S3::Bucket.LambdaConfiguration: Event!, Filter:NotificationFilter, Function!.
AWS::S3::Bucket.LifecycleConfiguration: Rules!:Rule, TransitionDefaultMinimumObjectSize.
AWS::S3::Bucket.LoggingConfiguration: DestinationBucketName, LogFilePrefix, TargetObjectKeyFormat*.
AWS::S3::Bucket.MetadataConfiguration: Destination:MetadataDestination,
InventoryTableConfiguration:InventoryTableConfiguration,
JournalTableConfiguration!:JournalTableConfiguration.
AWS::S3::Bucket.MetadataDestination: TableBucketArn, TableBucketType!, TableNamespace.
AWS::S3::Bucket.MetadataTableConfiguration: S3TablesDestination!:S3TablesDestination.
AWS::S3::Bucket.MetadataTableEncryptionConfiguration: KmsKeyArn, SseAlgorithm!.
AWS::S3::Bucket.Metrics: EventThreshold:ReplicationTimeValue, Status!.
AWS::S3::Bucket.MetricsConfiguration: AccessPointArn, Id!, Prefix, TagFilters:TagFilter.
AWS::S3::Bucket.NoncurrentVersionExpiration: NewerNoncurrentVersions#, NoncurrentDays!#.
AWS::S3::Bucket.NoncurrentVersionTransition: NewerNoncurrentVersions#, StorageClass!,
TransitionInDays!#.
AWS::S3::Bucket.NotificationConfiguration: EventBridgeConfiguration:EventBridgeConfiguration,
LambdaConfigurations:LambdaConfiguration, QueueConfigurations:QueueConfiguration,
TopicConfigurations:TopicConfiguration.
AWS::S3::Bucket.NotificationFilter: S3Key!:S3KeyFilter.
AWS::S3::Bucket.ObjectLockConfiguration: ObjectLockEnabled, Rule:ObjectLockRule.
AWS::S3::Bucket.ObjectLockRule: DefaultRetention:DefaultRetention.
AWS::S3::Bucket.OwnershipControls: Rules!:OwnershipControlsRule.
AWS::S3::Bucket.OwnershipControlsRule: ObjectOwnership.
AWS::S3::Bucket.PublicAccessBlockConfiguration: BlockPublicAcls?, BlockPublicPolicy?,
IgnorePublicAcls?, RestrictPublicBuckets?.
AWS::S3::Bucket.QueueConfiguration: Event!, Filter:NotificationFilter, Queue!.
AWS::S3::Bucket.RecordExpiration: Days#, Expiration!.
AWS::S3::Bucket.RedirectAllRequestsTo: HostName!, Protocol.
AWS::S3::Bucket.RedirectRule: HostName, HttpRedirectCode, Protocol, ReplaceKeyPrefixWith,
ReplaceKeyWith.
AWS::S3::Bucket.ReplicaModifications: Status!.
AWS::S3::Bucket.ReplicationConfiguration: Role!, Rules!:ReplicationRule.
AWS::S3::Bucket.ReplicationDestination: AccessControlTranslation:AccessControlTranslation, Account,
Bucket!, EncryptionConfiguration:EncryptionConfiguration, Metrics:Metrics,
ReplicationTime:ReplicationTime, StorageClass.
AWS::S3::Bucket.ReplicationRule: DeleteMarkerReplication:DeleteMarkerReplication,
Destination!:ReplicationDestination, Filter:ReplicationRuleFilter, Id, Prefix, Priority#,
SourceSelectionCriteria:SourceSelectionCriteria, Status!.
AWS::S3::Bucket.ReplicationRuleAndOperator: Prefix, TagFilters:TagFilter.
AWS::S3::Bucket.ReplicationRuleFilter: And:ReplicationRuleAndOperator, Prefix, TagFilter:TagFilter.
AWS::S3::Bucket.ReplicationTime: Status!, Time!:ReplicationTimeValue.
AWS::S3::Bucket.ReplicationTimeValue: Minutes!#.
AWS::S3::Bucket.RoutingRule: RedirectRule!:RedirectRule, RoutingRuleCondition:RoutingRuleCondition.
AWS::S3::Bucket.RoutingRuleCondition: HttpErrorCodeReturnedEquals, KeyPrefixEquals.
AWS::S3::Bucket.Rule: AbortIncompleteMultipartUpload:AbortIncompleteMultipartUpload,
ExpirationDate, ExpirationInDays#, ExpiredObjectDeleteMarker?, Id,
NoncurrentVersionExpiration:NoncurrentVersionExpiration, NoncurrentVersionExpirationInDays#,
NoncurrentVersionTransition:NoncurrentVersionTransition,
NoncurrentVersionTransitions:NoncurrentVersionTransition, ObjectSizeGreaterThan,
ObjectSizeLessThan, Prefix, Status!, TagFilters:TagFilter, Transition:Transition,
Transitions:Transition.
AWS::S3::Bucket.S3KeyFilter: Rules!:FilterRule.
AWS::S3::Bucket.S3TablesDestination: TableArn, TableBucketArn!, TableName!, TableNamespace.
AWS::S3::Bucket.ServerSideEncryptionByDefault: KMSMasterKeyID, SSEAlgorithm!.
AWS::S3::Bucket.ServerSideEncryptionRule: BlockedEncryptionTypes:BlockedEncryptionTypes,
BucketKeyEnabled?, ServerSideEncryptionByDefault:ServerSideEncryptionByDefault.
AWS::S3::Bucket.SourceSelectionCriteria: ReplicaModifications:ReplicaModifications,
SseKmsEncryptedObjects:SseKmsEncryptedObjects.
AWS::S3::Bucket.SseKmsEncryptedObjects: Status!.
AWS::S3::Bucket.StorageClassAnalysis: DataExport:DataExport.
AWS::S3::Bucket.Tag: Key!, Value!.
AWS::S3::Bucket.TagFilter: Key!, Value!.
AWS::S3::Bucket.Tiering: AccessTier!, Days!#.
AWS::S3::Bucket.TopicConfiguration: Event!, Filter:NotificationFilter, Topic!.
AWS::S3::Bucket.Transition: StorageClass!, TransitionDate, TransitionInDays#.
AWS::S3::Bucket.VersioningConfiguration: Status!.
AWS::S3::Bucket.WebsiteConfiguration: ErrorDocument, IndexDocument,
RedirectAllRequestsTo:RedirectAllRequestsTo, RoutingRules:RoutingRule.
AWS::S3::BucketPolicy: Bucket!, PolicyDocument!*.
AWS::SNS::Subscription: Arn, DeliveryPolicy*, Endpoint, FilterPolicy*, FilterPolicyScope,
Protocol!, RawMessageDelivery?, RedrivePolicy*, Region, ReplayPolicy*, SubscriptionRoleArn,
TopicArn!.
AWS::SNS::Topic: ArchivePolicy*, ContentBasedDeduplication?, DataProtectionPolicy*,
DeliveryStatusLogging:LoggingConfig, DisplayName, FifoThroughputScope, FifoTopic?, KmsMasterKeyId,
SignatureVersion, Subscription:Subscription, Tags:Tag, TopicArn, TopicName, TracingConfig.
AWS::SNS::Topic.LoggingConfig: FailureFeedbackRoleArn, Protocol!, SuccessFeedbackRoleArn,
SuccessFeedbackSampleRate.
AWS::SNS::Topic.Subscription: Endpoint!, Protocol!.
AWS::SNS::Topic.Tag: Key!, Value!.
AWS::SNS::TopicPolicy: Id, PolicyDocument!*, Topics!.
AWS::SQS::Queue: Arn, ContentBasedDeduplication?, DeduplicationScope, DelaySeconds#, FifoQueue?,
FifoThroughputLimit, KmsDataKeyReusePeriodSeconds#, KmsMasterKeyId, MaximumMessageSize#,
MessageRetentionPeriod#, QueueName, QueueUrl, ReceiveMessageWaitTimeSeconds#, RedriveAllowPolicy*,
RedrivePolicy*, SqsManagedSseEnabled?, Tags:Tag, VisibilityTimeout#.
AWS::SQS::Queue.Tag: Key!, Value!.
AWS::SQS::QueuePolicy: Id, PolicyDocument!*, Queues!.
AWS::SSM::Parameter: AllowedPattern, DataType, Description, Name, Policies, Tags*, Tier, Type!,
Value!.
AWS::Scheduler::Schedule: Arn, Description, EndDate, FlexibleTimeWindow!:FlexibleTimeWindow,
GroupName, KmsKeyArn, Name, ScheduleExpression!, ScheduleExpressionTimezone, StartDate, State,
Target!:Target.
AWS::Scheduler::Schedule.AwsVpcConfiguration: AssignPublicIp, SecurityGroups, Subnets!.
AWS::Scheduler::Schedule.CapacityProviderStrategyItem: Base#, CapacityProvider!, Weight#.
AWS::Scheduler::Schedule.DeadLetterConfig: Arn.
AWS::Scheduler::Schedule.EcsParameters: CapacityProviderStrategy:CapacityProviderStrategyItem,
EnableECSManagedTags?, EnableExecuteCommand?, Group, LaunchType,
NetworkConfiguration:NetworkConfiguration, PlacementConstraints:PlacementConstraint,
PlacementStrategy:PlacementStrategy, PlatformVersion, PropagateTags, ReferenceId, Tags*,
TaskCount#, TaskDefinitionArn!.
AWS::Scheduler::Schedule.EventBridgeParameters: DetailType!, Source!.
AWS::Scheduler::Schedule.FlexibleTimeWindow: MaximumWindowInMinutes#, Mode!.
AWS::Scheduler::Schedule.KinesisParameters: PartitionKey!.
AWS::Scheduler::Schedule.NetworkConfiguration: AwsvpcConfiguration:AwsVpcConfiguration.
AWS::Scheduler::Schedule.PlacementConstraint: Expression, Type.
AWS::Scheduler::Schedule.PlacementStrategy: Field, Type.
AWS::Scheduler::Schedule.RetryPolicy: MaximumEventAgeInSeconds#, MaximumRetryAttempts#.
AWS::Scheduler::Schedule.SageMakerPipelineParameter: Name!, Value!.
AWS::Scheduler::Schedule.SageMakerPipelineParameters:
PipelineParameterList:SageMakerPipelineParameter.
AWS::Scheduler::Schedule.SqsParameters: MessageGroupId.
AWS::Scheduler::Schedule.Target: Arn!, DeadLetterConfig:DeadLetterConfig,
EcsParameters:EcsParameters, EventBridgeParameters:EventBridgeParameters, Input,
KinesisParameters:KinesisParameters, RetryPolicy:RetryPolicy, RoleArn!,
SageMakerPipelineParameters:SageMakerPipelineParameters, SqsParameters:SqsParameters.
AWS::Scheduler::ScheduleGroup: Arn, CreationDate, LastModificationDate, Name, State, Tags:Tag.
AWS::Scheduler::ScheduleGroup.Tag: Key!, Value!.
AWS::SecretsManager::ResourcePolicy: BlockPublicPolicy?, Id, ResourcePolicy!*, SecretId!.
AWS::SecretsManager::RotationSchedule: HostedRotationLambda*, Id, RotateImmediatelyOnUpdate?,
RotationLambdaARN, RotationRules:RotationRules, SecretId!.
AWS::SecretsManager::RotationSchedule.RotationRules: AutomaticallyAfterDays#, Duration,
ScheduleExpression.
AWS::SecretsManager::Secret: Description, GenerateSecretString:GenerateSecretString, Id, KmsKeyId,
Name, ReplicaRegions:ReplicaRegion, SecretString, Tags:Tag, Type.
AWS::SecretsManager::Secret.GenerateSecretString: ExcludeCharacters, ExcludeLowercase?,
ExcludeNumbers?, ExcludePunctuation?, ExcludeUppercase?, GenerateStringKey, IncludeSpace?,
PasswordLength#, RequireEachIncludedType?, SecretStringTemplate.
AWS::SecretsManager::Secret.ReplicaRegion: KmsKeyId, Region!.
AWS::SecretsManager::Secret.Tag: Key!, Value!.
AWS::StepFunctions::Activity: Arn, EncryptionConfiguration:EncryptionConfiguration, Name!,
Tags:TagsEntry.
AWS::StepFunctions::Activity.EncryptionConfiguration: KmsDataKeyReusePeriodSeconds#, KmsKeyId,
Type!.
AWS::StepFunctions::Activity.TagsEntry: Key!, Value!.
AWS::StepFunctions::StateMachine: Arn, Definition*, DefinitionS3Location:S3Location,
DefinitionString, DefinitionSubstitutions*, EncryptionConfiguration:EncryptionConfiguration,
LoggingConfiguration:LoggingConfiguration, Name, RoleArn!, StateMachineName,
StateMachineRevisionId, StateMachineType, Tags:TagsEntry,
TracingConfiguration:TracingConfiguration.
AWS::StepFunctions::StateMachine.CloudWatchLogsLogGroup: LogGroupArn.
AWS::StepFunctions::StateMachine.EncryptionConfiguration: KmsDataKeyReusePeriodSeconds#, KmsKeyId,
Type!.
AWS::StepFunctions::StateMachine.LogDestination: CloudWatchLogsLogGroup:CloudWatchLogsLogGroup.
AWS::StepFunctions::StateMachine.LoggingConfiguration: Destinations:LogDestination,
IncludeExecutionData?, Level.
AWS::StepFunctions::StateMachine.S3Location: Bucket!, Key!, Version.
AWS::StepFunctions::StateMachine.TagsEntry: Key!, Value!.
AWS::StepFunctions::StateMachine.TracingConfiguration: Enabled?.
AWS::StepFunctions::StateMachineAlias: Arn, DeploymentPreference:DeploymentPreference, Description,
Name, RoutingConfiguration:RoutingConfigurationVersion, StateMachineArn.
AWS::StepFunctions::StateMachineAlias.DeploymentPreference: Alarms, Interval#, Percentage#,
StateMachineVersionArn!, Type!.
AWS::StepFunctions::StateMachineAlias.RoutingConfigurationVersion: StateMachineVersionArn!,
Weight!#.
AWS::StepFunctions::StateMachineVersion: Arn, Description, StateMachineArn!,
StateMachineRevisionId.
)";

}  // namespace skafu::cloudformation

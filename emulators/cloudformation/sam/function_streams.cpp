#include "cloudformation/sam/function_events.h"
#include "cloudformation/sam/policies.h"

namespace skafu::cloudformation::sam {
namespace {

/// What distinguishes the sources that Lambda polls.
struct Kind {
    std::string_view type;
    std::string_view source;   ///< the property that names the source; empty: no ARN
    std::string_view managed;  ///< the managed policy that its reader needs
    bool starting_position;
};

constexpr Kind kKinds[] = {
    {"SQS", "Queue", "AWSLambdaSQSQueueExecutionRole", false},
    {"DynamoDB", "Stream", "AWSLambdaDynamoDBExecutionRole", true},
    {"Kinesis", "Stream", "AWSLambdaKinesisExecutionRole", true},
    {"MSK", "Stream", "AWSLambdaMSKExecutionRole", true},
    {"MQ", "Broker", "", false},
    {"DocumentDB", "Cluster", "", false},
    {"SelfManagedKafka", "", "", false},
};

[[noreturn]] void missing(const EventSource& event, std::string_view property) {
    throw SamProblem::resource(event.id, fmt::format("Missing required property '{}'.", property));
}

void allow_in_role(RoleNeeds& needs, const std::string& name, Json statements) {
    needs.inline_policies.push_back(
        {{"PolicyName", name},
         {"PolicyDocument", {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}}}});
}

/// DestinationConfig without its Types, and the permission to send there.
void add_destination(const EventSource& event, Json& mapping, RoleNeeds& needs) {
    const Json* config = event.find("DestinationConfig");
    if (config == nullptr) return;
    mapping["DestinationConfig"] = *config;
    const Json* failure = find_member(*config, "OnFailure");
    if (failure == nullptr) return;
    const std::string type = string_member(*failure, "Type");
    const Json* arn = find_member(*failure, "Destination");
    mapping["DestinationConfig"]["OnFailure"].erase("Type");
    if (type.empty() || arn == nullptr) return;
    Json document;
    if (type == "SQS")
        document = allow("sqs:SendMessage", *arn);
    else if (type == "SNS")
        document = allow("sns:publish", *arn);
    else
        return;
    needs.inline_policies.push_back(
        {{"PolicyName", event.owner.id + (type == "SQS" ? "SQSPolicy" : "SNSPolicy")},
         {"PolicyDocument", std::move(document)}});
}

Json statement(Json action, Json resource) {
    return Json{
        {"Effect", "Allow"}, {"Action", std::move(action)}, {"Resource", std::move(resource)}};
}

void check_basic_auth(const EventSource& event) {
    const Json* list = event.find("SourceAccessConfigurations");
    if (list == nullptr || !list->is_array() || list->empty()) {
        throw event.problem(
            "No SourceAccessConfigurations for Amazon " +
            std::string(event.properties.contains("Cluster") ? "DocumentDB" : "MQ") +
            " event provided.");
    }
}

Json secret_of(const EventSource& event) {
    for (const Json& entry : *event.find("SourceAccessConfigurations")) {
        const std::string type = string_member(entry, "Type");
        const bool broker = event.properties.contains("Broker");
        if (type == "BASIC_AUTH") {
            const Json* uri = find_member(entry, "URI");
            if (uri == nullptr) {
                throw event.problem(
                    "No BASIC_AUTH URI property specified in "
                    "SourceAccessConfigurations.");
            }
            return *uri;
        }
        if (!broker || type != "VIRTUAL_HOST") {
            throw event.problem(
                broker ? "Invalid property specified in SourceAccessConfigurations for "
                         "Amazon MQ event source. Supported values are: ['BASIC_AUTH', "
                         "'VIRTUAL_HOST']."
                       : "Invalid property Type specified in "
                         "SourceAccessConfigurations. The supported values are: "
                         "['BASIC_AUTH'].");
        }
    }
    throw event.problem("No BASIC_AUTH property specified in SourceAccessConfigurations.");
}

void allow_broker(const EventSource& event, RoleNeeds& needs) {
    check_basic_auth(event);
    Json statements = Json::array();
    statements.push_back(
        statement(Json::array({"secretsmanager:GetSecretValue"}), secret_of(event)));
    if (event.properties.contains("Broker")) {
        statements.push_back(statement(
            Json::array({"ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission",
                         "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
                         "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
                         "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}),
            "*"));
    }
    if (const Json* key = event.find("SecretsManagerKmsKeyId")) {
        statements.push_back(statement(
            "kms:Decrypt", Json{{"Fn::Sub", Json::array({"arn:${AWS::Partition}:kms:${AWS::Region}:"
                                                         "${AWS::AccountId}:key/${key}",
                                                         Json{{"key", *key}}})}}));
    }
    allow_in_role(needs, "SamAutoGeneratedAMQPolicy", std::move(statements));
}

}  // namespace

bool translate_pull_event(const std::string& type, const EventSource& event, RoleNeeds& needs) {
    const Kind* kind = nullptr;
    for (const Kind& known : kKinds) {
        if (known.type == type) kind = &known;
    }
    if (kind == nullptr) return false;
    Json mapping = {{"FunctionName", event.target}};
    if (!kind->source.empty()) {
        const Json* source = event.find(kind->source);
        if (source == nullptr) missing(event, kind->source);
        mapping["EventSourceArn"] = *source;
    }
    if (kind->starting_position && event.find("StartingPosition") == nullptr) {
        missing(event, "StartingPosition");
    }
    copy_members(event.properties, mapping,
                 {"StartingPosition",
                  "StartingPositionTimestamp",
                  "BatchSize",
                  "Enabled",
                  "MaximumBatchingWindowInSeconds",
                  "MaximumRetryAttempts",
                  "BisectBatchOnFunctionError",
                  "MaximumRecordAgeInSeconds",
                  "ParallelizationFactor",
                  "Topics",
                  "Queues",
                  "SourceAccessConfigurations",
                  "TumblingWindowInSeconds",
                  "FunctionResponseTypes",
                  "FilterCriteria",
                  "KmsKeyArn",
                  "ScalingConfig",
                  "ProvisionedPollerConfig",
                  "MetricsConfig",
                  "LoggingConfig",
                  "SchemaRegistryConfig"});
    add_destination(event, mapping, needs);
    if (!kind->managed.empty()) {
        needs.managed.push_back("service-role/" + std::string(kind->managed));
    }
    if (type == "MQ") allow_broker(event, needs);
    event.context.add(event.owner.id, event.id,
                      make_resource("AWS::Lambda::EventSourceMapping", std::move(mapping),
                                    event.owner.attributes()));
    return true;
}

}  // namespace skafu::cloudformation::sam

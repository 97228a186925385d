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
        {{"PolicyName", event.id + (type == "SQS" ? "SQSPolicy" : "SNSPolicy")},
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

const Json& network_actions() {
    static const Json actions =
        Json::array({"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces",
                     "ec2:DeleteNetworkInterface", "ec2:DescribeVpcs", "ec2:DescribeSubnets",
                     "ec2:DescribeSecurityGroups"});
    return actions;
}

void add_key_statement(const EventSource& event, Json& statements) {
    const Json* key = event.find("SecretsManagerKmsKeyId");
    if (key == nullptr) return;
    statements.push_back(statement(
        Json::array({"kms:Decrypt"}),
        Json{{"Fn::Sub", "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/" +
                             (key->is_string() ? key->get<std::string>() : "")}}));
}

void allow_broker(const EventSource& event, RoleNeeds& needs) {
    check_basic_auth(event);
    Json statements = Json::array();
    statements.push_back(
        statement(Json::array({"secretsmanager:GetSecretValue"}), secret_of(event)));
    std::string name = "SamAutoGeneratedAMQPolicy";
    if (const Json* broker = event.find("Broker")) {
        statements.push_back(statement(Json::array({"mq:DescribeBroker"}), *broker));
    } else {
        name = "SamAutoGeneratedDocumentDBPolicy";
        const std::string prefix = "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:";
        statements.push_back(statement(Json::array({"rds:DescribeDBClusterParameters"}),
                                       sub(prefix + "cluster-pg:*")));
        statements.push_back(
            statement(Json::array({"rds:DescribeDBSubnetGroups"}), sub(prefix + "subgrp:*")));
        statements.push_back(
            statement(Json::array({"rds:DescribeDBClusters"}), *event.find("Cluster")));
        statements.push_back(statement(network_actions(), "*"));
    }
    add_key_statement(event, statements);
    needs.inline_policies.push_back(
        {{"PolicyName", name}, {"PolicyDocument", {{"Statement", std::move(statements)}}}});
}

/// Kafka outside AWS: its endpoints, and the rights to its secrets and network.
void add_self_managed(const EventSource& event, Json& mapping, RoleNeeds& needs) {
    const Json* servers = event.find("KafkaBootstrapServers");
    if (servers == nullptr) {
        throw event.problem(
            "No KafkaBootstrapServers provided for self managed kafka as an event "
            "source");
    }
    const Json* topics = event.find("Topics");
    if (topics == nullptr) {
        throw event.problem("No Topics provided for self managed kafka as an event source");
    }
    if (topics->is_array() && topics->size() != 1) {
        throw event.problem(
            "Topics for self managed kafka only supports single configuration "
            "entry.");
    }
    mapping["SelfManagedEventSource"] = Json{{"Endpoints", {{"KafkaBootstrapServers", *servers}}}};
    Json statements = Json::array();
    const Json* list = event.find("SourceAccessConfigurations");
    bool network = false;
    Json first;
    if (list != nullptr && list->is_array()) {
        for (const Json& entry : *list) {
            const std::string type = string_member(entry, "Type");
            if (type.starts_with("VPC_")) {
                network = true;
                continue;
            }
            const Json* uri = find_member(entry, "URI");
            if (uri == nullptr) continue;
            // The certificate is read with the rights of the first secret: as AWS generates it.
            if (first.is_null()) first = *uri;
            statements.push_back(statement(Json::array({"secretsmanager:GetSecretValue"}), first));
        }
    }
    if (network) statements.push_back(statement(network_actions(), "*"));
    add_key_statement(event, statements);
    if (!statements.empty()) {
        allow_in_role(needs, "SelfManagedKafkaExecutionRolePolicy", std::move(statements));
    }
}

/// The settings of one kind of source that stand in a map of their own.
void add_source_settings(const EventSource& event, const std::string& type, Json& mapping) {
    Json settings = Json::object();
    copy_members(event.properties, settings, {"ConsumerGroupId", "SchemaRegistryConfig"});
    if (type == "DocumentDB") {
        Json own = Json::object();
        copy_members(event.properties, own, {"DatabaseName", "CollectionName", "FullDocument"});
        mapping["DocumentDBEventSourceConfig"] = std::move(own);
    } else if (type == "MSK" && !settings.empty()) {
        mapping["AmazonManagedKafkaEventSourceConfig"] = std::move(settings);
    } else if (type == "SelfManagedKafka" && !settings.empty()) {
        mapping["SelfManagedKafkaEventSourceConfig"] = std::move(settings);
    }
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
                  "LoggingConfig"});
    add_destination(event, mapping, needs);
    if (!kind->managed.empty()) {
        needs.managed.push_back("service-role/" + std::string(kind->managed));
    }
    if (type == "MQ" || type == "DocumentDB") allow_broker(event, needs);
    if (type == "SelfManagedKafka") add_self_managed(event, mapping, needs);
    add_source_settings(event, type, mapping);
    event.context.add(event.owner.id, event.id,
                      make_resource("AWS::Lambda::EventSourceMapping", std::move(mapping),
                                    event.owner.attributes()));
    return true;
}

}  // namespace skafu::cloudformation::sam

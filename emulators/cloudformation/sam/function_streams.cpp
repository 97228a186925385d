#include "cloudformation/sam/function_events.h"
#include "cloudformation/sam/policies.h"

namespace skafu::cloudformation::sam {
namespace {

/// What distinguishes the sources that Lambda polls.
struct Kind {
    std::string_view type;
    std::string_view source;   ///< the property that names the source; empty: no ARN
    std::string_view managed;  ///< the managed policy that its reader needs
};

constexpr Kind kKinds[] = {
    {"SQS", "Queue", "AWSLambdaSQSQueueExecutionRole"},
    {"DynamoDB", "Stream", "AWSLambdaDynamoDBExecutionRole"},
    {"Kinesis", "Stream", "AWSLambdaKinesisExecutionRole"},
    {"MSK", "Stream", "AWSLambdaMSKExecutionRole"},
    {"MQ", "Broker", ""},
    {"DocumentDB", "Cluster", ""},
    {"SelfManagedKafka", "", ""},
};

void allow_in_role(RoleNeeds& needs, const std::string& name, Json statements) {
    needs.inline_policies.push_back(
        {{"PolicyName", name},
         {"PolicyDocument", {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}}}});
}

/// DestinationConfig without its Type, and the permission to send there.
void add_destination(const EventSource& event, Json& mapping, RoleNeeds& needs) {
    const Json* config = event.find("DestinationConfig");
    if (!is_truthy(config)) return;
    const Json* failure = given(*config, "OnFailure");
    if (failure == nullptr || !failure->is_object()) {
        throw event.problem_of_generated("Property 'DestinationConfig.OnFailure' should be a map.");
    }
    mapping["DestinationConfig"] = *config;
    const Json* type = given(*failure, "Type");
    if (!is_truthy(type)) return;
    mapping["DestinationConfig"]["OnFailure"].erase("Type");
    if (*type != "SQS" && *type != "SNS" && *type != "S3") {
        throw event.problem_of_generated(
            "The only valid values for 'Type' are 'SQS', 'SNS', and 'S3'");
    }
    const Json* arn = given(*failure, "Destination");
    needs.inline_policies.push_back(
        destination_policy(event.id, type->get<std::string>(), arn == nullptr ? Json() : *arn));
}

Json statement(Json action, Json resource) {
    return Json{
        {"Effect", "Allow"}, {"Action", std::move(action)}, {"Resource", std::move(resource)}};
}

/// The secret among the SourceAccessConfigurations: the one entry of type BASIC_AUTH.
Json secret_of(const EventSource& event) {
    const Json* list = event.find("SourceAccessConfigurations");
    if (!is_truthy(list)) {
        throw event.problem(
            fmt::format("No SourceAccessConfigurations for Amazon {} event provided.", event.type));
    }
    if (!list->is_array()) {
        throw event.problem("Provided SourceAccessConfigurations cannot be parsed into a list.");
    }
    const bool broker = event.type == "MQ";
    Json secret;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string place = fmt::format("SourceAccessConfigurations[{}]", i);
        const Json& entry = (*list)[i];
        if (!entry.is_object()) {
            throw event.problem(fmt::format("Property '{}' should be a map.", place));
        }
        const Json* type = given(entry, "Type");
        if (type == nullptr || !type->is_string()) {
            throw event.problem(fmt::format("Property '{}.Type' should be a string.", place));
        }
        if (*type != "BASIC_AUTH" && (!broker || *type != "VIRTUAL_HOST")) {
            throw event.problem(
                fmt::format("Invalid property Type specified in SourceAccessConfigurations. The "
                            "supported values are: {}.",
                            broker ? "['BASIC_AUTH', 'VIRTUAL_HOST']" : "['BASIC_AUTH']"));
        }
        if (*type != "BASIC_AUTH") continue;
        if (!secret.is_null()) {
            throw event.problem(
                "Multiple BASIC_AUTH properties specified in SourceAccessConfigurations.");
        }
        if (!is_truthy(entry, "URI")) {
            throw event.problem(
                "No BASIC_AUTH URI property specified in SourceAccessConfigurations.");
        }
        secret = entry["URI"];
    }
    if (secret.is_null()) {
        throw event.problem("No BASIC_AUTH property specified in SourceAccessConfigurations.");
    }
    return secret;
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
    if (!is_truthy(key)) return;
    if (!key->is_string()) {
        throw event.problem("Property 'SecretsManagerKmsKeyId' should be a string.");
    }
    const Json action =
        event.find("Broker") != nullptr ? Json("kms:Decrypt") : Json::array({"kms:Decrypt"});
    statements.push_back(statement(
        action, Json{{"Fn::Sub", "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/" +
                                     key->get<std::string>()}}));
}

void allow_broker(const EventSource& event, RoleNeeds& needs) {
    Json statements = Json::array();
    statements.push_back(
        statement(Json::array({"secretsmanager:GetSecretValue"}), secret_of(event)));
    std::string name =
        event.is_set("DynamicPolicyName") ? event.id + "AMQPolicy" : "SamAutoGeneratedAMQPolicy";
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

std::string checked_uri(const EventSource& event, const Json& entry, std::string_view what) {
    const Json* uri = given(entry, "URI");
    const std::string where = fmt::format(
        "{} URI property specified in SourceAccessConfigurations for self managed "
        "kafka event.",
        what);
    if (!is_truthy(uri)) throw event.problem("No " + where);
    if (!uri->is_string() && !is_function(*uri)) throw event.problem("Wrong Type for " + where);
    return to_text(*uri);
}

/// What a reader of Kafka outside AWS has to be allowed: its secrets and its network.
Json kafka_statements(const EventSource& event, const Json& list) {
    Json first;
    bool certificate = false;
    bool subnet = false;
    bool group = false;
    for (const Json& entry : list) {
        if (!entry.is_object()) {
            throw SamProblem::resource(event.name,
                                       "Property 'SourceAccessConfigurations' should be a map.");
        }
        const std::string type = string_member(entry, "Type");
        if (type == "VPC_SUBNET" || type == "VPC_SECURITY_GROUP") {
            checked_uri(event, entry, type);
            (type == "VPC_SUBNET" ? subnet : group) = true;
        } else if (type == "SASL_SCRAM_256_AUTH" || type == "SASL_SCRAM_512_AUTH" ||
                   type == "BASIC_AUTH" || type == "CLIENT_CERTIFICATE_TLS_AUTH") {
            if (!first.is_null()) {
                throw event.problem(
                    "Multiple auth mechanism properties specified in SourceAccessConfigurations "
                    "for self managed kafka event.");
            }
            checked_uri(event, entry, "auth mechanism");
            first = entry["URI"];
        } else if (type == "SERVER_ROOT_CA_CERTIFICATE") {
            checked_uri(event, entry, type);
            certificate = true;
        } else {
            throw event.problem(
                "Invalid SourceAccessConfigurations Type provided for self managed kafka event.");
        }
    }
    if (subnet != group) {
        throw event.problem(
            "VPC_SUBNET and VPC_SECURITY_GROUP in SourceAccessConfigurations for SelfManagedKafka "
            "must be both provided.");
    }
    Json statements = Json::array();
    const Json actions = Json::array({"secretsmanager:GetSecretValue"});
    if (!first.is_null()) statements.push_back(statement(actions, first));
    // The certificate is read with the rights of the first secret: as AWS generates it.
    if (certificate) statements.push_back(statement(actions, first));
    if (subnet) statements.push_back(statement(network_actions(), "*"));
    return statements;
}

/// What a reader of a schema registry has to be allowed: its secrets, and the registry in Glue.
void add_registry_statements(const EventSource& event, Json& statements) {
    const Json* config = event.find("SchemaRegistryConfig");
    if (config == nullptr || !config->is_object()) return;
    const Json* access = given(*config, "AccessConfigs");
    if (access != nullptr && access->is_array()) {
        for (const Json& entry : *access) {
            if (!is_truthy(entry, "URI")) continue;
            statements.push_back(
                statement(Json::array({"secretsmanager:GetSecretValue"}), entry["URI"]));
        }
    }
    const Json& uri = (*config)["SchemaRegistryURI"];
    const std::string text =
        uri.is_string() ? uri.get<std::string>() : string_member(uri, "Fn::Sub");
    if (text.find(":glue:") == std::string::npos) return;
    statements.push_back(statement(Json::array({"glue:GetRegistry"}), uri));
    Json schemas = sub("arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:schema/" +
                       text.substr(text.rfind('/') + 1) + "/*");
    statements.push_back(
        statement(Json::array({"glue:GetSchemaVersion"}), Json::array({std::move(schemas)})));
}

/// Kafka outside AWS: its endpoints, and the rights to its secrets and network.
void add_self_managed(const EventSource& event, RoleNeeds& needs) {
    if (!event.is_set("KafkaBootstrapServers")) {
        throw event.problem(
            "No KafkaBootstrapServers provided for self managed kafka as an event source");
    }
    const Json* topics = event.find("Topics");
    if (!is_truthy(topics)) {
        throw event.problem("No Topics provided for self managed kafka as an event source");
    }
    if (topics->size() != 1) {
        throw event.problem(
            "Topics for self managed kafka only supports single configuration entry.");
    }
    const Json* list = event.find("SourceAccessConfigurations");
    if (!is_truthy(list)) {
        throw event.problem("No SourceAccessConfigurations for self managed kafka event provided.");
    }
    if (!list->is_array()) {
        throw event.problem(
            "SourceAccessConfigurations for self managed kafka event should be a list.");
    }
    Json statements = kafka_statements(event, *list);
    add_key_statement(event, statements);
    add_registry_statements(event, statements);
    allow_in_role(needs, "SelfManagedKafkaExecutionRolePolicy", std::move(statements));
}

/// A client certificate for MSK is a secret to be read.
void add_msk(const EventSource& event, RoleNeeds& needs) {
    Json statements = Json::array();
    const Json* list = event.find("SourceAccessConfigurations");
    if (list != nullptr && list->is_array()) {
        for (const Json& entry : *list) {
            if (string_member(entry, "Type") != "CLIENT_CERTIFICATE_TLS_AUTH") continue;
            if (!is_truthy(entry, "URI")) continue;
            statements.push_back(
                statement(Json::array({"secretsmanager:GetSecretValue"}), entry["URI"]));
            break;
        }
    }
    add_registry_statements(event, statements);
    if (statements.empty()) return;
    needs.inline_policies.push_back({{"PolicyName", "MSKExecutionRolePolicy"},
                                     {"PolicyDocument", {{"Statement", std::move(statements)}}}});
}

void check_schema_registry(const EventSource& event) {
    const Json* config = event.find("SchemaRegistryConfig");
    if (config == nullptr) return;
    for (const char* field :
         {"EventRecordFormat", "SchemaRegistryURI", "SchemaValidationConfigs"}) {
        if (is_truthy(*config, field)) continue;
        throw event.problem(
            fmt::format("Missing required field {} in SchemaRegistryConfig", field));
    }
}

void check_filter(const EventSource& event) {
    const Json* criteria = event.find("FilterCriteria");
    if (!is_truthy(criteria) || is_function(*criteria)) return;
    if (criteria->size() == 1 && criteria->contains("Filters")) return;
    throw event.problem("FilterCriteria field has a wrong format");
}

/// The settings of one kind of source that stand in a map of their own.
void add_source_settings(const EventSource& event, const std::string& type, Json& mapping) {
    Json settings = Json::object();
    copy_members(event.properties, settings, {"ConsumerGroupId", "SchemaRegistryConfig"});
    if (settings.contains("SchemaRegistryConfig") && !event.owner.properties.contains("Role")) {
        // Looking for the registry's name for the role, the translator puts in what it knows of the
        // function's arguments.
        Json& uri = settings["SchemaRegistryConfig"]["SchemaRegistryURI"];
        if (uri.is_object() && uri.size() == 1 && uri.begin()->is_structured()) {
            *uri.begin() = event.context.resolve(*uri.begin());
        }
    }
    if (type == "DocumentDB") {
        Json own = Json::object();
        copy_members(event.properties, own, {"DatabaseName", "CollectionName", "FullDocument"});
        mapping["DocumentDBEventSourceConfig"] = std::move(own);
    } else if (type == "MSK" && !settings.empty()) {
        mapping["AmazonManagedKafkaEventSourceConfig"] = std::move(settings);
    } else if (type == "SelfManagedKafka" && !settings.empty()) {
        mapping["SelfManagedKafkaEventSourceConfig"] = std::move(settings);
    } else if (event.is_set("ConsumerGroupId")) {
        throw event.problem_of_generated(
            fmt::format("Property ConsumerGroupId not defined for resource of type {}.", type));
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
    if (!kind->source.empty()) mapping["EventSourceArn"] = *event.find(kind->source);
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
    check_filter(event);
    if (event.is_set("KafkaBootstrapServers")) {
        mapping["SelfManagedEventSource"] =
            Json{{"Endpoints", {{"KafkaBootstrapServers", *event.find("KafkaBootstrapServers")}}}};
    }
    if (type == "MSK" || type == "SelfManagedKafka") check_schema_registry(event);
    add_source_settings(event, type, mapping);
    RoleNeeds destination;
    add_destination(event, mapping, destination);
    if (!kind->managed.empty()) {
        needs.managed.push_back("service-role/" + std::string(kind->managed));
    }
    if (type == "MQ" || type == "DocumentDB") allow_broker(event, needs);
    if (type == "SelfManagedKafka") add_self_managed(event, needs);
    if (type == "MSK") add_msk(event, needs);
    for (Json& policy : destination.inline_policies) {
        needs.inline_policies.push_back(std::move(policy));
    }
    event.context.add(event.owner.id, event.id,
                      make_resource("AWS::Lambda::EventSourceMapping", std::move(mapping),
                                    event.owner.attributes()));
    return true;
}

}  // namespace skafu::cloudformation::sam

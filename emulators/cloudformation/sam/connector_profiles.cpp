#include "cloudformation/sam/connector_profiles.h"

namespace skafu::cloudformation::sam {
namespace {

// Actions by the name that the table uses for them. "D" is the destination's ARN, "S" the
// source's. Data: the connectors' reference of the AWS SAM specification.
constexpr std::string_view kActions = R"json({
"invoke":[["lambda:InvokeAsync","lambda:InvokeFunction"],["D"]],
"invoke versions":[["lambda:InvokeAsync","lambda:InvokeFunction"],["D","D:*"]],
"put events":[["events:PutEvents"],["D"]],
"start":[["states:StartExecution"],["D"]],
"start any":[["states:StartExecution","states:StartSyncExecution"],["D"]],
"stop":[["states:StopExecution"],["EXECUTIONS"]],
"describe machine":[["states:DescribeStateMachine","states:ListExecutions"],["D"]],
"describe executions":[["states:DescribeExecution","states:DescribeStateMachineForExecution",
  "states:GetExecutionHistory"],["EXECUTIONS"]],
"describe execution":[["states:DescribeExecution"],["EXECUTIONS"]],
"describe rule":[["events:DescribeRule"],["RULE"]],
"put rule":[["events:PutTargets","events:PutRule"],["RULE"]],
"read bucket":[["s3:GetObject","s3:GetObjectAcl","s3:GetObjectLegalHold","s3:GetObjectRetention",
  "s3:GetObjectTorrent","s3:GetObjectVersion","s3:GetObjectVersionAcl",
  "s3:GetObjectVersionForReplication","s3:GetObjectVersionTorrent","s3:ListBucket",
  "s3:ListBucketMultipartUploads","s3:ListBucketVersions","s3:ListMultipartUploadParts"],
  ["D","D/*"]],
"write bucket":[["s3:AbortMultipartUpload","s3:DeleteObject","s3:DeleteObjectVersion",
  "s3:PutObject","s3:PutObjectLegalHold","s3:PutObjectRetention","s3:RestoreObject"],["D","D/*"]],
"read table":[["dynamodb:GetItem","dynamodb:Query","dynamodb:Scan","dynamodb:BatchGetItem",
  "dynamodb:ConditionCheckItem","dynamodb:PartiQLSelect"],["D","D/index/*"]],
"write table":[["dynamodb:PutItem","dynamodb:UpdateItem","dynamodb:DeleteItem",
  "dynamodb:BatchWriteItem","dynamodb:PartiQLDelete","dynamodb:PartiQLInsert",
  "dynamodb:PartiQLUpdate"],["D","D/index/*"]],
"read stream":[["dynamodb:DescribeStream","dynamodb:GetRecords","dynamodb:GetShardIterator",
  "dynamodb:ListStreams"],["S/stream/*"]],
"receive":[["sqs:ReceiveMessage","sqs:GetQueueAttributes"],["D"]],
"write queue":[["sqs:DeleteMessage","sqs:SendMessage","sqs:ChangeMessageVisibility",
  "sqs:PurgeQueue"],["D"]],
"send":[["sqs:SendMessage"],["D"]],
"publish":[["sns:Publish"],["D"]],
"receive own":[["sqs:ReceiveMessage","sqs:GetQueueAttributes"],["S"]],
"delete own":[["sqs:DeleteMessage"],["S"]],
"search places":[["geo:DescribePlaceIndex","geo:GetPlace","geo:SearchPlaceIndexForPosition",
  "geo:SearchPlaceIndexForSuggestions","geo:SearchPlaceIndexForText"],["D"]]
})json";

// Source, destination -> kind, and by category the names of actions or the caller of a policy.
constexpr std::string_view kProfiles = R"json({
"DynamoDB::Table":{"Lambda::Function":{"kind":"role of destination","wait":"mapping",
  "Read":["read stream"]}},
"Events::Rule":{"SNS::Topic":{"kind":"topic","Write":"events"},
  "Events::EventBus":{"kind":"role","Write":["put events"]},
  "StepFunctions::StateMachine":{"kind":"role","Write":["start"]},
  "Lambda::Function":{"kind":"function","Write":"events"},
  "SQS::Queue":{"kind":"queue","Write":"events"}},
"Lambda::Function":{"Lambda::Function":{"kind":"role","Write":["invoke"]},
  "S3::Bucket":{"kind":"role","Read":["read bucket"],"Write":["write bucket"]},
  "DynamoDB::Table":{"kind":"role","Read":["read table"],"Write":["write table"]},
  "SQS::Queue":{"kind":"role","Read":["receive"],"Write":["write queue"]},
  "SNS::Topic":{"kind":"role","Write":["publish"]},
  "StepFunctions::StateMachine":{"kind":"role","Write":["start any","stop"],
    "Read":["describe machine","describe executions"]},
  "Events::EventBus":{"kind":"role","Write":["put events"]},
  "Location::PlaceIndex":{"kind":"role","Read":["search places"]}},
"ApiGatewayV2::Api":{"Lambda::Function":{"kind":"function","Write":"apigateway"}},
"ApiGateway::RestApi":{"Lambda::Function":{"kind":"function","Write":"apigateway"}},
"SNS::Topic":{"SQS::Queue":{"kind":"queue","Write":"sns"},
  "Lambda::Function":{"kind":"function","Write":"sns"}},
"SQS::Queue":{"Lambda::Function":{"kind":"role of destination","wait":"mapping",
  "combinations":[["Read","Write"]],"Write":["delete own"],"Read":["receive own"]}},
"S3::Bucket":{"Lambda::Function":{"kind":"function","Write":"s3"}},
"StepFunctions::StateMachine":{"Lambda::Function":{"kind":"role","Write":["invoke"]},
  "SNS::Topic":{"kind":"role","Write":["publish"]},
  "SQS::Queue":{"kind":"role","Write":["send"]},
  "S3::Bucket":{"kind":"role","Read":["read bucket"],"Write":["write bucket"]},
  "DynamoDB::Table":{"kind":"role","Read":["read table"],"Write":["write table"]},
  "StepFunctions::StateMachine":{"kind":"role","wait":"source",
    "combinations":[["Read"],["Read","Write"]],"Read":["describe execution","describe rule"],
    "Write":["start","stop","put rule"]},
  "Events::EventBus":{"kind":"role","Write":["put events"]}},
"AppSync::DataSource":{"DynamoDB::Table":{"kind":"role","Read":["read table"],
    "Write":["write table"]},
  "Lambda::Function":{"kind":"role","Write":["invoke versions"]},
  "Events::EventBus":{"kind":"role","Write":["put events"]}},
"AppSync::GraphQLApi":{"Lambda::Function":{"kind":"function","Write":"appsync"}}
})json";

std::string with_variables(std::string resource) {
    const std::string arn = "arn:${AWS::Partition}:";
    const std::string here = "${AWS::Region}:${AWS::AccountId}:";
    if (resource == "EXECUTIONS") {
        return arn + "states:" + here + "execution:%{Destination.Name}:*";
    }
    if (resource == "RULE") {
        return arn + "events:" + here + "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule";
    }
    const char* variable = resource.front() == 'D' ? "%{Destination.Arn}" : "%{Source.Arn}";
    return variable + resource.substr(1);
}

Json statement_of(const std::string& name) {
    static const Json actions = parse_json(kActions);
    const Json& entry = actions[name];
    Json resources = Json::array();
    for (const Json& resource : entry[1]) {
        resources.push_back(with_variables(resource.get<std::string>()));
    }
    return Json{{"Effect", "Allow"}, {"Action", entry[0]}, {"Resource", std::move(resources)}};
}

/// What a policy of a topic or queue says: `service` may send there.
Json resource_statement(const std::string& kind, const std::string& service) {
    return Json{{"Effect", "Allow"},
                {"Principal", {{"Service", service + ".amazonaws.com"}}},
                {"Resource", "%{Destination.Arn}"},
                {"Action", kind == "topic" ? "sns:Publish" : "sqs:SendMessage"},
                {"Condition", {{"ArnEquals", {{"aws:SourceArn", "%{Source.Arn}"}}}}}};
}

/// What a permission of a function says: `service` may call it.
Json function_permission(const std::string& service) {
    const std::string here = "arn:${AWS::Partition}:";
    Json permission = {{"Action", "lambda:InvokeFunction"},
                       {"Principal", service + ".amazonaws.com"},
                       {"SourceArn", "%{Source.Arn}"}};
    if (service == "apigateway") {
        permission["SourceArn"] = here +
                                  "execute-api:${AWS::Region}:${AWS::AccountId}:"
                                  "%{Source.ResourceId}/%{Source.Qualifier}";
    } else if (service == "appsync") {
        permission["SourceArn"] =
            here + "appsync:${AWS::Region}:${AWS::AccountId}:apis/%{Source.ResourceId}";
    } else if (service == "s3") {
        permission["SourceAccount"] = "${AWS::AccountId}";
    }
    return permission;
}

}  // namespace

Json connector_profile(const std::string& source_type, const std::string& destination_type) {
    static const Json profiles = parse_json(kProfiles);
    constexpr std::string_view prefix = "AWS::";
    if (!source_type.starts_with(prefix) || !destination_type.starts_with(prefix)) return Json();
    const Json* of_source = find_member(profiles, source_type.substr(prefix.size()));
    if (of_source == nullptr) return Json();
    const Json* entry = find_member(*of_source, destination_type.substr(prefix.size()));
    if (entry == nullptr) return Json();
    const std::string kind = string_member(*entry, "kind");
    Json profile = {{"kind", kind.starts_with("role") ? "role" : kind},
                    {"of_source", kind == "role"},
                    {"access", Json::object()}};
    if (const Json* wait = find_member(*entry, "wait")) profile["depended_by"] = *wait;
    if (const Json* sets = find_member(*entry, "combinations")) profile["combinations"] = *sets;
    for (const auto& [category, grants] : entry->items()) {
        if (category != "Read" && category != "Write") continue;
        if (kind == "function") {
            profile["access"][category] = function_permission(grants.get<std::string>());
            continue;
        }
        Json statements = Json::array();
        if (grants.is_string()) {
            statements.push_back(resource_statement(kind, grants.get<std::string>()));
        } else {
            for (const Json& name : grants) {
                statements.push_back(statement_of(name.get<std::string>()));
            }
        }
        profile["access"][category] = std::move(statements);
    }
    return profile;
}

}  // namespace skafu::cloudformation::sam

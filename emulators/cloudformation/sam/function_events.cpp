#include "cloudformation/sam/function_events.h"

#include "cloudformation/sam/policies.h"

namespace skafu::cloudformation::sam {
namespace {

constexpr std::size_t kMaxTargetId = 64;

std::string target_id(const EventSource& event, std::string_view suffix) {
    if (const Json* target = event.find("Target")) {
        const std::string given = string_member(*target, "Id");
        if (!given.empty()) return given;
    }
    if (event.id.size() + suffix.size() <= kMaxTargetId) return event.id + std::string(suffix);
    return event.id.substr(0, kMaxTargetId - suffix.size()) + std::string(suffix);
}

/// The queue of DeadLetterConfig: given by ARN, or made here with its policy.
Json dead_letter_arn(const EventSource& event, const Json& source_arn, const Json& config) {
    const bool has_arn = config.contains("Arn");
    const bool has_type = config.contains("Type");
    if (has_arn && has_type) {
        throw event.problem_of_generated(
            "You can either define 'Arn' or 'Type' property of DeadLetterConfig.");
    }
    if (has_arn) return config["Arn"];
    if (!has_type) {
        throw event.problem_of_generated(
            "No 'Arn' or 'Type' property provided for DeadLetterConfig.");
    }
    if (config["Type"] != "SQS") {
        throw event.problem_of_generated(
            "The only valid value for 'Type' property of DeadLetterConfig is 'SQS'.");
    }
    std::string queue = event.id + "Queue";
    if (const Json* id = find_member(config, "QueueLogicalId")) {
        if (!id->is_string()) throw event.problem_of_generated("QueueLogicalId must be a string");
        queue = id->get<std::string>();
    }
    const Json attributes = event.owner.attributes();
    event.context.add(event.owner.id, queue,
                      make_resource("AWS::SQS::Queue", Json::object(), attributes));
    Json statement = {{"Effect", "Allow"},
                      {"Principal", {{"Service", "events.amazonaws.com"}}},
                      {"Action", "sqs:SendMessage"},
                      {"Resource", get_att(queue, "Arn")},
                      {"Condition", {{"ArnEquals", {{"aws:SourceArn", source_arn}}}}}};
    if (source_arn.is_null()) {
        statement["Principal"] = Json{{"Service", "scheduler.amazonaws.com"}};
        statement.erase("Condition");
    }
    Json policy = {
        {"PolicyDocument", {{"Version", "2012-10-17"}, {"Statement", Json::array({statement})}}},
        {"Queues", Json::array({ref_to(queue)})}};
    if (!source_arn.is_null()) {
        event.context.add(event.owner.id, event.id + "QueuePolicy",
                          make_resource("AWS::SQS::QueuePolicy", std::move(policy), attributes));
    }
    return get_att(queue, "Arn");
}

Json rule_target(const EventSource& event, std::string_view suffix, const Json* role_arn) {
    Json target = {{"Arn", event.arn}, {"Id", target_id(event, suffix)}};
    if (role_arn != nullptr) target["RoleArn"] = *role_arn;
    copy_members(event.properties, target,
                 {"Input", "InputPath", "InputTransformer", "RetryPolicy"});
    if (const Json* config = event.find("DeadLetterConfig")) {
        target["DeadLetterConfig"] =
            Json{{"Arn", dead_letter_arn(event, get_att(event.id, "Arn"), *config)}};
    }
    return target;
}

void add_state(const EventSource& event, Json& properties) {
    const Json* enabled = event.find("Enabled");
    if (const Json* state = event.find("State")) {
        if (enabled != nullptr) {
            throw event.problem("State and Enabled Properties cannot both be specified.");
        }
        properties["State"] = *state;
    } else if (enabled != nullptr) {
        properties["State"] = *enabled == true ? "ENABLED" : "DISABLED";
    }
}

void translate_sns(const EventSource& event, RoleNeeds& needs) {
    Json properties = Json::object();
    const Json* topic = event.find("Topic");
    if (topic == nullptr) throw event.problem("Missing required property 'Topic'.");
    properties["TopicArn"] = *topic;
    copy_members(event.properties, properties,
                 {"FilterPolicy", "FilterPolicyScope", "Region", "RedrivePolicy"});
    const Json* queue = event.find("SqsSubscription");
    const Json attributes = event.owner.attributes();
    if (queue == nullptr || *queue == false) {
        properties["Protocol"] = "lambda";
        properties["Endpoint"] = event.arn;
        add_permission(event, "sns.amazonaws.com", *topic);
        event.context.add(
            event.owner.id, event.id,
            make_resource("AWS::SNS::Subscription", std::move(properties), attributes));
        return;
    }
    Json arn = get_att(event.id + "Queue", "Arn");
    Json url = ref_to(event.id + "Queue");
    Json mapping = {{"BatchSize", 10}, {"Enabled", true}};
    std::string policy_id = event.id + "QueuePolicy";
    if (queue->is_object()) {
        const Json* given_arn = find_member(*queue, "QueueArn");
        const Json* given_url = find_member(*queue, "QueueUrl");
        if (given_arn == nullptr || given_url == nullptr) {
            throw event.problem("No QueueARN or QueueURL provided.");
        }
        arn = *given_arn;
        url = *given_url;
        policy_id = string_member(*queue, "QueuePolicyLogicalId", policy_id);
        copy_members(*queue, mapping, {"BatchSize", "Enabled"});
    } else {
        event.context.add(event.owner.id, event.id + "Queue",
                          make_resource("AWS::SQS::Queue", Json::object(), attributes));
    }
    properties["Protocol"] = "sqs";
    properties["Endpoint"] = arn;
    Json statement = {{"Action", "sqs:SendMessage"},
                      {"Effect", "Allow"},
                      {"Principal", "*"},
                      {"Resource", arn},
                      {"Condition", {{"ArnEquals", {{"aws:SourceArn", *topic}}}}}};
    Json policy = {
        {"PolicyDocument", {{"Version", "2012-10-17"}, {"Statement", Json::array({statement})}}},
        {"Queues", Json::array({url})}};
    mapping["EventSourceArn"] = arn;
    mapping["FunctionName"] = event.target;
    needs.managed.push_back("service-role/AWSLambdaSQSQueueExecutionRole");
    event.context.add(event.owner.id, event.id,
                      make_resource("AWS::SNS::Subscription", std::move(properties), attributes));
    event.context.add(event.owner.id, policy_id,
                      make_resource("AWS::SQS::QueuePolicy", std::move(policy), attributes));
    event.context.add(
        event.owner.id, event.id + "EventSourceMapping",
        make_resource("AWS::Lambda::EventSourceMapping", std::move(mapping), attributes));
}

void add_dependency(Json& resource, const std::string& id) {
    Json list = Json::array();
    if (const Json* waits = find_member(resource, "DependsOn")) {
        if (waits->is_array())
            list = *waits;
        else
            list.push_back(*waits);
    }
    if (std::find(list.begin(), list.end(), Json(id)) == list.end()) list.push_back(id);
    resource["DependsOn"] = std::move(list);
}

/// Buckets get the permission by a tag, so that no cycle arises under a condition.
void depend_conditionally(Json& bucket, const std::string& condition, const std::string& id) {
    Json& properties = bucket["Properties"];
    if (!properties.contains("Tags")) properties["Tags"] = Json::array();
    properties["Tags"].push_back(
        {{"Key", "sam:ConditionalDependsOn:" + id},
         {"Value", {{"Fn::If", Json::array({condition, ref_to(id), "no dependency"})}}}});
}

void translate_s3(const EventSource& event) {
    const Json* bucket_ref = event.find("Bucket");
    const std::string bucket_id =
        bucket_ref != nullptr && bucket_ref->is_object() ? string_member(*bucket_ref, "Ref") : "";
    Json* bucket = nullptr;
    if (event.context.resources().contains(bucket_id)) {
        bucket = &event.context.resources()[bucket_id];
    }
    if (bucket == nullptr || string_member(*bucket, "Type") != "AWS::S3::Bucket") {
        throw event.problem("S3 events must reference an S3 bucket in the same template.");
    }
    add_permission(event, "s3.amazonaws.com", nullptr,
                   Json{{"SourceAccount", ref_to("AWS::AccountId")}});
    const std::string permission = event.id + "Permission";
    const std::string condition = string_member(event.owner.resource, "Condition");
    if (!bucket->contains("Properties") || !(*bucket)["Properties"].is_object()) {
        (*bucket)["Properties"] = Json::object();
    }
    Json& properties = (*bucket)["Properties"];
    if (!properties.contains("NotificationConfiguration")) {
        properties["NotificationConfiguration"] = Json::object();
    }
    Json& notification = properties["NotificationConfiguration"];
    if (!notification.is_object()) {
        throw SamProblem::resource(bucket_id,
                                   "Property 'NotificationConfiguration' should be a map.");
    }
    if (!notification.contains("LambdaConfigurations")) {
        notification["LambdaConfigurations"] = Json::array();
    }
    Json& list = notification["LambdaConfigurations"];
    if (!list.is_array()) {
        throw SamProblem::resource(bucket_id,
                                   "Invalid type for LambdaConfigurations. Must be a list.");
    }
    const Json* events = event.find("Events");
    if (events == nullptr) throw event.problem("Missing required property 'Events'.");
    const Json names = events->is_array() ? *events : Json::array({*events});
    for (const Json& name : names) {
        Json entry = {{"Event", name}, {"Function", event.arn}};
        copy_members(event.properties, entry, {"Filter"});
        if (!condition.empty()) {
            entry = Json{{"Fn::If", Json::array({condition, entry, ref_to("AWS::NoValue")})}};
        }
        list.push_back(std::move(entry));
    }
    if (condition.empty())
        add_dependency(*bucket, permission);
    else
        depend_conditionally(*bucket, condition, permission);
}

void translate_logs(const EventSource& event) {
    const Json* group = event.find("LogGroupName");
    if (group == nullptr) throw event.problem("Missing required property 'LogGroupName'.");
    Json source = {
        {"Fn::Sub", Json::array({fmt::format("arn:{}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-"
                                             "group:${{__LogGroupName__}}:*",
                                             event.context.partition()),
                                 Json{{"__LogGroupName__", *group}}})}};
    add_permission(event, "logs.amazonaws.com", source);
    Json properties = {{"DestinationArn", event.arn}, {"LogGroupName", *group}};
    copy_members(event.properties, properties, {"FilterPattern"});
    Json attributes = event.owner.attributes();
    attributes["DependsOn"] = Json::array({event.id + "Permission"});
    event.context.add(
        event.owner.id, event.id,
        make_resource("AWS::Logs::SubscriptionFilter", std::move(properties), attributes));
}

void translate_iot(const EventSource& event) {
    Json arn = {
        {"Fn::Sub", Json::array({fmt::format("arn:{}:iot:${{AWS::Region}}:${{AWS::AccountId}}:rule/"
                                             "${{RuleName}}",
                                             event.context.partition()),
                                 Json{{"RuleName", ref_to(event.id)}}})}};
    add_permission(event, "iot.amazonaws.com", arn,
                   Json{{"SourceAccount", sub("${AWS::AccountId}")}});
    Json payload = {{"RuleDisabled", false},
                    {"Actions", Json::array({{{"Lambda", {{"FunctionArn", event.arn}}}}})}};
    copy_members(event.properties, payload, {"Sql", "AwsIotSqlVersion"});
    event.context.add(event.owner.id, event.id,
                      make_resource("AWS::IoT::TopicRule", Json{{"TopicRulePayload", payload}},
                                    event.owner.attributes()));
}

void translate_cognito(const EventSource& event) {
    const Json* pool_ref = event.find("UserPool");
    const std::string pool_id =
        pool_ref != nullptr && pool_ref->is_object() ? string_member(*pool_ref, "Ref") : "";
    Json& resources = event.context.resources();
    if (!resources.contains(pool_id) ||
        string_member(resources[pool_id], "Type") != "AWS::Cognito::UserPool") {
        throw event.problem(
            "Cognito events must reference a Cognito UserPool in the same "
            "template.");
    }
    const std::string prefix =
        event.target.contains("Ref") ? event.target["Ref"].get<std::string>() : event.owner.id;
    Json permission = {{"Action", "lambda:InvokeFunction"},
                       {"FunctionName", event.target},
                       {"Principal", "cognito-idp.amazonaws.com"},
                       {"SourceArn", get_att(pool_id, "Arn")}};
    event.context.add_shared(
        prefix + "CognitoPermission",
        make_resource("AWS::Lambda::Permission", std::move(permission), event.owner.attributes()));
    Json& pool = resources[pool_id];
    if (!pool.contains("Properties") || !pool["Properties"].is_object()) {
        pool["Properties"] = Json::object();
    }
    Json& properties = pool["Properties"];
    if (!properties.contains("LambdaConfig")) properties["LambdaConfig"] = Json::object();
    if (!properties["LambdaConfig"].is_object()) {
        throw event.problem("Property 'LambdaConfig' should be a map.");
    }
    const Json* trigger = event.find("Trigger");
    if (trigger == nullptr) throw event.problem("Missing required property 'Trigger'.");
    const Json triggers = trigger->is_array() ? *trigger : Json::array({*trigger});
    for (const Json& name : triggers) {
        if (!name.is_string()) throw event.problem("Property 'Trigger' should be a string.");
        Json& config = properties["LambdaConfig"];
        if (config.contains(name.get<std::string>())) {
            throw event.problem(fmt::format("Cognito trigger \"{}\" defined multiple times.",
                                            name.get<std::string>()));
        }
        config[name.get<std::string>()] = event.arn;
    }
}

}  // namespace

SamProblem EventSource::problem_of_generated(const std::string& why) const {
    const bool function = string_member(owner.resource, "Type") == "AWS::Serverless::Function";
    if (!function) return SamProblem::event(id, why);
    return SamProblem::resource(owner.id,
                                fmt::format("Event with id [{}] is invalid. {}", id, why));
}

SamProblem EventSource::problem(const std::string& why) const {
    const bool function = string_member(owner.resource, "Type") == "AWS::Serverless::Function";
    if (!function) return SamProblem::event(name, why);
    return SamProblem::resource(owner.id,
                                fmt::format("Event with id [{}] is invalid. {}", name, why));
}

void add_permission(const EventSource& event, std::string_view principal, const Json& source_arn,
                    const Json& more) {
    Json properties = {{"Action", "lambda:InvokeFunction"},
                       {"FunctionName", event.target},
                       {"Principal", principal}};
    if (!source_arn.is_null()) properties["SourceArn"] = source_arn;
    for (const auto& [name, value] : more.items()) properties[name] = value;
    event.context.add(
        event.owner.id, event.id + "Permission",
        make_resource("AWS::Lambda::Permission", std::move(properties), event.owner.attributes()));
}

void translate_rule(const EventSource& event, std::string_view suffix, const Json* role_arn) {
    Json properties = Json::object();
    copy_members(event.properties, properties, {"EventBusName", "State"});
    add_state(event, properties);
    if (const Json* pattern = event.find("Pattern")) properties["EventPattern"] = *pattern;
    if (const Json* name = event.find("RuleName")) properties["Name"] = *name;
    properties["Targets"] = Json::array({rule_target(event, suffix, role_arn)});
    event.context.add(
        event.owner.id, event.id,
        make_resource("AWS::Events::Rule", std::move(properties), event.owner.attributes()));
}

void translate_schedule(const EventSource& event, std::string_view suffix, const Json* role_arn) {
    Json properties = Json::object();
    if (const Json* schedule = event.find("Schedule")) properties["ScheduleExpression"] = *schedule;
    add_state(event, properties);
    copy_members(event.properties, properties, {"Name", "Description"});
    properties["Targets"] = Json::array({rule_target(event, suffix, role_arn)});
    event.context.add(
        event.owner.id, event.id,
        make_resource("AWS::Events::Rule", std::move(properties), event.owner.attributes()));
}

void translate_scheduler(const EventSource& event, bool state_machine) {
    Json properties = Json::object();
    copy_members(event.properties, properties,
                 {"ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow",
                  "StartDate", "EndDate", "GroupName", "KmsKeyArn", "Description", "State"});
    if (!properties.contains("FlexibleTimeWindow")) {
        properties["FlexibleTimeWindow"] = Json{{"Mode", "OFF"}};
    }
    const Json* keep = event.find("OmitName");
    const Json* name = event.find("Name");
    if (name != nullptr)
        properties["Name"] = *name;
    else if (keep == nullptr || *keep != true)
        properties["Name"] = event.id;
    Json target = {{"Arn", event.arn}};
    copy_members(event.properties, target, {"Input", "RetryPolicy"});
    Json policies = Json::array();
    const std::string action = state_machine ? "states:StartExecution" : "lambda:InvokeFunction";
    policies.push_back(
        {{"PolicyName", event.id + (state_machine ? "StartExecutionPolicy" : "LambdaPolicy")},
         {"PolicyDocument", allow(action, event.arn)}});
    if (const Json* config = event.find("DeadLetterConfig")) {
        const Json arn = dead_letter_arn(event, nullptr, *config);
        target["DeadLetterConfig"] = Json{{"Arn", arn}};
        policies.push_back({{"PolicyName", event.id + "SQSPolicy"},
                            {"PolicyDocument", allow("sqs:SendMessage", arn)}});
    }
    if (const Json* role = event.find("RoleArn")) {
        target["RoleArn"] = *role;
    } else {
        Json role_properties = {
            {"AssumeRolePolicyDocument", trust_policy("scheduler.amazonaws.com")},
            {"Policies", std::move(policies)}};
        copy_members(event.properties, role_properties, {"PermissionsBoundary"});
        event.context.add(
            event.owner.id, event.id + "Role",
            make_resource("AWS::IAM::Role", std::move(role_properties), event.owner.attributes()));
        target["RoleArn"] = get_att(event.id + "Role", "Arn");
    }
    properties["Target"] = std::move(target);
    event.context.add(
        event.owner.id, event.id,
        make_resource("AWS::Scheduler::Schedule", std::move(properties), event.owner.attributes()));
}

bool translate_push_event(const std::string& type, const EventSource& event, RoleNeeds& needs) {
    if (type == "EventBridgeRule" || type == "CloudWatchEvent") {
        add_permission(event, "events.amazonaws.com", get_att(event.id, "Arn"));
        translate_rule(event, "LambdaTarget", nullptr);
    } else if (type == "Schedule") {
        add_permission(event, "events.amazonaws.com", get_att(event.id, "Arn"));
        translate_schedule(event, "LambdaTarget", nullptr);
    } else if (type == "ScheduleV2") {
        translate_scheduler(event, false);
    } else if (type == "SNS") {
        translate_sns(event, needs);
    } else if (type == "S3") {
        translate_s3(event);
    } else if (type == "CloudWatchLogs") {
        translate_logs(event);
    } else if (type == "IoTRule") {
        translate_iot(event);
    } else if (type == "Cognito") {
        translate_cognito(event);
    } else if (type == "AlexaSkill") {
        Json more = Json::object();
        if (const Json* skill = event.find("SkillId")) more["EventSourceToken"] = *skill;
        add_permission(event, "alexa-appkit.amazon.com", nullptr, more);
    } else {
        return false;
    }
    return true;
}

}  // namespace skafu::cloudformation::sam

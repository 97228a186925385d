#include "cloudformation/sam/function_events.h"

#include "cloudformation/sam/api_events.h"
#include "cloudformation/sam/policies.h"
#include "cloudformation/sam/schema.h"

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
        properties["State"] = is_truthy(enabled) ? "ENABLED" : "DISABLED";
    }
}

/// Only a FIFO queue can subscribe to a FIFO topic.
bool is_fifo_topic(const EventSource& event, const Json& topic) {
    const Json* resource = find_member(event.context.resources(), string_member(topic, "Ref"));
    const Json* properties = resource == nullptr ? nullptr : given(*resource, "Properties");
    return properties != nullptr && is_truthy(*properties, "FifoTopic");
}

void translate_sns(const EventSource& event, RoleNeeds& needs) {
    Json properties = Json::object();
    const Json* topic = event.find("Topic");
    properties["TopicArn"] = *topic;
    copy_members(event.properties, properties,
                 {"FilterPolicy", "FilterPolicyScope", "Region", "RedrivePolicy"});
    const Json* queue = event.find("SqsSubscription");
    const Json attributes = event.owner.attributes();
    if (!is_truthy(queue)) {
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
        const Json* given_arn = given(*queue, "QueueArn");
        const Json* given_url = given(*queue, "QueueUrl");
        if (!is_truthy(given_arn) || !is_truthy(given_url)) {
            throw event.problem("No QueueARN or QueueURL provided.");
        }
        arn = *given_arn;
        url = *given_url;
        policy_id = string_member(*queue, "QueuePolicyLogicalId", policy_id);
        if (is_truthy(*queue, "BatchSize")) mapping["BatchSize"] = (*queue)["BatchSize"];
    } else {
        Json own = Json::object();
        if (is_fifo_topic(event, *topic)) own["FifoQueue"] = true;
        event.context.add(event.owner.id, event.id + "Queue",
                          make_resource("AWS::SQS::Queue", std::move(own), attributes));
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

void add_dependency(const EventSource& event, Json& resource, const std::string& id) {
    Json list = Json::array();
    if (const Json* waits = find_member(resource, "DependsOn")) {
        const bool names =
            waits->is_array() && std::all_of(waits->begin(), waits->end(),
                                             [](const Json& name) { return name.is_primitive(); });
        if (!names && !waits->is_string()) {
            throw SamProblem::resource(event.id,
                                       "Invalid type for field 'DependsOn'. Expected a string or "
                                       "list of strings.");
        }
        list = names ? *waits : Json::array({*waits});
    }
    if (std::find(list.begin(), list.end(), Json(id)) == list.end()) list.push_back(id);
    resource["DependsOn"] = std::move(list);
}

/// Buckets get the permission by a tag, so that no cycle arises under a condition.
void depend_conditionally(const std::string& bucket_id, Json& bucket, const std::string& condition,
                          const std::string& id) {
    Json& properties = bucket["Properties"];
    if (given(properties, "Tags") == nullptr) properties["Tags"] = Json::array();
    expect_list(bucket_id, properties["Tags"], "Tags");
    properties["Tags"].push_back(
        {{"Key", "sam:ConditionalDependsOn:" + id},
         {"Value", {{"Fn::If", Json::array({condition, ref_to(id), "no dependency"})}}}});
}

/// The list of a bucket's notifications to functions.
Json& lambda_notifications(const std::string& bucket_id, Json& bucket) {
    if (given(bucket, "Properties") == nullptr) bucket["Properties"] = Json::object();
    Json& properties = bucket["Properties"];
    if (!properties.is_object()) {
        throw SamProblem::resource(bucket_id, "Properties should be a map.");
    }
    if (given(properties, "NotificationConfiguration") == nullptr) {
        properties["NotificationConfiguration"] = Json::object();
    }
    Json& notification = properties["NotificationConfiguration"];
    expect_map(bucket_id, notification, "NotificationConfiguration");
    if (given(notification, "LambdaConfigurations") == nullptr) {
        notification["LambdaConfigurations"] = Json::array();
    }
    Json& list = notification["LambdaConfigurations"];
    if (!list.is_array()) {
        throw SamProblem::resource(bucket_id,
                                   "Invalid type for LambdaConfigurations. Must be a list.");
    }
    return list;
}

void translate_s3(const EventSource& event) {
    const std::string bucket_id = string_member(*event.find("Bucket"), "Ref");
    Json& bucket = event.context.resources()[bucket_id];
    add_permission(event, "s3.amazonaws.com", nullptr,
                   Json{{"SourceAccount", ref_to("AWS::AccountId")}});
    const std::string permission = event.id + "Permission";
    const std::string condition = string_member(event.owner.resource, "Condition");
    if (condition.empty()) add_dependency(event, bucket, permission);
    Json& list = lambda_notifications(bucket_id, bucket);
    const Json* events = event.find("Events");
    const Json names = events->is_array() ? *events : Json::array({*events});
    for (const Json& name : names) {
        Json entry = {{"Event", name}, {"Function", event.arn}};
        copy_members(event.properties, entry, {"Filter"});
        entry = conditional(condition, std::move(entry));
        if (std::find(list.begin(), list.end(), entry) == list.end()) {
            list.push_back(std::move(entry));
        }
    }
    if (!condition.empty()) depend_conditionally(bucket_id, bucket, condition, permission);
    event.context.tag_also(bucket);
}

void translate_logs(const EventSource& event) {
    const Json* group = event.find("LogGroupName");
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
    const std::string pool_id = string_member(*event.find("UserPool"), "Ref");
    Json& resources = event.context.resources();
    Json permission = {{"Action", "lambda:InvokeFunction"},
                       {"FunctionName", event.target},
                       {"Principal", "cognito-idp.amazonaws.com"},
                       {"SourceArn", get_att(pool_id, "Arn")}};
    event.context.add_shared(
        string_member(event.target, "Ref") + "CognitoPermission",
        make_resource("AWS::Lambda::Permission", std::move(permission), event.owner.attributes()));
    Json& pool = resources[pool_id];
    if (given(pool, "Properties") == nullptr) pool["Properties"] = Json::object();
    Json& properties = pool["Properties"];
    if (given(properties, "LambdaConfig") == nullptr) properties["LambdaConfig"] = Json::object();
    Json& config = properties["LambdaConfig"];
    expect_map(pool_id, config, "LambdaConfig");
    const Json* trigger = event.find("Trigger");
    const Json triggers = trigger->is_array() ? *trigger : Json::array({*trigger});
    for (const Json& name : triggers) {
        if (config.contains(name.get<std::string>())) {
            throw event.problem(
                fmt::format("Cognito trigger \"{}\" defined multiple times.", printed(*trigger)));
        }
        config[name.get<std::string>()] = event.arn;
    }
}

/// The resource of the template that an event of a bucket or user pool refers to has to be there.
void link_resource(const EventSource& event, std::string_view property, const std::string& why,
                   const std::string& why_no_text) {
    const Json* reference = event.find(property);
    const Json* id =
        reference != nullptr && reference->is_object() ? given(*reference, "Ref") : nullptr;
    if (id != nullptr && !id->is_string()) throw event.problem_of_link(why_no_text);
    if (id == nullptr || !event.context.resources().contains(id->get<std::string>())) {
        throw event.problem_of_link(why);
    }
}

void link(const EventSource& event) {
    if (event.type == "S3") {
        link_resource(event, "Bucket",
                      "S3 events must reference an S3 bucket in the same template.",
                      "'Ref' value in S3 events is not a valid string.");
    } else if (event.type == "Cognito") {
        link_resource(event, "UserPool",
                      "Cognito events must reference a Cognito UserPool in the same template.",
                      "Ref in Userpool is not a string.");
    } else if (event.type == "Api") {
        link_api_event(event);
    }
}

}  // namespace

EventSource link_event(Context& context, const Source& owner, std::string_view kind,
                       const std::string& name, const Json& entry) {
    EventSource event{context, owner, name, owner.id + name, "", Json::object(), Json(), Json()};
    if (!entry.is_object()) {
        throw event.problem_of_link(
            fmt::format("'{}' object has no attribute 'get'", python_type(entry)));
    }
    const Json* type = given(entry, "Type");
    event.type = type != nullptr && type->is_string() ? type->get<std::string>() : "";
    if (const Json* properties = find_member(entry, "Properties")) {
        if (!properties->is_object()) {
            throw SamProblem::resource(event.id, "Properties of a resource must be an object.");
        }
        event.properties = *properties;
    }
    if (!check_event_properties(kind, event.type, event.id, event.properties)) {
        throw event.problem_of_link(
            fmt::format("Resource dict has missing or invalid value for key Type. Event Type is: "
                        "{}.",
                        type == nullptr ? "None" : printed(*type)));
    }
    link(event);
    return event;
}

SamProblem EventSource::problem_of_link(const std::string& why) const {
    return SamProblem::resource(owner.id,
                                fmt::format("Event with id [{}] is invalid. {}", name, why));
}

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
    const Json* name = event.find("Name");
    if (event.is_set("OmitName")) {
        if (is_truthy(name)) {
            throw event.problem_of_generated("Name cannot be set when OmitName is True");
        }
    } else {
        properties["Name"] = is_truthy(name) ? *name : Json(event.id);
    }
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

#include "core/arn.h"
#include "core/aws_error.h"
#include "lambda/lambda_service.h"

namespace skafu::lambda {

namespace {

using shape::optional;
using shape::required;
using shape::structure;

constexpr const char* kMappings = "/2015-03-31/event-source-mappings";
constexpr const char* kMapping = "/2015-03-31/event-source-mappings/{UUID}";

/// The settings that an input may carry over into a mapping as they are.
constexpr std::array<const char*, 11> kSettings = {"BatchSize",
                                                   "MaximumBatchingWindowInSeconds",
                                                   "ParallelizationFactor",
                                                   "FilterCriteria",
                                                   "DestinationConfig",
                                                   "MaximumRecordAgeInSeconds",
                                                   "MaximumRetryAttempts",
                                                   "BisectBatchOnFunctionError",
                                                   "TumblingWindowInSeconds",
                                                   "FunctionResponseTypes",
                                                   "ScalingConfig"};

void apply_mapping_settings(LambdaService& lambda, const Json& input, Json& mapping) {
    for (const char* name : kSettings) {
        const Json* value = find_member(input, name);
        if (value != nullptr && !value->is_null()) mapping[name] = *value;
    }
    const EventFilter checked(mapping.value("FilterCriteria", Json()));
    const std::int64_t size = mapping.value("BatchSize", std::int64_t{10});
    const bool queue = string_member(mapping, "EventSourceArn").starts_with("arn:aws:sqs:");
    if (queue && size > 10 &&
        mapping.value("MaximumBatchingWindowInSeconds", std::int64_t{0}) == 0) {
        invalid_value(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            "greater than 10");
    }
    if (const Json* enabled = find_member(input, "Enabled")) {
        mapping["State"] = *enabled == false ? "Disabled" : "Enabled";
    }
    mapping["LastModified"] = epoch_seconds(lambda.cloud.clock().now());
}

Json new_mapping(LambdaService& lambda, const FunctionName& function, const Json& input) {
    const std::string uuid = lambda.cloud.entropy().uuid();
    const std::string source = string_member(input, "EventSourceArn");
    const bool stream = !source.starts_with("arn:aws:sqs:");
    Json mapping = {
        {"UUID", uuid},
        {"BatchSize", stream ? 100 : 10},
        {"MaximumBatchingWindowInSeconds", 0},
        {"EventSourceArn", source},
        {"FunctionArn", function.qualified_arn()},
        {"State", "Enabled"},
        {"StateTransitionReason", "USER_INITIATED"},
        {"EventSourceMappingArn", make_arn("lambda", function.scope.region, function.scope.account,
                                           "event-source-mapping:" + uuid)},
        {"FunctionResponseTypes", Json::array()}};
    if (stream) {
        mapping["StartingPosition"] = string_member(input, "StartingPosition", "LATEST");
        mapping["ParallelizationFactor"] = 1;
        mapping["MaximumRecordAgeInSeconds"] = -1;
        mapping["MaximumRetryAttempts"] = -1;
        mapping["BisectBatchOnFunctionError"] = false;
        mapping["TumblingWindowInSeconds"] = 0;
        mapping["LastProcessingResult"] = "No records processed";
        mapping["DestinationConfig"] = {{"OnFailure", Json::object()}};
    }
    return mapping;
}

void check_new(LambdaService& lambda, const Scope& scope, const FunctionName& function,
               const std::string& source) {
    if (!Arn::parse(source)) invalid_value("Event source ARN is not valid: " + source);
    lambda.functions.resolve(function);
    lambda.store.mappings.for_each(scope, [&](const std::string& uuid, const Json& mapping) {
        if (mapping["EventSourceArn"] == source &&
            mapping["FunctionArn"] == function.qualified_arn()) {
            conflict(fmt::format(
                "An event source mapping with event source arn (\" {} \") and function (\" {} \") "
                "already exists. Please update or delete the existing mapping with UUID {}",
                source, function.name, uuid));
        }
        return true;
    });
}

/// Lambda looks at a source before it reads from it. Templates may name what they make later.
Task<void> check_source(LambdaService& lambda, Caller caller, ActivityId cause,
                        std::string source) {
    const std::string service = Arn::parse(source)->service;
    const bool by_template = caller.principal == kTemplates;
    if (by_template || (service != "sqs" && service != "dynamodb")) co_return;
    const bool queue = service == "sqs";
    Json input = {{queue ? "QueueUrl" : "StreamArn", source}};
    std::optional<AwsError> failure;
    try {
        co_await lambda.cloud.call_json(queue ? "sqs" : "dynamodbstreams",
                                        queue ? "GetQueueAttributes" : "DescribeStream",
                                        std::move(input), caller, cause);
    } catch (const AwsError& error) {
        failure = error;
    }
    if (!failure) co_return;
    if (!queue) invalid_value("Stream not found: " + source);
    invalid_value(fmt::format(
        "Error occurred while ReceiveMessage. SQS Error Code: {}. SQS Error "
        "Message: {}",
        failure->code() == "QueueDoesNotExist" ? "AWS.SimpleQueueService.NonExistentQueue"
                                               : failure->code(),
        failure->message()));
}

Task<Json> create_mapping(LambdaService& lambda, Context& context, Json input) {
    const Scope scope = context.caller.scope();
    const FunctionName function = function_name(context, input);
    const std::string source = string_member(input, "EventSourceArn");
    check_new(lambda, scope, function, source);
    co_await check_source(lambda, context.caller, context.activity.id(), source);
    check_new(lambda, scope, function, source);  // another one may have come first
    Json mapping = new_mapping(lambda, function, input);
    apply_mapping_settings(lambda, input, mapping);
    const std::string uuid = string_member(mapping, "UUID");
    lambda.store.mappings.put(scope, uuid, mapping);
    lambda.sources.apply(scope, uuid);
    co_return mapping;
}

const Json& find_mapping(LambdaService& lambda, const Scope& scope, const Json& input) {
    const Json* found = lambda.store.mappings.find(scope, string_member(input, "UUID"));
    if (found == nullptr) missing_resource("The resource you requested does not exist.");
    return *found;
}

Json update_mapping(LambdaService& lambda, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    Json mapping = find_mapping(lambda, scope, input);
    if (input.contains("FunctionName")) {
        const FunctionName function = function_name(context, input);
        lambda.functions.resolve(function);
        mapping["FunctionArn"] = function.qualified_arn();
    }
    apply_mapping_settings(lambda, input, mapping);
    const std::string uuid = string_member(mapping, "UUID");
    lambda.store.mappings.put(scope, uuid, mapping);
    lambda.sources.apply(scope, uuid);
    return mapping;
}

Json delete_mapping(LambdaService& lambda, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    Json mapping = find_mapping(lambda, scope, input);
    const std::string uuid = string_member(mapping, "UUID");
    lambda.store.mappings.erase(scope, uuid);
    lambda.sources.apply(scope, uuid);
    std::vector<std::string> checkpoints;
    LambdaStore::for_each_of(lambda.store.checkpoints, scope, uuid,
                             [&](const std::string& key, const Json&) {
                                 checkpoints.push_back(key);
                                 return true;
                             });
    for (const std::string& key : checkpoints) lambda.store.checkpoints.erase(scope, key);
    mapping["State"] = "Deleting";
    return mapping;
}

Json list_mappings(LambdaService& lambda, Context& context, const Json& input) {
    const std::string source = string_member(input, "EventSourceArn");
    std::string function;
    if (input.contains("FunctionName")) function = function_name(context, input).arn();
    std::vector<Json> list;
    lambda.store.mappings.for_each(context.caller.scope(), [&](const std::string&,
                                                               const Json& mapping) {
        const std::string& arn = mapping["FunctionArn"].get_ref<const std::string&>();
        const bool fits = function.empty() || arn == function || arn.starts_with(function + ":");
        if (fits && (source.empty() || mapping["EventSourceArn"] == source)) {
            list.push_back(mapping);
        }
        return true;
    });
    return page_of(input, "EventSourceMappings", std::move(list), 100);
}

}  // namespace

void add_mapping_operations(Service& service, LambdaService& lambda) {
    const std::vector<Shape::Member> settings = {
        optional("BatchSize", shape::integer(1, 10000)),
        optional("MaximumBatchingWindowInSeconds", shape::integer(0, 300)),
        optional("MaximumRetryAttempts", shape::integer(-1, 10000)),
        optional("MaximumRecordAgeInSeconds", shape::integer(-1, 604800)),
        optional("ParallelizationFactor", shape::integer(1, 10)),
        optional("Enabled", shape::boolean()),
        optional("BisectBatchOnFunctionError", shape::boolean())};
    std::vector<Shape::Member> create = settings;
    create.push_back(required("FunctionName", shape::string(1, 170)));
    create.push_back(optional("EventSourceArn", shape::string()));
    service.add_async(rest("CreateEventSourceMapping", "POST", kMappings, 202, structure(create)),
                      [&lambda](Context& context, Json input) {
                          return create_mapping(lambda, context, std::move(input));
                      });
    std::vector<Shape::Member> update = settings;
    update.push_back(required("UUID", shape::string()));
    service.add(rest("UpdateEventSourceMapping", "PUT", kMapping, 202, structure(update)),
                [&lambda](Context& context, const Json& input) {
                    return update_mapping(lambda, context, input);
                });
    const Shape by_uuid = structure({required("UUID", shape::string())});
    service.add(rest("GetEventSourceMapping", "GET", kMapping, 200, by_uuid),
                [&lambda](Context& context, const Json& input) {
                    return find_mapping(lambda, context.caller.scope(), input);
                });
    service.add(rest("DeleteEventSourceMapping", "DELETE", kMapping, 202, by_uuid),
                [&lambda](Context& context, const Json& input) {
                    return delete_mapping(lambda, context, input);
                });
    service.add(rest("ListEventSourceMappings", "GET", kMappings, 200,
                     structure({optional("MaxItems", shape::integer(1, 10000)),
                                optional("Marker", shape::string())}),
                     {{"EventSourceArn", "EventSourceArn"},
                      {"FunctionName", "FunctionName"},
                      {"MaxItems", "MaxItems"},
                      {"Marker", "Marker"}}),
                [&lambda](Context& context, const Json& input) {
                    return list_mappings(lambda, context, input);
                });
}

}  // namespace skafu::lambda

#include <algorithm>
#include <set>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMostTargets = 5;

void require_supported(const Context& context, const std::string& arn) {
    const std::optional<std::string> reason = unsupported_target(arn);
    if (!reason) return;
    if (context.cloud.settings().lenient && arn.starts_with("arn:")) {
        log::warn("{}: accepted, and only recorded", *reason);
        return;
    }
    throw AwsError::validation(*reason);
}

void require_fifo_group(const Json& target, const Arn& arn) {
    if (arn.service == "sns" && arn.resource.ends_with(".fifo")) {
        throw AwsError::validation(
            fmt::format("Parameter {} is not valid. Reason: SNS FIFO topics are not supported as "
                        "targets.",
                        string_member(target, "Arn")));
    }
    if (arn.service != "sqs" || !arn.resource.ends_with(".fifo")) return;
    const Json* parameters = find_member(target, "SqsParameters");
    if (parameters == nullptr || string_member(*parameters, "MessageGroupId").empty()) {
        throw AwsError::validation(
            fmt::format("Parameter(s) SqsParameters must be specified for target: {}.",
                        string_member(target, "Id")));
    }
}

/// Parameters for one kind of target, which AWS takes with no other; SqsParameters go with all.
void refuse_parameters_of_others(const Json& target, const Arn& arn) {
    static const std::vector<TargetParameters> kKinds = {
        {"AppSyncParameters", {"appsync"}},
        {"BatchParameters", {"batch"}},
        {"EcsParameters", {"ecs"}},
        {"HttpParameters", {"events", "execute-api"}},
        {"KinesisParameters", {"kinesis"}},
        {"RedshiftDataParameters", {"redshift", "redshift-serverless"}},
        {"RunCommandParameters", {"ssm"}},
        {"SageMakerPipelineParameters", {"sagemaker"}}};
    const char* parameters = parameters_of_others(target, kKinds, arn.service);
    if (parameters == nullptr) return;
    throw AwsError::validation(fmt::format("Parameter(s) {} not supported for target: {}.",
                                           parameters, string_member(target, "Id")));
}

/// What AWS refuses, and what runs here all the same: nobody checks the role.
void require_role(const Context& context, const Json& target, const Arn& arn) {
    const bool needs_role = arn.service == "states" || arn.service == "events";
    if (!needs_role || !string_member(target, "RoleArn").empty()) return;
    const std::string problem =
        fmt::format("RoleArn is required for target {}.", string_member(target, "Arn"));
    if (context.cloud.settings().strict) throw AwsError::validation(problem);
    log::warn("AWS refuses this target: {}", problem);
}

void check_target(const Context& context, const Json& target) {
    TargetInput::compile(target);
    const std::string text = string_member(target, "Arn");
    require_supported(context, text);
    const std::optional<Arn> arn = Arn::parse(text);
    if (!arn) return;
    require_fifo_group(target, *arn);
    refuse_parameters_of_others(target, *arn);
    require_role(context, target, *arn);
    check_dead_letter_queue(target, context.caller.region);
}

void refuse_repeated_ids(const Json& targets) {
    std::set<std::string> ids;
    for (const Json& target : targets) {
        const std::string id = string_member(target, "Id");
        if (ids.insert(id).second) continue;
        throw AwsError::validation(
            fmt::format("Parameter targets is not valid. Reason: More than one target with Id "
                        "'{}' is provided.",
                        id));
    }
}

Json put_targets(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = bus_of(events, context, input);
    const RulePtr rule = events.buses.require_rule(bus, string_member(input, "Rule"));
    require_unmanaged(context, *rule, input);
    Json document = rule->document;
    Json& targets = document["Targets"];
    if (!targets.is_array()) targets = Json::array();
    refuse_repeated_ids(input["Targets"]);
    for (const Json& target : input["Targets"]) {
        check_target(context, target);
        bool replaced = false;
        for (Json& existing : targets) {
            if (string_member(existing, "Id") != string_member(target, "Id")) continue;
            existing = target;
            replaced = true;
        }
        if (!replaced) targets.push_back(target);
    }
    if (targets.size() > kMostTargets) {
        throw AwsError("LimitExceededException",
                       "The requested resource exceeds the maximum number allowed.");
    }
    events.buses.store_rule(bus, std::move(document));
    return {{"FailedEntryCount", 0}, {"FailedEntries", Json::array()}};
}

Json remove_targets(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = bus_of(events, context, input);
    const RulePtr rule = events.buses.require_rule(bus, string_member(input, "Rule"));
    require_unmanaged(context, *rule, input);
    Json document = rule->document;
    Json kept = Json::array();
    Json failed = Json::array();
    std::vector<std::string> ids;
    for (const Json& id : input["Ids"]) ids.push_back(id.get<std::string>());
    for (const std::shared_ptr<const Target>& target : rule->targets) {
        const auto wanted = std::find(ids.begin(), ids.end(), target->id);
        if (wanted == ids.end()) {
            kept.push_back(target->definition);
        } else {
            ids.erase(wanted);
        }
    }
    for (const std::string& id : ids) {
        failed.push_back({{"TargetId", id},
                          {"ErrorCode", "ResourceNotFoundException"},
                          {"ErrorMessage", fmt::format("Rule {} does not have a target with the "
                                                       "Id {}.",
                                                       rule->name, id)}});
    }
    document["Targets"] = std::move(kept);
    events.buses.store_rule(bus, std::move(document));
    const std::size_t count = failed.size();
    return {{"FailedEntryCount", count}, {"FailedEntries", std::move(failed)}};
}

Json list_targets(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = bus_of(events, context, input);
    const RulePtr rule = events.buses.require_rule(bus, string_member(input, "Rule"));
    Json all = Json::array();
    for (const std::shared_ptr<const Target>& target : rule->targets) {
        all.push_back(target->definition);
    }
    return page(input, "Targets", std::move(all));
}

}  // namespace

void add_target_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape::Member rule = required("Rule", rule_name_shape());
    const Shape::Member bus = optional("EventBusName", bus_name_shape());
    add({"PutTargets", structure({rule, bus, required("Targets", list(target_shape(), 1, 100))})},
        put_targets);
    add({"RemoveTargets", structure({rule, bus, required("Ids", list(name_shape(), 1, 100)),
                                     optional("Force", boolean())})},
        remove_targets);
    add({"ListTargetsByRule", structure({rule, bus, optional("NextToken", string(1, 2048)),
                                         optional("Limit", integer(1, 100))})},
        list_targets);
}

}  // namespace skafu::eventbridge

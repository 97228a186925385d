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

void require_fifo_group(const Json& target) {
    const std::string arn = string_member(target, "Arn");
    const bool is_fifo = arn.find(":sqs:") != std::string::npos && arn.ends_with(".fifo");
    const Json* parameters = find_member(target, "SqsParameters");
    const bool has_group =
        parameters != nullptr && !string_member(*parameters, "MessageGroupId").empty();
    if (is_fifo && !has_group) {
        throw AwsError::validation(
            fmt::format("Parameter(s) SqsParameters must be specified for target: {}.",
                        string_member(target, "Id")));
    }
    if (!is_fifo && has_group) {
        throw AwsError::validation(
            fmt::format("Parameter(s) SqsParameters is not supported for target: {}.",
                        string_member(target, "Id")));
    }
}

/// What AWS refuses, and what runs here all the same: nobody checks the role.
void require_role(const Context& context, const Json& target) {
    const std::string arn = string_member(target, "Arn");
    const bool needs_role = arn.find(":states:") != std::string::npos;
    if (!needs_role || !string_member(target, "RoleArn").empty()) return;
    const std::string problem = fmt::format("RoleArn is required for target {}.", arn);
    if (context.cloud.settings().strict) throw AwsError::validation(problem);
    log::warn("AWS refuses this target: {}", problem);
}

Json put_targets(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = bus_of(events, context, input);
    const RulePtr rule = events.buses.require_rule(bus, string_member(input, "Rule"));
    require_unmanaged(context, *rule, input);
    Json document = rule->document;
    Json& targets = document["Targets"];
    if (!targets.is_array()) targets = Json::array();
    for (const Json& target : input["Targets"]) {
        TargetInput::compile(target);
        require_supported(context, string_member(target, "Arn"));
        require_fifo_group(target);
        require_role(context, target);
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

#include <algorithm>

#include "core/aws_error.h"
#include "core/log.h"
#include "eventbridge/operations.h"
#include "eventbridge/schedule_expression.h"

namespace skafu::eventbridge {
namespace {

constexpr std::size_t kMostRules = 300;
constexpr std::size_t kMostRulesWithWildcards = 30;
constexpr std::size_t kLongestPattern = 2048;
constexpr const char* kDescribed[] = {"EventPattern", "ScheduleExpression", "State", "Description",
                                      "RoleArn",      "ManagedBy"};

RulePtr rule_of(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = bus_of(events, context, input);
    return events.buses.require_rule(bus, string_member(input, "Name"));
}

Json described(const Rule& rule) {
    Json answer = {{"Name", rule.name}, {"Arn", rule.arn}, {"EventBusName", rule.bus}};
    for (const char* name : kDescribed) {
        if (const Json* value = find_member(rule.document, name)) answer[name] = *value;
    }
    return answer;
}

void check_schedule(const Bus& bus, const std::string& schedule) {
    if (schedule.empty()) return;
    if (bus.name() != "default") {
        throw AwsError::validation(
            "ScheduleExpression is supported only on the default event bus.");
    }
    if (!ScheduleExpression::parse(schedule)) {
        throw AwsError::validation("Parameter ScheduleExpression is not valid.");
    }
}

/// The quota on a pattern's length, which AWS raises on request.
void check_pattern_size(const Context& context, const std::string& rule,
                        const std::string& pattern) {
    if (pattern.size() <= kLongestPattern) return;
    const std::string problem = fmt::format(
        "Parameter EventPattern for rule {} exceeds limit of {}.", rule, kLongestPattern);
    if (context.cloud.settings().strict) throw AwsError::validation(problem);
    log::warn("AWS refuses this rule until that quota is raised: {}", problem);
}

bool has_wildcard(const std::string& pattern) {
    return pattern.find("\"wildcard\"") != std::string::npos;
}

void check_wildcard_quota(const Context& context, const Bus& bus, const std::string& name,
                          const std::string& pattern) {
    const bool is_past_quotas = bus.rules().size() > kMostRules;
    if (is_past_quotas || !has_wildcard(pattern)) return;
    const auto others = std::count_if(bus.rules().begin(), bus.rules().end(), [&](const auto& one) {
        return one.first != name &&
               has_wildcard(string_member(one.second->document, "EventPattern"));
    });
    check_quota(context, "rules with wildcards on a bus", static_cast<std::size_t>(others),
                kMostRulesWithWildcards);
}

Json put_rule(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = bus_of(events, context, input);
    const std::string name = string_member(input, "Name");
    const std::string pattern = string_member(input, "EventPattern");
    const std::string schedule = string_member(input, "ScheduleExpression");
    if (pattern.empty() && schedule.empty()) {
        throw AwsError::validation(
            "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    }
    if (!pattern.empty()) parse_pattern(pattern);
    check_pattern_size(context, name, pattern);
    check_schedule(bus, schedule);
    if (const Json* tags = find_member(input, "Tags")) check_tags(*tags);
    const RulePtr before = bus.find_rule(name);
    if (before) require_unmanaged(context, *before, input);
    if (!before) check_quota(context, "rules on a bus", bus.rules().size(), kMostRules);
    check_wildcard_quota(context, bus, name, pattern);
    Json document = {{"Name", name}};
    for (const char* member : {"EventPattern", "ScheduleExpression", "Description", "RoleArn"}) {
        if (const Json* value = find_member(input, member)) document[member] = *value;
    }
    const bool is_service = context.caller.principal.ends_with(".amazonaws.com");
    if (is_service && input.contains("ManagedBy")) document["ManagedBy"] = input["ManagedBy"];
    document["State"] = string_member(input, "State", "ENABLED");
    document["CreatedBy"] = context.caller.account;
    if (before) {
        for (const char* kept : {"Targets", "Tags"}) {
            if (const Json* value = find_member(before->document, kept)) document[kept] = *value;
        }
    } else if (const Json* tags = find_member(input, "Tags")) {
        document["Tags"] = *tags;
    }
    const RulePtr rule = events.buses.store_rule(bus, std::move(document));
    events.schedules.follow(bus, rule);
    return {{"RuleArn", rule->arn}};
}

Json describe_rule(EventBridge& events, Context& context, const Json& input) {
    const RulePtr rule = rule_of(events, context, input);
    Json answer = described(*rule);
    answer["CreatedBy"] = string_member(rule->document, "CreatedBy", context.caller.account);
    return answer;
}

Json set_state(EventBridge& events, Context& context, const Json& input, const char* state) {
    Bus& bus = bus_of(events, context, input);
    const RulePtr rule = events.buses.require_rule(bus, string_member(input, "Name"));
    require_unmanaged(context, *rule, input);
    Json document = rule->document;
    document["State"] = state;
    events.schedules.follow(bus, events.buses.store_rule(bus, std::move(document)));
    return Json::object();
}

Json enable_rule(EventBridge& events, Context& context, const Json& input) {
    return set_state(events, context, input, "ENABLED");
}

Json disable_rule(EventBridge& events, Context& context, const Json& input) {
    return set_state(events, context, input, "DISABLED");
}

/// Deleting a rule that is not there is no error.
Json delete_rule(EventBridge& events, Context& context, const Json& input) {
    Bus& bus = bus_of(events, context, input);
    const RulePtr rule = bus.find_rule(string_member(input, "Name"));
    if (!rule) return Json::object();
    require_unmanaged(context, *rule, input);
    if (!rule->targets.empty()) {
        throw AwsError::validation("Rule can't be deleted since it has targets.");
    }
    events.schedules.forget(*rule);
    events.buses.remove_rule(bus, rule->name);
    return Json::object();
}

Json list_rules(EventBridge& events, Context& context, const Json& input) {
    const Bus& bus = bus_of(events, context, input);
    const std::string prefix = string_member(input, "NamePrefix");
    Json all = Json::array();
    for (const auto& [name, rule] : bus.rules()) {
        if (name.starts_with(prefix)) all.push_back(described(*rule));
    }
    return page(input, "Rules", std::move(all));
}

Json list_rule_names_by_target(EventBridge& events, Context& context, const Json& input) {
    const Bus& bus = bus_of(events, context, input);
    const std::string arn = string_member(input, "TargetArn");
    Json all = Json::array();
    for (const auto& [name, rule] : bus.rules()) {
        for (const std::shared_ptr<const Target>& target : rule->targets) {
            if (target->arn != arn) continue;
            all.push_back(name);
            break;
        }
    }
    return page(input, "RuleNames", std::move(all));
}

}  // namespace

void require_unmanaged(const Context& context, const Rule& rule, const Json& input) {
    const std::string owner = string_member(rule.document, "ManagedBy");
    const Json* force = find_member(input, "Force");
    const bool is_forced = force != nullptr && *force == true;
    if (owner.empty() || owner == context.caller.principal || is_forced) return;
    throw AwsError("ManagedRuleException",
                   fmt::format("Rule {} is managed by {}.", rule.name, owner));
}

void add_rule_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape::Member bus = optional("EventBusName", bus_name_shape());
    const Shape named = structure({required("Name", rule_name_shape()), bus});
    add({"PutRule",
         structure(
             {required("Name", rule_name_shape()), optional("ScheduleExpression", string(0, 256)),
              optional("EventPattern", string(0, 4096)),
              optional("State", enumeration({"ENABLED", "DISABLED",
                                             "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"})),
              optional("Description", string(0, 512)), optional("RoleArn", string(1, 1600)),
              optional("Tags", tags_shape()), bus})},
        put_rule);
    add({"DescribeRule", named}, describe_rule);
    add({"EnableRule", named}, enable_rule);
    add({"DisableRule", named}, disable_rule);
    add({"DeleteRule",
         structure({required("Name", rule_name_shape()), bus, optional("Force", boolean())})},
        delete_rule);
    add({"ListRules",
         structure({optional("NamePrefix", rule_name_shape()), bus,
                    optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))})},
        list_rules);
    add({"ListRuleNamesByTarget",
         structure({required("TargetArn", string(1, 1600)), bus,
                    optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))})},
        list_rule_names_by_target);
}

}  // namespace skafu::eventbridge

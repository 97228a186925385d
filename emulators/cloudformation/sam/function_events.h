#pragma once

#include "cloudformation/sam/context.h"

namespace skafu::cloudformation::sam {

/// One entry of a resource's Events while it is translated.
struct EventSource {
    Context& context;
    const Source& owner;
    std::string name;  ///< "OrderPlaced"
    std::string id;    ///< owner and name: the id of what is generated
    std::string type;  ///< "EventBridgeRule"
    Json properties;
    Json target;  ///< Ref of the function, its alias, or the state machine
    Json arn;     ///< what gives its ARN

    const Json* find(std::string_view member) const { return given(properties, member); }
    bool is_set(std::string_view member) const { return is_truthy(properties, member); }
    /// Events are translated in this order.
    std::string sort_key() const { return string_member(properties, "Path", name); }
    /// The owner's event as the translator names it in a problem.
    SamProblem problem(const std::string& why) const;
    /// The same for problems that the translator tells of the generated resource.
    SamProblem problem_of_generated(const std::string& why) const;
    /// And for those that are found before any event is translated.
    SamProblem problem_of_link(const std::string& why) const;
};

/// An entry of the Events of a function or state machine (`kind`: "Function" or "StateMachine"):
/// checked, and what it refers to is there. Throws SamProblem.
EventSource link_event(Context& context, const Source& owner, std::string_view kind,
                       const std::string& name, const Json& entry);

/// What a function's role needs because of its events.
struct RoleNeeds {
    std::vector<std::string> managed;
    Json inline_policies = Json::array();
};

/// Rules, schedules, topics, buckets, logs: services that call the function.
/// False when `type` is none of them.
bool translate_push_event(const std::string& type, const EventSource& event, RoleNeeds& needs);

/// Queues, streams and brokers: what Lambda polls. False when `type` is none of them.
bool translate_pull_event(const std::string& type, const EventSource& event, RoleNeeds& needs);

/// Rules and schedules of functions and state machines; `target_suffix` ends the default id of the
/// target, `role_arn` stands in it where there is one.
void translate_rule(const EventSource& event, std::string_view target_suffix, const Json* role_arn);
void translate_schedule(const EventSource& event, std::string_view target_suffix,
                        const Json* role_arn);
void translate_scheduler(const EventSource& event, bool state_machine);

/// AWS::Lambda::Permission for the owner's function.
void add_permission(const EventSource& event, std::string_view principal, const Json& source_arn,
                    const Json& more = Json::object());

}  // namespace skafu::cloudformation::sam

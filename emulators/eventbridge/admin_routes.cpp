#include <algorithm>
#include <cstdlib>

#include <fmt/ranges.h>

#include "core/aws_error.h"
#include "core/log.h"
#include "eventbridge/explain.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {
namespace {

/// Every rule of the caller's scope with what became of its events since the start.
Json rules_report(EventBridge& events, const Scope& scope) {
    Json rules = Json::array();
    events.buses.for_each(scope, [&](Bus& bus) {
        for (const auto& [name, rule] : bus.rules()) {
            Json targets = Json::array();
            for (const std::shared_ptr<const Target>& target : rule->targets) {
                targets.push_back(target->arn);
            }
            rules.push_back({{"bus", bus.name()},
                             {"rule", name},
                             {"arn", rule->arn},
                             {"enabled", rule->enabled()},
                             {"pattern", rule->pattern()},
                             {"schedule", rule->schedule()},
                             {"targets", std::move(targets)},
                             {"matched", rule->counts.matched},
                             {"delivered", rule->counts.delivered},
                             {"failed", rule->counts.failed},
                             {"retried", rule->counts.retried},
                             {"deadLettered", rule->counts.dead_lettered},
                             {"neverMatched", rule->counts.matched == 0}});
        }
    });
    return {{"rules", std::move(rules)}};
}

/// Tells at the end which rules no event has matched, where events came at all: a pattern that is
/// wrong says nothing of itself.
void tell_unmatched(EventBridge& events) {
    constexpr std::size_t kTold = 20;
    std::vector<std::string> unmatched;
    bool any_matched = false;
    events.buses.for_each([&](Bus& bus) {
        for (const auto& [name, rule] : bus.rules()) {
            any_matched = any_matched || rule->counts.matched > 0;
            const bool waits = rule->enabled() && !rule->pattern().empty();
            if (waits && rule->counts.matched == 0) unmatched.push_back(name + " on " + bus.name());
        }
    });
    if (!any_matched || unmatched.empty()) return;
    const std::size_t more = unmatched.size() - std::min(unmatched.size(), kTold);
    unmatched.resize(unmatched.size() - more);
    log::info("rules that no event has matched since the start: {}{}", fmt::join(unmatched, ", "),
              more == 0 ? "" : fmt::format(" and {} more", more));
}

/// The event that a request gives: an event as it is delivered, or an entry of PutEvents.
std::string event_text(EventBridge& events, const Json& body, const Scope& scope) {
    const Json* given = find_member(body, "event");
    if (given == nullptr) throw AwsError::validation("event is required");
    Json event = *given;
    if (given->is_string()) {
        try {
            event = parse_json(given->get<std::string>());
        } catch (const JsonError&) {
            throw AwsError::validation("event is not JSON");
        }
    }
    if (!event.is_object()) throw AwsError::validation("event must be an object");
    if (!event.contains("Source") && !event.contains("DetailType")) return to_text(event);
    Json detail = event.value("Detail", Json::object());
    if (detail.is_string()) {
        try {
            detail = parse_json(detail.get<std::string>());
        } catch (const JsonError&) {
            throw AwsError::validation("Detail is malformed.");
        }
    }
    const Json whole = {{"version", "0"},
                        {"id", events.cloud.entropy().uuid()},
                        {"detail-type", event.value("DetailType", Json(""))},
                        {"source", event.value("Source", Json(""))},
                        {"account", scope.account},
                        {"time", iso8601_seconds(events.cloud.clock().now())},
                        {"region", scope.region},
                        {"resources", event.value("Resources", Json::array())},
                        {"detail", std::move(detail)}};
    return to_text(whole);
}

std::string bus_of(const Json& body) {
    const std::string bus = string_member(body, "bus");
    if (!bus.empty()) return bus;
    const Json* event = find_member(body, "event");
    return event == nullptr ? "" : string_member(*event, "EventBusName");
}

Json explain_rule(const Rule& rule, EventTape& event) {
    Json verdict = {{"rule", rule.name}, {"matches", false}};
    if (rule.pattern().empty()) {
        verdict["failing"] = {{"hint", "the rule has a schedule and no pattern"}};
        return verdict;
    }
    verdict.update(explain(parse_pattern(rule.pattern()), event));
    if (!rule.enabled()) {
        verdict["enabled"] = false;
        verdict["hint"] = "the rule is disabled";
    } else if (verdict["matches"] == true && rule.targets.empty()) {
        verdict["hint"] = "the rule has no targets";
    }
    return verdict;
}

Json explain_event(EventBridge& events, const AdminRequest& request) {
    const Json body = request.body();
    const Scope scope = request.caller.scope();
    const std::string text = event_text(events, body, scope);
    EventTape event;
    event.read(text);
    const std::string name = bus_of(body);
    Bus* bus = events.buses.find(scope, name);
    Json rules = Json::array();
    if (bus != nullptr) {
        for (const auto& [rule_name, rule] : bus->rules()) {
            rules.push_back(explain_rule(*rule, event));
        }
    }
    // The commonest mistake of all: the rule is there, on another bus.
    Json elsewhere = Json::array();
    events.buses.for_each(scope, [&](Bus& other) {
        if (&other == bus) return;
        for (const std::uint32_t slot : other.match(event)) {
            elsewhere.push_back({{"bus", other.name()}, {"rule", other.rule_at(slot)->name}});
        }
    });
    Json answer = {{"bus", bus == nullptr ? name : bus->name()}, {"rules", std::move(rules)}};
    if (bus == nullptr) answer["hint"] = "there is no such bus: PutEvents drops the event";
    if (!elsewhere.empty()) answer["wouldMatchElsewhere"] = std::move(elsewhere);
    return answer;
}

Json transform_event(EventBridge& events, const AdminRequest& request) {
    const Json body = request.body();
    const Scope scope = request.caller.scope();
    Bus& bus = events.buses.require(scope, bus_of(body));
    const RulePtr rule = events.buses.require_rule(bus, string_member(body, "rule"));
    const std::string id = string_member(body, "target");
    const std::string text = event_text(events, body, scope);
    EventTape event;
    event.read(text);
    const std::string ingestion = iso8601_seconds(events.cloud.clock().now());
    Json results = Json::array();
    for (const std::shared_ptr<const Target>& target : rule->targets) {
        if (!id.empty() && target->id != id) continue;
        const auto input =
            target->input.render(event, text, DeliveryFacts{rule->arn, rule->name, ingestion});
        Json result = {{"target", target->id}, {"arn", target->arn}, {"delivered", bool(input)}};
        if (input) {
            result["input"] = *input;
        } else {
            result["hint"] = "the template gives no valid JSON: AWS delivers nothing, silently";
        }
        results.push_back(std::move(result));
    }
    if (results.empty()) {
        throw AwsError::not_found(fmt::format("Rule {} has no target {}.", rule->name, id));
    }
    return {{"targets", std::move(results)}};
}

/// How long a request for what was heard waits: `seconds` of the query, 20 where it says nothing.
Duration patience_of(const AdminRequest& request) {
    constexpr int kLongest = 60;
    const auto given = request.query.find("seconds");
    const int seconds = given == request.query.end() ? 20 : std::atoi(given->second.c_str());
    return std::chrono::seconds(std::clamp(seconds, 0, kLongest));
}

Task<HttpResponse> collect_events(EventBridge& events, AdminRequest request) {
    HttpResponse response;
    response.headers.add("Content-Type", "application/json");
    const Duration patience = patience_of(request);
    response.body = co_await events.recorder.collect(request.path["id"], patience);
    co_return response;
}

}  // namespace

void add_admin_routes(EventBridge& events) {
    events.cloud.on_shutdown([&events] { tell_unmatched(events); });
    AdminRoutes& routes = events.cloud.admin();
    routes.add_json("GET", "/_skafu/rules", [&events](const AdminRequest& request) {
        return rules_report(events, request.caller.scope());
    });
    routes.add_json("POST", "/_skafu/events/explain", [&events](const AdminRequest& request) {
        return explain_event(events, request);
    });
    routes.add_json("POST", "/_skafu/events/transform", [&events](const AdminRequest& request) {
        return transform_event(events, request);
    });
    routes.add_json("POST", "/_skafu/events/recordings", [&events](const AdminRequest& request) {
        const Json body = request.body();
        const std::string bus = bus_of(body);
        if (!bus.empty()) events.buses.require(request.caller.scope(), bus);
        return Json{{"id", events.recorder.listen(request.caller.scope(), bus,
                                                  string_member(body, "pattern"))}};
    });
    routes.add("GET", "/_skafu/events/recordings/{id}", [&events](AdminRequest request) {
        return collect_events(events, std::move(request));
    });
    routes.add_json("DELETE", "/_skafu/events/recordings/{id}",
                    [&events](const AdminRequest& request) {
                        events.recorder.leave(request.path.at("id"));
                        return Json::object();
                    });
    routes.add_json("GET", "/_skafu/faults",
                    [&events](const AdminRequest&) { return events.faults.get(); });
    const auto set_faults = [&events](const AdminRequest& request) {
        events.faults.set(request.body());
        return events.faults.get();
    };
    routes.add_json("PUT", "/_skafu/faults", set_faults);
    routes.add_json("DELETE", "/_skafu/faults", [&events](const AdminRequest&) {
        events.faults.set(Json::array());
        return events.faults.get();
    });
}

}  // namespace skafu::eventbridge

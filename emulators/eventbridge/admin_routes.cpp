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

}  // namespace

void add_admin_routes(EventBridge& events) {
    AdminRoutes& routes = events.cloud.admin();
    routes.add_json("GET", "/_skafu/rules", [&events](const AdminRequest& request) {
        return rules_report(events, request.caller.scope());
    });
}

}  // namespace skafu::eventbridge

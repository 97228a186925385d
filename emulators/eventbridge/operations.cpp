#include "eventbridge/operations.h"

#include <charconv>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/base64.h"
#include "core/data_reset.h"
#include "core/log.h"
#include "eventbridge/eventbridge.h"
#include "eventbridge/pipes.h"
#include "eventbridge/rest_rows.h"
#include "eventbridge/scheduler.h"

namespace skafu::eventbridge {

Bus& bus_of(EventBridge& events, Context& context, const Json& input) {
    return events.buses.require(context.caller.scope(), string_member(input, "EventBusName"));
}

EventBridge::EventBridge(Cloud& house)
    : cloud(house),
      store(house.database()),
      buses(house),
      archives(house, store),
      recorder(house),
      deliverer(house, buses, store, faults),
      metrics(house, buses),
      intake(house, buses, archives, deliverer, recorder, metrics),
      recorded_replays(house, buses, intake),
      schedules(house, buses, intake),
      replays(house.database(), "events", "replay"),
      connections(house.database(), "events", "connection"),
      api_destinations(house.database(), "events", "api-destination"),
      endpoints(house.database(), "events", "endpoint") {}

Json page(const Json& input, const char* member, Json all) {
    std::size_t from = 0;
    const std::string token = string_member(input, "NextToken");
    if (!token.empty()) {
        const auto read = std::from_chars(token.data(), token.data() + token.size(), from);
        if (read.ec != std::errc() || from > all.size()) {
            throw AwsError::validation("Parameter NextToken is not valid.");
        }
    }
    const Json* limit = find_member(input, "Limit");
    const std::size_t most =
        limit != nullptr && limit->is_number() ? limit->get<std::size_t>() : 100;
    Json part = Json::array();
    for (std::size_t i = from; i < all.size() && part.size() < most; ++i) {
        part.push_back(std::move(all[i]));
    }
    const std::size_t next = from + part.size();
    Json answer = {{member, std::move(part)}};
    if (next < all.size()) answer["NextToken"] = std::to_string(next);
    return answer;
}

Json epoch_seconds(TimePoint time) {
    const auto millis =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
    return static_cast<double>(millis.count()) / 1000.0;
}

void check_quota(const Context& context, std::string_view what, std::size_t count,
                 std::size_t most) {
    if (count < most) return;
    if (context.cloud.settings().strict) {
        throw AwsError("LimitExceededException",
                       "The requested resource exceeds the maximum number allowed.");
    }
    if (count == most) {
        log::warn("AWS refuses more than {} {} until that quota is raised", most, what);
    }
}

void require_one_filter(const Context& context, const Json& input) {
    int filters = 0;
    for (const char* name : {"State", "EventSourceArn", "NamePrefix"}) {
        filters += find_member(input, name) != nullptr ? 1 : 0;
    }
    if (filters <= 1) return;
    throw AwsError::validation(
        fmt::format("At most one filter is allowed for {}. Use either : State, EventSourceArn, or "
                    "NamePrefix.",
                    context.operation));
}

Service rest_service(const char* name, const char* api_version) {
    Service service;
    service.name = name;
    service.protocols = {Protocol::rest_json};
    service.signing_names = {name};
    service.api_version = api_version;
    service.sdk_names = {name};
    return service;
}

void register_eventbridge(Cloud& cloud) {
    EventBridge& events = cloud.own(std::make_unique<EventBridge>(cloud));
    Service service;
    service.name = "events";
    service.protocols = {Protocol::json_1_1};
    service.target_prefix = "AWSEvents";
    service.signing_names = {"events"};
    service.api_version = "2015-10-07";
    service.sdk_names = {"eventbridge", "cloudwatchevents"};
    service.reset = [&events](const Scope* scope) {
        events.deliverer.reset(scope);
        events.archives.reset(scope);
        events.schedules.reset(scope);
        events.buses.reset(scope);
        events.replays.clear(scope);
        events.recorded_replays.reset(scope);
        events.connections.clear(scope);
        std::erase_if(events.tokens, [scope](const auto& token) {
            const std::optional<Arn> arn = Arn::parse(token.first);
            return scope == nullptr ||
                   (arn->account == scope->account && arn->region == scope->region);
        });
        events.api_destinations.clear(scope);
        events.endpoints.clear(scope);
    };
    add_data_reset(service, [&events](const Scope* scope) {
        events.deliverer.reset(scope);
        events.replays.clear(scope);
    });
    add_emitted_events(service, events);
    service.describe = [&events](Service& service) {
        add_event_operations(service, events);
        add_bus_operations(service, events);
        add_rule_operations(service, events);
        add_target_operations(service, events);
        add_archive_operations(service, events);
        add_replay_operations(service, events);
        add_connection_operations(service, events);
        add_api_destination_operations(service, events);
        add_tag_operations(service, events);
        add_endpoint_operations(service, events);
        add_partner_operations(service, events);
    };
    cloud.add_service(std::move(service));
    resources::add_types(cloud);
    add_admin_routes(events);
    add_recorded_replay_routes(cloud, events.recorded_replays);
    register_scheduler(cloud);
    register_pipes(cloud);
    events.deliverer.recover();
    resume_replays(events);
}

}  // namespace skafu::eventbridge

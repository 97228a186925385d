#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/cloud.h"
#include "core/event.h"
#include "eventbridge/archives.h"
#include "eventbridge/buses.h"
#include "eventbridge/delivery.h"
#include "eventbridge/event_intake.h"
#include "eventbridge/faults.h"
#include "eventbridge/recorded_replays.h"
#include "eventbridge/recorder.h"
#include "eventbridge/rule_metrics.h"
#include "eventbridge/rule_schedules.h"
#include "eventbridge/shapes.h"
#include "eventbridge/store.h"

namespace skafu::eventbridge {

/// The invocations of an API destination in the second that begins at `begin`.
struct RateWindow {
    TimePoint begin;
    int count = 0;
};

/// What the authorization endpoint of a connection gave; nothing before it did.
struct OAuthToken {
    std::string text;
    TimePoint usable_until;
    std::shared_ptr<Event> asking;  // while somebody asks for it
};

/// What EventBridge consists of while the house stands.
struct EventBridge {
    explicit EventBridge(Cloud& cloud);

    Cloud& cloud;
    Store store;
    Buses buses;
    Archives archives;
    Faults faults;
    Recorder recorder;
    Deliverer deliverer;
    RuleMetrics metrics;
    EventIntake intake;
    RecordedReplays recorded_replays;
    RuleSchedules schedules;
    Collection replays;
    Collection connections;
    Collection api_destinations;
    Collection endpoints;
    std::map<std::string, RateWindow> rates;   // by API destination
    std::map<std::string, OAuthToken> tokens;  // by the connection's ARN
};

/// A row of the table as all of ours are: a name and a shape.
struct Row {
    std::string name;
    Shape input;

    operator Operation() && {
        Operation operation;
        operation.name = std::move(name);
        operation.input = input;
        return operation;
    }
};

/// The bus that EventBusName says; the default one without it. Throws ResourceNotFoundException.
Bus& bus_of(EventBridge& events, Context& context, const Json& input);

/// The rows of the table, by theme. `events` must outlive the service.
void add_bus_operations(Service& service, EventBridge& events);
void add_rule_operations(Service& service, EventBridge& events);
void add_target_operations(Service& service, EventBridge& events);
void add_event_operations(Service& service, EventBridge& events);
/// Where events of services come in; those that a restart interrupted go on.
void add_emitted_events(Service& service, EventBridge& events);
void add_archive_operations(Service& service, EventBridge& events);
void add_replay_operations(Service& service, EventBridge& events);
/// Goes on with the replays that a restart interrupted.
void resume_replays(EventBridge& events);
void add_connection_operations(Service& service, EventBridge& events);
void add_api_destination_operations(Service& service, EventBridge& events);
void add_tag_operations(Service& service, EventBridge& events);
void add_endpoint_operations(Service& service, EventBridge& events);
void add_partner_operations(Service& service, EventBridge& events);

namespace resources {
/// CloudFormation's AWS::Events types.
void add_types(Cloud& cloud);
}  // namespace resources

/// Paths under /_skafu: explain, rules, faults.
void add_admin_routes(EventBridge& events);

/// A list cut to the caller's Limit, from NextToken on: `member` holds it, and NextToken is there
/// when more follows. Throws AwsError for a token that we did not give.
Json page(const Json& input, const char* member, Json all);

/// Throws AwsError where ListArchives or ListReplays is asked to filter in two ways at once.
void require_one_filter(const Context& context, const Json& input);

/// A point in time as the JSON protocol has it: seconds, with a fraction.
Json epoch_seconds(TimePoint time);

/// Throws AwsError ValidationException for more tags than a resource may have, and for keys that
/// AWS keeps for itself.
void check_tags(const Json& tags);

/// For one more of what there are `count` of, where AWS's quota is `most` until it is raised on
/// request: beyond it --strict gets LimitExceededException, others a warning.
void check_quota(const Context& context, std::string_view what, std::size_t count,
                 std::size_t most);

/// Throws AwsError ManagedRuleException where a rule belongs to a service that is not the caller,
/// and the request does not force it.
void require_unmanaged(const Context& context, const Rule& rule, const Json& input);

}  // namespace skafu::eventbridge

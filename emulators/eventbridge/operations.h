#pragma once

#include <memory>
#include <string>

#include "core/cloud.h"
#include "eventbridge/archives.h"
#include "eventbridge/buses.h"
#include "eventbridge/delivery.h"
#include "eventbridge/event_intake.h"
#include "eventbridge/faults.h"
#include "eventbridge/recorded_replays.h"
#include "eventbridge/recorder.h"
#include "eventbridge/rule_metrics.h"
#include "eventbridge/rule_schedules.h"
#include "eventbridge/store.h"

namespace skafu::eventbridge {

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
};

/// A row of the table as all of ours are: a name and a shape.
struct Row {
    std::string name;
    Shape input;

    operator Operation() && {
        Operation operation;
        operation.name = std::move(name);
        operation.input = std::move(input);
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
void add_archive_operations(Service& service, EventBridge& events);
void add_replay_operations(Service& service, EventBridge& events);
void add_connection_operations(Service& service, EventBridge& events);
void add_api_destination_operations(Service& service, EventBridge& events);
void add_tag_operations(Service& service, EventBridge& events);
void add_partner_operations(Service& service, EventBridge& events);

/// CloudFormation's AWS::Events types.
void add_resource_types(Cloud& cloud);

/// Paths under /_skafu: explain, rules, faults.
void add_admin_routes(EventBridge& events);

/// A list cut to the caller's Limit, from NextToken on: `member` holds it, and NextToken is there
/// when more follows. Throws AwsError for a token that we did not give.
Json page(const Json& input, const char* member, Json all);

/// A point in time as the JSON protocol has it: seconds, with a fraction.
Json epoch_seconds(TimePoint time);

/// Shapes that several operations share.
Shape bus_name_shape();
Shape rule_name_shape();
Shape tags_shape();

}  // namespace skafu::eventbridge

#include <algorithm>

#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/operations.h"

namespace skafu::eventbridge {
namespace {

/// Events read from the archive and republished in one turn.
constexpr std::size_t kBatch = 50;
constexpr std::size_t kMostReplays = 10;

TimePoint time_point(const Json& seconds) {
    if (seconds.is_string()) return TimePoint{};
    return TimePoint(Duration(static_cast<std::int64_t>(seconds.get<double>() * 1e6)));
}

const Json& require_replay(EventBridge& events, const Scope& scope, const std::string& name) {
    const Json* replay = events.replays.find(scope, name);
    if (replay != nullptr) return *replay;
    throw AwsError::not_found(fmt::format("Replay {} does not exist.", name));
}

void set_state(EventBridge& events, const Scope& scope, const std::string& name,
               const char* state) {
    const Json* replay = events.replays.find(scope, name);
    if (replay == nullptr) return;
    Json document = *replay;
    document["State"] = state;
    const std::string_view text = state;
    if (text == "COMPLETED" || text == "CANCELLED" || text == "FAILED") {
        document["ReplayEndTime"] = epoch_seconds(events.cloud.clock().now());
    }
    events.replays.put(scope, name, std::move(document));
}

/// The event with `replay-name` between region and resources, where AWS puts it.
std::string with_replay_name(const std::string& event, const std::string& replay) {
    EventTape tape;
    const std::string member = "\"replay-name\":" + to_text(Json(replay)) + ",";
    if (!tape.read(event)) return event;
    for (std::size_t key = 1; key < tape[0].next; key = tape[key + 1].next) {
        if (tape.source(tape[key]) != "resources") continue;
        const std::size_t quote = tape[key].begin - 1;
        return event.substr(0, quote) + member + event.substr(quote);
    }
    return event;
}

/// Republishes an archive's events in the order of their time, until the end or a cancellation.
Task<void> run_replay(EventBridge& events, Scope scope, std::string name, ActivityId cause) {
    Activity activity =
        events.cloud.journal().begin(ActivityKind::delivery, "replay " + name, cause);
    co_await events.cloud.database().durable();
    ArchivedEvent last;
    last.time = TimePoint::min();
    if (const Json* begun = events.replays.find(scope, name)) {
        const Json* time = find_member(*begun, "EventLastReplayedTime");
        if (time != nullptr) last.time = time_point(*time);  // before a restart
        if (string_member(*begun, "State") == "STARTING") {  // not cancelled at once
            set_state(events, scope, name, "RUNNING");
        }
    }
    while (true) {
        const Json* replay = events.replays.find(scope, name);
        if (replay == nullptr) co_return;
        if (string_member(*replay, "State") == "CANCELLING") {
            set_state(events, scope, name, "CANCELLED");
            co_return;
        }
        const Json document = *replay;
        const std::string archive = string_member(document, "Archive");
        const Json& destination = document["Destination"];
        Bus* bus = events.buses.find(scope, string_member(destination, "Arn"));
        if (bus == nullptr) {
            set_state(events, scope, name, "FAILED");
            co_return;
        }
        EventIntake::Replay options{name, {}};
        if (const Json* filter = find_member(destination, "FilterArns")) {
            for (const Json& arn : *filter) options.rule_arns.push_back(arn.get<std::string>());
        }
        std::vector<ArchivedEvent> batch;
        events.store.archived(scope, archive, time_point(document["EventStartTime"]),
                              time_point(document["EventEndTime"]), last, kBatch,
                              [&](ArchivedEvent event) { batch.push_back(std::move(event)); });
        for (const ArchivedEvent& event : batch) {
            events.intake.ingest(*bus, with_replay_name(event.event, name), 0, activity.id(),
                                 &options);
        }
        if (!batch.empty()) {
            last = batch.back();
            Json progress = document;
            progress["EventLastReplayedTime"] = epoch_seconds(last.time);
            events.replays.put(scope, name, std::move(progress));
        }
        if (batch.size() < kBatch) break;
        co_await events.cloud.database().durable();
    }
    set_state(events, scope, name, "COMPLETED");
}

bool is_open(const Json& replay) {
    const std::string state = string_member(replay, "State");
    return state == "STARTING" || state == "RUNNING" || state == "CANCELLING";
}

std::size_t open_replays(EventBridge& events, const Scope& scope) {
    std::size_t count = 0;
    events.replays.for_each(scope, [&](const std::string&, const Json& replay) {
        count += is_open(replay) ? 1 : 0;
        return true;
    });
    return count;
}

/// FilterArns are of rules on the bus that gets the events.
void check_filter(const Bus& bus, const Json& destination) {
    const Json* arns = find_member(destination, "FilterArns");
    if (arns == nullptr) return;
    for (const Json& arn : *arns) {
        const auto text = arn.get<std::string>();
        const bool is_there =
            std::any_of(bus.rules().begin(), bus.rules().end(),
                        [&](const auto& rule) { return rule.second->arn == text; });
        if (is_there) continue;
        throw AwsError::validation(
            fmt::format("Parameter Destination.FilterArns is not valid. Reason: {} is not a rule "
                        "on EventBus {}.",
                        text, bus.name()));
    }
}

Json start_replay(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "ReplayName");
    if (events.replays.find(scope, name) != nullptr) {
        throw AwsError("ResourceAlreadyExistsException",
                       fmt::format("Replay {} already exists.", name));
    }
    const std::string source = string_member(input, "EventSourceArn");
    const std::optional<Arn> arn = Arn::parse(source);
    const std::string archive = arn ? std::string(arn->resource_id()) : source;
    const Json* document = events.archives.find(scope, archive);
    if (document == nullptr) {
        throw AwsError::validation(fmt::format(
            "Parameter EventSourceArn is not valid. Reason: Archive {} does not exist.", archive));
    }
    if (time_point(input["EventEndTime"]) <= time_point(input["EventStartTime"])) {
        throw AwsError::validation(
            "Parameter EventEndTime is not valid. Reason: EventStartTime must be before "
            "EventEndTime.");
    }
    const std::string destination = string_member(input["Destination"], "Arn");
    const Bus& bus = events.buses.require(scope, destination);
    if (destination != string_member(*document, "EventSourceArn")) {
        throw AwsError::validation(
            "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not "
            "permitted.");
    }
    check_filter(bus, input["Destination"]);
    check_quota(context, "replays at once", open_replays(events, scope), kMostReplays);
    const Json now = epoch_seconds(context.cloud.clock().now());
    const std::string replay_arn =
        make_arn("events", scope.region, scope.account, "replay/" + name);
    Json replay = {{"ReplayName", name},
                   {"ReplayArn", replay_arn},
                   {"Description", string_member(input, "Description")},
                   {"State", "STARTING"},
                   {"EventSourceArn", source},
                   {"Archive", archive},
                   {"Destination", input["Destination"]},
                   {"EventStartTime", input["EventStartTime"]},
                   {"EventEndTime", input["EventEndTime"]},
                   {"ReplayStartTime", now}};
    events.replays.put(scope, name, std::move(replay));
    context.cloud.spawn(run_replay(events, scope, name, context.activity.id()));
    return {{"ReplayArn", replay_arn}, {"State", "STARTING"}, {"ReplayStartTime", now}};
}

Json cancel_replay(EventBridge& events, Context& context, const Json& input) {
    const Scope scope = context.caller.scope();
    const std::string name = string_member(input, "ReplayName");
    const Json replay = require_replay(events, scope, name);
    const std::string state = string_member(replay, "State");
    if (state != "STARTING" && state != "RUNNING") {
        throw AwsError("IllegalStatusException",
                       fmt::format("Replay {} is not in a valid state for this operation.", name));
    }
    set_state(events, scope, name, "CANCELLING");
    return {{"ReplayArn", string_member(replay, "ReplayArn")}, {"State", "CANCELLING"}};
}

Json listed(const Json& replay) {
    Json answer = Json::object();
    for (const char* name :
         {"ReplayName", "EventSourceArn", "State", "EventStartTime", "EventEndTime",
          "EventLastReplayedTime", "ReplayStartTime", "ReplayEndTime"}) {
        if (const Json* value = find_member(replay, name)) answer[name] = *value;
    }
    return answer;
}

Json describe_replay(EventBridge& events, Context& context, const Json& input) {
    const Json& replay =
        require_replay(events, context.caller.scope(), string_member(input, "ReplayName"));
    Json answer = listed(replay);
    answer["ReplayArn"] = replay["ReplayArn"];
    answer["Destination"] = replay["Destination"];
    if (!string_member(replay, "Description").empty()) {
        answer["Description"] = replay["Description"];
    }
    return answer;
}

Json list_replays(EventBridge& events, Context& context, const Json& input) {
    require_one_filter(context, input);
    const std::string prefix = string_member(input, "NamePrefix");
    const std::string state = string_member(input, "State");
    const std::string source = string_member(input, "EventSourceArn");
    Json all = Json::array();
    events.replays.for_each(context.caller.scope(), [&](const std::string& name,
                                                        const Json& replay) {
        const bool wanted = name.starts_with(prefix) &&
                            (state.empty() || string_member(replay, "State") == state) &&
                            (source.empty() || string_member(replay, "EventSourceArn") == source);
        if (wanted) all.push_back(listed(replay));
        return true;
    });
    return page(input, "Replays", std::move(all));
}

}  // namespace

void resume_replays(EventBridge& events) {
    std::vector<std::pair<Scope, std::string>> open;
    events.replays.for_each_scope([&](const Scope& scope) {
        events.replays.for_each(scope, [&](const std::string& name, const Json& replay) {
            if (is_open(replay)) open.emplace_back(scope, name);
            return true;
        });
    });
    for (const auto& [scope, name] : open) {
        events.cloud.spawn(run_replay(events, scope, name, 0));
    }
}

void add_replay_operations(Service& service, EventBridge& events) {
    using namespace shape;
    const auto add = [&](Row row, Json (*handler)(EventBridge&, Context&, const Json&)) {
        service.add(std::move(row), [&events, handler](Context& context, const Json& input) {
            return handler(events, context, input);
        });
    };
    const Shape name = name_shape();
    const Shape named = structure({required("ReplayName", name)});
    add({"StartReplay",
         structure(
             {required("ReplayName", name), required("EventSourceArn", event_source_arn_shape()),
              required("EventStartTime", timestamp()), required("EventEndTime", timestamp()),
              required("Destination", structure({required("Arn", string(1, 1600)),
                                                 optional("FilterArns", list(string(1, 1600)))})),
              optional("Description", string(0, 512))})},
        start_replay);
    add({"CancelReplay", named}, cancel_replay);
    add({"DescribeReplay", named}, describe_replay);
    add({"ListReplays",
         structure({optional("NamePrefix", name),
                    optional("State", enumeration({"STARTING", "RUNNING", "CANCELLING", "COMPLETED",
                                                   "CANCELLED", "FAILED"})),
                    optional("EventSourceArn", event_source_arn_shape()),
                    optional("NextToken", string(1, 2048)), optional("Limit", integer(1, 100))})},
        list_replays);
}

}  // namespace skafu::eventbridge

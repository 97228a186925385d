#include <algorithm>

#include "core/aws_error.h"
#include "core/log.h"
#include "eventbridge/operations.h"
#include "eventbridge/reference_matcher.h"

namespace skafu::eventbridge {
namespace {

/// The members that TestEventPattern asks of an event.
constexpr const char* kEventMembers[] = {"id",   "account", "source",
                                         "time", "region",  "detail-type"};

Json test_event_pattern(const Json& input) {
    const Pattern pattern = parse_pattern(string_member(input, "EventPattern"));
    const std::string text = string_member(input, "Event");
    EventTape event;
    const bool is_event = event.read(text) && event.is_object() &&
                          std::all_of(std::begin(kEventMembers), std::end(kEventMembers),
                                      [&](const char* name) { return event.member(0, name) != 0; });
    if (!is_event) throw AwsError::validation("Parameter Event is not valid.");
    return {{"Result", matches(pattern, event_leaves(event))}};
}

/// Events of services ("aws.s3", …) on their way to the default bus. They are stored in the turn
/// of what caused them and put onto the bus in a later one: a rule may start what causes the next
/// event, and must find its cause complete.
class EmittedEvents {
  public:
    explicit EmittedEvents(Cloud& cloud)
        : cloud_(cloud), waiting_(cloud.database(), "events", "emitted") {}

    /// `input` is that of PutEvents.
    void accept(const Caller& caller, Json input, ActivityId cause) {
        std::string key =
            fmt::format("{:020}-{}", cloud_.clock().now().time_since_epoch().count(), ++count_);
        waiting_.put(caller.scope(), key, {{"Input", input}, {"Principal", caller.principal}});
        cloud_.spawn(put(caller, std::move(key), std::move(input), cause));
    }

    /// Goes on with those that a restart interrupted.
    void recover() {
        waiting_.for_each_scope([this](const Scope& scope) {
            waiting_.for_each(scope, [&](const std::string& key, const Json& event) {
                Caller caller{scope.account, scope.region, string_member(event, "Principal")};
                cloud_.spawn(put(std::move(caller), key, event.at("Input"), 0));
                return true;
            });
        });
    }

  private:
    Task<void> put(Caller caller, std::string key, Json input, ActivityId cause) {
        const Scope scope = caller.scope();
        try {
            co_await cloud_.call_json("events", "PutEvents", std::move(input), std::move(caller),
                                      cause);
        } catch (const AwsError& error) {
            log::error("an event of a service was not accepted: {}", error.what());
        }
        waiting_.erase(scope, key);
    }

    Cloud& cloud_;
    Collection waiting_;
    std::uint64_t count_ = 0;
};

}  // namespace

void add_event_operations(Service& service, EventBridge& events) {
    using namespace shape;
    Operation put = Row{"PutEvents", any()};
    put.validates_itself = true;
    service.add_raw(std::move(put), [&events](Context& context, Document input) {
        return events.intake.put_events(context, input);
    });

    Operation test =
        Row{"TestEventPattern",
            structure({required("EventPattern", string(0, 4096)), required("Event", string())})};
    service.add(std::move(test),
                [](Context&, const Json& input) { return test_event_pattern(input); });

    Operation ingest =
        Row{"IngestEvent", structure({required("EventBusName", string()),
                                      required("Event", string()), optional("Hops", integer())})};
    ingest.internal = true;
    service.add(std::move(ingest), [&events](Context& context, const Json& input) {
        Bus& bus =
            events.buses.require(context.caller.scope(), string_member(input, "EventBusName"));
        const Json* hops = find_member(input, "Hops");
        const std::size_t matched =
            events.intake.ingest(bus, string_member(input, "Event"),
                                 hops == nullptr ? 0 : hops->get<int>(), context.activity.id());
        return Json{{"MatchedRules", matched}};
    });
}

void add_emitted_events(Service& service, EventBridge& events) {
    EmittedEvents& emitted = events.cloud.own(std::make_unique<EmittedEvents>(events.cloud));
    emitted.recover();
    Operation emit;
    emit.name = "EmitEvents";
    emit.internal = true;
    service.add_raw(std::move(emit), [&emitted](Context& context, Document input) {
        emitted.accept(context.caller, input.take_value(), context.activity.id());
        return Document();
    });
}

}  // namespace skafu::eventbridge

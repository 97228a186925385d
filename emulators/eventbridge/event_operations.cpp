#include <algorithm>

#include "core/aws_error.h"
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

}  // namespace skafu::eventbridge

#include "eventbridge/event_intake.h"

#include "core/aws_error.h"
#include "core/log.h"
#include "eventbridge/put_events_request.h"

namespace skafu::eventbridge {
namespace {

using Kind = EventTape::Kind;

void append_failure(std::string& results, int& failed, std::string_view code,
                    std::string_view message) {
    results.append(R"({"ErrorCode":")").append(code);
    results.append(R"(","ErrorMessage":")").append(message).append("\"}");
    ++failed;
}

bool is_service(const Caller& caller) {
    return caller.principal.ends_with(".amazonaws.com");
}

void tell_match(const Bus& bus, EventTape& tape, bool replayed, std::size_t chosen) {
    // What services tell a bus that nobody listens to would only bury what the user did.
    if (bus.rules().empty() && tape.text_member(0, "source").starts_with("aws.")) return;
    log::info("{} {:.8}… {} → {} of {} rules on {}", replayed ? "Replay" : "PutEvents",
              tape.text_member(0, "id"), tape.text_member(0, "detail-type"), chosen,
              bus.rules().size(), bus.name());
}

}  // namespace

EventIntake::EventIntake(Cloud& cloud, Buses& buses, Archives& archives, Deliverer& deliverer,
                         Recorder& recorder, RuleMetrics& metrics)
    : cloud_(cloud),
      buses_(buses),
      archives_(archives),
      deliverer_(deliverer),
      recorder_(recorder),
      metrics_(metrics) {}

Document EventIntake::put_events(Context& context, const Document& input) {
    const std::string& text = input.text();
    // A target on another bus may put events in its turn: each level has a tape of its own.
    EventTape tape;
    std::swap(tape, request_);
    if (!tape.read(text) || !tape.is_object()) {
        throw AwsError::serialization("The request body is not valid JSON.");
    }
    const std::vector<std::size_t> entries = checked_entries(tape, text);
    if (tape.member(0, "EndpointId") != 0) {
        log::warn("PutEvents: global endpoints are not emulated: EndpointId is ignored");
    }
    std::string results = R"({"FailedEntryCount":)";
    std::string list;
    int failed = 0;
    for (const std::size_t entry : entries) {
        if (!list.empty()) list += ',';
        put_entry(context, tape, entry, list, failed);
    }
    std::swap(tape, request_);
    results.append(std::to_string(failed)).append(R"(,"Entries":[)").append(list).append("]}");
    return Document::from_text(std::move(results));
}

void EventIntake::put_entry(Context& context, EventTape& tape, std::size_t entry,
                            std::string& results, int& failed) {
    if (const std::optional<EntryFailure> failure = entry_failure(tape, entry)) {
        return append_failure(results, failed, failure->code, failure->message);
    }
    const std::size_t source = tape.member(entry, "Source");
    if (tape.text(tape[source]).starts_with("aws.") && !is_service(context.caller)) {
        return append_failure(results, failed, "NotAuthorizedForSourceException",
                              "Not authorized for the source.");
    }
    const TimePoint now = cloud_.clock().now();
    const std::string id = cloud_.entropy().uuid();
    std::size_t detail_at = 0;
    std::string event = event_text(tape, entry, context.caller, id, now, detail_at);
    // The whole is read once; the detail must be all that stands from its place to the end.
    const std::size_t detail = event_.read(event) ? event_.member(0, "detail") : 0;
    if (detail == 0 || event_[detail].kind != Kind::object || event_[detail].begin != detail_at ||
        event_[detail].end + 1 != event.size()) {
        return append_failure(results, failed, "MalformedDetail", "Detail is malformed.");
    }
    results.append(R"({"EventId":")").append(id).append("\"}");

    const std::size_t bus_name = tape.member(entry, "EventBusName");
    const std::string_view name =
        bus_name == 0 || tape[bus_name].kind != Kind::string ? "" : tape.text(tape[bus_name]);
    Bus* bus = buses_.find(context.caller.scope(), name);
    if (bus == nullptr) {
        context.activity.note("no such event bus: dropped, as on AWS");
        log::warn("PutEvents {}: event bus {} does not exist: the event is dropped, as on AWS", id,
                  name);
        return;
    }
    AcceptedEvent accepted;
    accepted.text = std::make_shared<const std::string>(std::move(event));
    accepted.ingested = now;
    accepted.cause = context.activity.id();
    event_.moved_to(*accepted.text);
    dispatch(*bus, accepted, event_, nullptr);
}

/// An entry as the event that is delivered, and where in it the detail stands; valid JSON if the
/// entry's Detail is.
std::string EventIntake::event_text(EventTape& tape, std::size_t entry, const Caller& caller,
                                    std::string_view id, TimePoint now, std::size_t& detail_at) {
    const EventTape::Entry& detail = tape[tape.member(entry, "Detail")];
    const std::string_view detail_text =
        detail.kind == Kind::string ? tape.text(detail) : tape.source(detail);
    std::string event;
    event.reserve(detail_text.size() + 400);
    event.append(R"({"version":"0","id":")").append(id);
    event.append(R"(","detail-type":)").append(tape.json(tape[tape.member(entry, "DetailType")]));
    event.append(R"(,"source":)").append(tape.json(tape[tape.member(entry, "Source")]));
    event.append(R"(,"account":")").append(caller.account);
    event.append(R"(","time":")").append(event_time(tape, entry, now));
    event.append(R"(","region":")").append(caller.region).append(R"(","resources":)");
    const std::size_t resources = tape.member(entry, "Resources");
    if (resources != 0 && tape[resources].kind == Kind::array) {
        append_compact(tape.source(tape[resources]), event);
    } else {
        event += "[]";
    }
    event += R"(,"detail":)";
    detail_at = event.size();
    append_compact(detail_text, event);
    event += '}';
    return event;
}

std::size_t EventIntake::ingest(Bus& bus, std::string text, int hops, ActivityId cause,
                                const Replay* replay) {
    AcceptedEvent event;
    event.text = std::make_shared<const std::string>(std::move(text));
    event.ingested = cloud_.clock().now();
    event.hops = hops;
    event.cause = cause;
    if (!event_.read(*event.text)) throw AwsError::validation("Parameter Event is not valid.");
    return dispatch(bus, event, event_, replay);
}

void EventIntake::deliver_to_rule(const Bus& bus, const RulePtr& rule, std::string text,
                                  ActivityId cause) {
    AcceptedEvent event;
    event.text = std::make_shared<const std::string>(std::move(text));
    event.ingested = cloud_.clock().now();
    event.cause = cause;
    EventTape tape;
    tape.read(*event.text);
    ++rule->counts.matched;
    for (const std::shared_ptr<const Target>& target : rule->targets) {
        deliverer_.deliver(bus, rule, target, event, tape);
    }
}

std::size_t EventIntake::dispatch(Bus& bus, AcceptedEvent& event, EventTape& read,
                                  const Replay* replay) {
    // Deliveries may come back here (a target on another bus), so the tape is this event's own.
    EventTape tape;
    std::swap(tape, read);
    const std::size_t detail = tape.member(0, "detail");
    const std::size_t correlation = detail == 0 ? 0 : tape.member(detail, "correlationId");
    if (correlation != 0 && tape[correlation].kind == Kind::string) {
        event.correlation = tape.text(tape[correlation]);
    }
    Activity activity =
        cloud_.journal().begin(ActivityKind::delivery, "event on " + bus.name(), event.cause);
    if (!event.correlation.empty()) activity.correlate(event.correlation);
    event.cause = activity.id();
    if (replay == nullptr) archives_.take(bus, tape, *event.text, event.ingested);

    std::vector<RulePtr> matched;
    for (const std::uint32_t slot : bus.match(tape)) matched.push_back(bus.rule_at(slot));
    std::size_t chosen = 0;
    std::vector<std::string> names;  // for those who listen
    for (const RulePtr& rule : matched) {
        const bool is_wanted = replay == nullptr || replay->rule_arns.empty() ||
                               std::find(replay->rule_arns.begin(), replay->rule_arns.end(),
                                         rule->arn) != replay->rule_arns.end();
        if (!is_wanted) continue;
        ++chosen;
        ++rule->counts.matched;
        if (recorder_.anybody()) names.push_back(rule->name);
        for (const std::shared_ptr<const Target>& target : rule->targets) {
            deliverer_.deliver(bus, rule, target, event, tape);
        }
    }
    if (chosen > 0) metrics_.touch();
    if (recorder_.anybody()) {
        recorder_.take(bus.scope(), bus.name(), tape, event.text, names);
    }
    if (log::enabled(log::Level::info)) tell_match(bus, tape, replay != nullptr, chosen);
    activity.note(fmt::format("matched {} of {} rules", chosen, bus.rules().size()));
    std::swap(tape, read);
    return chosen;
}

}  // namespace skafu::eventbridge

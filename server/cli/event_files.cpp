#include "cli/event_files.h"

#include "cli/json_objects.h"
#include "core/clock.h"
#include "core/json.h"

namespace skafu::server {
namespace {

using eventbridge::EventTape;
using Kind = EventTape::Kind;

/// How deep messages may hold messages: an event in an SNS notification in an SQS message.
constexpr std::size_t kMostLevels = 5;

bool is_event(EventTape& tape, std::size_t at) {
    return tape.member(at, "detail-type") != 0 && tape.member(at, "detail") != 0;
}

std::string text_member(EventTape& tape, std::size_t object, std::string_view name) {
    const std::size_t at = tape.member(object, name);
    return at == 0 || tape[at].kind != Kind::string ? std::string()
                                                    : std::string(tape.text(tape[at]));
}

std::string source_member(EventTape& tape, std::string_view name) {
    const std::size_t at = tape.member(0, name);
    return at == 0 ? std::string() : std::string(tape.json(tape[at]));
}

/// An entry as PutEvents takes it.
std::optional<RecordedEvent> from_entry(EventTape& tape) {
    const std::size_t detail = tape.member(0, "Detail");
    if (detail == 0 || tape.member(0, "DetailType") == 0 || tape.member(0, "Source") == 0) {
        return std::nullopt;
    }
    const Json entry = parse_json(tape.source(tape[0]));
    const Json* time = find_member(entry, "Time");
    Json event = {{"source", entry.at("Source")}, {"detail-type", entry.at("DetailType")}};
    if (time != nullptr && time->is_string()) event["time"] = *time;
    if (time != nullptr && time->is_number()) {
        event["time"] = iso8601_seconds(from_epoch_seconds(time->get<double>()));
    }
    if (const Json* resources = find_member(entry, "Resources")) event["resources"] = *resources;
    const Json& given = entry.at("Detail");
    event["detail"] = given.is_string() ? parse_json(given.get<std::string>()) : given;
    return RecordedEvent{to_text(event), string_member(entry, "EventBusName"), {}, {}};
}

/// The item of an export, a stream record, or the object itself.
std::string_view item_text(EventTape& tape) {
    std::size_t item = tape.member(0, "Item");
    if (const std::size_t change = tape.member(0, "dynamodb")) {
        item = tape.member(change, "NewImage");
    }
    return tape.source(tape[item]);
}

}  // namespace

bool EventFinder::find(std::string_view object, std::vector<RecordedEvent>& found) {
    return find_at(object, 0, found);
}

bool EventFinder::find_at(std::string_view object, std::size_t level,
                          std::vector<RecordedEvent>& found) {
    if (level == kMostLevels) return false;
    if (tapes_.size() == level) tapes_.emplace_back();
    EventTape& tape = tapes_[level];
    if (!tape.read(object)) {
        parse_json(object);  // throws, and says why
        throw JsonError("not JSON", 0);
    }
    if (!tape.is_object()) return false;
    const std::size_t event = tape.member(0, "event");
    if (event != 0 && is_event(tape, event)) {
        std::string rules = source_member(tape, "rules");
        if (rules.empty()) rules = source_member(tape, "matchedRules");
        found.push_back({std::string(tape.source(tape[event])),
                         text_member(tape, 0, "bus"),
                         std::move(rules),
                         {}});
        return true;
    }
    if (is_event(tape, 0)) {
        found.push_back({std::string(object), {}, {}, {}});
        return true;
    }
    if (std::optional<RecordedEvent> entry = from_entry(tape)) {
        found.push_back(std::move(*entry));
        return true;
    }
    if (find_in_message(tape, level, found) || find_in_results(tape, level, found)) return true;
    std::optional<StoredEvent> stored = event_of_item(parse_json(item_text(tape)));
    if (!stored) return false;
    found.push_back({std::move(stored->event), {}, {}, std::move(stored->place)});
    return true;
}

bool EventFinder::find_in_message(EventTape& tape, std::size_t level,
                                  std::vector<RecordedEvent>& found) {
    for (const char* name : {"message", "Body", "body", "Message"}) {
        const std::string text = text_member(tape, 0, name);
        if (text.empty()) continue;
        // CloudWatch Logs asks Firehose with these whether it is there.
        if (text.starts_with("CWL CONTROL MESSAGE")) return true;
        return find_in_text(text, level, found);
    }
    return false;
}

/// Results are rows of fields; @message is what was logged.
bool EventFinder::find_in_results(EventTape& tape, std::size_t level,
                                  std::vector<RecordedEvent>& found) {
    const std::size_t results = tape.member(0, "results");
    if (results == 0 || tape[results].kind != Kind::array) return false;
    bool any = false;
    for (std::size_t row = results + 1; row < tape[results].next; row = tape[row].next) {
        if (tape[row].kind != Kind::array) continue;
        for (std::size_t field = row + 1; field < tape[row].next; field = tape[field].next) {
            if (text_member(tape, field, "field") != "@message") continue;
            any = find_in_text(text_member(tape, field, "value"), level, found) || any;
        }
    }
    return any;
}

bool EventFinder::find_in_text(const std::string& text, std::size_t level,
                               std::vector<RecordedEvent>& found) {
    bool any = false;
    JsonObjects objects = JsonObjects::of_text(text);
    while (const auto piece = objects.next()) {
        if (!piece->problem.empty()) continue;
        any = find_at(piece->text, level + 1, found) || any;
    }
    return any;
}

void read_events(const std::string& file,
                 const std::function<bool(RecordedEvent, const EventPlace&)>& visit,
                 const std::function<void(const EventPlace&, const std::string&)>& on_bad) {
    JsonObjects objects(file);
    EventFinder finder;
    EventPlace place;
    std::vector<RecordedEvent> found;
    while (const auto piece = objects.next()) {
        place.line = piece->line;
        place.share_read = objects.share_read();
        if (!piece->problem.empty()) {
            on_bad(place, piece->problem);
            continue;
        }
        found.clear();
        try {
            if (!finder.find(piece->text, found)) on_bad(place, "no event in it");
        } catch (const JsonError& error) {
            on_bad(place, error.what());
        }
        for (RecordedEvent& recorded : found) {
            if (!visit(std::move(recorded), place)) return;
        }
    }
}

}  // namespace skafu::server

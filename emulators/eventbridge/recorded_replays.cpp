#include "eventbridge/recorded_replays.h"

#include <charconv>

#include "core/aws_error.h"

namespace skafu::eventbridge {
namespace {

using Kind = EventTape::Kind;

std::uint64_t position_member(EventTape& tape, std::size_t object, std::string_view name) {
    const std::size_t at = tape.member(object, name);
    std::uint64_t value = 0;
    const std::string_view text = at == 0 ? std::string_view() : tape.source(tape[at]);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
        throw AwsError::validation(fmt::format("{} must be a position", name));
    }
    return value;
}

bool is_true(EventTape& tape, std::string_view name) {
    const std::size_t at = tape.member(0, name);
    return at != 0 && tape[at].kind == Kind::boolean_true;
}

/// "2026-01-31T12:00:00Z" of a recorded time; `now` where it has none that can be read.
std::string whole_seconds(std::string_view recorded, TimePoint now) {
    try {
        if (!recorded.empty()) return iso8601_seconds(parse_iso8601(recorded));
    } catch (const std::invalid_argument&) {
        // An event without a time is of now, as for PutEvents.
    }
    return iso8601_seconds(now);
}

}  // namespace

struct RecordedReplays::Batch {
    Caller caller;
    std::vector<std::string> rules;
    bool map_time = false;
    bool may_refuse = false;
    ActivityId cause = 0;
};

struct RecordedReplays::Tally {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t matched = 0;
    std::optional<std::uint64_t> stopped_at;
    Json problems = Json::array();
};

RecordedReplays::RecordedReplays(Cloud& cloud, Buses& buses, EventIntake& intake)
    : cloud_(cloud),
      buses_(buses),
      intake_(intake),
      replays_(cloud.database(), "events", "recorded-replay") {}

Json RecordedReplays::get(const Scope& scope, const std::string& name) const {
    const Json* found = replays_.find(scope, name);
    if (found == nullptr)
        throw AwsError::not_found(fmt::format("No replay {} is under way.", name));
    return *found;
}

void RecordedReplays::remove(const Scope& scope, const std::string& name) {
    replays_.erase(scope, name);
}

void RecordedReplays::reset(const Scope* scope) {
    replays_.clear(scope);
}

Json RecordedReplays::put(const Caller& caller, const std::string& name, std::string_view text) {
    constexpr std::size_t kLongestName = 128;
    if (name.empty() || name.size() > kLongestName) {
        throw AwsError::validation("a replay's name has 1 to 128 characters");
    }
    EventTape& tape = tape_;
    if (!tape.read(text) || !tape.is_object()) throw AwsError::validation("the batch is not JSON");
    const std::uint64_t from = position_member(tape, 0, "position");
    const std::uint64_t next = position_member(tape, 0, "next");
    const std::size_t events = tape.member(0, "events");
    if (events == 0 || tape[events].kind != Kind::array || next < from) {
        throw AwsError::validation("a batch has a list of events, and next behind position");
    }
    const Json* known = replays_.find(caller.scope(), name);
    Json state = known != nullptr ? *known
                                  : Json{{"position", 0},
                                         {"accepted", 0},
                                         {"refused", 0},
                                         {"matched", 0},
                                         {"from", nullptr}};
    // Sent again, for want of an answer; but where it put nothing it may be tried anew.
    const bool is_repeated = state["from"] == from && state["next"] == next;
    if (is_repeated && state["position"] != from) return state;
    if (state["position"] != from) {
        throw AwsError("ConflictException",
                       fmt::format("Replay {} stands at {}, not at {}.", name,
                                   state["position"].get<std::uint64_t>(), from),
                       409);
    }
    Activity activity = cloud_.journal().begin(ActivityKind::request, "events replay " + name, 0);
    const Tally tally = put_all({caller, {}, false, false, activity.id()}, tape, events);
    const std::uint64_t done = tally.stopped_at.value_or(next);
    const auto grown = [&state](const char* member, std::uint64_t by) {
        state[member] = state[member].get<std::uint64_t>() + by;
    };
    grown("accepted", tally.accepted);
    grown("refused", tally.refused);
    grown("matched", tally.matched);
    state["from"] = from;
    state["next"] = next;
    state["position"] = done;
    state["fingerprint"] =
        done == next ? std::string(tape.text_member(0, "fingerprint")) : std::string();
    state["problems"] = tally.problems;
    replays_.put(caller.scope(), name, state);
    activity.note(fmt::format("{} events to position {}", tally.accepted, done));
    return state;
}

RecordedReplays::Tally RecordedReplays::put_all(Batch batch, EventTape& tape, std::size_t events) {
    batch.map_time = is_true(tape, "mapTime");
    batch.may_refuse = is_true(tape, "mayRefuse");
    const std::size_t rules = tape.member(0, "rules");
    if (rules != 0 && tape[rules].kind == Kind::array) {
        for (std::size_t at = rules + 1; at < tape[rules].next; at = tape[at].next) {
            batch.rules.emplace_back(tape.text(tape[at]));
        }
    }
    // What is no batch is refused before any of it is put.
    std::vector<std::uint64_t> positions;
    for (std::size_t at = events + 1; at < tape[events].next; at = tape[at].next) {
        positions.push_back(position_member(tape, at, "position"));
    }
    Tally tally;
    auto position = positions.begin();
    for (std::size_t at = events + 1; at < tape[events].next; at = tape[at].next, ++position) {
        try {
            put_event(batch, tape, at, tally);
        } catch (const AwsError& error) {
            tally.problems.push_back(
                {{"position", *position}, {"code", error.code()}, {"message", error.message()}});
            if (!batch.may_refuse) {
                tally.stopped_at = *position;
                break;
            }
            ++tally.refused;
        }
    }
    return tally;
}

void RecordedReplays::put_event(const Batch& batch, EventTape& tape, std::size_t recorded,
                                Tally& tally) {
    const std::size_t event = tape.member(recorded, "event");
    if (event == 0 || tape[event].kind != Kind::object) {
        throw AwsError("InvalidArgument", "There is no event.");
    }
    for (const char* name : {"source", "detail-type"}) {
        if (tape.text_member(event, name).empty()) {
            throw AwsError("InvalidArgument", fmt::format("The event has no {}.", name));
        }
    }
    const std::size_t detail = tape.member(event, "detail");
    if (detail == 0 || tape[detail].kind != Kind::object) {
        throw AwsError("MalformedDetail", "Detail is malformed.");
    }
    const Scope scope = batch.caller.scope();
    const std::string_view bus_name = tape.text_member(recorded, "bus");
    Bus& bus = buses_.require(scope, bus_name);
    const TimePoint now = cloud_.clock().now();
    const std::string_view time =
        batch.map_time ? std::string_view() : tape.text_member(event, "time");
    std::string text;
    text.reserve(tape[event].end - tape[event].begin + 300);
    text.append(R"({"version":"0","id":")").append(cloud_.entropy().uuid());
    text.append(R"(","detail-type":)").append(tape.json(tape[tape.member(event, "detail-type")]));
    text.append(R"(,"source":)").append(tape.json(tape[tape.member(event, "source")]));
    text.append(R"(,"account":")").append(scope.account);
    text.append(R"(","time":")").append(whole_seconds(time, now));
    text.append(R"(","region":")").append(scope.region).append("\"");
    const std::size_t marker = tape.member(recorded, "replayName");
    if (marker != 0) text.append(R"(,"replay-name":)").append(tape.json(tape[marker]));
    text += R"(,"resources":)";
    const std::size_t resources = tape.member(event, "resources");
    if (resources != 0 && tape[resources].kind == Kind::array) {
        append_compact(tape.source(tape[resources]), text);
    } else {
        text += "[]";
    }
    text += R"(,"detail":)";
    append_compact(tape.source(tape[detail]), text);
    text += '}';

    EventIntake::Replay replay{std::string(tape.text_member(recorded, "replayName")), {}};
    for (const std::string& rule : batch.rules) replay.rule_arns.push_back(bus.rule_arn(rule));
    const bool is_marked = marker != 0 || !batch.rules.empty();
    const std::size_t rules =
        intake_.ingest(bus, std::move(text), 0, batch.cause, is_marked ? &replay : nullptr);
    ++tally.accepted;
    if (rules > 0) ++tally.matched;
}

void add_recorded_replay_routes(Cloud& cloud, RecordedReplays& replays) {
    AdminRoutes& routes = cloud.admin();
    const std::string path = "/_skafu/events/replays/{name}";
    routes.add_json("GET", path, [&replays](const AdminRequest& request) {
        return replays.get(request.caller.scope(), request.path.at("name"));
    });
    routes.add_json("POST", path, [&replays](const AdminRequest& request) {
        return replays.put(request.caller, request.path.at("name"), request.http.body);
    });
    routes.add_json("DELETE", path, [&replays](const AdminRequest& request) {
        replays.remove(request.caller.scope(), request.path.at("name"));
        return Json::object();
    });
}

}  // namespace skafu::eventbridge

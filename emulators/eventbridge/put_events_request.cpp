#include "eventbridge/put_events_request.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "core/arn.h"
#include "core/aws_error.h"
#include "eventbridge/shapes.h"

namespace skafu::eventbridge {
namespace {

using Kind = EventTape::Kind;

constexpr std::size_t kMostEntries = 10;
constexpr std::size_t kMostBytes = 256 * 1024;
constexpr std::size_t kTimeBytes = 14;
constexpr std::size_t kLongestDetailType = 128;
constexpr std::size_t kLongestTraceHeader = 500;
constexpr std::size_t kLongestBusName = 256;
constexpr double kEarliestTime = -62135596800;  // the years 1 to 9999
constexpr double kLatestTime = 253402300800;

const Shape& request_shape() {
    using namespace shape;
    static const Shape entry = structure(
        {optional("Time", timestamp()), optional("Source", string()),
         optional("Resources", list(any())), optional("DetailType", string()),
         optional("Detail", string()), optional("EventBusName", event_bus_name_shape()),
         optional("TraceHeader", string(1, static_cast<std::int64_t>(kLongestTraceHeader)))});
    static const Shape request =
        structure({optional("Entries", list(entry)),
                   optional("EndpointId", string(1, 50, "^[A-Za-z0-9\\-]+[\\.][A-Za-z0-9\\-]+$"))});
    return request;
}

/// How AWS shows an absent or present value of an entry in its complaint.
std::string shown_member(EventTape& tape, std::size_t at) {
    return at == 0 || tape[at].kind == Kind::null ? "null" : std::string(tape.text(tape[at]));
}

std::string shown_entry(EventTape& tape, std::size_t entry) {
    const auto member = [&](const char* name) {
        return shown_member(tape, tape.member(entry, name));
    };
    return fmt::format(
        "PutEventsRequestEntry(time={}, source={}, resources={}, detailType={}, detail={}, "
        "eventBusName={}, traceHeader={}, kmsKeyIdentifier=null, internalMetadata=null)",
        member("Time"), member("Source"), member("Resources"), member("DetailType"),
        member("Detail"), member("EventBusName"), member("TraceHeader"));
}

/// What an entry weighs by AWS's count (user guide, "Calculating PutEvents event entry size").
std::size_t entry_bytes(EventTape& tape, std::size_t entry) {
    std::size_t bytes = tape.member(entry, "Time") != 0 ? kTimeBytes : 0;
    for (const char* name : {"Source", "DetailType", "Detail"}) {
        const std::size_t at = tape.member(entry, name);
        if (at != 0) bytes += tape.text(tape[at]).size();
    }
    const std::size_t resources = tape.member(entry, "Resources");
    if (resources != 0 && tape[resources].kind == Kind::array) {
        for (std::size_t at = resources + 1; at < tape[resources].next; at = tape[at].next) {
            bytes += tape.text(tape[at]).size();
        }
    }
    return bytes;
}

bool is_plain_bus_name(std::string_view name) {
    if (name.starts_with("arn:")) {
        const std::optional<Arn> arn = Arn::parse(name);
        if (!arn || arn->service != "events" || arn->resource_type() != "event-bus" ||
            arn->account.size() != 12) {
            return false;
        }
        name.remove_prefix(name.rfind('/') + 1);
    }
    return !name.empty() && name.size() <= kLongestBusName &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

/// Whether nothing of an entry can break a constraint of the model: true of almost all. The model
/// itself is asked about the others, which costs more.
bool is_plain_entry(EventTape& tape, std::size_t entry) {
    for (std::size_t key = entry + 1; key < tape[entry].next; key = tape[key + 1].next) {
        const EventTape::Entry& value = tape[key + 1];
        const std::string_view name = tape.source(tape[key]);
        if (value.kind == Kind::null) continue;
        if (name == "Time") {
            if (value.kind != Kind::number) return false;
        } else if (name == "Resources") {
            if (value.kind != Kind::array) return false;
        } else if (value.kind != Kind::string || name == "TraceHeader") {
            return false;
        } else if (name == "EventBusName" && !is_plain_bus_name(tape.text(value))) {
            return false;
        }
    }
    return true;
}

/// What cannot be read refuses the whole request, before anything of it is done.
void check_values(EventTape& tape, std::size_t entry) {
    event_time(tape, entry, TimePoint());
    const std::size_t resources = tape.member(entry, "Resources");
    if (resources == 0 || tape[resources].kind != Kind::array) return;
    for (std::size_t at = resources + 1; at < tape[resources].next; at = tape[at].next) {
        if (tape[at].kind != Kind::string && tape[at].kind != Kind::null) {
            throw AwsError::serialization("Resources must be a list of strings.");
        }
    }
}

void check_count(EventTape& tape, const std::vector<std::size_t>& entries) {
    if (!entries.empty() && entries.size() <= kMostEntries) return;
    std::string all;
    for (const std::size_t at : entries) {
        if (!all.empty()) all += ", ";
        all += shown_entry(tape, at);
    }
    throw AwsError::validation(fmt::format(
        "1 validation error detected: Value '[{}]' at 'entries' failed to satisfy constraint: "
        "Member must have length {} than or equal to {}",
        all, entries.empty() ? "greater" : "less", entries.empty() ? 1 : kMostEntries));
}

bool is_absent_or_empty(EventTape& tape, std::size_t at) {
    return at == 0 || tape[at].kind == Kind::null ||
           (tape[at].kind == Kind::string && tape[at].begin == tape[at].end);
}

std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::vector<std::size_t> checked_entries(EventTape& tape, std::string_view text) {
    const std::size_t list = tape.member(0, "Entries");
    if (list == 0 || tape[list].kind == Kind::null) {
        throw AwsError::validation(
            "1 validation error detected: Value null at 'entries' failed to satisfy constraint: "
            "Member must not be null");
    }
    if (tape[list].kind != Kind::array) {
        throw AwsError::serialization("Entries must be a list.");
    }
    std::vector<std::size_t> entries;
    bool is_plain = tape.member(0, "EndpointId") == 0;
    for (std::size_t at = list + 1; at < tape[list].next; at = tape[at].next) {
        if (tape[at].kind != Kind::object) {
            throw AwsError::serialization("An entry must be a structure.");
        }
        entries.push_back(at);
        check_values(tape, at);
        is_plain = is_plain && is_plain_entry(tape, at);
    }
    check_count(tape, entries);
    if (!is_plain) validate(request_shape(), parse_json(text));
    std::size_t bytes = 0;
    if (text.size() + kMostEntries * kTimeBytes > kMostBytes) {  // else they cannot be too many
        for (const std::size_t entry : entries) bytes += entry_bytes(tape, entry);
    }
    if (bytes > kMostBytes) {
        throw AwsError::validation("Total size of the entries in the request is over the limit.");
    }
    return entries;
}

std::string event_time(EventTape& tape, std::size_t entry, TimePoint now) {
    const std::size_t at = tape.member(entry, "Time");
    if (at == 0 || tape[at].kind == Kind::null) return iso8601_seconds(now);
    const std::string_view text = tape.text(tape[at]);
    if (tape[at].kind == Kind::number) {
        double seconds = 0;
        std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (!(seconds >= kEarliestTime && seconds < kLatestTime)) {
            throw AwsError::serialization("Time lies outside of what a timestamp can hold.");
        }
        return iso8601_seconds(TimePoint(std::chrono::seconds(static_cast<std::int64_t>(seconds))));
    }
    try {
        return iso8601_seconds(parse_iso8601(text));
    } catch (const std::invalid_argument&) {
        throw AwsError::serialization(fmt::format("Time is not a timestamp: {}", text));
    }
}

std::optional<EntryFailure> entry_failure(EventTape& tape, std::size_t entry) {
    for (const char* name : {"Source", "DetailType", "Detail"}) {
        if (!is_absent_or_empty(tape, tape.member(entry, name))) continue;
        return EntryFailure{"InvalidArgument",
                            fmt::format("Parameter {0} is not valid. Reason: {0} is a required "
                                        "argument.",
                                        name)};
    }
    if (character_count(tape.text(tape[tape.member(entry, "DetailType")])) > kLongestDetailType) {
        return EntryFailure{"InvalidArgument",
                            fmt::format("Parameter DetailType is not valid. Reason: DetailType "
                                        "must not be longer than {} characters.",
                                        kLongestDetailType)};
    }
    const std::size_t resources = tape.member(entry, "Resources");
    if (resources == 0 || tape[resources].kind != Kind::array) return std::nullopt;
    for (std::size_t at = resources + 1; at < tape[resources].next; at = tape[at].next) {
        // The service stumbles over a null in this list, and says so.
        if (tape[at].kind == Kind::null) {
            return EntryFailure{"InternalFailure", "Internal Service Failure"};
        }
    }
    return std::nullopt;
}

}  // namespace skafu::eventbridge

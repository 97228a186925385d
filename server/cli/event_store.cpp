#include "cli/event_store.h"

#include <charconv>
#include <stdexcept>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "core/clock.h"
#include "core/database.h"

namespace skafu::server {
namespace {

/// A value of DynamoDB's JSON as plain JSON; other values stay as they are.
Json plain(const Json& value) {
    if (!value.is_object() || value.size() != 1) return value;
    const std::string type = value.begin().key();
    const Json& inner = value.begin().value();
    if (type == "S" || type == "BOOL") return inner;
    if (type == "N" && inner.is_string()) return parse_json(inner.get<std::string>());
    if (type == "NULL") return nullptr;
    if (type == "L" && inner.is_array()) {
        Json list = Json::array();
        for (const Json& element : inner) list.push_back(plain(element));
        return list;
    }
    if (type == "M" && inner.is_object()) {
        Json map = Json::object();
        for (const auto& [name, element] : inner.items()) map[name] = plain(element);
        return map;
    }
    return value;
}

/// Whether all members are values of DynamoDB's JSON: {"S": …}, {"N": …}, ….
bool is_dynamodb_json(const Json& item) {
    if (!item.is_object() || item.empty()) return false;
    for (const auto& [name, value] : item.items()) {
        const bool is_typed = value.is_object() && value.size() == 1 &&
                              value.begin().key().size() <= 4 &&
                              std::isupper(static_cast<unsigned char>(value.begin().key()[0])) != 0;
        if (!is_typed) return false;
    }
    return true;
}

/// The first of several members that is there as text; a number as it is written.
std::string first_text(const Json& object, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const Json* value = find_member(object, name);
        if (value == nullptr) continue;
        if (value->is_string()) return value->get<std::string>();
        if (value->is_number()) return to_text(*value);
    }
    return {};
}

std::string type_of(const Json& detail) {
    return first_text(detail, {"detail-type", "detailType", "eventType", "type"});
}

/// What the item holds of an event as it was published; the item itself where nothing else.
Json published(const Json& item) {
    for (const char* name : {"event", "detail", "payload"}) {
        const Json* value = find_member(item, name);
        if (value == nullptr) continue;
        if (value->is_object()) return *value;
        if (!value->is_string()) continue;
        try {
            Json inner = parse_json(value->get<std::string>());
            if (inner.is_object()) return inner;
        } catch (const JsonError&) {
            // Some other text of that name.
        }
    }
    return item;
}

}  // namespace

std::optional<double> seconds_of(std::string_view time) {
    try {
        return epoch_seconds(parse_iso8601(time));
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

std::optional<StoredEvent> event_of_item(const Json& stored) {
    if (!stored.is_object()) return std::nullopt;
    Json item = stored;
    if (is_dynamodb_json(stored)) {
        for (const auto& [name, value] : stored.items()) item[name] = plain(value);
    }
    Json detail = published(item);
    StoredEvent result;
    result.place.aggregate = first_text(item, {"aggregateId", "streamId", "entityId", "pk", "PK"});
    result.place.sequence =
        first_text(item, {"eventSequence", "sequenceNumber", "sequence", "version", "sk", "SK"});
    std::string time = first_text(item, {"timestamp", "time", "createdAt", "occurredAt"});
    Json event;
    if (find_member(detail, "detail") != nullptr && find_member(detail, "source") != nullptr &&
        find_member(detail, "detail-type") != nullptr) {
        event = std::move(detail);  // the whole of it, as it was on the bus
    } else {
        std::string type = type_of(detail);
        if (type.empty()) type = type_of(item);
        std::string source = first_text(detail, {"source"});
        if (source.empty()) source = first_text(item, {"source"});
        if (type.empty() || source.empty()) return std::nullopt;
        if (time.empty()) time = first_text(detail, {"timestamp", "time"});
        event = {{"version", "0"},
                 {"id", first_text(item, {"eventId", "id"})},
                 {"detail-type", std::move(type)},
                 {"source", std::move(source)},
                 {"time", time},
                 {"resources", Json::array()},
                 {"detail", std::move(detail)}};
    }
    if (time.empty()) time = string_member(event, "time");
    result.place.time = seconds_of(time).value_or(0);
    result.event = to_text(event);
    return result;
}

struct StoreSorter::State {
    State() {
        std::string name =
            (std::filesystem::temp_directory_path() / "skafu-replay-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot write " + name);
        folder = name;
        database = std::make_unique<Database>(io, folder / "events");
        database->execute(
            "CREATE TABLE event(place INTEGER PRIMARY KEY, aggregate TEXT, sequence, time REAL, "
            "text TEXT)");
        insert = database->prepare(
            "INSERT INTO event(aggregate, sequence, time, text) "
            "VALUES(?1, ?2, ?3, ?4)");
    }
    ~State() {
        insert = Statement();
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    boost::asio::io_context io;
    std::filesystem::path folder;
    std::unique_ptr<Database> database;
    Statement insert;
};

StoreSorter::StoreSorter() = default;
StoreSorter::~StoreSorter() = default;

void StoreSorter::add(const StoredEvent& stored) {
    if (!state_) state_ = std::make_unique<State>();
    const StorePlace& place = stored.place;
    state_->database->write();
    Statement& insert = state_->insert;
    insert.bind(1, place.aggregate).bind(3, place.time).bind(4, stored.event);
    const char* const end = place.sequence.data() + place.sequence.size();
    const auto reads = [&](auto& number) {
        const auto read = std::from_chars(place.sequence.data(), end, number);
        return read.ec == std::errc() && read.ptr == end;
    };
    std::int64_t whole = 0;
    double number = 0;
    if (reads(whole)) {
        insert.bind(2, whole);
    } else if (reads(number)) {
        insert.bind(2, number);
    } else {
        insert.bind(2, place.sequence);
    }
    insert.run();
    ++count_;
}

void StoreSorter::for_each(const std::function<bool(StoredEvent)>& visit) {
    if (empty()) return;
    // An event is never before its predecessor, whatever the clocks of those who wrote them said.
    Statement all = state_->database->prepare(
        "SELECT aggregate, CAST(sequence AS TEXT), time, text FROM (SELECT *, iif(aggregate = '', "
        "time, max(time) OVER (PARTITION BY aggregate ORDER BY sequence, time, place)) AS due "
        "FROM event) ORDER BY due, aggregate, sequence, time, place");
    while (all.step()) {
        StoredEvent stored;
        stored.place = {std::string(all.text(0)), std::string(all.text(1)), all.real(2)};
        stored.event = all.text(3);
        if (!visit(std::move(stored))) return;
    }
}

}  // namespace skafu::server

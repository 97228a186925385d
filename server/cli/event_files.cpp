#include "cli/event_files.h"

#include <vector>

#include "cli/line_reader.h"

namespace skafu::server {
namespace {

/// The JSON objects of a line: usually one, but Firehose sets none apart.
std::vector<std::string_view> objects_of(std::string_view line) {
    std::vector<std::string_view> objects;
    std::size_t depth = 0;
    std::size_t start = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = depth > 0;
        } else if (c == '{') {
            if (depth++ == 0) start = i;
        } else if (c == '}' && depth > 0 && --depth == 0) {
            objects.push_back(line.substr(start, i - start + 1));
        }
    }
    if (depth > 0) objects.push_back(line.substr(start));
    return objects;
}

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

bool is_event(const Json& value) {
    return value.is_object() && value.contains("detail-type") && value.contains("detail");
}

/// An item of an event store as the event that it stands for.
Json from_store(const Json& item) {
    Json detail = Json::object();
    for (const auto& [name, value] : item.items()) detail[name] = plain(value);
    return {{"version", "0"},
            {"id", string_member(detail, "eventId")},
            {"detail-type", string_member(detail, "eventType")},
            {"source", string_member(detail, "source")},
            {"time", string_member(detail, "timestamp")},
            {"resources", Json::array()},
            {"detail", std::move(detail)}};
}

/// Finds the events in one object of a file; false if there are none.
bool collect(const Json& value, std::vector<Json>& found) {
    if (!value.is_object()) return false;
    const Json* event = find_member(value, "event");
    if (event != nullptr && is_event(*event)) {
        found.push_back(value);
        return true;
    }
    if (is_event(value)) {
        found.push_back({{"event", value}});
        return true;
    }
    for (const char* text : {"message", "Body", "body", "Message"}) {
        const std::string inner = string_member(value, text);
        if (inner.empty()) continue;
        bool any = false;
        for (const std::string_view object : objects_of(inner)) {
            any = collect(parse_json(object), found) || any;
        }
        return any;
    }
    for (const char* list : {"events", "logEvents", "Records", "Messages"}) {
        const Json* elements = find_member(value, list);
        if (elements == nullptr || !elements->is_array()) continue;
        bool any = false;
        for (const Json& element : *elements) any = collect(element, found) || any;
        return any;
    }
    const Json* item = find_member(value, "Item");
    const Json& stored = item != nullptr ? *item : value;
    if (stored.is_object() && stored.contains("eventType") && stored.contains("source")) {
        found.push_back({{"event", from_store(stored)}});
        return true;
    }
    return false;
}

}  // namespace

void read_events(const std::string& file, const std::function<bool(Json, const EventPlace&)>& visit,
                 const std::function<void(const EventPlace&, const std::string&)>& on_bad) {
    LineReader in(file);
    EventPlace place;
    for (std::string line; in.next(line);) {
        place.line = in.line_number();
        place.share_read = in.share_read();
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        std::vector<Json> found;
        try {
            bool any = false;
            for (const std::string_view object : objects_of(line)) {
                any = collect(parse_json(object), found) || any;
            }
            if (!any) on_bad(place, "no event in it");
        } catch (const JsonError& error) {
            on_bad(place, error.what());
        }
        for (Json& recorded : found) {
            if (!visit(std::move(recorded), place)) return;
        }
    }
}

}  // namespace skafu::server

#include "cli/replay_source.h"

#include <stdexcept>

#include "cli/events_client.h"
#include "cli/interrupt.h"

namespace skafu::server {
namespace {

/// The name of the key attribute of a kind ("HASH", "RANGE"); empty where there is none.
std::string key_of(const Json& table, std::string_view kind) {
    for (const Json& key : table.at("KeySchema")) {
        if (string_member(key, "KeyType") == kind) return string_member(key, "AttributeName");
    }
    return {};
}

std::string attribute_type(const Json& table, const std::string& name) {
    for (const Json& attribute : table.at("AttributeDefinitions")) {
        if (string_member(attribute, "AttributeName") == name) {
            return string_member(attribute, "AttributeType");
        }
    }
    return "S";
}

/// What a key attribute of an item says: {"S": "a"} and {"N": "1"} without their type.
std::string key_text(const Json& item, const std::string& name) {
    const Json* value = find_member(item, name);
    if (value == nullptr || !value->is_object() || value->empty()) return {};
    const Json& inner = value->begin().value();
    return inner.is_string() ? inner.get<std::string>() : to_text(inner);
}

}  // namespace

void ReplaySource::read(const Visitor& visitor) {
    for (std::size_t i = 0; i < options_.files.size(); ++i) {
        StoreSorter stored;
        if (!read_file(i, visitor, stored)) return;
        if (!give_stored(visitor, stored, options_.files[i])) return;
    }
    if (options_.table.empty()) return;
    StoreSorter stored;
    read_table(stored);
    give_stored(visitor, stored, options_.table);
}

bool ReplaySource::read_file(std::size_t index, const Visitor& visitor, StoreSorter& stored) {
    const std::string& file = options_.files[index];
    const auto files = static_cast<double>(options_.files.size());
    const auto place_of = [&](const EventPlace& place) {
        return file + ":" + std::to_string(place.line);
    };
    bool goes_on = true;
    const auto visit = [&](RecordedEvent event, const EventPlace& place) {
        if (event.stored) {
            if (options_.aggregate.empty() || event.stored->aggregate == options_.aggregate) {
                stored.add({std::move(event.event), std::move(*event.stored)});
            }
            return true;
        }
        const double share = (static_cast<double>(index) + place.share_read) / files;
        goes_on = visitor.event(std::move(event), place_of(place), share);
        return goes_on;
    };
    read_events(file, visit, [&](const EventPlace& place, const std::string& why) {
        visitor.bad(place_of(place), why);
    });
    return goes_on;
}

void ReplaySource::read_table(StoreSorter& stored) {
    EventsClient client(options_.url, options_.region);
    const Json description =
        client.call("dynamodb", "DynamoDB_20120810.DescribeTable", {{"TableName", options_.table}});
    const Json& table = description.at("Table");
    const std::string hash = key_of(table, "HASH");
    const std::string range = key_of(table, "RANGE");
    Json input = {{"TableName", options_.table}, {"ConsistentRead", true}};
    std::string operation = "DynamoDB_20120810.Scan";
    if (!options_.aggregate.empty()) {
        operation = "DynamoDB_20120810.Query";
        input["KeyConditionExpression"] = "#aggregate = :aggregate";
        input["ExpressionAttributeNames"] = {{"#aggregate", hash}};
        input["ExpressionAttributeValues"] = {
            {":aggregate", {{attribute_type(table, hash), options_.aggregate}}}};
    }
    while (!interrupted()) {
        const Json answer = client.call("dynamodb", operation, input);
        for (const Json& item : answer.at("Items")) {
            std::optional<StoredEvent> event = event_of_item(item);
            if (!event) {
                ++other_items_;
                continue;
            }
            event->place.aggregate = key_text(item, hash);
            if (!range.empty()) event->place.sequence = key_text(item, range);
            stored.add(*event);
        }
        const Json* last = find_member(answer, "LastEvaluatedKey");
        if (last == nullptr) return;
        input["ExclusiveStartKey"] = *last;
    }
}

bool ReplaySource::give_stored(const Visitor& visitor, StoreSorter& stored,
                               const std::string& place) {
    bool goes_on = true;
    std::size_t given = 0;
    stored.for_each([&](StoredEvent event) {
        const double share = static_cast<double>(++given) / static_cast<double>(stored.size());
        const std::string where = place + ": " + event.place.aggregate + " " + event.place.sequence;
        RecordedEvent recorded{std::move(event.event), {}, {}, std::move(event.place)};
        goes_on = visitor.event(std::move(recorded), where, share);
        return goes_on;
    });
    return goes_on;
}

}  // namespace skafu::server

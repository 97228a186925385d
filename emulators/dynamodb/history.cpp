#include "dynamodb/history.h"

#include <unordered_set>

#include "dynamodb/item_codec.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {
namespace {

constexpr std::int64_t kHourMillis = 3600LL * 1000;
constexpr std::int64_t kDayMillis = 24 * kHourMillis;
constexpr std::int64_t kNoLimit = -1;

/// Puts one item back to what it was; no old item: it was not there.
void put_back(Store& store, const std::string& key, const Item* old) {
    std::int64_t id = 0;
    {
        const Store::Found found = store.find(key);
        if (found) id = found.id();
    }
    if (old == nullptr) {
        if (id != 0) store.erase(id);
        return;
    }
    const std::string text = item_text(*old);
    if (id != 0) {
        store.replace(id, item_size(*old), text);
    } else {
        store.insert(key, item_size(*old), text);
    }
}

}  // namespace

void History::note(const Table& table, const Streams::Change& change) {
    const std::uint32_t number = table.history();
    const std::int64_t now = epoch_millis(cloud_.clock().now());
    const Item& either = change.old_item != nullptr ? *change.old_item : *change.new_item;
    buffer_.assign("{\"Key\":{");
    for (const auto* attributes : {&table.keys().hash, &table.keys().range}) {
        for (const KeyAttribute& attribute : *attributes) {
            if (buffer_.back() != '{') buffer_.push_back(',');
            append_json_string(buffer_, attribute.name);
            buffer_.push_back(':');
            append_value(buffer_, *find_attribute(either, attribute.name));
        }
    }
    buffer_.push_back('}');
    if (change.old_item != nullptr) buffer_.append(",\"Item\":").append(change.old_text);
    buffer_.push_back('}');
    store_.append_record(number, store_.last_sequence(number) + 1, now, buffer_);
    trim(number, now);
}

void History::trim(std::uint32_t number, std::int64_t now) {
    std::int64_t& last = trimmed_[number];
    if (now - last < kHourMillis) return;
    last = now;
    store_.trim_records(number, now - kRecoveryDays * kDayMillis);
}

void History::copy_as_of(const Table& table, std::uint32_t space, std::int64_t millis) {
    store_.copy_items(table.space(), space);
    if (table.history() == 0) return;
    // Of the changes since then, an item's first one tells what it was.
    std::unordered_set<std::string> seen;
    Store::Records records = store_.records(table.history(), 0, kNoLimit);
    Store::Record record;
    while (records.next(record)) {
        if (record.at <= millis) continue;
        ItemRequest change = parse_item_request(record.text, kAnyApi);
        std::string key = table_key(space, table.keys(), *change.key);
        if (!seen.insert(key).second) continue;
        put_back(store_, key, change.has_item() ? &change.whole_item() : nullptr);
    }
}

void History::drop(std::uint32_t number) {
    store_.drop_stream(number);
    trimmed_.erase(number);
}

}  // namespace skafu::dynamodb

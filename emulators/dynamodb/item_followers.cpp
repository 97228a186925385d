// Writes that no request asks for: expiry, and items that imports and restores bring.
#include <cmath>
#include <map>

#include "core/aws_error.h"
#include "dynamodb/item_checks.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/item_write.h"

namespace skafu::dynamodb {

std::optional<std::int64_t> expiry_of(const Table& table, const Item& item, std::int64_t now) {
    constexpr std::int64_t kFiveYears = 5LL * 365 * 24 * 3600 + 24 * 3600;
    const Value* value = find_attribute(item, table.ttl_attribute());
    if (value == nullptr || !value->is(Type::kNumber)) return std::nullopt;
    const double seconds = value->as<Number>().to_double();
    // Long past or never to come: no expiry.
    if (!(seconds > static_cast<double>(now - kFiveYears)) || seconds > 1e11) return std::nullopt;
    return static_cast<std::int64_t>(std::ceil(seconds));
}

void expire_item(Engine& engine, Table& table, std::int64_t id) {
    Store& store = engine.store();
    store.remove_expiry(id);
    std::string text;
    std::size_t size = 0;
    {
        const Store::Found found = store.find_by_id(id);
        if (!found) return;
        text = found.item();
        size = found.size();
    }
    const Item item = decode_item(text);
    for (const Index& index : table.indexes()) {
        if (is_in_index(index, item)) {
            store.remove_index_row(index_key(index.space, index.keys, table.keys(), item));
        }
    }
    store.erase(id);
    if (table.totals) {
        table.totals->items -= 1;
        table.totals->bytes -= static_cast<std::int64_t>(size);
    }
    engine.record(table, {&item, nullptr, text, {}, size, 0, Streams::Origin::kExpiry});
}

std::string collection_metrics_of(const std::vector<const ItemWrite*>& writes) {
    std::map<std::string, std::string> tables;
    for (const ItemWrite* write : writes) {
        const std::string metrics = write->collection_metrics();
        if (metrics.empty()) continue;
        std::string& list = tables[write->table().name()];
        if (list.find(metrics) != std::string::npos) continue;
        if (!list.empty()) list.push_back(',');
        list.append(metrics);
    }
    std::string out;
    for (const auto& [table, list] : tables) {
        if (!out.empty()) out.push_back(',');
        append_json_string(out, table);
        out.append(":[").append(list).push_back(']');
    }
    return out;
}

void put_item(Engine& engine, Table& table, Item item) {
    ItemRequest request;
    request.table_name = table.name();
    request.item = std::move(item);
    ItemWrite write(ItemWrite::Kind::kPut, request);
    Caller caller;
    caller.account = table.scope().account;
    caller.region = table.scope().region;
    write.run(engine, caller);
}

}  // namespace skafu::dynamodb

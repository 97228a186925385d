#include "dynamodb/item_read.h"

#include "dynamodb/item_checks.h"

namespace skafu::dynamodb {

ItemRead::ItemRead(ItemRequest& request)
    : request_(request),
      projection_((checked_table_name(request), check_no_mixing(request), request), used_) {
    if (!request.key) reject_missing_member(request.place + "key");
    request.substitutions.check_used(used_);
}

void ItemRead::locate(Engine& engine, const Caller& caller) {
    engine_ = &engine;
    table_ = &engine.table(caller, *request_.table_name);
    check_key(*table_, *request_.key);
    row_key_ = table_key(table_->space(), table_->keys(), *request_.key);
}

bool ItemRead::append(std::string& out) {
    size_ = 0;
    const Store::Found found = engine_->store().find(row_key_);
    if (!found) return false;
    size_ = found.size();
    projection_.append(out, found.item());
    return true;
}

void ItemRead::count(Capacity& capacity, double factor) const {
    if (!capacity.wanted()) return;
    const bool consistent = request_.consistent_read.value_or(false) || factor > 1;
    capacity.add_table(*table_, factor * read_units(size_, consistent));
}

}  // namespace skafu::dynamodb

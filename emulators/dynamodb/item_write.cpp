#include "dynamodb/item_write.h"

#include <algorithm>

#include "core/aws_error.h"
#include "dynamodb/condition.h"
#include "dynamodb/item_checks.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/update.h"

namespace skafu::dynamodb {

ItemWrite::ItemWrite(Kind kind, ItemRequest& request) : kind_(kind), request_(request) {
    checked_table_name(request);
    read_enumerations();
    if (kind == Kind::kPut) {
        if (!request.has_item()) reject_missing_member(request.place + "item");
    } else if (!request.key) {
        reject_missing_member(request.place + "key");
    }
    check_no_mixing(request);
    bind_expressions();
}

void ItemWrite::read_enumerations() {
    static const std::initializer_list<std::string_view> kAll = {"ALL_NEW", "UPDATED_OLD",
                                                                 "ALL_OLD", "NONE", "UPDATED_NEW"};
    check_enumeration(request_.return_values, "returnValues", kAll);
    check_enumeration(request_.return_item_collection_metrics, "returnItemCollectionMetrics",
                      {"SIZE", "NONE"});
    check_enumeration(request_.return_values_on_condition_check_failure,
                      "returnValuesOnConditionCheckFailure", {"ALL_OLD", "NONE"});
    if (!request_.return_values || *request_.return_values == "NONE") return;
    const std::string& wanted = *request_.return_values;
    if (kind_ != Kind::kUpdate && wanted != "ALL_OLD") {
        throw AwsError::validation("ReturnValues can only be ALL_OLD or NONE");
    }
    returns_ = wanted == "ALL_OLD"       ? Returns::kAllOld
               : wanted == "ALL_NEW"     ? Returns::kAllNew
               : wanted == "UPDATED_OLD" ? Returns::kUpdatedOld
                                         : Returns::kUpdatedNew;
}

void ItemWrite::bind_expressions() {
    std::vector<ExpressionKind> used;
    if (kind_ == Kind::kUpdate && request_.update_expression) {
        update_ = bind_expression(ExpressionKind::kUpdate, *request_.update_expression,
                                  request_.substitutions);
        used.push_back(ExpressionKind::kUpdate);
    }
    if (request_.condition_expression) {
        condition_ = bind_expression(ExpressionKind::kCondition, *request_.condition_expression,
                                     request_.substitutions);
        used.push_back(ExpressionKind::kCondition);
    } else if (kind_ == Kind::kCheck) {
        reject_missing_member(request_.place + "conditionExpression");
    }
    request_.substitutions.check_used(
        used, kind_ == Kind::kUpdate ? "UpdateExpression and ConditionExpression are null"
                                     : "ConditionExpression is null");
    if (!request_.expected.empty() || request_.conditional_operator) {
        expected_ = parse_expected(request_.expected, request_.conditional_operator);
    }
    if (!request_.attribute_updates.empty()) {
        legacy_updates_ = parse_attribute_updates(request_.attribute_updates);
    }
}

void ItemWrite::locate(Engine& engine, const Caller& caller) {
    engine_ = &engine;
    table_ = &engine.table(caller, *request_.table_name);
    if (kind_ == Kind::kPut) {
        locate_put();
        return;
    }
    check_key(*table_, *request_.key);
    check_update_targets();
    row_key_ = table_key(table_->space(), table_->keys(), *request_.key);
}

/// Where nothing but the row is written, the item's key is all that is looked at.
void ItemWrite::locate_put() {
    const bool by_text = request_.item_text && !table_->has_followers();
    const Map key = by_text ? request_.item_text->key_values(table_->keys()) : Map();
    const Item& item = by_text ? key : request_.whole_item();
    check_put_item(*table_, item);
    new_size_ = request_.sized_item();
    if (new_size_ > kMaxItemSize) {
        throw AwsError::validation("Item size has exceeded the maximum allowed size");
    }
    row_key_ = table_key(table_->space(), table_->keys(), item);
}

void ItemWrite::check_update_targets() const {
    const auto check = [&](std::string_view name, bool nested) {
        check_attribute_name(name);
        if (table_->keys().has(name)) {
            throw AwsError::validation(
                "One or more parameter values were invalid: Cannot update "
                "attribute " +
                std::string(name) + ". This attribute is part of the key");
        }
        if (!nested) return;
        for (const Index& index : table_->indexes()) {
            if (!index.keys.has(name)) continue;
            throw AwsError::validation(
                "Key attributes must be scalars; list random access '[]' and map lookup '.' are "
                "not allowed: IndexKey: " +
                std::string(name));
        }
    };
    if (update_) {
        for (const UpdateAction& action : update_->actions) {
            check(update_.top_name(action.path), action.path.size() > 1);
        }
    }
    for (const LegacyUpdates::Update& update : legacy_updates_.updates()) {
        check(update.attribute, false);
    }
}

bool ItemWrite::needs_old_item() const {
    return condition_ || !expected_.empty() || kind_ == Kind::kUpdate || table_->has_followers();
}

/// Whether nobody wants to know if there was an item, nor how large it was.
bool ItemWrite::is_blind() const {
    return kind_ == Kind::kPut && !needs_old_item() && returns_ == Returns::kNone &&
           !table_->totals && request_.return_consumed_capacity.value_or("NONE") == "NONE";
}

void ItemWrite::load() {
    if (is_blind()) return;
    const bool keep_text = needs_old_item() || returns_ != Returns::kNone || wants_old_on_failure();
    const Store::Found found = engine_->store().find(row_key_);
    exists_ = static_cast<bool>(found);
    if (!exists_) return;
    id_ = found.id();
    old_size_ = found.size();
    if (keep_text) old_text_ = found.item();
    if (needs_old_item()) old_item_ = decode_item(old_text_);
}

bool ItemWrite::condition_holds() {
    if (condition_ && !evaluate_condition(condition_, old_item_)) return false;
    return expected_.holds(old_item_);
}

bool ItemWrite::wants_old_on_failure() const {
    return request_.return_values_on_condition_check_failure == "ALL_OLD";
}

void ItemWrite::reject_condition() const {
    Json fields = Json::object();
    if (wants_old_on_failure() && exists_) fields["Item"] = parse_json(old_text_);
    throw AwsError("ConditionalCheckFailedException", "The conditional request failed", 400,
                   std::move(fields));
}

Item ItemWrite::updated_item() const {
    const Item& start = exists_ ? old_item_ : *request_.key;
    if (update_) return apply_update(update_, old_item_, start, exists_);
    return legacy_updates_.apply(start);
}

void ItemWrite::plan() {
    switch (kind_) {
        case Kind::kCheck:
        case Kind::kDelete:
            return;
        case Kind::kPut:
            if (request_.item) new_item_ = std::move(*request_.item);
            if (request_.item_text) {
                new_text_ = request_.item_text->take();
            } else {
                write_new_text();
            }
            writes_ = true;
            return;
        case Kind::kUpdate:
            break;
    }
    // An update that only takes away creates no item.
    const bool creates = update_ ? update_creates(update_) : legacy_updates_.creates();
    new_item_ = updated_item();
    if (!exists_ && !creates) {
        new_item_ = Item();
        return;
    }
    check_index_keys(*table_, new_item_);
    check_nesting(new_item_);
    new_size_ = item_size(new_item_);
    if (new_size_ > kMaxItemSize) {
        throw AwsError::validation("Item size to update has exceeded the maximum allowed size");
    }
    write_new_text();
    writes_ = true;
}

void ItemWrite::write_new_text() {
    new_text_.reserve(new_size_ + new_size_ / 4 + 64);
    append_item(new_text_, new_item_);
}

void ItemWrite::write_row() {
    Store& store = engine_->store();
    if (is_blind()) {
        store.put(row_key_, new_size_, new_text_);
    } else if (!writes_) {
        store.erase(id_);
    } else if (exists_) {
        store.replace(id_, new_size_, new_text_);
    } else {
        id_ = store.insert(row_key_, new_size_, new_text_);
    }
    if (!table_->totals) return;
    table_->totals->items += (writes_ ? 1 : 0) - (exists_ ? 1 : 0);
    table_->totals->bytes += static_cast<std::int64_t>(writes_ ? new_size_ : 0) -
                             static_cast<std::int64_t>(exists_ ? old_size_ : 0);
}

void ItemWrite::apply() {
    if (kind_ == Kind::kCheck || (!exists_ && !writes_)) return;
    engine_->store().begin_write();
    if (!table_->has_followers()) {
        write_row();
        return;
    }
    const Item* before = exists_ ? &old_item_ : nullptr;
    const Item* after = writes_ ? &new_item_ : nullptr;
    write_row();
    update_indexes(before, after);
    if (!table_->ttl_attribute().empty()) update_expiry(after);
    if (table_->stream() == 0 && table_->history() == 0) return;
    // A write that changes nothing leaves no record.
    if (before != nullptr && after != nullptr && *before == *after) return;
    engine_->record(*table_, {before, after, old_text_, new_text_, old_size_, new_size_,
                              Streams::Origin::kUser});
}

void ItemWrite::update_indexes(const Item* before, const Item* after) {
    Store& store = engine_->store();
    for (const Index& index : table_->indexes()) {
        std::string old_key;
        std::string new_key;
        if (before != nullptr && is_in_index(index, *before)) {
            old_key = index_key(index.space, index.keys, table_->keys(), *before);
        }
        if (after != nullptr && is_in_index(index, *after)) {
            new_key = index_key(index.space, index.keys, table_->keys(), *after);
        }
        if (old_key == new_key) continue;
        if (!old_key.empty()) store.remove_index_row(old_key);
        if (!new_key.empty()) store.add_index_row(new_key, id_);
    }
}

void ItemWrite::update_expiry(const Item* after) {
    const std::int64_t now = epoch_millis(engine_->cloud().clock().now()) / 1000;
    const auto at = after == nullptr ? std::nullopt : expiry_of(*table_, *after, now);
    if (!at) {
        if (exists_) engine_->store().remove_expiry(id_);
        return;
    }
    engine_->store().set_expiry(id_, table_->space(), *at);
    engine_->expect_expiry(*at);
}

void ItemWrite::run(Engine& engine, const Caller& caller) {
    locate(engine, caller);
    load();
    if (!condition_holds()) reject_condition();
    plan();
    if (table_->has_followers()) {
        // Row, indexes and record all happen, or none.
        engine.store().all_or_none([this] { apply(); });
    } else {
        apply();
    }
}

namespace {

std::size_t projected_size(const Index& index, const Item& item, std::size_t size) {
    if (index.projected == Index::Projected::kAll) return size;
    std::size_t total = 0;
    for (const std::string& name : index.attributes) {
        const Value* value = find_attribute(item, name);
        if (value != nullptr) total += name.size() + value_size(*value);
    }
    return total;
}

bool same_projection(const Index& index, const Item& a, const Item& b) {
    if (index.projected == Index::Projected::kAll) return a == b;
    return std::all_of(index.attributes.begin(), index.attributes.end(),
                       [&](const std::string& name) {
                           const Value* left = find_attribute(a, name);
                           const Value* right = find_attribute(b, name);
                           if (left == nullptr || right == nullptr) return left == right;
                           return *left == *right;
                       });
}

}  // namespace

void ItemWrite::count(Capacity& capacity, double factor) {
    if (!capacity.wanted()) return;
    capacity.add_table(*table_, factor * write_units(std::max(old_size_, writes_ ? new_size_ : 0)));
    if (kind_ == Kind::kCheck) return;
    for (const Index& index : table_->indexes()) {
        const bool was = exists_ && is_in_index(index, old_item_);
        const bool is = writes_ && is_in_index(index, new_item_);
        if (!was && !is) continue;
        const double old_units = was ? write_units(projected_size(index, old_item_, old_size_)) : 0;
        const double new_units = is ? write_units(projected_size(index, new_item_, new_size_)) : 0;
        double units = old_units + new_units;
        if (was && is) {
            if (same_projection(index, old_item_, new_item_)) continue;
            const bool moved = index_key(index.space, index.keys, table_->keys(), old_item_) !=
                               index_key(index.space, index.keys, table_->keys(), new_item_);
            if (!moved) units = std::max(old_units, new_units);
        }
        capacity.add_index(*table_, index, factor * units);
    }
}

void ItemWrite::count_read(Capacity& capacity) const {
    if (capacity.wanted()) capacity.add_table(*table_, 2 * read_units(old_size_, true));
}

PathTree ItemWrite::touched() const {
    PathTree tree;
    if (update_) {
        for (const UpdateAction& action : update_->actions) tree.add(update_, action.path);
    }
    for (const LegacyUpdates::Update& update : legacy_updates_.updates()) {
        tree.add_name(update.attribute);
    }
    return tree;
}

void ItemWrite::append_attributes(std::string& out) const {
    std::string text;
    switch (returns_) {
        case Returns::kNone:
            return;
        case Returns::kAllOld:
            text = old_text_;
            break;
        case Returns::kAllNew:
            text = new_text_;
            break;
        case Returns::kUpdatedOld:
        case Returns::kUpdatedNew: {
            const Item selected =
                touched().select(returns_ == Returns::kUpdatedOld ? old_item_ : new_item_);
            if (!selected.empty()) append_item(text, selected);
        }
    }
    if (text.empty()) return;
    if (out.back() != '{') out.push_back(',');
    out.append("\"Attributes\":").append(text);
}

std::string ItemWrite::collection_metrics() const {
    if (request_.return_item_collection_metrics != "SIZE" || !table_->has_local_indexes() ||
        kind_ == Kind::kCheck) {
        return "";
    }
    const std::string& name = table_->keys().hash.front().name;
    const Item& source = kind_ != Kind::kPut ? *request_.key : writes_ ? new_item_ : *request_.item;
    std::string out = "{\"ItemCollectionKey\":{";
    append_json_string(out, name);
    out.push_back(':');
    append_value(out, *find_attribute(source, name));
    out.append("},\"SizeEstimateRangeGB\":[0.0,1.0]}");
    return out;
}

void ItemWrite::append_collection_metrics(std::string& out) const {
    const std::string metrics = collection_metrics();
    if (metrics.empty()) return;
    if (out.back() != '{') out.push_back(',');
    out.append("\"ItemCollectionMetrics\":").append(metrics);
}

}  // namespace skafu::dynamodb

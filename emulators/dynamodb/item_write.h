#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dynamodb/capacity.h"
#include "dynamodb/engine.h"
#include "dynamodb/expression.h"
#include "dynamodb/legacy.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {

/// One write of one item, in the steps that single writes, batches and transactions share:
///   construct  what can be told from the request alone (expressions, enumerations)
///   locate     the table, and what the item or key must be for it
///   load       the present item
///   condition  whether it may be written
///   plan       the new item
///   apply      row, indexes, expiry and stream record
class ItemWrite {
  public:
    enum class Kind { kPut, kUpdate, kDelete, kCheck };

    /// `request` must outlive the write.
    ItemWrite(Kind kind, ItemRequest& request);

    void locate(Engine& engine, const Caller& caller);
    void load();
    bool condition_holds();
    void plan();
    void apply();

    /// locate to apply for a write of its own; throws ConditionalCheckFailedException.
    void run(Engine& engine, const Caller& caller);

    /// Joins this write's units to what the request consumed.
    void count(Capacity& capacity, double factor);

    /// Joins the units of reading the present item in a transaction instead.
    void count_read(Capacity& capacity) const;

    const Table& table() const { return *table_; }
    /// The row's key, the same for two writes of one item.
    const std::string& row_key() const { return row_key_; }
    /// The item before the write as wire text; empty if there was none.
    const std::string& old_text() const { return old_text_; }
    bool exists() const { return exists_; }

    /// Appends `"Attributes":{..}` as ReturnValues wants it, if there is anything to return.
    void append_attributes(std::string& out) const;
    /// Appends `"ItemCollectionMetrics":{..}` where asked for.
    void append_collection_metrics(std::string& out) const;
    std::string collection_metrics() const;

    /// The error of a failed condition, with the old item where the request wants it.
    [[noreturn]] void reject_condition() const;
    bool wants_old_on_failure() const;

  private:
    enum class Returns { kNone, kAllOld, kAllNew, kUpdatedOld, kUpdatedNew };

    void bind_expressions();
    void read_enumerations();
    void locate_put();
    void check_update_targets() const;
    bool needs_old_item() const;
    bool is_blind() const;
    Item updated_item() const;
    void write_new_text();
    void write_row();
    void update_indexes(const Item* before, const Item* after);
    void update_expiry(const Item* after);
    PathTree touched() const;

    Kind kind_;
    ItemRequest& request_;
    BoundExpression condition_;
    BoundExpression update_;
    LegacyFilter expected_;
    LegacyUpdates legacy_updates_;
    Returns returns_ = Returns::kNone;

    Engine* engine_ = nullptr;
    Table* table_ = nullptr;
    std::string row_key_;
    bool exists_ = false;
    std::int64_t id_ = 0;
    std::size_t old_size_ = 0;
    std::string old_text_;
    Item old_item_;
    bool writes_ = false;  // the plan leaves an item
    Item new_item_;
    std::string new_text_;
    std::size_t new_size_ = 0;
};

/// The metrics of the item collections that several writes touched, by table, each collection
/// once: the members of an ItemCollectionMetrics map.
std::string collection_metrics_of(const std::vector<const ItemWrite*>& writes);

/// Deletes an item because its time has come.
void expire_item(Engine& engine, Table& table, std::int64_t id);

/// Puts an item with all its followers, without conditions: imports and restores.
void put_item(Engine& engine, Table& table, Item item);

/// The second at which the item expires, or nothing.
std::optional<std::int64_t> expiry_of(const Table& table, const Item& item, std::int64_t now);

}  // namespace skafu::dynamodb

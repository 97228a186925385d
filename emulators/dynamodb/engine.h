#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/cloud.h"
#include "dynamodb/history.h"
#include "dynamodb/store.h"
#include "dynamodb/streams.h"
#include "dynamodb/table.h"

namespace skafu::dynamodb {

/// What all operations share: the tables, their rows, the streams, and the clocked work.
class Engine {
  public:
    explicit Engine(Cloud& cloud);

    Cloud& cloud() { return cloud_; }
    Store& store() { return store_; }
    Streams& streams() { return streams_; }
    History& history() { return history_; }

    /// The table, or nullptr. A caller may give its ARN too, which says in which account and region
    /// it is.
    Table* find_table(const Caller& caller, std::string_view name);
    Table* find_table(const Scope& scope, std::string_view name);
    /// The table; throws AwsError ResourceNotFoundException as item operations do.
    Table& table(const Caller& caller, std::string_view name);
    Table* find_space(std::uint32_t space);

    Table& add_table(const Scope& scope, const std::string& name, Json document);
    /// Writes the table's changed document and reads it anew.
    void save(Table& table);
    /// Forgets the table; its rows go in the background.
    void drop_table(Table& table);
    /// Deletes rows of a key space that nothing uses any more, little by little.
    void drop_rows(std::uint32_t space);
    void drop_index_rows(std::uint32_t space);
    std::vector<std::string> table_names(const Scope& scope) const;
    /// A number that no table, index or stream has had.
    std::uint32_t next_number();

    /// Tells the table's stream and its history, where it has them, of a change.
    void record(const Table& table, const Streams::Change& change);

    /// Arranges that items expire when the clock gets to them.
    void expect_expiry(std::int64_t at_seconds);

    void reset(const Scope* scope);
    /// Drops the items and stream records of one scope, or of all when nullptr; tables stay.
    void clear_data(const Scope* scope);
    /// Adds to what reset empties.
    void on_reset(std::function<void(const Scope*)> action) {
        on_reset_.push_back(std::move(action));
    }

  private:
    Table* find_arn(std::string_view text);
    void load();
    void expire_items();
    void clear_table(Table& table);
    void drop_tokens(const Scope* scope);
    Task<void> drop_in_background(std::uint32_t space, std::uint32_t end, bool index_rows);

    Cloud& cloud_;
    Store store_;
    Collection tables_document_;
    Collection counters_;
    Streams streams_;
    History history_;
    std::map<Scope, std::map<std::string, std::unique_ptr<Table>, std::less<>>> tables_;
    Table* last_table_ = nullptr;  // found last: most requests name the same table again
    std::vector<std::function<void(const Scope*)>> on_reset_;
    Clock::TimerId expiry_timer_ = 0;
    std::int64_t expiry_due_ = 0;
};

}  // namespace skafu::dynamodb

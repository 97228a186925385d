#pragma once

#include <optional>
#include <string>

#include "dynamodb/capacity.h"
#include "dynamodb/engine.h"
#include "dynamodb/key_range.h"
#include "dynamodb/projection.h"

namespace skafu::dynamodb {

/// A Query or a Scan: a range of rows of a table or an index, filtered and projected, one page.
class RangeRead {
  public:
    enum class Kind { kQuery, kScan };
    /// PartiQL's filters may name key attributes, and see of an item what its index projects.
    enum class Rules { kApi, kPartiql };

    /// `request` must outlive the read.
    RangeRead(Kind kind, ItemRequest& request, Rules rules = Rules::kApi);

    /// Reads one page and gives the answer's text.
    std::string run(Engine& engine, const Caller& caller);

  private:
    enum class Select { kAll, kProjected, kSpecific, kCount };

    void bind_expressions();
    void read_numbers();
    void locate(Engine& engine, const Caller& caller);
    void read_select();
    void check_index_attributes();
    void check_filter_attributes() const;
    void check_one_filter_attribute(std::string_view name) const;
    void find_range();
    void apply_start_key();
    std::string start_key() const;
    void check_start_key() const;
    void read_page();
    void take_row(const Store::Row& row);
    void append_row(const Store::Row& row);
    bool matches(const Item& item) const;
    Item index_view(const Item& item) const;
    std::string last_evaluated_key(std::string_view stored) const;
    std::string answer();

    const KeySchema& keys() const { return index_ != nullptr ? index_->keys : table_->keys(); }
    std::uint32_t space() const { return index_ != nullptr ? index_->space : table_->space(); }

    Kind kind_;
    ItemRequest& request_;
    Rules rules_;
    std::vector<ExpressionKind> used_;
    ItemProjection projection_;
    BoundExpression key_condition_;
    BoundExpression filter_;
    LegacyFilter legacy_filter_;
    Capacity capacity_;
    Select select_ = Select::kAll;

    Engine* engine_ = nullptr;
    Table* table_ = nullptr;
    const Index* index_ = nullptr;
    bool whole_items_ = true;  // rows are returned as they are stored
    KeyRange range_;

    std::string items_;
    std::size_t matched_ = 0;
    std::size_t scanned_ = 0;
    std::size_t bytes_ = 0;
    std::string last_key_;
};

}  // namespace skafu::dynamodb

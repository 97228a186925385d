#pragma once

#include <optional>
#include <string>

#include "dynamodb/capacity.h"
#include "dynamodb/engine.h"
#include "dynamodb/projection.h"

namespace skafu::dynamodb {

/// One look-up by key: GetItem, and the entries of BatchGetItem and TransactGetItems.
class ItemRead {
  public:
    /// Checks what can be told from the request; it must outlive the read.
    explicit ItemRead(ItemRequest& request);

    void locate(Engine& engine, const Caller& caller);
    /// Appends the projected item; false where there is none.
    bool append(std::string& out);
    void count(Capacity& capacity, double factor) const;

    const std::string& row_key() const { return row_key_; }
    std::size_t size() const { return size_; }

  private:
    ItemRequest& request_;
    std::vector<ExpressionKind> used_;
    ItemProjection projection_;
    Engine* engine_ = nullptr;
    Table* table_ = nullptr;
    std::string row_key_;
    std::size_t size_ = 0;
};

}  // namespace skafu::dynamodb

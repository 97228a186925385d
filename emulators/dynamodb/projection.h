#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dynamodb/expression.h"
#include "dynamodb/path_tree.h"
#include "dynamodb/request.h"

namespace skafu::dynamodb {

/// What a read returns of each item: all of it, or what ProjectionExpression or AttributesToGet
/// name.
class ItemProjection {
  public:
    /// Binds the request's projection; `used` gets the expression's kind.
    ItemProjection(ItemRequest& request, std::vector<ExpressionKind>& used);

    bool is_everything() const { return !tree_; }
    /// nullptr where everything is returned.
    const PathTree* tree() const { return tree_ ? &*tree_ : nullptr; }

    /// Appends what the projection leaves of an item, from its stored text.
    void append(std::string& out, std::string_view stored) const;
    void append(std::string& out, const Item& item) const;

  private:
    BoundExpression bound_;
    std::optional<PathTree> tree_;
};

}  // namespace skafu::dynamodb

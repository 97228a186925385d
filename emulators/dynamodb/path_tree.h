#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dynamodb/expression.h"

namespace skafu::dynamodb {

/// A set of document paths, none of which is equal to or part of another one: what a projection
/// selects and what an update touches.
class PathTree {
  public:
    /// Adds a path. Throws AWS's error where it overlaps with an earlier one or disagrees with it
    /// on whether a node is a map or a list.
    void add(const BoundExpression& bound, const Path& path);
    /// Adds a top-level attribute by name, as legacy parameters do.
    void add_name(std::string name);

    bool empty() const { return nodes_.front().members.empty(); }

    /// The parts of the item that the paths lead to; list elements close up. Nothing where no
    /// path leads anywhere.
    Item select(const Item& item) const;

    /// The top-level names.
    std::vector<std::string> top_names() const;

    /// Whether all paths are top-level names, so that attributes are taken whole.
    bool is_flat() const { return flat_; }
    bool has_top_name(std::string_view name) const;

  private:
    struct Node {
        std::vector<std::pair<std::string, std::size_t>> members;
        std::vector<std::pair<std::size_t, std::size_t>> elements;
        bool is_end = false;
        const Path* first_path = nullptr;  // that passed here
    };

    std::size_t child(std::size_t node, const BoundExpression& bound, const PathStep& step,
                      const Path& path);
    std::optional<Value> select_value(const Node& node, const Value& value) const;

    std::vector<Node> nodes_{Node{}};
    bool flat_ = true;
};

}  // namespace skafu::dynamodb

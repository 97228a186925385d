#include "dynamodb/path_tree.h"

#include <algorithm>

namespace skafu::dynamodb {
namespace {

[[noreturn]] void reject_pair(const BoundExpression& bound, std::string_view relation,
                              const Path& one, const Path& two) {
    reject_expression(bound->kind, "Two document paths " + std::string(relation) +
                                       " with each other; must remove or rewrite one of these "
                                       "paths; path one: " +
                                       bound.path_text(one) +
                                       ", path two: " + bound.path_text(two));
}

}  // namespace

std::size_t PathTree::child(std::size_t at, const BoundExpression& bound, const PathStep& step,
                            const Path& path) {
    const bool is_index = step.kind == PathStep::Kind::kIndex;
    const Node& node = nodes_[at];
    if (is_index ? !node.members.empty() : !node.elements.empty()) {
        const std::size_t other =
            is_index ? node.members.front().second : node.elements.front().second;
        reject_pair(bound, "conflict", *nodes_[other].first_path, path);
    }
    if (is_index) {
        for (const auto& [index, next] : node.elements) {
            if (index == step.index) return next;
        }
    } else {
        const std::string_view name = bound.step_name(step);
        for (const auto& [member, next] : node.members) {
            if (member == name) return next;
        }
    }
    const std::size_t fresh = nodes_.size();
    if (is_index) {
        nodes_[at].elements.emplace_back(step.index, fresh);
    } else {
        nodes_[at].members.emplace_back(bound.step_name(step), fresh);
    }
    nodes_.emplace_back();
    nodes_.back().first_path = &path;
    return fresh;
}

void PathTree::add(const BoundExpression& bound, const Path& path) {
    std::size_t at = 0;
    const std::size_t before = nodes_.size();
    for (const PathStep& step : path) {
        at = child(at, bound, step, path);
        if (nodes_[at].is_end) reject_pair(bound, "overlap", *nodes_[at].first_path, path);
    }
    if (at < before) reject_pair(bound, "overlap", *nodes_[at].first_path, path);
    nodes_[at].is_end = true;
    if (path.size() > 1) flat_ = false;
}

void PathTree::add_name(std::string name) {
    nodes_.front().members.emplace_back(std::move(name), nodes_.size());
    nodes_.emplace_back();
    nodes_.back().is_end = true;
}

std::optional<Value> PathTree::select_value(const Node& node, const Value& value) const {
    if (node.is_end) return value;
    if (const auto* map = value.get_if<Map>()) {
        Map selected;
        for (const auto& [name, next] : node.members) {
            const Value* member = find_attribute(*map, name);
            if (member == nullptr) continue;
            if (auto part = select_value(nodes_[next], *member)) {
                selected.emplace(name, std::move(*part));
            }
        }
        if (selected.empty()) return std::nullopt;
        return Value(std::move(selected));
    }
    if (const auto* list = value.get_if<List>()) {
        std::vector<std::pair<std::size_t, std::size_t>> elements = node.elements;
        std::sort(elements.begin(), elements.end());
        List selected;
        for (const auto& [index, next] : elements) {
            if (index >= list->size()) break;
            if (auto part = select_value(nodes_[next], (*list)[index])) {
                selected.push_back(std::move(*part));
            }
        }
        if (selected.empty()) return std::nullopt;
        return Value(std::move(selected));
    }
    return std::nullopt;
}

Item PathTree::select(const Item& item) const {
    Item selected;
    for (const auto& [name, next] : nodes_.front().members) {
        const Value* attribute = find_attribute(item, name);
        if (attribute == nullptr) continue;
        if (auto part = select_value(nodes_[next], *attribute)) {
            selected.emplace(name, std::move(*part));
        }
    }
    return selected;
}

std::vector<std::string> PathTree::top_names() const {
    std::vector<std::string> names;
    for (const auto& [name, next] : nodes_.front().members) names.push_back(name);
    return names;
}

bool PathTree::has_top_name(std::string_view name) const {
    const auto& members = nodes_.front().members;
    return std::any_of(members.begin(), members.end(),
                       [&](const auto& member) { return member.first == name; });
}

}  // namespace skafu::dynamodb

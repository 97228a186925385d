#include <algorithm>

#include "expressions/jsonata/node.h"

namespace skafu::jsonata {
namespace {

std::string_view type_name(const Node& node) {
    switch (node.type) {
        case NodeType::function:
            return "function";
        case NodeType::variable:
            return "variable";
        case NodeType::condition:
        case NodeType::elvis:
        case NodeType::coalesce:
            return "condition";
        case NodeType::lambda:
            return "lambda";
        case NodeType::sort:
            return "sort";
        case NodeType::descendant:
            return "descendant";
        case NodeType::binary:
            return "binary";
        case NodeType::apply:
            return "apply";
        case NodeType::array:
        case NodeType::object:
            return "unary";
        default:
            return "value";
    }
}

class Resolver {
  public:
    explicit Resolver(Program& program) : program_(program) {}

    Node* resolve(Node* node) {
        const bool keep_array = node->keep_array;
        Node* result = resolved(node);
        if (keep_array) result->keep_array = true;
        return result;
    }

  private:
    Node* resolved(Node* node);
    Node* dot(Node* node);
    Node* filter(Node* node);
    Node* group_by(Node* node);
    Node* order_by(Node* node);
    Node* focus(Node* node);
    Node* index(Node* node);
    Node* negate(Node* node);
    Node* block(Node* node);
    Node* name(Node* node);
    Node* parent(Node* node);
    Node* lambda(Node* node);
    Node* call(Node* node);
    Node* sides(Node* node);

    Node* path_of(Node* step);
    void check_steps(Node* path);
    void take_ancestry(Node* to, Node* from);
    void resolve_ancestry(Node* path);
    void seek_parent(Node* node, Slot* slot);
    static void mark_tail_calls(Node* node);

    Program& program_;
};

Node* Resolver::resolved(Node* node) {
    switch (node->type) {
        case NodeType::dot:
            return dot(node);
        case NodeType::filter:
            return filter(node);
        case NodeType::group_by:
            return group_by(node);
        case NodeType::order_by:
            return order_by(node);
        case NodeType::focus:
            return focus(node);
        case NodeType::index:
            return index(node);
        case NodeType::negate:
            return negate(node);
        case NodeType::block:
            return block(node);
        case NodeType::name:
            return name(node);
        case NodeType::word:
            node->type = NodeType::name;
            return name(node);
        case NodeType::parent:
            return parent(node);
        case NodeType::lambda:
            return lambda(node);
        case NodeType::function:
        case NodeType::partial:
            return call(node);
        case NodeType::bind:
            node->first = resolve(node->first);
            node->second = resolve(node->second);
            take_ancestry(node, node->second);
            return node;
        case NodeType::apply:
            node->first = resolve(node->first);
            node->second = resolve(node->second);
            node->keep_array = node->first->keep_array || node->second->keep_array;
            return node;
        case NodeType::transform:
            node->first = resolve(node->first);
            node->second = resolve(node->second);
            if (node->third != nullptr) node->third = resolve(node->third);
            return node;
        case NodeType::binary:
        case NodeType::condition:
        case NodeType::elvis:
        case NodeType::coalesce:
        case NodeType::array:
        case NodeType::object:
            return sides(node);
        case NodeType::end:
            throw JsonataError("S0207").at(node->position).token("(end)");
        default:
            return node;
    }
}

/// Everything below the node, each passing on the ancestors that it seeks.
Node* Resolver::sides(Node* node) {
    for (Node** side : {&node->first, &node->second, &node->third}) {
        if (*side == nullptr) continue;
        *side = resolve(*side);
        take_ancestry(node, *side);
    }
    for (Node*& item : node->items) {
        item = resolve(item);
        take_ancestry(node, item);
    }
    for (auto& [key, value] : node->pairs) {
        key = resolve(key);
        take_ancestry(node, key);
        value = resolve(value);
        take_ancestry(node, value);
    }
    return node;
}

Node* Resolver::path_of(Node* step) {
    Node* path = program_.make(NodeType::path, step->position);
    path->items.push_back(step);
    return path;
}

Node* Resolver::name(Node* node) {
    Node* path = path_of(node);
    path->keep_singleton_array = node->keep_array;
    return path;
}

Node* Resolver::dot(Node* node) {
    Node* left = resolve(node->first);
    Node* path = left->type == NodeType::path ? left : path_of(left);
    if (left->type == NodeType::parent) path->seeking_parent = {left->slot};
    Node* rest = resolve(node->second);
    if (rest->type == NodeType::path) {
        path->items.insert(path->items.end(), rest->items.begin(), rest->items.end());
    } else {
        if (!rest->predicates.empty()) rest->stages = std::move(rest->predicates);
        rest->predicates.clear();
        path->items.push_back(rest);
    }
    check_steps(path);
    resolve_ancestry(path);
    return path;
}

void Resolver::check_steps(Node* path) {
    for (Node* step : path->items) {
        if (step->type == NodeType::number || step->type == NodeType::value) {
            throw JsonataError("S0213")
                .at(step->position)
                .value(step->type == NodeType::number ? Json(step->number) : Json(step->text));
        }
        if (step->type == NodeType::string) step->type = NodeType::name;
        if (step->keep_array) path->keep_singleton_array = true;
    }
    Node* first = path->items.front();
    if (first->type == NodeType::array) first->constructed_array = true;
    Node* last = path->items.back();
    if (last->type == NodeType::array) last->constructed_array = true;
}

Node* Resolver::filter(Node* node) {
    Node* result = resolve(node->first);
    Node* step = result;
    const bool in_path = result->type == NodeType::path;
    if (in_path) step = result->items.back();
    if (step->has_group) throw JsonataError("S0209").at(node->position);
    Node* predicate = resolve(node->second);
    for (Slot* slot : predicate->seeking_parent) {
        if (slot->level == 1)
            seek_parent(step, slot);
        else
            --slot->level;
    }
    if (!predicate->seeking_parent.empty()) take_ancestry(step, predicate);
    (in_path ? step->stages : step->predicates).push_back({predicate, {}});
    return result;
}

Node* Resolver::group_by(Node* node) {
    Node* result = resolve(node->first);
    if (result->has_group) throw JsonataError("S0210").at(node->position);
    for (auto& [key, value] : node->pairs) {
        key = resolve(key);
        value = resolve(value);
    }
    result->group = std::move(node->pairs);
    result->has_group = true;
    return result;
}

Node* Resolver::order_by(Node* node) {
    Node* result = resolve(node->first);
    Node* path = result->type == NodeType::path ? result : path_of(result);
    Node* sort = program_.make(NodeType::sort, node->position);
    sort->terms = std::move(node->terms);
    for (SortTerm& term : sort->terms) {
        term.expression = resolve(term.expression);
        take_ancestry(sort, term.expression);
    }
    path->items.push_back(sort);
    resolve_ancestry(path);
    return path;
}

Node* Resolver::focus(Node* node) {
    Node* result = resolve(node->first);
    Node* step = result->type == NodeType::path ? result->items.back() : result;
    if (!step->stages.empty() || !step->predicates.empty()) {
        throw JsonataError("S0215").at(node->position);
    }
    if (step->type == NodeType::sort) throw JsonataError("S0216").at(node->position);
    if (node->keep_array) step->keep_array = true;
    step->focus = node->second->text;
    step->tuple = true;
    return result;
}

Node* Resolver::index(Node* node) {
    Node* result = resolve(node->first);
    Node* step = result;
    if (result->type == NodeType::path) {
        step = result->items.back();
    } else {
        result = path_of(result);
        if (!step->predicates.empty()) step->stages = std::move(step->predicates);
        step->predicates.clear();
    }
    if (step->stages.empty())
        step->index = node->second->text;
    else
        step->stages.push_back({nullptr, node->second->text});
    step->tuple = true;
    return result;
}

Node* Resolver::negate(Node* node) {
    Node* inner = resolve(node->first);
    if (inner->type == NodeType::number) {
        inner->number = -inner->number;
        return inner;
    }
    node->first = inner;
    take_ancestry(node, inner);
    return node;
}

Node* Resolver::block(Node* node) {
    for (Node*& item : node->items) {
        item = resolve(item);
        take_ancestry(node, item);
        const bool array_path =
            item->type == NodeType::path && item->items.front()->constructed_array;
        if (item->constructed_array || array_path) node->constructed_array = true;
    }
    return node;
}

Node* Resolver::parent(Node* node) {
    Slot& slot = program_.slots.emplace_back();
    slot.label = "!" + std::to_string(program_.slots.size());
    node->slot = &slot;
    return node;
}

Node* Resolver::call(Node* node) {
    for (Node*& argument : node->items) {
        argument = resolve(argument);
        take_ancestry(node, argument);
    }
    node->first = resolve(node->first);
    return node;
}

Node* Resolver::lambda(Node* node) {
    node->first = resolve(node->first);
    mark_tail_calls(node->first);
    return node;
}

void Resolver::mark_tail_calls(Node* node) {
    switch (node->type) {
        case NodeType::function:
            if (node->predicates.empty() && !node->has_group && !node->keep_array) {
                node->tail = true;
            }
            return;
        case NodeType::condition:
            mark_tail_calls(node->second);
            if (node->third != nullptr) mark_tail_calls(node->third);
            return;
        case NodeType::elvis:
        case NodeType::coalesce:
            mark_tail_calls(node->second);
            return;
        case NodeType::block:
            if (!node->items.empty()) mark_tail_calls(node->items.back());
            return;
        default:
            return;
    }
}

void Resolver::take_ancestry(Node* to, Node* from) {
    std::vector<Slot*> slots = from->seeking_parent;
    if (from->type == NodeType::parent) slots.push_back(from->slot);
    to->seeking_parent.insert(to->seeking_parent.end(), slots.begin(), slots.end());
}

void Resolver::resolve_ancestry(Node* path) {
    Node* last = path->items.back();
    std::vector<Slot*> slots = last->seeking_parent;
    if (last->type == NodeType::parent) slots.push_back(last->slot);
    for (Slot* slot : slots) {
        auto index = static_cast<std::ptrdiff_t>(path->items.size()) - 2;
        const auto step_at = [&](std::ptrdiff_t at) {
            return path->items[static_cast<std::size_t>(at)];
        };
        while (slot->level > 0) {
            if (index < 0) {
                path->seeking_parent.push_back(slot);
                break;
            }
            Node* step = step_at(index--);
            // Steps in a row that bind the focus all have the same input.
            while (index >= 0 && !step->focus.empty() && !step_at(index)->focus.empty()) {
                step = step_at(index--);
            }
            seek_parent(step, slot);
        }
    }
}

void Resolver::seek_parent(Node* node, Slot* slot) {
    switch (node->type) {
        case NodeType::name:
        case NodeType::wildcard:
            if (--slot->level == 0) {
                if (node->ancestor != nullptr) slot->label = node->ancestor->label;
                node->ancestor = slot;
                node->tuple = true;
            }
            return;
        case NodeType::parent:
            ++slot->level;
            return;
        case NodeType::block:
            if (node->items.empty()) return;
            node->tuple = true;
            seek_parent(node->items.back(), slot);
            return;
        case NodeType::path: {
            node->tuple = true;
            auto step = node->items.rbegin();
            seek_parent(*step++, slot);
            while (slot->level > 0 && step != node->items.rend()) seek_parent(*step++, slot);
            return;
        }
        default:
            throw JsonataError("S0217").at(node->position).token(std::string(type_name(*node)));
    }
}

}  // namespace

void prepare(Program& program) {
    const auto is_plain_name = [](const Node* step) {
        return step->type == NodeType::name && step->plain && step->stages.empty() &&
               !step->tuple && !step->keep_array;
    };
    for (Node& node : program.nodes) {
        node.plain = node.predicates.empty() && !node.has_group;
        if (node.type == NodeType::number) node.constant = Value(node.number);
        if (node.type == NodeType::string) node.constant = Value::string(node.text);
        if (node.type == NodeType::value) {
            node.constant =
                node.text == "null" ? Value::null() : Value::boolean(node.text == "true");
        }
    }
    for (Node& node : program.nodes) {
        node.simple_path = node.type == NodeType::path && node.plain && !node.tuple &&
                           !node.keep_singleton_array && !node.keep_array &&
                           std::all_of(node.items.begin(), node.items.end(), is_plain_name);
    }
}

Node* resolve(Program& program, Node* node) {
    return Resolver(program).resolve(node);
}

}  // namespace skafu::jsonata

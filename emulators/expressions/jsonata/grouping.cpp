#include "expressions/jsonata/evaluator.h"

namespace skafu::jsonata {
namespace {

/// What fell under one key.
struct Group {
    std::string_view key;
    std::size_t pair = 0;
    Value data;
    Array* list = nullptr;  // data, once it is a list of its own
};

std::string_view checked_key(Value key, std::size_t position) {
    if (!key.is_string()) throw JsonataError("T1003").at(position).value(to_json(key));
    return key.text();
}

/// As $append does, but in place.
void add(Arena& arena, Group& group, Value item) {
    if (item.is_undefined()) return;
    if (group.data.is_undefined() && group.list == nullptr) {
        group.data = item;
        return;
    }
    const auto push = [&](Value value) {
        const Items items = value.is_array() ? Items(value) : Items(&value, 1);
        for (std::size_t i = 0; i < items.size(); ++i) group.list->push(arena, items[i]);
    };
    if (group.list == nullptr) {
        group.list = arena.make<Array>();
        push(group.data);
        group.data = Value(group.list);
    }
    push(item);
}

/// A group of tuples as one: its items together, and its variables' values together.
Tuple reduced(Arena& arena, Evaluator& evaluator, const std::vector<const Tuple*>& tuples) {
    Tuple out = *tuples.front();
    if (tuples.size() == 1) return out;
    std::vector<Group> variables;
    Group items;
    const auto group_of = [&](std::string_view name) -> Group& {
        for (Group& group : variables) {
            if (group.key == name) return group;
        }
        variables.push_back({name, 0, Value(), nullptr});
        return variables.back();
    };
    for (const Tuple* tuple : tuples) {
        evaluator.tick();
        add(arena, items, tuple->item);
        std::vector<std::string_view> seen;
        for (const Binding* at = tuple->bindings; at != nullptr; at = at->next) {
            if (std::find(seen.begin(), seen.end(), at->name) != seen.end()) continue;
            seen.push_back(at->name);
            add(arena, group_of(at->name), at->value);
        }
    }
    out.item = items.data;
    out.bindings = nullptr;
    for (const Group& group : variables) {
        out.bindings = arena.make<Binding>(group.key, group.data, out.bindings);
    }
    return out;
}

/// Groups of a group-by, in the order in which their keys came.
class Groups {
  public:
    explicit Groups(Arena& arena) : arena_(arena) {}

    /// The number of the key's group. Throws D1009 where another pair made it.
    std::size_t of(std::string_view key, std::size_t pair, std::size_t position) {
        Value& number = index_.at(arena_, key);
        if (number.is_undefined()) {
            number = Value(static_cast<double>(groups_.size()));
            groups_.push_back({key, pair, Value(), nullptr});
            return groups_.size() - 1;
        }
        const auto at = static_cast<std::size_t>(number.number());
        if (groups_[at].pair != pair) {
            throw JsonataError("D1009").at(position).value(std::string(key));
        }
        return at;
    }
    std::vector<Group>& all() { return groups_; }

  private:
    Arena& arena_;
    Object index_;
    std::vector<Group> groups_;
};

}  // namespace

/// { … } on its own: one item, so each pair gives one member.
Value Evaluator::object(const Node* node, Value input, Frame* frame) {
    if (input.is_array()) return group(node->pairs, node->position, input, frame);
    constexpr std::size_t kFew = 16;
    const Pairs& pairs = node->pairs;
    if (pairs.size() > kFew) return group(pairs, node->position, input, frame);
    std::string_view keys[kFew];
    bool used[kFew] = {};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const Value key = evaluate(pairs[i].first, input, frame);
        if (key.is_undefined()) continue;
        keys[i] = checked_key(key, node->position);
        used[i] = true;
        for (std::size_t j = 0; j < i; ++j) {
            if (used[j] && keys[j] == keys[i]) {
                throw JsonataError("D1009").at(node->position).value(std::string(keys[i]));
            }
        }
    }
    Object* out = arena_.make<Object>();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (!used[i]) continue;
        const Value value = evaluate(pairs[i].second, input, frame);
        if (!value.is_undefined()) out->set(arena_, keys[i], value);
    }
    return Value(out);
}

Value Evaluator::group(const Pairs& pairs, std::size_t position, Value input, Frame* frame) {
    const bool stream = input.is_tuple_stream();
    const Value nothing;
    Items items = input.is_array() ? Items(input) : Items(&input, 1);
    if (items.size() == 0 && !stream) items = Items(&nothing, 1);

    Groups groups(arena_);
    std::vector<std::vector<const Tuple*>> tuples;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value item = items[i];
        Frame* scope = stream ? arena_.make<Frame>(frame, item.tuple()->bindings) : frame;
        const Value context = stream ? item.tuple()->item : item;
        for (std::size_t p = 0; p < pairs.size(); ++p) {
            const Value key = evaluate(pairs[p].first, context, scope);
            if (key.is_undefined()) continue;
            const std::size_t at = groups.of(checked_key(key, position), p, position);
            if (stream) {
                tuples.resize(groups.all().size());
                tuples[at].push_back(item.tuple());
            } else {
                add(arena_, groups.all()[at], item);
            }
        }
    }
    Object* out = arena_.make<Object>();
    for (std::size_t i = 0; i < groups.all().size(); ++i) {
        const Group& found = groups.all()[i];
        Value context = found.data;
        Frame* scope = frame;
        if (stream) {
            const Tuple tuple = reduced(arena_, *this, tuples[i]);
            context = tuple.item;
            scope = arena_.make<Frame>(frame, tuple.bindings);
        }
        const Value value = evaluate(pairs[found.pair].second, context, scope);
        if (!value.is_undefined()) out->set(arena_, found.key, value);
    }
    return Value(out);
}

Value Evaluator::transform(const Function& function, Value input) {
    if (input.is_undefined()) return Value();
    if (!input.is_object() && !input.is_array()) {
        throw JsonataError("T0410").value(to_json(input)).index(1);
    }
    const Value result = deep_copy(arena_, input);
    const Value matches = evaluate(function.node->first, result, function.frame);
    if (matches.is_undefined()) return result;
    const Items items = matches.is_array() ? Items(matches) : Items(&matches, 1);
    for (std::size_t i = 0; i < items.size(); ++i) change(function.node, items[i], function.frame);
    return result;
}

/// Updates one matched object, then deletes from it.
void Evaluator::change(const Node* node, Value match, Frame* frame) {
    const Value update = evaluate(node->second, match, frame);
    if (!update.is_undefined()) {
        if (!update.is_object()) {
            throw JsonataError("T2011").at(node->second->position).value(to_json(update));
        }
        if (match.object() != nullptr) {
            const Members members(update);
            for (std::size_t i = 0; i < members.size(); ++i) {
                match.object()->set(arena_, members.key(i), members.value(i));
            }
        }
    }
    if (node->third == nullptr) return;
    const Value deletions = evaluate(node->third, match, frame);
    if (deletions.is_undefined()) return;
    const Items names = deletions.is_array() ? Items(deletions) : Items(&deletions, 1);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!names[i].is_string()) {
            throw JsonataError("T2012").at(node->third->position).value(to_json(deletions));
        }
    }
    if (match.object() == nullptr) return;
    for (std::size_t i = 0; i < names.size(); ++i) match.object()->erase(names[i].text());
}

}  // namespace skafu::jsonata

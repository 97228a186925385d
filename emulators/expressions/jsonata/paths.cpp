#include <cmath>

#include "expressions/jsonata/evaluator.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr int kDeepestPath = 2000;

/// Adds a step's result to a sequence: arrays one level flat, but not constructed ones.
void push_flat(Arena& arena, Array* out, Value result) {
    if (!result.is_array() || (result.array() != nullptr && result.array()->constructed)) {
        out->push(arena, result);
        return;
    }
    const Items items(result);
    out->reserve(arena, std::size_t{out->size} + items.size());
    for (std::size_t i = 0; i < items.size(); ++i) out->push(arena, items[i]);
}

/// Adds every item of an array, and of the arrays in it.
void push_all_flat(Arena& arena, Array* out, Value value, int depth) {
    if (!value.is_array() || depth > kDeepestPath) {
        out->push(arena, value);
        return;
    }
    const Items items(value);
    for (std::size_t i = 0; i < items.size(); ++i) push_all_flat(arena, out, items[i], depth + 1);
}

Tuple* tuple_with(Arena& arena, const Tuple& tuple, Value item) {
    return arena.make<Tuple>(item, tuple.bindings);
}

void add_variable(Arena& arena, Tuple* tuple, std::string_view name, Value value) {
    tuple->bindings = arena.make<Binding>(name, value, tuple->bindings);
}

std::size_t size_of(Value sequence) {
    return sequence.is_array() ? Items(sequence).size() : 0;
}

bool is_array_of_numbers(const Items& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!Evaluator::is_numeric(items[i])) return false;
    }
    return true;
}

/// The place that a predicate's number means: rounded down, from the end where negative.
double place_of(double number, std::size_t size) {
    const double place = std::floor(number);
    return place < 0 ? static_cast<double>(size) + place : place;
}

}  // namespace

Value Evaluator::path(const Node* node, Value input, Frame* frame) {
    const std::vector<Node*>& steps = node->items;
    std::size_t start = 0;
    if (node->simple_path) {
        // From object to object, until there is an array to spread.
        while (input.is_object()) {
            tick();
            input = Members(input).find(steps[start]->text);
            if (++start < steps.size()) continue;
            return input.is_sequence() ? Value(sequence_of(Items(input))) : input;
        }
        if (!input.is_array()) return Value();
    }
    const bool spread = input.is_array() && steps.front()->type != NodeType::variable;
    Items items = spread ? Items(input) : Items(&input, 1);
    Value result;
    Array* tuples = nullptr;
    bool is_tuple_stream = false;
    Value held;  // what `items` reads

    for (std::size_t i = start; i < steps.size(); ++i) {
        const Node* at = steps[i];
        is_tuple_stream = is_tuple_stream || at->tuple;
        if (i == 0 && at->constructed_array) {
            result = evaluate(at, spread ? input : Value(sequence_of(input)), frame);
        } else if (is_tuple_stream) {
            tuples = tuple_step(at, items, tuples, frame);
        } else if (at->type == NodeType::sort) {
            const bool constructed = i == 1 && steps.front()->constructed_array;
            result = sort_step(at, constructed ? result : Value(sequence_of(items)), frame);
            for (const Stage& stage : at->stages) result = filter(stage.filter, result, frame);
        } else {
            result = step(at, items, frame, steps.back());
        }
        if (!is_tuple_stream && size_of(result) == 0) break;
        if (at->focus.empty() && result.is_array()) {
            held = result;
            items = Items(held);
        }
    }
    // An array constructor that is all of the path binds nothing.
    is_tuple_stream = is_tuple_stream && tuples != nullptr;
    if (is_tuple_stream) {
        if (node->tuple) {
            result = Value(tuples);
        } else {
            Array* out = sequence();
            out->reserve(arena_, tuples->size);
            for (std::uint32_t i = 0; i < tuples->size; ++i) {
                out->push(arena_, tuples->items[i].tuple()->item);
            }
            result = Value(out);
        }
    }
    if (node->keep_singleton_array && result.array() != nullptr) {
        if (result.array()->constructed && !result.array()->sequence) {
            result = Value(sequence_of(result));
        }
        result.array()->keep_singleton = true;
    }
    if (node->has_group) {
        result =
            group(node->group, node->position, is_tuple_stream ? Value(tuples) : result, frame);
    }
    return result;
}

/// The result of a step for one item of the context.
Value Evaluator::step_result(const Node* node, Value item, Frame* frame) {
    Value result;
    if (node->type == NodeType::name && item.is_object() && node->predicates.empty() &&
        !node->has_group) {
        tick();
        result = Members(item).find(node->text);
        if (result.is_sequence()) result = unwrapped(node, result);
    } else {
        result = evaluate(node, item, frame);
    }
    for (const Stage& stage : node->stages) result = filter(stage.filter, result, frame);
    return result;
}

Value Evaluator::step(const Node* node, const Items& input, Frame* frame, const Node* last) {
    Value first;
    Array* out = nullptr;
    std::size_t count = 0;
    for (std::size_t i = 0; i < input.size(); ++i) {
        const Value result = step_result(node, input[i], frame);
        if (result.is_undefined()) continue;
        if (++count == 1) {
            first = result;
            continue;
        }
        if (count == 2) {
            out = sequence();
            out->reserve(arena_, input.size());
            push_flat(arena_, out, first);
        }
        push_flat(arena_, out, result);
    }
    if (count > 1) return Value(out);
    if (count == 1 && first.is_array() && !first.is_sequence()) {
        // A lone array is the result of the last step as it is. Between steps it stands for the
        // sequence of its items, which spares a copy.
        const bool flat = first.array() == nullptr || !first.array()->constructed;
        if (node == last || (flat && Items(first).size() > 0)) return first;
    }
    out = sequence();
    if (count == 1) push_flat(arena_, out, first);
    return Value(out);
}

Array* Evaluator::sorted_tuples(const Node* node, const Items& input, Array* tuples, Frame* frame) {
    if (tuples != nullptr) {
        Array* sorted = arena_.make<Array>();
        sorted->tuple_stream = true;
        const Value result = sort_step(node, Value(tuples), frame);
        const Items items(result);
        for (std::size_t i = 0; i < items.size(); ++i) sorted->push(arena_, items[i]);
        return sorted;
    }
    const Items items(sort_step(node, Value(sequence_of(input)), frame));
    Array* sorted = sequence();
    sorted->tuple_stream = true;
    for (std::size_t i = 0; i < items.size(); ++i) {
        Tuple* tuple = arena_.make<Tuple>(items[i], nullptr);
        if (!node->index.empty()) {
            add_variable(arena_, tuple, node->index, Value(static_cast<double>(i)));
        }
        sorted->push(arena_, Value(tuple));
    }
    return sorted;
}

/// What follows the step of a tuple stream: filters, and variables for the position.
Array* Evaluator::stages(const Node* node, Array* tuples, Frame* frame) {
    for (const Stage& stage : node->stages) {
        if (stage.filter != nullptr) {
            tuples = filter(stage.filter, Value(tuples), frame).array();
            continue;
        }
        for (std::uint32_t i = 0; i < tuples->size; ++i) {
            add_variable(arena_, tuples->items[i].tuple(), stage.index,
                         Value(static_cast<double>(i)));
        }
    }
    return tuples;
}

void Evaluator::spread_tuples(const Node* node, const Tuple& from, Value result, Array* out) {
    const bool stream = result.is_tuple_stream();
    const Items items = result.is_array() ? Items(result) : Items(&result, 1);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value item = items[i];
        if (stream) {
            Tuple* tuple = arena_.make<Tuple>(item.tuple()->item, from.bindings);
            std::vector<const Binding*> own;
            for (const Binding* at = item.tuple()->bindings; at != nullptr; at = at->next) {
                own.push_back(at);
            }
            for (auto at = own.rbegin(); at != own.rend(); ++at) {
                add_variable(arena_, tuple, (*at)->name, (*at)->value);
            }
            out->push(arena_, Value(tuple));
            continue;
        }
        Tuple* tuple = tuple_with(arena_, from, node->focus.empty() ? item : from.item);
        if (!node->focus.empty()) add_variable(arena_, tuple, node->focus, item);
        if (!node->index.empty()) {
            add_variable(arena_, tuple, node->index, Value(static_cast<double>(i)));
        }
        if (node->ancestor != nullptr)
            add_variable(arena_, tuple, node->ancestor->label, from.item);
        out->push(arena_, Value(tuple));
    }
}

Array* Evaluator::tuple_step(const Node* node, const Items& input, Array* tuples, Frame* frame) {
    if (node->type == NodeType::sort) {
        return stages(node, sorted_tuples(node, input, tuples, frame), frame);
    }
    Array* out = sequence();
    out->tuple_stream = true;
    const std::size_t size = tuples == nullptr ? input.size() : tuples->size;
    for (std::size_t i = 0; i < size; ++i) {
        const Tuple from = tuples == nullptr ? Tuple{input[i], nullptr} : *tuples->items[i].tuple();
        Frame* scope = arena_.make<Frame>(frame, from.bindings);
        const Value result = evaluate(node, from.item, scope);
        if (!result.is_undefined()) spread_tuples(node, from, result, out);
    }
    return stages(node, out, frame);
}

/// Whether the predicate keeps the item; numbers keep it where they are its place (once each).
bool Evaluator::selected(const Node* predicate, Value context, std::size_t at, std::size_t size,
                         Frame* frame, Value item, Array* out) {
    const Value result = evaluate(predicate, context, frame);
    if (result.is_boolean()) return result.truth();
    if (is_numeric(result)) return place_of(result.number(), size) == static_cast<double>(at);
    if (!result.is_array()) return truth(result);
    const Items places(result);
    if (!is_array_of_numbers(places)) return truth(result);
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (place_of(places[i].number(), size) == static_cast<double>(at)) out->push(arena_, item);
    }
    return false;
}

Value Evaluator::filter(const Node* predicate, Value input, Frame* frame) {
    const bool stream = input.is_tuple_stream();
    const Items items = input.is_array() ? Items(input) : Items(&input, 1);
    if (predicate->type == NodeType::number) {
        const double place = place_of(predicate->number, items.size());
        Value item;
        if (place >= 0 && place < static_cast<double>(items.size())) {
            item = items[static_cast<std::size_t>(place)];
        }
        if (item.is_array()) return item;
        Array* out = sequence();
        out->tuple_stream = stream;
        if (!item.is_undefined()) out->push(arena_, item);
        return Value(out);
    }
    Array* out = sequence();
    out->tuple_stream = stream;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value item = items[i];
        Value context = item;
        Frame* scope = frame;
        if (stream) {
            context = item.tuple()->item;
            scope = arena_.make<Frame>(frame, item.tuple()->bindings);
        }
        if (selected(predicate, context, i, items.size(), scope, item, out)) {
            out->push(arena_, item);
        }
    }
    return Value(out);
}

Value Evaluator::name(Value input, std::string_view key) {
    if (input.is_object()) return Members(input).find(key);
    if (!input.is_array()) return Value();
    Array* out = sequence();
    const Items items(input);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value found = name(items[i], key);
        if (found.is_undefined()) continue;
        if (!found.is_array()) {
            out->push(arena_, found);
            continue;
        }
        const Items inner(found);
        for (std::size_t j = 0; j < inner.size(); ++j) out->push(arena_, inner[j]);
    }
    return Value(out);
}

Value Evaluator::wildcard(Value input) {
    if (input.array() != nullptr && input.array()->outer_wrapper && input.array()->size > 0) {
        input = input.array()->items[0];
    }
    Array* out = sequence();
    const auto add = [&](Value value) {
        if (value.is_array()) {
            // The reference joins the arrays here, and a joined array is no sequence any more.
            out->sequence = false;
            push_all_flat(arena_, out, value, 0);
        } else {
            out->push(arena_, value);
        }
    };
    if (input.is_array()) {
        const Items items(input);
        for (std::size_t i = 0; i < items.size(); ++i) add(items[i]);
    } else if (input.is_object()) {
        const Members members(input);
        for (std::size_t i = 0; i < members.size(); ++i) add(members.value(i));
    }
    return Value(out);
}

void Evaluator::collect_descendants(Value input, Array* out, int depth) {
    if (depth > kDeepestPath) return;
    tick();
    if (input.is_array()) {
        const Items items(input);
        for (std::size_t i = 0; i < items.size(); ++i) {
            collect_descendants(items[i], out, depth + 1);
        }
        return;
    }
    out->push(arena_, input);
    if (!input.is_object()) return;
    const Members members(input);
    for (std::size_t i = 0; i < members.size(); ++i) {
        collect_descendants(members.value(i), out, depth + 1);
    }
}

Value Evaluator::descendants(Value input) {
    if (input.is_undefined()) return Value();
    Array* out = sequence();
    collect_descendants(input, out, 0);
    return out->size == 1 ? out->items[0] : Value(out);
}

namespace {

/// -1, 0 or 1; throws T2007 or T2008 where the keys cannot be compared.
int compare_keys(Value a, Value b) {
    if (a.is_undefined()) return b.is_undefined() ? 0 : 2;
    if (b.is_undefined()) return -2;
    const bool a_fits = a.is_number() || a.is_string();
    if (!a_fits || (!b.is_number() && !b.is_string())) {
        throw JsonataError("T2008").value(to_json(a_fits ? b : a));
    }
    if (a.kind() != b.kind()) {
        throw JsonataError("T2007").value(to_json(a)).second_value(to_json(b));
    }
    if (a.is_string()) return text::compare(a.text(), b.text());
    return a.number() == b.number() ? 0 : a.number() < b.number() ? -1 : 1;
}

}  // namespace

Value Evaluator::sort_step(const Node* node, Value input, Frame* frame) {
    const Items items(input);
    if (items.size() <= 1) return input;
    const bool stream = input.is_tuple_stream();
    const std::size_t terms = node->terms.size();
    Value* keys = arena_.array<Value>(items.size() * terms);
    std::vector<Value> order;
    for (std::size_t i = 0; i < items.size(); ++i) {
        Value context = items[i];
        Frame* scope = frame;
        if (stream) {
            scope = arena_.make<Frame>(frame, context.tuple()->bindings);
            context = context.tuple()->item;
        }
        for (std::size_t t = 0; t < terms; ++t) {
            keys[i * terms + t] = evaluate(node->terms[t].expression, context, scope);
        }
        order.emplace_back(static_cast<double>(i));
    }
    const auto swap = [&](Value left, Value right) {
        const Value* left_keys = keys + static_cast<std::size_t>(left.number()) * terms;
        const Value* right_keys = keys + static_cast<std::size_t>(right.number()) * terms;
        for (std::size_t t = 0; t < terms; ++t) {
            const int order = compare_keys(left_keys[t], right_keys[t]);
            if (order == 0) continue;
            const bool missing = order == 2 || order == -2;  // last, whatever the direction
            return (node->terms[t].descending && !missing ? -order : order) > 0;
        }
        return false;
    };
    try {
        merge_sort(order, swap);
    } catch (const JsonataError& error) {
        throw error.located("^", node->position);
    }
    Array* out = arena_.make<Array>();
    for (const Value at : order) out->push(arena_, items[static_cast<std::size_t>(at.number())]);
    return Value(out);
}

}  // namespace skafu::jsonata

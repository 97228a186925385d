#include <cmath>
#include <unordered_set>

#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

double total(const Items& items) {
    double sum = 0;
    for (std::size_t i = 0; i < items.size(); ++i) sum += items[i].number();
    return sum;
}

Value sum(Evaluator&, Arguments arguments) {
    return arguments[0].is_array() ? Value(total(Items(arguments[0]))) : Value();
}

Value count(Evaluator&, Arguments arguments) {
    return Value(arguments[0].is_array() ? static_cast<double>(Items(arguments[0]).size()) : 0.0);
}

Value max(Evaluator&, Arguments arguments) {
    if (!arguments[0].is_array()) return Value();
    const Items items(arguments[0]);
    if (items.size() == 0) return Value();
    double most = items[0].number();
    for (std::size_t i = 1; i < items.size(); ++i) most = std::max(most, items[i].number());
    return Value(most);
}

Value min(Evaluator&, Arguments arguments) {
    if (!arguments[0].is_array()) return Value();
    const Items items(arguments[0]);
    if (items.size() == 0) return Value();
    double least = items[0].number();
    for (std::size_t i = 1; i < items.size(); ++i) least = std::min(least, items[i].number());
    return Value(least);
}

Value average(Evaluator&, Arguments arguments) {
    if (!arguments[0].is_array()) return Value();
    const Items items(arguments[0]);
    if (items.size() == 0) return Value();
    return Value(total(items) / static_cast<double>(items.size()));
}

Value append(Evaluator& evaluator, Arguments arguments) {
    return evaluator.append(arguments[0], arguments[1]);
}

Value reverse(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return arguments[0];
    const Items items(arguments[0]);
    if (items.size() <= 1) return arguments[0];
    Array* out = evaluator.arena().make<Array>();
    out->reserve(evaluator.arena(), items.size());
    for (std::size_t i = items.size(); i-- > 0;) out->push(evaluator.arena(), items[i]);
    return Value(out);
}

Value shuffle(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return arguments[0];
    const Items items(arguments[0]);
    if (items.size() <= 1) return arguments[0];
    const auto& random = evaluator.options().random;
    Array* out = evaluator.arena().make<Array>();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const double place = (random ? random() : 0.0) * static_cast<double>(i + 1);
        const std::size_t other = std::min(static_cast<std::size_t>(place), i);
        out->push(evaluator.arena(), Value());
        out->items[i] = out->items[other];
        out->items[other] = items[i];
    }
    return Value(out);
}

Value distinct(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return arguments[0];
    const Items items(arguments[0]);
    if (items.size() <= 1) return arguments[0];
    Array* out = evaluator.arena().make<Array>();
    out->sequence = arguments[0].is_sequence();
    std::unordered_set<std::string_view> texts;
    std::unordered_set<double> numbers;
    std::vector<Value> others;
    const auto is_new = [&](Value item) {
        if (item.is_string()) return texts.insert(item.text()).second;
        if (item.is_number()) return numbers.insert(item.number()).second;
        for (const Value other : others) {
            evaluator.tick();
            if (deep_equal(other, item)) return false;
        }
        others.push_back(item);
        return true;
    };
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value item = items[i];
        if (is_new(item)) out->push(evaluator.arena(), item);
    }
    return Value(out);
}

/// What JavaScript takes for true: the comparator's result is not cast by $boolean.
bool is_truthy(Value value) {
    switch (value.kind()) {
        case Kind::undefined:
        case Kind::null:
            return false;
        case Kind::boolean:
            return value.truth();
        case Kind::number:
            return value.number() != 0 && !std::isnan(value.number());
        case Kind::string:
            return !value.text().empty();
        default:
            return true;
    }
}

bool all_are(const std::vector<Value>& items, Kind kind) {
    return std::all_of(items.begin(), items.end(), [&](Value item) {
        return item.kind() == kind && (kind != Kind::number || Evaluator::is_numeric(item));
    });
}

Value sort(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return arguments[0];
    const Items items(arguments[0]);
    if (items.size() <= 1) return arguments[0];
    std::vector<Value> sorted;
    sorted.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) sorted.push_back(items[i]);
    const Value comparator = arguments[1];
    if (comparator.is_function()) {
        Evaluator::merge_sort(sorted, [&](Value left, Value right) {
            Value pair[] = {left, right};
            return is_truthy(evaluator.apply(comparator, Arguments(pair, 2), Value::null()));
        });
    } else if (all_are(sorted, Kind::number)) {
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](Value a, Value b) { return a.number() < b.number(); });
    } else if (all_are(sorted, Kind::string)) {
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](Value a, Value b) { return text::compare(a.text(), b.text()) < 0; });
    } else {
        throw JsonataError("D3070").index(1);
    }
    Array* out = evaluator.arena().make<Array>();
    out->reserve(evaluator.arena(), sorted.size());
    for (const Value item : sorted) out->push(evaluator.arena(), item);
    return Value(out);
}

Value zip(Evaluator& evaluator, Arguments arguments) {
    Arena& arena = evaluator.arena();
    Array* out = arena.make<Array>();
    std::size_t length = arguments.size() == 0 ? 0 : SIZE_MAX;
    for (const Value argument : arguments) {
        length = std::min(length, argument.is_array() ? Items(argument).size() : 0);
    }
    for (std::size_t i = 0; i < length; ++i) {
        Array* row = arena.make<Array>();
        row->reserve(arena, arguments.size());
        for (const Value argument : arguments) row->push(arena, Items(argument)[i]);
        out->push(arena, Value(row));
    }
    return Value(out);
}

}  // namespace

std::vector<BuiltinRow> aggregation_functions() {
    return {
        {"sum", "<a<n>:n>", 1, sum},         {"count", "<a:n>", 1, count},
        {"max", "<a<n>:n>", 1, max},         {"min", "<a<n>:n>", 1, min},
        {"average", "<a<n>:n>", 1, average},
    };
}

std::vector<BuiltinRow> array_functions() {
    return {
        {"append", "<xx:a>", 2, append},  {"reverse", "<a:a>", 1, reverse},
        {"shuffle", "<a:a>", 1, shuffle}, {"distinct", "<x:x>", 1, distinct},
        {"sort", "<af?:a>", 2, sort},     {"zip", "<a+>", 0, zip},
    };
}

}  // namespace skafu::jsonata

#include "expressions/jsonata/builtins.h"

namespace skafu::jsonata {
namespace {

constexpr int kDeepestObject = 1000;

void collect_keys(Arena& arena, Value value, Object& keys, int depth) {
    if (depth > kDeepestObject) return;
    if (value.is_array()) {
        const Items items(value);
        for (std::size_t i = 0; i < items.size(); ++i)
            collect_keys(arena, items[i], keys, depth + 1);
    } else if (value.is_object()) {
        const Members members(value);
        for (std::size_t i = 0; i < members.size(); ++i) {
            keys.set(arena, members.key(i), Value::null());
        }
    }
}

Value keys(Evaluator& evaluator, Arguments arguments) {
    Object found;
    collect_keys(evaluator.arena(), arguments[0], found, 0);
    Array* out = evaluator.sequence();
    for (std::uint32_t i = 0; i < found.size; ++i) {
        out->push(evaluator.arena(), Value::string(found.members[i].key));
    }
    return Value(out);
}

Value look_up(Evaluator& evaluator, Value input, std::string_view key, int depth) {
    if (input.is_object()) return Members(input).find(key);
    if (!input.is_array() || depth > kDeepestObject) return Value();
    Array* out = evaluator.sequence();
    const Items items(input);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value found = look_up(evaluator, items[i], key, depth + 1);
        if (found.is_undefined()) continue;
        const Items inner = found.is_array() ? Items(found) : Items(&found, 1);
        for (std::size_t j = 0; j < inner.size(); ++j) out->push(evaluator.arena(), inner[j]);
    }
    return Value(out);
}

Value lookup(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[1].is_string()) return Value();
    return look_up(evaluator, arguments[0], arguments[1].text(), 0);
}

Value spread_value(Evaluator& evaluator, Value value, int depth) {
    Arena& arena = evaluator.arena();
    if (value.is_array() && depth < kDeepestObject) {
        Array* out = evaluator.sequence();
        const Items items(value);
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Value part = spread_value(evaluator, items[i], depth + 1);
            if (part.is_undefined()) continue;
            out->sequence = false;  // joined with another: no sequence any more
            const Items parts = part.is_array() ? Items(part) : Items(&part, 1);
            for (std::size_t j = 0; j < parts.size(); ++j) out->push(arena, parts[j]);
        }
        return Value(out);
    }
    if (!value.is_object()) return value;
    Array* out = evaluator.sequence();
    const Members members(value);
    for (std::size_t i = 0; i < members.size(); ++i) {
        Object* single = arena.make<Object>();
        single->set(arena, members.key(i), members.value(i));
        out->push(arena, Value(single));
    }
    return Value(out);
}

Value spread(Evaluator& evaluator, Arguments arguments) {
    return spread_value(evaluator, arguments[0], 0);
}

Value merge(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return Value();
    Object* out = evaluator.arena().make<Object>();
    const Items items(arguments[0]);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value item = items[i];
        if (!item.is_object()) continue;
        const Members members(item);
        for (std::size_t j = 0; j < members.size(); ++j) {
            out->set(evaluator.arena(), members.key(j), members.value(j));
        }
    }
    return Value(out);
}

Value error(Evaluator&, Arguments arguments) {
    const std::string_view text = arguments[0].is_string() ? arguments[0].text() : "";
    throw JsonataError("D3137").message(text.empty() ? "$error() function evaluated"
                                                     : std::string(text));
}

Value assert_that(Evaluator&, Arguments arguments) {
    if (arguments[0].is_boolean() && arguments[0].truth()) return Value();
    const std::string_view text = arguments[1].is_string() ? arguments[1].text() : "";
    throw JsonataError("D3141").message(text.empty() ? "$assert() statement failed"
                                                     : std::string(text));
}

Value type(Evaluator&, Arguments arguments) {
    switch (arguments[0].kind()) {
        case Kind::null:
            return Value::string("null");
        case Kind::boolean:
            return Value::string("boolean");
        case Kind::number:
            return Value::string(Evaluator::is_numeric(arguments[0]) ? "number" : "object");
        case Kind::string:
            return Value::string("string");
        case Kind::array:
            return Value::string("array");
        case Kind::object:
            return Value::string("object");
        case Kind::function:
            return Value::string("function");
        default:
            return Value();
    }
}

Value clone(Evaluator& evaluator, Arguments arguments) {
    return deep_copy(evaluator.arena(), arguments[0]);
}

Value eval(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    return evaluator.evaluate_text(arguments[0].text(), arguments[1]);
}

}  // namespace

std::vector<BuiltinRow> object_functions() {
    return {
        {"keys", "<x-:a<s>>", 1, keys},     {"lookup", "<x-s:x>", 2, lookup},
        {"spread", "<x-:a<o>>", 1, spread}, {"merge", "<a<o>:o>", 1, merge},
        {"error", "<s?:x>", 1, error},      {"assert", "<bs?:x>", 2, assert_that},
        {"type", "<x:s>", 1, type},         {"clone", "<(oa)-:o>", 1, clone},
        {"eval", "<sx?:x>", 2, eval},
    };
}

}  // namespace skafu::jsonata

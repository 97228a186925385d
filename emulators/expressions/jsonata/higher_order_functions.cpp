#include "expressions/jsonata/builtins.h"

namespace skafu::jsonata {
namespace {

/// Calls a function with as many of the three arguments as it can use.
class Callback {
  public:
    Callback(Evaluator& evaluator, Value function)
        : evaluator_(evaluator),
          function_(function),
          count_(std::clamp<std::size_t>(arity(function), 1, 3)) {}

    Value operator()(Value first, Value second, Value third) {
        Value arguments[] = {first, second, third};
        return evaluator_.apply(function_, Arguments(arguments, count_), Value::null());
    }

  private:
    Evaluator& evaluator_;
    Value function_;
    std::size_t count_;
};

Value index(std::size_t at) {
    return Value(static_cast<double>(at));
}

Value map(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return Value();
    const Items items(arguments[0]);
    Callback call(evaluator, arguments[1]);
    Array* out = evaluator.sequence();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value result = call(items[i], index(i), arguments[0]);
        if (!result.is_undefined()) out->push(evaluator.arena(), result);
    }
    return Value(out);
}

Value filter(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return Value();
    const Items items(arguments[0]);
    Callback call(evaluator, arguments[1]);
    Array* out = evaluator.sequence();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value item = items[i];
        if (Evaluator::truth(call(item, index(i), arguments[0]))) {
            out->push(evaluator.arena(), item);
        }
    }
    return Value(out);
}

Value single(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return Value();
    const Items items(arguments[0]);
    const Value function = arguments[1];
    bool found = false;
    Value result;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Value item = items[i];
        if (function.is_function()) {
            Callback call(evaluator, function);
            if (!Evaluator::truth(call(item, index(i), arguments[0]))) continue;
        }
        if (found) throw JsonataError("D3138").index(i);
        result = item;
        found = true;
    }
    if (!found) throw JsonataError("D3139");
    return result;
}

Value reduce(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_array()) return Value();
    const Items items(arguments[0]);
    const Value function = arguments[1];
    const std::size_t wanted = arity(function);
    if (wanted < 2) throw JsonataError("D3050").index(1);
    Value result = arguments[2];
    std::size_t at = 0;
    if (result.is_undefined() && items.size() > 0) result = items[at++];
    for (; at < items.size(); ++at) {
        Value given[] = {result, items[at], index(at), arguments[0]};
        result = evaluator.apply(function, Arguments(given, std::min<std::size_t>(wanted, 4)),
                                 Value::null());
    }
    return result;
}

Value each(Evaluator& evaluator, Arguments arguments) {
    Array* out = evaluator.sequence();
    if (!arguments[0].is_object()) return Value(out);
    const Members members(arguments[0]);
    Callback call(evaluator, arguments[1]);
    for (std::size_t i = 0; i < members.size(); ++i) {
        const Value result = call(members.value(i), Value::string(members.key(i)), arguments[0]);
        if (!result.is_undefined()) out->push(evaluator.arena(), result);
    }
    return Value(out);
}

Value sift(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_object()) return Value();
    const Members members(arguments[0]);
    Callback call(evaluator, arguments[1]);
    Object* out = evaluator.arena().make<Object>();
    for (std::size_t i = 0; i < members.size(); ++i) {
        const Value value = members.value(i);
        const std::string_view key = members.key(i);
        if (Evaluator::truth(call(value, Value::string(key), arguments[0]))) {
            out->set(evaluator.arena(), key, value);
        }
    }
    return out->size == 0 ? Value() : Value(out);
}

}  // namespace

std::vector<BuiltinRow> higher_order_functions() {
    return {
        {"map", "<af>", 2, map},        {"filter", "<af>", 2, filter},
        {"single", "<af?>", 2, single}, {"reduce", "<afj?:j>", 3, reduce},
        {"each", "<o-f:a>", 2, each},   {"sift", "<o-f?:o>", 2, sift},
    };
}

}  // namespace skafu::jsonata

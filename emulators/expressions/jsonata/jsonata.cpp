#include "expressions/jsonata/jsonata.h"

#include "expressions/jsonata/evaluator.h"

namespace skafu::jsonata {
namespace {

Value bound_value(Arena& arena, const Bindings::Binding& binding) {
    if (binding.value != nullptr) return Value::of(*binding.value);
    Object* object = arena.make<Object>();
    for (const auto& [name, value] : binding.members) {
        if (value != nullptr) object->set(arena, name, Value::of(*value));
    }
    return Value(object);
}

}  // namespace

Bindings& Bindings::bind(std::string name, const Json& value) {
    bindings_.push_back({std::move(name), &value, {}});
    return *this;
}

Bindings& Bindings::bind_object(std::string name, Members members) {
    bindings_.push_back({std::move(name), nullptr, std::move(members)});
    return *this;
}

Expression::Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Expression Expression::compile(std::string_view text, Dialect dialect) {
    return Expression(make_program(text, dialect));
}

std::optional<Json> Expression::evaluate(const Json* input, const Bindings& bindings,
                                         const Options& options) const {
    Arena arena(options.limits.memory);
    Evaluator evaluator(arena, options, program_->dialect);
    Frame frame{nullptr, nullptr};
    for (const Bindings::Binding& binding : bindings.all()) {
        frame.bind(arena, binding.name, bound_value(arena, binding));
    }
    Value context = input == nullptr ? Value() : Value::of(*input);
    frame.bind(arena, "$", context);
    if (context.is_array()) {
        // An input that is an array is one item, not a sequence of items.
        Array* wrapper = evaluator.sequence_of(context);
        wrapper->outer_wrapper = true;
        context = Value(wrapper);
    }
    const Value result = evaluator.evaluate(program_->root, context, &frame);
    if (result.is_undefined()) return std::nullopt;
    if (result.is_function()) throw FunctionResult();
    return to_json(result);
}

}  // namespace skafu::jsonata

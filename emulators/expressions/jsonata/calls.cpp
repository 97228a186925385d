#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/evaluator.h"
#include "expressions/jsonata/matcher.h"

namespace skafu::jsonata {
namespace {

const Value kPlace = Value(static_cast<TailCall*>(nullptr));  // of a partial application

/// The name of a called function, as errors show it.
const std::string& called_name(const Node* procedure) {
    return procedure->type == NodeType::path ? procedure->items.front()->text : procedure->text;
}

}  // namespace

std::size_t arity(Value value) {
    if (!value.is_function()) return 0;
    const Function& function = *value.function();
    switch (function.kind) {
        case FunctionKind::builtin:
            return function.builtin->arity;
        case FunctionKind::lambda:
            return function.node->items.size();
        case FunctionKind::partial: {
            std::size_t places = 0;
            for (std::uint32_t i = 0; i < function.given_size; ++i) {
                if (function.given[i].is_tail_call()) ++places;
            }
            return places;
        }
        case FunctionKind::regex:
            return 2;
        case FunctionKind::next_match:
            return 0;
        default:
            return 1;
    }
}

Value Evaluator::variable(const Node* node, Value input, const Frame* frame) {
    if (node->text.empty()) {
        const Array* wrapper = input.array();
        return wrapper != nullptr && wrapper->outer_wrapper ? wrapper->items[0] : input;
    }
    if (const Value* found = frame->find(node->text)) return *found;
    return node->builtin == nullptr ? Value() : Value(&node->builtin->function);
}

/// What a call names. Throws `unknown` where it looks like a function whose "$" was forgotten.
Value Evaluator::procedure(const Node* node, Value input, Frame* frame, const char* unknown) {
    const Node* named = node->first;
    const Value function = evaluate(named, input, frame);
    if (!function.is_undefined() || named->type != NodeType::path) return function;
    const std::string& name = named->items.front()->text;
    if (frame->find(name) != nullptr || find_builtin(name, dialect_) != nullptr) {
        throw JsonataError(unknown).at(node->position).token(name);
    }
    return function;
}

Value Evaluator::call(const Node* node, Value input, Frame* frame, const Value* first) {
    const Value function = procedure(node, input, frame, "T1005");
    const std::size_t extra = first == nullptr ? 0 : 1;
    const std::size_t size = node->items.size() + extra;
    Value* arguments = arena_.array<Value>(size);
    if (first != nullptr) arguments[0] = *first;
    for (std::size_t i = 0; i < node->items.size(); ++i) {
        arguments[i + extra] = evaluate(node->items[i], input, frame);
    }
    if (node->tail && first == nullptr) {
        return Value(arena_.make<TailCall>(node, function, arguments, size));
    }
    Frame* const outer_frame = call_frame_;
    const Value outer_input = call_input_;
    call_frame_ = frame;
    call_input_ = input;
    try {
        const Value result = apply(function, Arguments(arguments, size), input);
        call_frame_ = outer_frame;
        call_input_ = outer_input;
        return result;
    } catch (const JsonataError& error) {
        throw error.located(called_name(node->first), node->position);
    }
}

Value Evaluator::apply(Value function, Arguments arguments, Value context) {
    tick();
    Value result = apply_once(function, arguments, context);
    while (result.is_tail_call()) {
        const TailCall& next = *result.tail_call();
        tick();
        try {
            result = apply_once(next.function, Arguments(next.arguments, next.size), context);
        } catch (const JsonataError& error) {
            throw error.located(called_name(next.node->first), next.node->position);
        }
    }
    return result;
}

Value Evaluator::apply_once(Value value, Arguments arguments, Value context) {
    if (!value.is_function()) throw JsonataError("T1006");
    const Function& function = *value.function();
    switch (function.kind) {
        case FunctionKind::builtin: {
            const Builtin& builtin = *function.builtin;
            return builtin.call(*this, builtin.signature.apply(arena_, arguments, context));
        }
        case FunctionKind::lambda:
            return apply_lambda(function, arguments, context);
        case FunctionKind::partial:
            return apply_partial(function, arguments, context);
        case FunctionKind::chain: {
            Value inner = apply(function.first, arguments, Value::null());
            return apply(function.second, Arguments(&inner, 1), Value::null());
        }
        case FunctionKind::transform: {
            const Value input = arguments.size() == 0 ? context : arguments[0];
            return transform(function, input);
        }
        case FunctionKind::regex:
            return match_value(*this, *function.regex, arguments[0], 0);
        case FunctionKind::next_match:
            return next_match_value(*this, *function.regex, function.subject, function.from);
    }
    return Value();
}

Value Evaluator::apply_lambda(const Function& function, Arguments arguments, Value context) {
    const Node& lambda = *function.node;
    if (lambda.signature) arguments = lambda.signature->apply(arena_, arguments, context);
    Frame* scope = arena_.make<Frame>(function.frame, nullptr);
    for (std::size_t i = 0; i < lambda.items.size(); ++i) {
        scope->bind(arena_, lambda.items[i]->text, arguments[i]);
    }
    return evaluate(lambda.first, function.input, scope);
}

Value Evaluator::apply_partial(const Function& function, Arguments arguments, Value context) {
    Value* all = arena_.array<Value>(function.given_size);
    std::size_t next = 0;
    for (std::uint32_t i = 0; i < function.given_size; ++i) {
        const Value given = function.given[i];
        all[i] = given.is_tail_call() ? arguments[next++] : given;
    }
    return apply_once(function.first, Arguments(all, function.given_size), context);
}

Value Evaluator::partial(const Node* node, Value input, Frame* frame) {
    Value* given = arena_.array<Value>(node->items.size());
    for (std::size_t i = 0; i < node->items.size(); ++i) {
        const Node* argument = node->items[i];
        given[i] =
            argument->type == NodeType::placeholder ? kPlace : evaluate(argument, input, frame);
    }
    const Value target = procedure(node, input, frame, "T1007");
    if (!target.is_function()) {
        throw JsonataError("T1008").at(node->position).token(called_name(node->first));
    }
    Function* function = arena_.make<Function>(FunctionKind::partial);
    function->first = target;
    function->given = given;
    function->given_size = static_cast<std::uint32_t>(node->items.size());
    return Value(function);
}

Value Evaluator::apply_operator(const Node* node, Value input, Frame* frame) {
    Value left = evaluate(node->first, input, frame);
    const Node* right = node->second;
    if (right->type == NodeType::function) return call(right, input, frame, &left);
    const Value function = evaluate(right, input, frame);
    if (!function.is_function()) {
        throw JsonataError("T2006").at(node->position).value(to_json(function));
    }
    if (left.is_function()) {
        Function* chain = arena_.make<Function>(FunctionKind::chain);
        chain->first = left;
        chain->second = function;
        return Value(chain);
    }
    return apply(function, Arguments(&left, 1), Value::null());
}

}  // namespace skafu::jsonata

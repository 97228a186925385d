#include "expressions/jsonata/evaluator.h"

#include <cmath>

#include "expressions/jsonata/builtins.h"

namespace skafu::jsonata {
namespace {

constexpr std::ptrdiff_t kMostStack = 3 * 1024 * 1024;

[[noreturn]] void too_deep() {
    throw JsonataError("U1001").message(
        "Stack overflow error: Check for non-terminating recursive function.  Consider rewriting "
        "as tail-recursive.");
}

}  // namespace

/// One level of nesting: limited by number and by the stack that is in use.
class Evaluator::Depth {
  public:
    explicit Depth(Evaluator& evaluator) : depth_(evaluator.depth_) {
        const char here = 0;
        const std::ptrdiff_t used = evaluator.stack_base_ - &here;
        if (++depth_ > evaluator.options_.limits.depth || used > kMostStack || -used > kMostStack) {
            too_deep();
        }
    }
    ~Depth() { --depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

  private:
    std::size_t& depth_;
};

Evaluator::Evaluator(Arena& arena, const Options& options, Dialect dialect)
    : arena_(arena),
      options_(options),
      dialect_(dialect),
      stack_base_(reinterpret_cast<const char*>(__builtin_frame_address(0))) {}

void Evaluator::check_time() {
    if (!watch_) {
        watch_.emplace();
        work_.emplace();
    }
    constexpr std::uint64_t kManySteps = 2'000'000;
    const Limits& limits = options_.limits;
    const std::chrono::milliseconds limit(
        steps_ < kManySteps ? limits.milliseconds
                            : std::min(limits.milliseconds, limits.busy_milliseconds));
    // The second clock is dear: it is asked only where the first one says so.
    if (watch_->elapsed() > limit && work_->elapsed() > limit) {
        throw JsonataError("U1001").message(
            "Expression evaluation timeout: Check for infinite loop");
    }
}

Value Evaluator::unwrapped_sequence(const Node* node, Value result) {
    if (result.is_tuple_stream()) return result;
    Array& sequence = *result.array();
    if (node->keep_array) sequence.keep_singleton = true;
    if (sequence.size == 0) return Value();
    if (sequence.size == 1 && !sequence.keep_singleton) return sequence.items[0];
    return result;
}

Value Evaluator::evaluate_nested(const Node* node, Value input, Frame* frame) {
    const Depth depth(*this);
    tick();
    Value result = dispatch(node, input, frame);
    if (node->plain) return unwrapped(node, result);
    for (const Stage& predicate : node->predicates) {
        result = filter(predicate.filter, result, frame);
    }
    if (node->has_group && node->type != NodeType::path) {
        result = group(node->group, node->position, result, frame);
    }
    return unwrapped(node, result);
}

Value Evaluator::dispatch(const Node* node, Value input, Frame* frame) {
    switch (node->type) {
        case NodeType::path:
            return path(node, input, frame);
        case NodeType::name:
            return name(input, node->text);
        case NodeType::string:
            return Value::string(node->text);
        case NodeType::number:
            return Value(node->number);
        case NodeType::value:
            return node->text == "null" ? Value::null() : Value::boolean(node->text == "true");
        case NodeType::variable:
            return variable(node, input, frame);
        case NodeType::binary:
            return binary(node, input, frame);
        case NodeType::function:
            return call(node, input, frame, nullptr);
        case NodeType::object:
            return object(node, input, frame);
        case NodeType::array:
            return array(node, input, frame);
        case NodeType::block:
            return block(node, input, frame);
        case NodeType::condition:
            if (truth(evaluate(node->first, input, frame))) {
                return evaluate(node->second, input, frame);
            }
            return node->third == nullptr ? Value() : evaluate(node->third, input, frame);
        case NodeType::elvis: {
            const Value left = evaluate(node->first, input, frame);
            return truth(left) ? left : evaluate(node->second, input, frame);
        }
        case NodeType::coalesce: {
            const Value left = evaluate(node->first, input, frame);
            return left.is_undefined() ? evaluate(node->second, input, frame) : left;
        }
        case NodeType::bind: {
            const Value value = evaluate(node->second, input, frame);
            frame->bind(arena_, node->first->text, value);
            return value;
        }
        case NodeType::lambda: {
            Function* function = arena_.make<Function>(FunctionKind::lambda);
            function->node = node;
            function->input = input;
            function->frame = frame;
            return Value(function);
        }
        case NodeType::regex: {
            Function* function = arena_.make<Function>(FunctionKind::regex);
            function->node = node;
            function->regex = node->regex.get();
            return Value(function);
        }
        case NodeType::transform: {
            Function* function = arena_.make<Function>(FunctionKind::transform);
            function->node = node;
            function->frame = frame;
            return Value(function);
        }
        case NodeType::negate:
            return negate(node, input, frame);
        case NodeType::apply:
            return apply_operator(node, input, frame);
        case NodeType::partial:
            return partial(node, input, frame);
        case NodeType::wildcard:
            return wildcard(input);
        case NodeType::descendant:
            return descendants(input);
        case NodeType::parent: {
            const Value* found = frame->find(node->slot->label);
            return found == nullptr ? Value() : *found;
        }
        default:
            return Value();
    }
}

bool Evaluator::is_numeric(Value value) {
    if (!value.is_number()) return false;
    const double number = value.number();
    if (std::isinf(number)) throw JsonataError("D1001").value(Json(nullptr));
    return !std::isnan(number);
}

bool Evaluator::truth(Value value) {
    switch (value.kind()) {
        case Kind::boolean:
            return value.truth();
        case Kind::number:
            return is_numeric(value) && value.number() != 0;
        case Kind::string:
            return !value.text().empty();
        case Kind::array: {
            const Items items(value);
            for (std::size_t i = 0; i < items.size(); ++i) {
                if (truth(items[i])) return true;
            }
            return false;
        }
        case Kind::object:
            return Members(value).size() > 0;
        default:
            return false;
    }
}

Value Evaluator::append(Value first, Value second) {
    if (first.is_undefined()) return second;
    if (second.is_undefined()) return first;
    const Items left = first.is_array() ? Items(first) : Items(&first, 1);
    const Items right = second.is_array() ? Items(second) : Items(&second, 1);
    Array* out = arena_.make<Array>();
    out->reserve(arena_, left.size() + right.size());
    for (std::size_t i = 0; i < left.size(); ++i) out->push(arena_, left[i]);
    for (std::size_t i = 0; i < right.size(); ++i) out->push(arena_, right[i]);
    return Value(out);
}

Value Evaluator::evaluate_text(std::string_view text, Value focus) {
    Value input = call_input_;
    if (!focus.is_undefined()) {
        input = focus;
        if (input.is_array() && !input.is_sequence()) {
            Array* wrapper = sequence_of(input);
            wrapper->outer_wrapper = true;
            input = Value(wrapper);
        }
    }
    try {
        programs_.push_back(make_program(text, dialect_));
    } catch (const JsonataError& error) {
        throw JsonataError("D3120").value(error.message());
    }
    try {
        return evaluate(programs_.back()->root, input, call_frame_);
    } catch (const JsonataError& error) {
        if (error.code() == "U1001") throw;
        throw JsonataError("D3121").value(error.message());
    }
}

}  // namespace skafu::jsonata

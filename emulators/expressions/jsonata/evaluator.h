#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "expressions/jsonata/function.h"
#include "expressions/jsonata/jsonata.h"
#include "expressions/jsonata/node.h"
#include "expressions/jsonata/value.h"
#include "expressions/jsonata/work_time.h"

namespace skafu::jsonata {

/// Evaluates a program once. It follows the reference's rules of sequences: a step maps a
/// sequence to a sequence, results are flattened one level, and a sequence of one is its item.
class Evaluator {
  public:
    Evaluator(Arena& arena, const Options& options, Dialect dialect);

    Value evaluate(const Node* node, Value input, Frame* frame) {
        const bool literal = node->type == NodeType::string || node->type == NodeType::number ||
                             node->type == NodeType::value;
        return literal && node->plain ? node->constant : evaluate_nested(node, input, frame);
    }

    /// Calls a function value with these arguments. Throws JsonataError T1006 where `function`
    /// is none.
    Value apply(Value function, Arguments arguments, Value context);

    // What the built-in functions need:
    Arena& arena() { return arena_; }
    const Options& options() const { return options_; }
    Dialect dialect() const { return dialect_; }
    Value text(std::string_view owned_elsewhere_copied) {
        return Value::string(arena_.copy(owned_elsewhere_copied));
    }
    Array* sequence() {
        Array* array = arena_.make<Array>();
        array->sequence = true;
        return array;
    }
    Array* sequence_of(Value item) {
        Array* array = sequence();
        array->push(arena_, item);
        return array;
    }
    Array* sequence_of(const Items& items) {
        Array* array = sequence();
        array->reserve(arena_, items.size());
        for (std::size_t i = 0; i < items.size(); ++i) array->push(arena_, items[i]);
        return array;
    }
    /// $append of two values.
    Value append(Value first, Value second);
    /// Parses and evaluates a text in the scope of the current call ($eval).
    Value evaluate_text(std::string_view text, Value focus);
    /// Counts a unit of work against the limits.
    void tick() {
        if ((++steps_ & 0x3FF) == 0) check_time();
    }
    /// Throws U1001 once the time is over.
    void check_time();
    /// Counts a match against a text of that length, which can take long.
    void count_match(std::size_t length) {
        steps_ += length;
        check_time();
    }
    /// $sort: `swap(a, b)` tells whether b comes before a.
    template <class Swap>
    static void merge_sort(std::vector<Value>& items, const Swap& swap);

    /// True where a number is to be used as one; D1001 where it is infinite.
    static bool is_numeric(Value value);
    static bool truth(Value value);

  private:
    class Depth;

    Value evaluate_nested(const Node* node, Value input, Frame* frame);
    Value dispatch(const Node* node, Value input, Frame* frame);
    Value unwrapped(const Node* node, Value result) {
        return result.is_sequence() ? unwrapped_sequence(node, result) : result;
    }
    Value unwrapped_sequence(const Node* node, Value result);

    // paths.cpp
    Value path(const Node* node, Value input, Frame* frame);
    Value step(const Node* node, const Items& input, Frame* frame, const Node* last);
    Value step_result(const Node* node, Value item, Frame* frame);
    Array* tuple_step(const Node* node, const Items& input, Array* tuples, Frame* frame);
    void spread_tuples(const Node* node, const Tuple& from, Value result, Array* out);
    Array* sorted_tuples(const Node* node, const Items& input, Array* tuples, Frame* frame);
    Array* stages(const Node* node, Array* tuples, Frame* frame);
    Value filter(const Node* predicate, Value input, Frame* frame);
    bool selected(const Node* predicate, Value context, std::size_t at, std::size_t size,
                  Frame* frame, Value item, Array* out);
    Value name(Value input, std::string_view key);
    Value wildcard(Value input);
    Value descendants(Value input);
    void collect_descendants(Value input, Array* out, int depth);
    Value sort_step(const Node* node, Value input, Frame* frame);

    // operators.cpp
    Value binary(const Node* node, Value input, Frame* frame);
    Value arithmetic(const Node* node, Value left, Value right);
    Value comparison(const Node* node, Value left, Value right);
    Value includes(Value left, Value right);
    Value concat(Value left, Value right);
    Value range(const Node* node, Value left, Value right);
    Value negate(const Node* node, Value input, Frame* frame);
    Value array(const Node* node, Value input, Frame* frame);
    Value block(const Node* node, Value input, Frame* frame);

    // grouping.cpp
    Value object(const Node* node, Value input, Frame* frame);
    Value group(const Pairs& pairs, std::size_t position, Value input, Frame* frame);
    Value transform(const Function& function, Value input);
    void change(const Node* node, Value match, Frame* frame);

    // calls.cpp
    Value variable(const Node* node, Value input, const Frame* frame);
    Value call(const Node* node, Value input, Frame* frame, const Value* first);
    Value apply_operator(const Node* node, Value input, Frame* frame);
    Value partial(const Node* node, Value input, Frame* frame);
    Value apply_once(Value function, Arguments arguments, Value context);
    Value apply_lambda(const Function& function, Arguments arguments, Value context);
    Value apply_partial(const Function& function, Arguments arguments, Value context);
    Value procedure(const Node* node, Value input, Frame* frame, const char* unknown);

    Arena& arena_;
    const Options& options_;
    Dialect dialect_;
    std::size_t depth_ = 0;
    std::uint64_t steps_ = 0;
    // From the first check on: most evaluations need none.
    std::optional<Stopwatch> watch_;
    std::optional<WorkTime> work_;
    const char* stack_base_;
    const char* concat_end_ = nullptr;  // end of the text that & made last
    Frame* call_frame_ = nullptr;       // the scope of the innermost call, for $eval
    Value call_input_;
    std::vector<std::shared_ptr<const Program>> programs_;  // of $eval
};

template <class Swap>
void Evaluator::merge_sort(std::vector<Value>& items, const Swap& swap) {
    std::vector<Value> other(items.size());
    for (std::size_t width = 1; width < items.size(); width *= 2) {
        for (std::size_t start = 0; start < items.size(); start += 2 * width) {
            const std::size_t middle = std::min(start + width, items.size());
            const std::size_t end = std::min(start + 2 * width, items.size());
            std::size_t left = start;
            std::size_t right = middle;
            for (std::size_t out = start; out < end; ++out) {
                const bool take_right =
                    left == middle || (right < end && swap(items[left], items[right]));
                other[out] = take_right ? items[right++] : items[left++];
            }
        }
        items.swap(other);
    }
}

}  // namespace skafu::jsonata

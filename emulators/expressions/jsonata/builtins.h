#pragma once

#include <string_view>
#include <vector>

#include "expressions/jsonata/evaluator.h"

namespace skafu::jsonata {

/// A built-in function.
struct Builtin {
    std::string_view name;
    Signature signature;
    std::uint8_t arity;
    Value (*call)(Evaluator& evaluator, Arguments arguments);
    Function function;  // this function as a value
};

/// One row of a table of built-in functions.
struct BuiltinRow {
    std::string_view name;
    std::string_view signature;
    std::uint8_t arity;  // of the reference's implementation: what higher-order functions see
    Value (*call)(Evaluator& evaluator, Arguments arguments);
};

/// The function of this name, or nullptr.
const Builtin* find_builtin(std::string_view name, Dialect dialect);

// Each of these files holds the functions of one chapter of docs.jsonata.org.
std::vector<BuiltinRow> string_functions();
std::vector<BuiltinRow> pattern_functions();
std::vector<BuiltinRow> encoding_functions();
std::vector<BuiltinRow> number_functions();
std::vector<BuiltinRow> aggregation_functions();
std::vector<BuiltinRow> array_functions();
std::vector<BuiltinRow> object_functions();
std::vector<BuiltinRow> higher_order_functions();
std::vector<BuiltinRow> date_time_functions();
std::vector<BuiltinRow> formatting_functions();
std::vector<BuiltinRow> step_functions();

/// $string: a text as it is, anything else as JSON (`indent` spaces a level, 0 for compact).
std::string_view to_string(Evaluator& evaluator, Value value, int indent);

}  // namespace skafu::jsonata

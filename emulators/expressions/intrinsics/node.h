#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "expressions/intrinsics/intrinsics.h"

namespace skafu::intrinsics {

struct FunctionRow;

/// An argument or a call.
struct Node {
    enum class Kind : std::uint8_t { Literal, Path, Call };
    Kind kind = Kind::Literal;
    Json literal;
    std::string raw;  ///< a string literal with its escapes, as States.Format needs it
    std::optional<jsonpath::JsonPath> path;
    const FunctionRow* function = nullptr;
    std::vector<Node> arguments;
    std::string text;  ///< of a call, as written
};

/// A function's arguments, evaluated; `scope` gives randomness.
struct Arguments {
    const Node& call;
    std::vector<Json> values;
    Scope& scope;
};

/// A function: its name without `States.`, how many arguments it takes, what it does.
struct FunctionRow {
    std::string_view name;
    std::size_t min_arguments;
    std::size_t max_arguments;
    Json (*run)(Arguments& arguments);
};

/// The function of that name, or nullptr.
const FunctionRow* find_function(std::string_view name);

/// The function's name that is nearest to `name`; empty where none is near.
std::string nearest_function(std::string_view name);

}  // namespace skafu::intrinsics

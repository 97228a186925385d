#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "expressions/jsonpath/jsonpath.h"

namespace skafu::jsonpath {

struct Filter;

/// How deep filters and paths may contain each other, and how many values one evaluation visits.
inline constexpr int kMaxNesting = 64;
inline constexpr std::size_t kMaxVisited = 1'000'000;

/// A function at the end of a path.
enum class Function : std::uint8_t {
    Length,
    Min,
    Max,
    Avg,
    Sum,
    Stddev,
    Keys,
    First,
    Last,
    Index,
    Concat,
    Append
};

/// One step of a path.
struct Step {
    enum class Kind : std::uint8_t {
        Name,
        Names,
        Index,
        Indexes,
        Slice,
        Wildcard,
        Filter,
        Descend,  ///< applies the next step to the value and all that it holds
        Function
    };
    Kind kind = Kind::Name;
    Function function = Function::Length;
    std::string name;
    std::vector<std::string> names;
    std::vector<std::int64_t> indexes;
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;
    std::int64_t stride = 1;
    std::shared_ptr<const Filter> filter;
    std::vector<std::variant<Json, JsonPath>> arguments;
};

/// One side of a comparison: a literal, a path from the item (`@`), or one from the document (`$`).
struct Operand {
    enum class Kind : std::uint8_t { Literal, Item, Document };
    Kind kind = Kind::Literal;
    Json literal;
    std::optional<JsonPath> path;
    std::string regex;  ///< of a literal /.../; flags are part of it
};

enum class Comparison : std::uint8_t {
    Exists,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Matches,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    Contains,
    Size,
    Empty
};

/// A filter expression `?(...)`.
struct Filter {
    enum class Kind : std::uint8_t { And, Or, Not, Compare };
    Kind kind = Kind::Compare;
    std::vector<Filter> parts;
    Comparison comparison = Comparison::Exists;
    Operand left;
    Operand right;
};

/// Whether `item` passes; `document` is what `$` means inside the filter.
bool passes(const Filter& filter, const Json& item, const Json& document);

/// The index from the start that `index` means in an array of `size`, or -1 out of range.
std::int64_t effective_index(std::int64_t index, std::size_t size);

}  // namespace skafu::jsonpath

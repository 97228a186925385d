#pragma once

#include <cstdint>

#include "expressions/jsonata/regex.h"
#include "expressions/jsonata/signature.h"
#include "expressions/jsonata/value.h"

namespace skafu::jsonata {

struct Builtin;
struct Node;

enum class FunctionKind : std::uint8_t {
    builtin,
    lambda,
    partial,     // a function with some arguments given
    chain,       // f ~> g
    transform,   // | … | … |
    regex,       // a regular expression as a matcher
    next_match,  // what a matcher gives to go on
};

/// A function as a value.
struct Function {
    FunctionKind kind;
    const Builtin* builtin = nullptr;
    const Node* node = nullptr;    // lambda, transform, regex
    Value input{};                 // lambda, transform: the context where it was made
    Frame* frame = nullptr;        // lambda, transform: the scope where it was made
    Value first{};                 // partial, chain
    Value second{};                // chain
    const Value* given = nullptr;  // partial: tail_call kind marks a place to fill
    std::uint32_t given_size = 0;
    const Regex* regex = nullptr;  // next_match
    Value subject{};
    std::size_t from = 0;
};

/// A call in tail position, left to the caller of the function that makes it.
struct TailCall {
    const Node* node;
    Value function;
    Value* arguments;
    std::size_t size;
};

/// How many arguments a function can use: higher-order functions give no more.
std::size_t arity(Value function);

}  // namespace skafu::jsonata

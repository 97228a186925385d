#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expressions/jsonata/jsonata.h"
#include "expressions/jsonata/regex.h"
#include "expressions/jsonata/signature.h"

namespace skafu::jsonata {

struct Builtin;
struct Node;

enum class NodeType : std::uint8_t {
    // Only between parser and resolver:
    end,
    word,  // "and", "or", "in" used as a name, "?" as the place of an argument
    dot,
    filter,
    group_by,
    order_by,
    focus,
    index,
    // In a resolved tree:
    path,
    name,
    string,
    number,
    value,
    variable,
    wildcard,
    descendant,
    parent,
    regex,
    binary,
    negate,
    array,
    object,
    function,
    partial,
    placeholder,
    lambda,
    condition,
    elvis,
    coalesce,
    bind,
    apply,
    transform,
    block,
    sort,
};

enum class Op : std::uint8_t {
    none,
    add,
    subtract,
    multiply,
    divide,
    remainder,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    concat,
    logical_and,
    logical_or,
    in,
    range,
};

/// The place of an ancestor that a parent operator (%) asks for.
struct Slot {
    std::string label;
    int level = 1;
};

struct SortTerm {
    bool descending = false;
    Node* expression = nullptr;
};

/// What follows a step: a filter, or a variable that takes the position.
struct Stage {
    Node* filter = nullptr;  // nullptr: an index
    std::string index;
};

using Pairs = std::vector<std::pair<Node*, Node*>>;

struct Node {
    NodeType type = NodeType::end;
    Op op = Op::none;
    bool keep_array = false;            // [] was applied
    bool keep_singleton_array = false;  // a path with such a step
    bool constructed_array = false;     // an array at an end of a path: not flattened
    bool tuple = false;                 // this step gives tuples
    bool tail = false;                  // a call whose result is the result of the function
    bool has_group = false;
    bool plain = false;        // no predicates, no group: the value is the result
    bool simple_path = false;  // a path of plain names only
    std::uint32_t height = 1;
    std::size_t position = 0;
    std::string text;  // name, literal, operator, variable
    double number = 0;
    Value constant;            // of a literal
    Node* first = nullptr;     // left side, condition, procedure, pattern, body
    Node* second = nullptr;    // right side, then, update
    Node* third = nullptr;     // else, delete
    std::vector<Node*> items;  // steps, arguments, expressions
    Pairs pairs;               // object members
    Pairs group;               // the group-by clause of any node
    std::vector<SortTerm> terms;
    std::vector<Stage> predicates;
    std::vector<Stage> stages;
    std::string focus;         // @$name
    std::string index;         // #$name
    Slot* ancestor = nullptr;  // this step's input is asked for
    Slot* slot = nullptr;      // of a parent operator
    std::vector<Slot*> seeking_parent;
    std::unique_ptr<Signature> signature;
    std::unique_ptr<Regex> regex;
    const Builtin* builtin = nullptr;  // of a variable that names one
};

/// A tree and what it owns.
struct Program {
    std::deque<Node> nodes;
    std::deque<Slot> slots;
    Node* root = nullptr;
    Dialect dialect = Dialect::standard;

    Node* make(NodeType type, std::size_t position) {
        Node& node = nodes.emplace_back();
        node.type = type;
        node.position = position;
        return &node;
    }
};

/// Parses and resolves; throws JsonataError.
std::shared_ptr<const Program> make_program(std::string_view source, Dialect dialect);

/// The last pass: notes in each node what the evaluator may take for granted.
void prepare(Program& program);

/// The second pass: turns the parser's operators into paths with steps and stages, finds the
/// steps that parent operators mean, and marks tail calls.
Node* resolve(Program& program, Node* node);

}  // namespace skafu::jsonata

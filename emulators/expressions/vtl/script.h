#pragma once

#include <memory>
#include <string>
#include <vector>

#include "expressions/vtl/value.h"

/// What a template is parsed into. Variables are numbered, so that rendering looks nothing up
/// by name.
namespace skafu::vtl {

struct Expression;
struct Node;
using Block = std::vector<Node>;

/// One step behind the variable: `.name`, `.name(arguments)` or `[index]`.
struct Step {
    enum class Kind { Member, Method, Index };
    Kind kind = Kind::Member;
    std::string name;
    std::vector<Expression> arguments;  // of a method; the one index of an index
};

struct Reference {
    std::size_t slot = 0;
    std::vector<Step> steps;
};

struct Expression {
    enum class Kind {
        Literal,
        Text,
        Reference,
        List,
        Map,
        Range,
        Not,
        Or,
        And,
        Equal,
        NotEqual,
        Less,
        LessEqual,
        Greater,
        GreaterEqual,
        Add,
        Subtract,
        Multiply,
        Divide,
        Modulo,
    };
    Kind kind = Kind::Literal;
    Value literal;
    Reference reference;
    std::vector<Expression> parts;  // operands, items, or keys and values in turn
    Block text;                     // of a double-quoted string
};

struct Branch {
    Expression condition;
    Block block;
};

struct Node {
    enum class Kind { Text, Reference, Set, If, Foreach, MacroCall, Define, Stop, Break };
    Kind kind = Kind::Text;
    std::string text;  // of Text; the source of a Reference or MacroCall
    Reference reference;
    std::size_t backslashes = 0;
    bool literal_when_null = false;  // a Reference that is more likely plain text
    Expression value;                // of Set, Foreach
    std::vector<Branch> branches;
    Block block;       // of Foreach, Define; the #else of If
    std::string name;  // of MacroCall
    std::vector<Expression> arguments;
};

struct Macro {
    std::string name;
    std::vector<std::size_t> parameters;
    Block block;
};

struct Script {
    Block block;
    std::vector<std::string> variables;  // the name of each slot
    std::vector<Macro> macros;
    // Slots that loops write.
    std::size_t foreach_slot = 0;
    std::size_t count_slot = 0;
    std::size_t has_next_slot = 0;

    std::size_t slot(std::string_view name);
    const Macro* macro(std::string_view name) const;
};

}  // namespace skafu::vtl

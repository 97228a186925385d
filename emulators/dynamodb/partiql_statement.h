#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"

namespace skafu::dynamodb {

/// One step of a document path: a name, or a list index.
struct PartiqlStep {
    std::string name;  ///< empty: an index
    std::size_t index = 0;

    bool is_index() const { return name.empty(); }
    friend bool operator==(const PartiqlStep&, const PartiqlStep&) = default;
};
using PartiqlPath = std::vector<PartiqlStep>;

/// A value to compute: a path, an attribute value, a call, a sum or a difference.
struct PartiqlOperand {
    enum class Kind { kPath, kValue, kCall, kPlus, kMinus };
    Kind kind = Kind::kPath;
    PartiqlPath path;
    Json value;            ///< {"S": "x"}
    std::string function;  ///< of a call, in lower case
    std::vector<PartiqlOperand> arguments;

    /// The attribute that the operand is, where it is no more than that; else empty.
    std::string_view attribute() const {
        return kind == Kind::kPath && path.size() == 1 ? std::string_view(path.front().name)
                                                       : std::string_view();
    }
};

/// One node of a WHERE.
struct PartiqlCondition {
    enum class Kind {
        kAnd,
        kOr,
        kNot,
        kCompare,  ///< `text` is the operator: "=", "<>", "<", ...
        kBetween,
        kIn,
        kCall,  ///< `text` is the function: "begins_with", "attribute_exists", ...
        kBare,  ///< an operand alone: no condition until an operator follows
    };
    Kind kind = Kind::kBare;
    std::string text;
    std::vector<PartiqlCondition> children;
    std::vector<PartiqlOperand> operands;
};

/// One assignment or removal of an UPDATE.
struct PartiqlChange {
    enum class Kind { kSet, kRemove, kSetAdd, kSetDelete };
    Kind kind = Kind::kSet;
    PartiqlPath path;
    PartiqlOperand value;
};

/// RETURNING (ALL | MODIFIED) (OLD | NEW) *
struct PartiqlReturning {
    bool all = false;
    bool old = false;

    /// "RETURNING ALL OLD *"
    std::string text() const;
};

/// A statement as parsed; its parameters are put in.
struct PartiqlStatement {
    enum class Kind { kSelect, kInsert, kUpdate, kDelete, kExists };
    Kind kind = Kind::kSelect;
    std::string table;
    std::string index;
    std::vector<PartiqlPath> columns;  ///< of SELECT; none: *
    std::optional<PartiqlCondition> where;
    std::vector<std::pair<std::string, bool>> order;  ///< attribute, and whether descending
    Json item;                                        ///< of INSERT
    std::vector<PartiqlChange> changes;
    std::optional<PartiqlReturning> returning;

    bool is_read() const { return kind == Kind::kSelect; }
};

/// Parses a statement; `parameters` are the attribute values of its question marks. Throws
/// AwsError (ValidationException) with AWS's text.
/// Source: Developer Guide, "PartiQL - a SQL-compatible query language for DynamoDB".
PartiqlStatement parse_partiql(std::string_view statement, const Json& parameters);

}  // namespace skafu::dynamodb

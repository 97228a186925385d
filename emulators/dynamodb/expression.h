#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/value.h"

namespace skafu::dynamodb {

/// The parameter in which an expression came; AWS names it in errors.
enum class ExpressionKind { kCondition, kFilter, kProjection, kUpdate, kKeyCondition };

/// "ConditionExpression", "FilterExpression", ...
std::string_view parameter_name(ExpressionKind kind);

/// One step of a document path: a name as written, a #placeholder, or a list index.
struct PathStep {
    enum class Kind { kName, kPlaceholder, kIndex };
    Kind kind = Kind::kName;
    std::string name;       // kName
    std::size_t index = 0;  // kIndex: the list index; kPlaceholder: position in Expression::names
};
using Path = std::vector<PathStep>;

/// A value to compute: a path, a :value, a function call, a sum or a difference.
struct Operand {
    enum class Kind { kPath, kValue, kFunction, kPlus, kMinus };
    Kind kind = Kind::kPath;
    Path path;
    std::size_t value = 0;  // kValue: position in Expression::values
    std::string function;
    std::vector<Operand> arguments;  // of a function, a sum or a difference
};

enum class Operator { kAnd, kOr, kNot, kEq, kNe, kLt, kLe, kGt, kGe, kBetween, kIn, kFunction };

/// As AWS writes the operator in errors: "AND", "<>", "BETWEEN".
std::string_view operator_text(Operator op);

/// One node of a condition; AND, OR and NOT have children, the rest operands.
struct ConditionNode {
    Operator op = Operator::kAnd;
    std::size_t left = 0;
    std::size_t right = 0;
    std::vector<Operand> operands;
    std::string function;  // kFunction
};

/// One action of an update expression.
struct UpdateAction {
    enum class Kind { kSet, kRemove, kAdd, kDelete };
    Kind kind = Kind::kSet;
    Path path;
    Operand value;  // not of kRemove
};

/// An expression as parsed: nothing in it depends on the request's names and values, so it is
/// shared by all requests that carry the same text.
struct Expression {
    ExpressionKind kind = ExpressionKind::kCondition;
    std::vector<std::string> names;    // "#n", each once
    std::vector<std::string> values;   // ":v", each once
    std::vector<ConditionNode> nodes;  // conditions; the last one is the root
    std::vector<UpdateAction> actions;
    std::vector<Path> paths;  // projections
};

/// Parses an expression; texts seen before come from a cache. Throws AwsError with AWS's text
/// for what can be told without names and values: size, syntax, operator count, reserved words,
/// functions. Source: Developer Guide, "Expressions" and "Reserved words".
std::shared_ptr<const Expression> parse_expression(ExpressionKind kind, std::string_view text);

/// Whether the word is one of DynamoDB's reserved words, in any case.
bool is_reserved_word(std::string_view word);

/// ExpressionAttributeNames and ExpressionAttributeValues of one request, and which of them its
/// expressions have used.
class Substitutions {
  public:
    void set_names(std::vector<std::pair<std::string, std::string>> names);
    void set_values(Map values);

    /// The attribute name that "#n" stands for, or nullptr; marks it as used.
    const std::string* name(std::string_view placeholder);
    const Value* value(std::string_view placeholder);

    bool has_names() const { return has_names_; }
    bool has_values() const { return has_values_; }

    /// Throws for names or values that none of the request's expressions used. `missing` says which
    /// parameters might have used values where there is no expression ("FilterExpression is null").
    void check_used(const std::vector<ExpressionKind>& expressions,
                    std::string_view missing = {}) const;

  private:
    std::vector<std::pair<std::string, std::string>> names_;
    Map values_;
    std::vector<bool> names_used_;
    std::vector<bool> values_used_;
    bool has_names_ = false;
    bool has_values_ = false;
};

/// An expression with one request's names and values put in. The substitutions must outlive it.
struct BoundExpression {
    std::shared_ptr<const Expression> expression;
    std::vector<const std::string*> names;
    std::vector<const Value*> values;

    explicit operator bool() const { return expression != nullptr; }
    const Expression& operator*() const { return *expression; }
    const Expression* operator->() const { return expression.get(); }

    /// The attribute name of a step that is not an index.
    std::string_view step_name(const PathStep& step) const {
        return step.kind == PathStep::Kind::kPlaceholder ? std::string_view(*names[step.index])
                                                         : std::string_view(step.name);
    }
    /// The top-level attribute that a path starts at.
    std::string_view top_name(const Path& path) const { return step_name(path.front()); }
    /// "[a, b, [1]]" as in AWS's errors.
    std::string path_text(const Path& path) const;
};

/// Parses `text`, puts in names and values and makes the static checks that depend on them:
/// undefined placeholders, operand types, overlapping paths.
BoundExpression bind_expression(ExpressionKind kind, std::string_view text,
                                Substitutions& substitutions);

/// "Invalid ConditionExpression: <why>" as ValidationException.
[[noreturn]] void reject_expression(ExpressionKind kind, const std::string& why);

}  // namespace skafu::dynamodb

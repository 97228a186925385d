#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <re2/re2.h>

#include "core/json.h"

namespace skafu::logs {

/// Does `text` match `glob`, in which `*` stands for any characters?
bool matches_glob(std::string_view glob, std::string_view text);

/// The right side of a comparison: a text with wildcards, a number, or a regular expression.
struct Operand {
    std::string text;
    std::optional<double> number;
    std::unique_ptr<re2::RE2> regex;
};

/// One step of a selector: a member's name, an index, or every element ([*]).
struct SelectorStep {
    std::string name;
    std::optional<std::size_t> index;
    bool each = false;
};

enum class Relation {
    equal,
    unequal,
    less,
    at_most,
    greater,
    at_least,
    is_null,
    is_true,
    is_false,
    exists,
    not_exists
};

/// A condition on the fields of a log event: comparisons joined by && and ||.
struct Condition {
    enum class Kind { all_of, any_of, comparison };
    Kind kind = Kind::comparison;
    std::vector<Condition> parts;
    std::vector<SelectorStep> selector;
    Relation relation = Relation::exists;
    Operand operand;

    /// Evaluates the condition on a JSON value (the event, or the named fields of a line).
    bool holds(const Json& value) const;
};

/// Reads conditions out of a pattern.
class ConditionParser {
  public:
    explicit ConditionParser(std::string_view text) : text_(text) {}

    /// `a && (b || c)`; throws AwsError InvalidParameterException.
    Condition condition();
    /// The field's name at the cursor, for space-delimited patterns.
    std::string name();

    void skip_space();
    bool at_end();
    bool take(std::string_view token);
    bool next_is(std::string_view token);
    std::size_t position() const { return at_; }
    void seek(std::size_t position) { at_ = position; }
    [[noreturn]] static void fail();

  private:
    Condition conjunction();
    Condition primary();
    std::vector<SelectorStep> selector();
    SelectorStep bracket_step();
    Relation relation();
    Relation word_relation();
    Operand operand();
    std::string quoted();
    std::string word();

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace skafu::logs

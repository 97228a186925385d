#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <re2/re2.h>

#include "core/json.h"

namespace skafu::logs {

/// A row of a query: fields by name. A number, a text, a boolean, or null where it has none.
using Row = Json;

/// A node of an expression of the query language.
struct Expression {
    enum class Kind { constant, field, call, binary, negation, like, in };
    Kind kind = Kind::constant;
    std::string text;  ///< as it was written: the column's name where there is no alias
    Json constant;
    std::string name;  ///< of a field, function or operator
    std::vector<Expression> parts;
    std::shared_ptr<re2::RE2> regex;

    Json value(const Row& row) const;
    bool holds(const Row& row) const;
};

/// Reads a query's words.
class InsightsLexer {
  public:
    explicit InsightsLexer(std::string_view text) : text_(text) {}

    bool at_end();
    bool take(std::string_view token);
    bool take_word(std::string_view word);  ///< without regard to case, whole words only
    bool next_is(std::string_view token);
    bool next_is_word(std::string_view word);
    std::string name();  ///< a field's or function's name; "" if none comes
    std::string quoted();
    std::string regex();  ///< between slashes
    Json number();
    void skip_space();
    char peek();
    std::size_t position() const { return at_; }
    std::string_view since(std::size_t from) const;
    [[noreturn]] void fail(std::string_view what) const;

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

/// Reads one expression, `a > 1 and b like /x/`.
Expression parse_expression(InsightsLexer& lexer);
std::shared_ptr<re2::RE2> compile_regex(const InsightsLexer& lexer, std::string pattern);

/// The number that a value is or spells; nothing for anything else.
std::optional<double> number_of(const Json& value);
/// As results show it: whole numbers without a fraction.
std::string shown(const Json& value);

}  // namespace skafu::logs

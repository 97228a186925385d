#pragma once

#include <string>
#include <string_view>

#include "expressions/jsonpath/step.h"

namespace skafu::jsonpath {

/// A recursive-descent parser of one path.
class Parser {
  public:
    Parser(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}

    /// The whole text as a path.
    JsonPath path();

  private:
    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    bool take(char c);
    bool take(std::string_view word);
    bool take_word(std::string_view word);
    void expect(char c);
    void blanks();
    [[noreturn]] void fail(const std::string& why) const;

    JsonPath path_from_root(char root);
    void steps(std::vector<Step>& into);
    void dotted(std::vector<Step>& into);
    Step bracket();
    Step quoted_names();
    Step numbers();
    Step function(std::string_view name);
    std::string name();
    std::string quoted();
    std::int64_t integer();

    Filter disjunction();
    Filter conjunction();
    Filter negation();
    Filter comparison();
    Operand operand();
    Comparison comparator();
    Json literal();
    std::string regex();

    std::string_view text_;
    Dialect dialect_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace skafu::jsonpath

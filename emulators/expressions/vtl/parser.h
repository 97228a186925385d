#pragma once

#include <optional>
#include <string_view>

#include "expressions/vtl/script.h"

namespace skafu::vtl {

/// Recursive descent over the template text, without a separate lexer: what a character means
/// depends on whether it stands in text, in a reference or between parentheses.
class Parser {
  public:
    Parser(std::string_view text, Script& script, std::size_t depth)
        : text_(text), script_(script), depth_(depth) {}

    /// The whole text as one block. Throws TemplateError.
    Block parse();

  private:
    enum class Ends { AtText, AtDirective };

    /// Counts how deeply blocks, strings and expressions lie in each other.
    class DepthGuard {
      public:
        explicit DepthGuard(std::size_t& depth) : depth_(depth) { ++depth_; }
        ~DepthGuard() { --depth_; }
        DepthGuard(const DepthGuard&) = delete;

      private:
        std::size_t& depth_;
    };
    DepthGuard enter();

    // text and directives
    void parse_block(Block& block, Ends ends);
    bool parse_directive(Block& block);
    void drop_blanks_before_set(Block& block);
    void parse_backslashes(Block& block);
    void parse_set(Block& block);
    void parse_if(Block& block);
    void parse_foreach(Block& block);
    void parse_macro();
    void parse_define(Block& block);
    bool parse_macro_call(Block& block, std::string_view name, std::size_t after_name);
    bool skip_comment(Block& block);
    Block parse_body();
    std::string_view directive_at(std::size_t at, std::size_t* end) const;
    void end_directive();
    void add_text(Block& block, std::string_view text);
    void add_reference(Block& block, std::size_t backslashes, std::string_view source,
                       Reference reference);

    // references
    std::optional<Reference> try_reference();
    void parse_steps(Reference& reference);
    bool try_index(Reference& reference);
    std::string_view identifier();

    // expressions
    Expression expression() { return disjunction(); }
    Expression disjunction();
    Expression conjunction();
    Expression equality();
    Expression relation();
    Expression sum();
    Expression product();
    Expression unary();
    Expression primary();
    Expression number();
    Expression quoted();
    Expression list_or_range();
    Expression map();
    std::vector<Expression> arguments();

    // characters
    char peek(std::size_t ahead = 0) const;
    bool take(std::string_view symbol);
    bool take_word(std::string_view word);
    void expect(char c);
    void blanks();
    std::size_t blanks_from(std::size_t at) const;
    [[noreturn]] void fail(const std::string& why) const;

    std::string_view text_;
    Script& script_;
    std::size_t depth_;
    std::size_t at_ = 0;
    std::size_t run_start_ = 0;  // where the text since the last directive or reference begins
};

}  // namespace skafu::vtl

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "expressions/jsonata/jsonata.h"
#include "stepfunctions/diagnostics.h"
#include "stepfunctions/scope.h"

namespace skafu::stepfunctions {

/// A JSONata expression `{% … %}` of a definition, compiled.
class QueryExpression {
  public:
    /// `text` is what stands between the marks. Throws jsonata::JsonataError.
    static QueryExpression compile(std::string_view text);

    /// The value. Throws Failure where it is undefined, a function, or fails; `field` names the
    /// place ("Output/result").
    Json evaluate(const StateScope& scope, std::string_view field) const;

    const std::string& text() const { return text_; }
    jsonata::Expression::References references() const { return expression_.references(); }

  private:
    QueryExpression(std::string text, jsonata::Expression expression);

    std::string text_;
    jsonata::Expression expression_;
    bool needs_context_;
};

/// Compiles an expression of the field at `location`; nullptr, and a diagnostic, where it is none
/// or reads what AWS does not offer there: members of an input that is not there, `$$`, and
/// `$states.errorOutput` outside a catcher.
std::shared_ptr<const QueryExpression> compile_query(std::string_view text,
                                                     const std::string& location,
                                                     Diagnostics& diagnostics);

/// The expression inside `{% … %}`, trimmed; nothing for any other text.
std::optional<std::string_view> expression_in(std::string_view text);

/// The names of variables ($name, without $states and locals) that an expression reads, sorted.
std::vector<std::string> variables_in(std::string_view expression);

}  // namespace skafu::stepfunctions

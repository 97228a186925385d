#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stepfunctions/diagnostics.h"
#include "stepfunctions/expression.h"
#include "stepfunctions/scope.h"

namespace skafu::stepfunctions {

/// Which language a state's fields are written in.
enum class QueryLanguage { jsonpath, jsonata };

/// A compiled payload template (Parameters, ResultSelector, Arguments, Output, Assign …): parts
/// without expressions are ready-made values.
class Template {
  public:
    /// `location` is the field's place in the definition; findings go to `diagnostics`.
    static Template compile(const Json& value, QueryLanguage language, const std::string& location,
                            Diagnostics& diagnostics);

    /// The value. `field` is the field's name, for error texts ("Output"). Throws Failure.
    Json evaluate(StateScope& scope, const std::string& field) const;

    bool is_constant() const { return kind_ == Kind::Constant; }
    const Json& constant() const { return constant_; }
    /// What stands between the marks, where the whole template is one expression.
    std::string expression_text() const { return expression_ ? expression_->text() : ""; }
    /// Calls `visit` with the name of each variable that the template reads.
    void for_each_variable(const std::function<void(const std::string&)>& visit) const;

  private:
    enum class Kind : std::uint8_t { Constant, Object, List, Path, Call, Expression };

    static Template dynamic_member(const std::string& key, const Json& value,
                                   const std::string& location, Diagnostics& diagnostics);

    Json evaluate_path(StateScope& scope) const;

    Kind kind_ = Kind::Constant;
    Json constant_;
    std::vector<std::pair<std::string, Template>> members_;
    std::vector<Template> items_;
    std::shared_ptr<const jsonpath::JsonPath> path_;
    std::shared_ptr<const intrinsics::Call> call_;
    std::shared_ptr<const QueryExpression> expression_;
    std::string key_;  ///< of a path: as written, with ".$"
};

/// A path or a call of an intrinsic function: what ErrorPath, CausePath and keys with ".$" take.
/// Throws Failure as template members do, with `field` as the key.
class PathOrCall {
  public:
    static std::shared_ptr<const PathOrCall> compile(std::string_view text);
    Json evaluate(StateScope& scope, const std::string& field) const;
    void for_each_variable(const std::function<void(const std::string&)>& visit) const;

  private:
    std::shared_ptr<const jsonpath::JsonPath> path_;
    std::shared_ptr<const intrinsics::Call> call_;
};

}  // namespace skafu::stepfunctions

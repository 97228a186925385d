#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/json.h"

namespace skafu::cloudformation {

/// What the names of a template mean while it is evaluated.
struct Names {
    /// The value of a parameter, pseudo parameter or resource; nullopt where there is none.
    std::function<std::optional<Json>(const std::string& name)> ref;
    std::function<Json(const std::string& logical_id, const std::string& attribute)> get_att;
    std::function<Json(const std::string& export_name)> import_value;
    std::function<bool(const std::string& name)> condition;
    /// Stands for what follows "resolve:" in a dynamic reference; absent: they stay as they are.
    std::function<std::string(const std::string& reference)> dynamic_reference;
    const Json* mappings = nullptr;
    std::string region;
};

/// True for {"Ref": x} and {"Fn::...": x}: an object of one member that names a function.
bool is_intrinsic(const Json& value);

/// Evaluates every function inside `value`; nullopt is AWS::NoValue. Members and items that come
/// out as AWS::NoValue are left out. Throws AwsError ValidationError with CloudFormation's texts.
/// Source: "Intrinsic function reference", "AWS::LanguageExtensions transform".
std::optional<Json> evaluate(const Json& value, const Names& scope);

/// Evaluates a condition expression (Fn::Equals, Fn::And, Condition ...).
bool evaluate_condition(const Json& expression, const Names& scope);

/// A scalar as CloudFormation makes it a string: numbers in decimal, true and false.
std::string scalar_text(const Json& value);

/// One name that a template refers to, and how.
struct Reference {
    enum class Kind { kRef, kGetAtt };
    Kind kind;
    std::string name;
    std::string attribute;  ///< of Fn::GetAtt, where it is a literal
    std::string path;       ///< of the function below the value that was searched
};

/// Every Ref, Fn::GetAtt and Fn::Sub variable inside `value`. Parts that are malformed are left
/// out: check_template reports them.
std::vector<Reference> references_of(const Json& value);

/// Calls `literal` and `variable` for each part of a Fn::Sub text ("${!x}" is the literal "${x}").
void split_sub(std::string_view text, const std::function<void(std::string_view)>& literal,
               const std::function<void(std::string_view)>& variable);

}  // namespace skafu::cloudformation

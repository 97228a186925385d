#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stepfunctions/template.h"
#include "stepfunctions/timestamp.h"

namespace skafu::stepfunctions {

enum class Tolerance;

/// What a data-test expression compares.
enum class Test : std::uint8_t {
    And,
    Or,
    Not,
    StringEquals,
    StringLess,
    StringGreater,
    StringLessEquals,
    StringGreaterEquals,
    StringMatches,
    NumericEquals,
    NumericLess,
    NumericGreater,
    NumericLessEquals,
    NumericGreaterEquals,
    BooleanEquals,
    TimestampEquals,
    TimestampLess,
    TimestampGreater,
    TimestampLessEquals,
    TimestampGreaterEquals,
    IsNull,
    IsPresent,
    IsNumeric,
    IsString,
    IsBoolean,
    IsTimestamp
};

/// A rule of a JSONPath Choice state, or a part of one.
struct ChoiceTest {
    Test test = Test::And;
    std::vector<ChoiceTest> parts;
    std::shared_ptr<const jsonpath::JsonPath> variable;
    Json expected;
    std::shared_ptr<const jsonpath::JsonPath> expected_path;
};

/// One entry of `Choices`: a test (JSONPath) or a condition (JSONata), and where it leads.
struct ChoiceRule {
    ChoiceTest test;
    std::shared_ptr<const QueryExpression> condition;
    std::optional<bool> constant_condition;
    std::string next_name;
    std::size_t next = 0;
    std::optional<Template> assign;
    std::optional<Template> output;
};

/// Compiles one rule (without its Next, Assign and Output).
ChoiceRule compile_rule(const Json& rule, QueryLanguage language, const std::string& location,
                        Tolerance tolerance, Diagnostics& diagnostics);

/// Whether the rule applies; types are compared strictly, a mismatch is false.
/// Throws Failure where a variable's path selects nothing. `field` names a JSONata condition.
bool applies(const ChoiceRule& rule, const StateScope& scope, const std::string& field);

void for_each_variable(const ChoiceRule& rule,
                       const std::function<void(const std::string&)>& visit);

}  // namespace skafu::stepfunctions

#include <array>

#include "stepfunctions/choice.h"
#include "stepfunctions/compiler.h"

namespace skafu::stepfunctions {
namespace {

enum class Operand { kText, kNumber, kBoolean, kTimestamp };

struct TestRow {
    std::string_view name;
    Test test;
    Operand operand;
};

constexpr std::array<TestRow, 23> kTests{{
    {"StringEquals", Test::StringEquals, Operand::kText},
    {"StringLessThan", Test::StringLess, Operand::kText},
    {"StringGreaterThan", Test::StringGreater, Operand::kText},
    {"StringLessThanEquals", Test::StringLessEquals, Operand::kText},
    {"StringGreaterThanEquals", Test::StringGreaterEquals, Operand::kText},
    {"StringMatches", Test::StringMatches, Operand::kText},
    {"NumericEquals", Test::NumericEquals, Operand::kNumber},
    {"NumericLessThan", Test::NumericLess, Operand::kNumber},
    {"NumericGreaterThan", Test::NumericGreater, Operand::kNumber},
    {"NumericLessThanEquals", Test::NumericLessEquals, Operand::kNumber},
    {"NumericGreaterThanEquals", Test::NumericGreaterEquals, Operand::kNumber},
    {"BooleanEquals", Test::BooleanEquals, Operand::kBoolean},
    {"TimestampEquals", Test::TimestampEquals, Operand::kTimestamp},
    {"TimestampLessThan", Test::TimestampLess, Operand::kTimestamp},
    {"TimestampGreaterThan", Test::TimestampGreater, Operand::kTimestamp},
    {"TimestampLessThanEquals", Test::TimestampLessEquals, Operand::kTimestamp},
    {"TimestampGreaterThanEquals", Test::TimestampGreaterEquals, Operand::kTimestamp},
    {"IsNull", Test::IsNull, Operand::kBoolean},
    {"IsPresent", Test::IsPresent, Operand::kBoolean},
    {"IsNumeric", Test::IsNumeric, Operand::kBoolean},
    {"IsString", Test::IsString, Operand::kBoolean},
    {"IsBoolean", Test::IsBoolean, Operand::kBoolean},
    {"IsTimestamp", Test::IsTimestamp, Operand::kBoolean},
}};

constexpr int kMaxDepth = 64;

bool is_operand(const Json& value, Operand type) {
    switch (type) {
        case Operand::kText:
            return value.is_string();
        case Operand::kNumber:
            return value.is_number();
        case Operand::kBoolean:
            return value.is_boolean();
        default:
            return value.is_string() && parse_timestamp(value.get_ref<const std::string&>());
    }
}

std::string_view operand_name(Operand type) {
    switch (type) {
        case Operand::kText:
            return "a STRING";
        case Operand::kNumber:
            return "a NUMBER";
        case Operand::kBoolean:
            return "a BOOLEAN";
        default:
            return "a TIMESTAMP";
    }
}

bool is_test(std::string_view key) {
    if (key.ends_with("Path")) key.remove_suffix(4);
    return std::any_of(kTests.begin(), kTests.end(),
                       [key](const TestRow& row) { return row.name == key; });
}

class RuleCompiler {
  public:
    RuleCompiler(Diagnostics& diagnostics, Tolerance tolerance)
        : diagnostics_(diagnostics), tolerance_(tolerance) {}

    ChoiceTest test(const Json& rule, const std::string& location, int depth) {
        ChoiceTest result;
        if (!rule.is_object() || depth > kMaxDepth) {
            diagnostics_.error("Value is not a valid choice rule", location);
            return result;
        }
        check_fields(rule, location, depth);
        if (const Json* parts = find_member(rule, "And")) {
            return combination(Test::And, *parts, location + "/And", depth);
        }
        if (const Json* parts = find_member(rule, "Or")) {
            return combination(Test::Or, *parts, location + "/Or", depth);
        }
        if (const Json* inner = find_member(rule, "Not")) {
            result.test = Test::Not;
            result.parts.push_back(test(*inner, location + "/Not", depth + 1));
            return result;
        }
        return comparison(rule, location);
    }

    std::shared_ptr<const jsonpath::JsonPath> path(const Json& value, const std::string& location) {
        try {
            if (value.is_string()) {
                return std::make_shared<const jsonpath::JsonPath>(jsonpath::JsonPath::compile(
                    value.get_ref<const std::string&>(), jsonpath::Dialect::States));
            }
        } catch (const jsonpath::JsonPathError&) {
        }
        diagnostics_.error("Value is not a Reference Path: " + to_text(value), location);
        return nullptr;
    }

  private:
    /// Each rule makes one comparison, and only the outermost leads somewhere.
    void check_fields(const Json& rule, const std::string& location, int depth) {
        std::vector<std::string> known{"Variable", "Comment"};
        if (depth == 0) known.insert(known.end(), {"Next", "Assign"});
        std::vector<std::string> unknown;
        int comparisons = 0;
        for (const auto& [key, value] : rule.items()) {
            if (key == "And" || key == "Or" || key == "Not" || is_test(key)) {
                ++comparisons;
            } else if (std::find(known.begin(), known.end(), key) == known.end()) {
                unknown.push_back(key);
            }
        }
        if (comparisons > 1)
            refuse("Only one comparison is allowed in a choice rule", location, {});
        // Where there is no comparison, the unknown field is most likely meant as one.
        if (comparisons == 0) return;
        for (const std::string& key : unknown) {
            refuse("Field '" + key + "' is not supported", location, nearest_hint(key, known));
        }
    }

    void refuse(std::string message, const std::string& location, std::string hint) {
        Diagnostic fault;
        fault.message = std::move(message);
        fault.location = location;
        fault.hint = std::move(hint);
        fault.is_warning = fault.is_tolerated = tolerance_ == Tolerance::template_;
        diagnostics_.add(std::move(fault));
    }

    ChoiceTest combination(Test kind, const Json& parts, const std::string& location, int depth) {
        ChoiceTest result;
        result.test = kind;
        if (!parts.is_array() || parts.empty()) {
            diagnostics_.error("Value cannot be empty", location);
            return result;
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            result.parts.push_back(
                test(parts[i], location + "[" + std::to_string(i) + "]", depth + 1));
        }
        return result;
    }

    ChoiceTest comparison(const Json& rule, const std::string& location) {
        ChoiceTest result;
        const Json* variable = find_member(rule, "Variable");
        if (variable == nullptr) {
            diagnostics_.error("The field 'Variable' is required but was missing", location);
            return result;
        }
        result.variable = path(*variable, location + "/Variable");
        for (const auto& [key, operand] : rule.items()) {
            for (const TestRow& row : kTests) {
                const bool by_path = key.size() == row.name.size() + 4 &&
                                     key.starts_with(row.name) && key.ends_with("Path");
                if (key != row.name && !by_path) continue;
                result.test = row.test;
                if (by_path) {
                    result.expected_path = path(operand, location + "/" + key);
                } else if (!is_operand(operand, row.operand)) {
                    diagnostics_.error(fmt::format("The value for the field '{}' must be {}", key,
                                                   operand_name(row.operand)),
                                       location + "/" + key);
                } else {
                    result.expected = operand;
                }
                return result;
            }
        }
        unknown_operator(rule, location);
        return result;
    }

    void unknown_operator(const Json& rule, const std::string& location) {
        std::vector<std::string> names;
        for (const TestRow& row : kTests) names.emplace_back(row.name);
        std::string hint;
        for (const auto& [key, operand] : rule.items()) {
            if (key == "Variable" || key == "Next" || key == "Comment" || key == "Assign") continue;
            hint = nearest_hint(key, names);
            if (!hint.empty()) break;
        }
        diagnostics_.error("The choice rule has no comparison operator", location, hint);
    }

    Diagnostics& diagnostics_;
    Tolerance tolerance_;
};

}  // namespace

ChoiceRule compile_rule(const Json& rule, QueryLanguage language, const std::string& location,
                        Tolerance tolerance, Diagnostics& diagnostics) {
    ChoiceRule result;
    if (language == QueryLanguage::jsonpath) {
        RuleCompiler compiler(diagnostics, tolerance);
        result.test = compiler.test(rule, location, 0);
        return result;
    }
    const Json* condition = find_member(rule, "Condition");
    if (condition == nullptr) {
        diagnostics.error("The field 'Condition' is required but was missing", location);
        return result;
    }
    if (condition->is_boolean()) {
        result.constant_condition = condition->get<bool>();
        return result;
    }
    const auto text = condition->is_string()
                          ? expression_in(condition->get_ref<const std::string&>())
                          : std::nullopt;
    if (!text) {
        diagnostics.error("The value for the field 'Condition' must be a JSONata expression",
                          location + "/Condition");
        return result;
    }
    result.condition = compile_query(*text, location + "/Condition", diagnostics);
    return result;
}

}  // namespace skafu::stepfunctions

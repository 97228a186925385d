#include "stepfunctions/choice.h"

#include "stepfunctions/failure.h"

namespace skafu::stepfunctions {
namespace {

/// The value in place, or as `made`; nullptr where there is none.
const Json* value_of(const jsonpath::JsonPath& path, const StateScope& scope, Json& made) {
    const Json& root = scope.root_of(path);
    if (path.is_reference()) return path.find(root);
    return path.try_read(root, made) ? &made : nullptr;
}

/// `*` stands for any characters, `\*` for itself, `\\` for a backslash.
bool matches_pattern(std::string_view text, std::string_view pattern) {
    std::size_t t = 0, p = 0, star = std::string_view::npos, star_text = 0;
    const auto literal_at = [&pattern](std::size_t at) {
        const bool escaped = pattern[at] == '\\' && at + 1 < pattern.size();
        return std::pair<char, std::size_t>(escaped ? pattern[at + 1] : pattern[at],
                                            escaped ? 2 : 1);
    };
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            star_text = t;
            continue;
        }
        if (p < pattern.size()) {
            const auto [c, width] = literal_at(p);
            if (c == text[t]) {
                ++t;
                p += width;
                continue;
            }
        }
        if (star == std::string_view::npos) return false;
        p = star;
        t = ++star_text;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

std::optional<TimePoint> timestamp_of(const Json& value) {
    if (!value.is_string()) return std::nullopt;
    return parse_timestamp(value.get_ref<const std::string&>());
}

/// -1, 0, 1; nothing where the two cannot be compared.
std::optional<int> compare_numbers(const Json& a, const Json& b) {
    if (!a.is_number() || !b.is_number()) return std::nullopt;
    if (a.is_number_integer() && b.is_number_integer()) {
        const auto x = a.get<std::int64_t>(), y = b.get<std::int64_t>();
        return x < y ? -1 : x > y ? 1 : 0;
    }
    const auto x = a.get<double>(), y = b.get<double>();
    return x < y ? -1 : x > y ? 1 : 0;
}

std::optional<int> compare_strings(const Json& a, const Json& b) {
    if (!a.is_string() || !b.is_string()) return std::nullopt;
    const int order = a.get_ref<const std::string&>().compare(b.get_ref<const std::string&>());
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::optional<int> compare_timestamps(const Json& a, const Json& b) {
    const auto x = timestamp_of(a), y = timestamp_of(b);
    if (!x || !y) return std::nullopt;
    return *x < *y ? -1 : *x > *y ? 1 : 0;
}

bool compare(Test test, const Json& value, const Json& expected) {
    const auto strings = [&] { return compare_strings(value, expected); };
    const auto numbers = [&] { return compare_numbers(value, expected); };
    const auto times = [&] { return compare_timestamps(value, expected); };
    switch (test) {
        case Test::StringEquals:
            return strings() == 0;
        case Test::StringLess:
            return strings().value_or(1) < 0;
        case Test::StringGreater:
            return strings().value_or(-1) > 0;
        case Test::StringLessEquals:
            return strings().value_or(1) <= 0;
        case Test::StringGreaterEquals:
            return strings().value_or(-1) >= 0;
        case Test::NumericEquals:
            return numbers() == 0;
        case Test::NumericLess:
            return numbers().value_or(1) < 0;
        case Test::NumericGreater:
            return numbers().value_or(-1) > 0;
        case Test::NumericLessEquals:
            return numbers().value_or(1) <= 0;
        case Test::NumericGreaterEquals:
            return numbers().value_or(-1) >= 0;
        case Test::TimestampEquals:
            return times() == 0;
        case Test::TimestampLess:
            return times().value_or(1) < 0;
        case Test::TimestampGreater:
            return times().value_or(-1) > 0;
        case Test::TimestampLessEquals:
            return times().value_or(1) <= 0;
        case Test::TimestampGreaterEquals:
            return times().value_or(-1) >= 0;
        case Test::BooleanEquals:
            return value.is_boolean() && expected.is_boolean() && value == expected;
        case Test::StringMatches:
            return value.is_string() && expected.is_string() &&
                   matches_pattern(value.get_ref<const std::string&>(),
                                   expected.get_ref<const std::string&>());
        default:
            return false;
    }
}

bool is_of_type(Test test, const Json& value) {
    switch (test) {
        case Test::IsNull:
            return value.is_null();
        case Test::IsNumeric:
            return value.is_number();
        case Test::IsString:
            return value.is_string();
        case Test::IsBoolean:
            return value.is_boolean();
        case Test::IsTimestamp:
            return timestamp_of(value).has_value();
        default:
            return false;
    }
}

[[noreturn]] void refuse_path(const jsonpath::JsonPath& path) {
    throw runtime_failure("Invalid path '" + path.text() +
                          "': The choice state's condition path references an invalid value.");
}

bool holds(const ChoiceTest& test, const StateScope& scope) {
    const auto part_holds = [&scope](const ChoiceTest& part) { return holds(part, scope); };
    switch (test.test) {
        case Test::And:
            return std::all_of(test.parts.begin(), test.parts.end(), part_holds);
        case Test::Or:
            return std::any_of(test.parts.begin(), test.parts.end(), part_holds);
        case Test::Not:
            return !part_holds(test.parts.front());
        default:
            break;
    }
    Json made;
    const Json* value = value_of(*test.variable, scope, made);
    if (test.test == Test::IsPresent) return (value != nullptr) == test.expected.get<bool>();
    if (value == nullptr) refuse_path(*test.variable);
    if (test.test >= Test::IsNull)
        return is_of_type(test.test, *value) == test.expected.get<bool>();
    if (!test.expected_path) return compare(test.test, *value, test.expected);
    Json made_expected;
    const Json* expected = value_of(*test.expected_path, scope, made_expected);
    if (expected == nullptr) refuse_path(*test.expected_path);
    return compare(test.test, *value, *expected);
}

}  // namespace

bool applies(const ChoiceRule& rule, const StateScope& scope, const std::string& field) {
    if (rule.constant_condition) return *rule.constant_condition;
    if (!rule.condition) return holds(rule.test, scope);
    const Json result = rule.condition->evaluate(scope, field);
    if (result.is_boolean()) return result.get<bool>();
    throw evaluation_failure(
        fmt::format("The JSONata expression '{}' specified for the field '{}' returned an "
                    "unexpected result type. Expected 'boolean', but was '{}' for value: {}",
                    rule.condition->text(), field, result.type_name(), to_text(result)),
        field);
}

namespace {

void visit_test(const ChoiceTest& test, const std::function<void(const std::string&)>& visit) {
    for (const auto& path : {test.variable, test.expected_path}) {
        if (path && path->root() == jsonpath::Root::Variable) visit(path->variable());
    }
    for (const ChoiceTest& part : test.parts) visit_test(part, visit);
}

}  // namespace

void for_each_variable(const ChoiceRule& rule,
                       const std::function<void(const std::string&)>& visit) {
    visit_test(rule.test, visit);
    if (rule.condition) {
        for (const std::string& name : variables_in(rule.condition->text())) visit(name);
    }
    if (rule.assign) rule.assign->for_each_variable(visit);
    if (rule.output) rule.output->for_each_variable(visit);
}

}  // namespace skafu::stepfunctions

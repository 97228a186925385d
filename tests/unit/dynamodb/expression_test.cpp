#include "dynamodb/expression.h"

#include <string>

#include <doctest/doctest.h>

#include "core/aws_error.h"
#include "dynamodb/condition.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/path_tree.h"
#include "dynamodb/update.h"

using namespace skafu::dynamodb;
using skafu::AwsError;

namespace {

Substitutions substitutions(const char* values = nullptr,
                            std::vector<std::pair<std::string, std::string>> names = {}) {
    Substitutions result;
    if (values != nullptr) result.set_values(parse_item(values));
    if (!names.empty()) result.set_names(std::move(names));
    return result;
}

bool holds(const char* item, const char* condition, const char* values = nullptr) {
    Substitutions with = substitutions(values);
    const BoundExpression bound = bind_expression(ExpressionKind::kCondition, condition, with);
    return evaluate_condition(bound, parse_item(item));
}

std::string update(const char* item, const char* expression, const char* values = nullptr) {
    Substitutions with = substitutions(values);
    const BoundExpression bound = bind_expression(ExpressionKind::kUpdate, expression, with);
    const Item old = parse_item(item);
    return item_text(apply_update(bound, old, old, true));
}

std::string fault(ExpressionKind kind, std::string_view text, const char* values = nullptr) {
    Substitutions with = substitutions(values);
    try {
        bind_expression(kind, text, with);
    } catch (const AwsError& error) {
        return error.message();
    }
    return "";
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

constexpr ExpressionKind kCondition = ExpressionKind::kCondition;
constexpr ExpressionKind kUpdate = ExpressionKind::kUpdate;
constexpr ExpressionKind kProjection = ExpressionKind::kProjection;

}  // namespace

TEST_CASE("comparisons with missing attributes and other types") {
    CHECK_FALSE(holds("{}", "q = z"));
    CHECK(holds("{}", "q <> z"));
    CHECK_FALSE(holds("{}", "q < z"));
    const char* values = R"({":v":{"N":"5"}})";
    CHECK(holds(R"({"a":{"N":"5.0"}})", "a = :v", values));
    CHECK(holds(R"({"a":{"S":"5"}})", "a <> :v", values));
    CHECK_FALSE(holds(R"({"a":{"S":"5"}})", "a < :v", values));
    CHECK(holds(R"({"a":{"N":"4"}})", "a < :v AND NOT a = :v", values));
    CHECK(holds(R"({"a":{"N":"4"},"b":{"N":"6"}})", "(a > :v OR b > :v) and :v between a and b",
                values));
}

TEST_CASE("functions of conditions") {
    const char* item = R"({"s":{"S":"hello"},"l":{"L":[{"N":"1"},{"SS":["a","b"]}]},
        "ss":{"SS":["x","y"]},"m":{"M":{"k":{"N":"1"}}}})";
    CHECK(holds(item, "begins_with(s, :p)", R"({":p":{"S":"he"}})"));
    CHECK(holds(item, "contains(s, :p)", R"({":p":{"S":"ell"}})"));
    CHECK(holds(item, "contains(l, :p)", R"({":p":{"SS":["b","a"]}})"));
    CHECK(holds(item, "contains(ss, :p)", R"({":p":{"S":"x"}})"));
    CHECK(holds(item, "size(s) = :p", R"({":p":{"N":"5"}})"));
    CHECK_FALSE(holds(item, "size(m.k) > :p", R"({":p":{"N":"0"}})"));
    CHECK(holds(item, "attribute_exists(m.k) AND attribute_not_exists(m.z)"));
    CHECK(holds(item, "attribute_type(l, :t)", R"({":t":{"S":"L"}})"));
    CHECK(holds(item, "l[0] IN (:a, :b)", R"({":a":{"S":"1"},":b":{"N":"1"}})"));
    CHECK(holds(item, "(s) = (:p)", R"({":p":{"S":"hello"}})"));
}

TEST_CASE("faults of conditions have AWS's words") {
    const char* v = R"({":v":{"N":"1"},":l":{"L":[]}})";
    CHECK(fault(kCondition, "") == "Invalid ConditionExpression: The expression can not be empty;");
    CHECK(fault(kUpdate, "SET _123 = :v", v) ==
          "Invalid UpdateExpression: Syntax error; token: \"_\", near: \"SET _123\"");
    CHECK(contains(fault(kCondition, "((a<b))"), "redundant parentheses"));
    CHECK(fault(kCondition, "(a<b)") == "");
    CHECK(contains(fault(kCondition, "a < :l", v), "operator: <, operand type: L"));
    CHECK(contains(fault(kCondition, "dog(a)"), "Invalid function name; function: dog"));
    CHECK(contains(fault(kCondition, "if_not_exists(a, :v) = :v", v),
                   "The function is not allowed in a condition expression; function: "
                   "if_not_exists"));
    CHECK(contains(fault(kCondition, "size(a, b) = :v", v),
                   "operator or function: size, number of operands: 2"));
    CHECK(contains(fault(kCondition, "contains(a, a)"), "operator: contains, first operand: [a]"));
    CHECK(contains(fault(kCondition, "a = :w", v), "attribute value: :w"));
    CHECK(contains(fault(kCondition, "#a = :v", v), "attribute name: #a"));
    CHECK(contains(fault(kCondition, "Abort = :v", v), "reserved keyword: Abort"));
    CHECK(contains(fault(kCondition, "a IN ()"), "Syntax error"));
    CHECK(contains(fault(kCondition, "a"), "Syntax error; token: \"<EOF>\", near: \"a\""));
    CHECK(contains(fault(kCondition, "a[99999999999999] = :v", v),
                   "List index is not within the allowable range; index: [99999999999999]"));
    CHECK(contains(fault(kCondition, "attribute_exists(:v)", v), "document path"));
    CHECK(contains(fault(kCondition, "attribute_type(a, :v)", v), "operand type: N"));
    CHECK(contains(fault(kCondition, std::string(200004, 'a')), "expression size: 200004"));
}

TEST_CASE("limits of expressions, in linear time and without using up the stack") {
    std::string many = "a<b";
    for (int i = 0; i < 150; ++i) many += " AND a<b";
    CHECK(contains(fault(kCondition, many), "too many operators; operator count: 301"));
    CHECK(contains(fault(kCondition, std::string(4096, '(')), "Syntax error"));
    CHECK(contains(fault(kCondition, std::string(2000, '(') + "a<b" + std::string(2000, ')')),
                   "redundant"));
    std::string deep = "a";
    for (int i = 0; i < 32; ++i) deep += ".b";
    CHECK(contains(fault(kCondition, "attribute_exists(" + deep + ")"), "nesting levels: 33"));
    std::string nots;
    for (int i = 0; i < 900; ++i) nots += "NOT ";
    CHECK(contains(fault(kCondition, nots + "a<b"), "operator count: 901"));
}

TEST_CASE("projections select parts, and overlapping paths are refused") {
    Substitutions with;
    const BoundExpression bound =
        bind_expression(kProjection, "a, m.k.x, l[2], l[0].y, absent", with);
    PathTree tree;
    for (const Path& path : bound->paths) tree.add(bound, path);
    const Item item = parse_item(R"({"a":{"N":"1"},"b":{"N":"2"},
        "m":{"M":{"k":{"M":{"x":{"S":"deep"},"w":{"N":"0"}}}}},
        "l":{"L":[{"M":{"y":{"N":"7"}}},{"N":"1"},{"N":"2"}]}})");
    CHECK(item_text(tree.select(item)) ==
          R"({"a":{"N":"1"},"m":{"M":{"k":{"M":{"x":{"S":"deep"}}}}},)"
          R"("l":{"L":[{"M":{"y":{"N":"7"}}},{"N":"2"}]}})");
    CHECK(contains(fault(kProjection, "a, a.b"),
                   "overlap with each other; must remove or rewrite one of these paths; path "
                   "one: [a], path two: [a, b]"));
    CHECK(contains(fault(kProjection, "a.b, a"), "overlap"));
    CHECK(contains(fault(kProjection, "a, a"), "overlap"));
    CHECK(contains(fault(kProjection, "a.b, a[1]"), "conflict"));
}

TEST_CASE("updates read the old item and write the new one") {
    CHECK(update(R"({"a":{"N":"1"},"b":{"N":"2"}})", "SET a = b, b = a") ==
          R"({"a":{"N":"2"},"b":{"N":"1"}})");
    CHECK(update(R"({"a":{"N":"1"}})", "SET a = a + :v", R"({":v":{"N":"0.5"}})") ==
          R"({"a":{"N":"1.5"}})");
    CHECK(update(R"({"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}})", "REMOVE l[0], l[2], l[99]") ==
          R"({"l":{"L":[{"N":"1"}]}})");
    CHECK(update(R"({"l":{"L":[]}})", "SET l[5] = :b, l[3] = :a",
                 R"({":a":{"S":"a"},":b":{"S":"b"}})") == R"({"l":{"L":[{"S":"a"},{"S":"b"}]}})");
    CHECK(update("{}", "SET l = list_append(if_not_exists(l, :e), :v)",
                 R"({":e":{"L":[]},":v":{"L":[{"N":"1"}]}})") == R"({"l":{"L":[{"N":"1"}]}})");
    CHECK(update(R"({"s":{"SS":["a","b"]}})", "DELETE s :v", R"({":v":{"SS":["b","a"]}})") == "{}");
    CHECK(update(R"({"s":{"SS":["a"]}})", "ADD s :v, n :n",
                 R"({":v":{"SS":["b","a"]},":n":{"N":"4"}})") ==
          R"({"s":{"SS":["a","b"]},"n":{"N":"4"}})");
}

TEST_CASE("faults of updates have AWS's words") {
    const char* v = R"({":v":{"N":"1"},":s":{"S":"x"},":l":{"L":[]}})";
    CHECK(contains(fault(kUpdate, "SET a = :v SET b = :v", v),
                   "The \"SET\" section can only be used once in an update expression;"));
    CHECK(contains(fault(kUpdate, "SET a = list_append(list_append(a, :l), :l)", v),
                   "not allowed to be used this way in an expression; function: list_append"));
    CHECK(contains(fault(kUpdate, "SET a = :s + :v", v), "+, operand type: S"));
    CHECK(contains(fault(kUpdate, "ADD a :s", v), "operator: ADD, operand type: STRING"));
    CHECK(contains(fault(kUpdate, "SET a = :v, a.b = :v", v), "overlap"));
    CHECK(contains(fault(kUpdate, "ADD a b"), "Syntax error"));
    CHECK_THROWS_AS(update("{}", "SET x.y = :v", v), AwsError);
    CHECK_THROWS_AS(update("{}", "SET x = y"), AwsError);
    CHECK_THROWS_AS(update("{}", "REMOVE x.y"), AwsError);
    CHECK(update(R"({"x":{"M":{}}})", "REMOVE x.y") == R"({"x":{"M":{}}})");
}

TEST_CASE("unused and misplaced substitutions") {
    Substitutions with = substitutions(R"({":v":{"N":"1"},":w":{"N":"1"}})", {{"#xyz", "a"}});
    bind_expression(kCondition, "a = :v", with);
    try {
        with.check_used({kCondition});
        FAIL("no error");
    } catch (const AwsError& error) {
        CHECK(error.message() ==
              "Value provided in ExpressionAttributeNames unused in expressions: keys: {#xyz}");
    }
    CHECK_THROWS_AS(with.check_used({}), AwsError);
}

TEST_CASE("reserved words, in any case") {
    CHECK(is_reserved_word("name"));
    CHECK(is_reserved_word("Zone"));
    CHECK(is_reserved_word("ABORT"));
    CHECK_FALSE(is_reserved_word("aggregateId"));
}

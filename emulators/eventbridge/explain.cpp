#include "eventbridge/explain.h"

#include <algorithm>

#include "eventbridge/letter_case.h"
#include "eventbridge/reference_matcher.h"
#include "eventbridge/wildcard.h"

namespace skafu::eventbridge {
namespace {

Json value_json(const Scalar& value) {
    switch (value.kind) {
        case ScalarKind::string:
            return std::string(value.text);
        case ScalarKind::number: {
            const auto whole = static_cast<std::int64_t>(value.number);
            if (static_cast<double>(whole) == value.number) return whole;
            return value.number;
        }
        case ScalarKind::opaque_number:
            return std::string(value.text);
        case ScalarKind::boolean_true:
            return true;
        case ScalarKind::boolean_false:
            return false;
        case ScalarKind::null:
            break;
    }
    return nullptr;
}

Json range_json(const NumericRange& range) {
    Json list = Json::array();
    if (range.low > -std::numeric_limits<double>::infinity()) {
        list.push_back(range.low_open ? ">" : ">=");
        list.push_back(range.low);
    }
    if (range.high < std::numeric_limits<double>::infinity()) {
        list.push_back(range.high_open ? "<" : "<=");
        list.push_back(range.high);
    }
    return list;
}

/// Text of a pattern that is an address is looked at as one.
bool is_one_address(const Condition& condition) {
    return condition.op == Operator::cidr &&
           condition.values[0].text.find('/') == std::string::npos;
}

/// What a condition wants, as a pattern would write it.
Json wanted_json(const Condition& condition) {
    Json list = Json::array();
    for (const OwnedScalar& value : condition.values) list.push_back(value_json(value.view()));
    Json first = list.empty() ? Json() : list[0];
    const std::string name(operator_name(condition.op));
    switch (condition.op) {
        case Operator::equals:
            return first;
        case Operator::prefix:
        case Operator::suffix:
        case Operator::equals_ignore_case:
        case Operator::wildcard:
            return {{name, first}};
        case Operator::cidr:
            return is_one_address(condition) ? first : Json{{name, first}};
        case Operator::prefix_ignore_case:
        case Operator::suffix_ignore_case:
            return {{name, {{"equals-ignore-case", first}}}};
        case Operator::numeric_range:
            return {{name, range_json(condition.range)}};
        case Operator::exists:
            return {{name, true}};
        case Operator::absent:
            return {{name, false}};
        case Operator::anything_but:
            return {{name, list}};
        case Operator::anything_but_prefix:
            return {{name, {{"prefix", list}}}};
        case Operator::anything_but_suffix:
            return {{name, {{"suffix", list}}}};
        case Operator::anything_but_ignore_case:
            return {{name, {{"equals-ignore-case", list}}}};
        case Operator::anything_but_wildcard:
            return {{name, {{"wildcard", list}}}};
    }
    return first;
}

bool field_holds(const Field& field, const std::vector<EventLeaf>& leaves) {
    bool present = false;
    for (const EventLeaf& leaf : leaves) {
        if (leaf.path != field.path) continue;
        present = true;
        for (const Condition& condition : field.any_of) {
            if (holds(condition, leaf.value.view())) return true;
        }
    }
    return !present && std::any_of(field.any_of.begin(), field.any_of.end(),
                                   [](const auto& c) { return c.op == Operator::absent; });
}

std::string last_step(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return std::string(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

/// A hint for a field that the event does not have.
std::string hint_for_absent(const Field& field, const std::vector<EventLeaf>& leaves) {
    for (const EventLeaf& leaf : leaves) {
        if (leaf.path == "detail" && field.path.starts_with("detail.")) {
            return "the event's detail is text, not an object: it was put as JSON within JSON";
        }
        if (leaf.path != field.path && equals_ignoring_case(field.path, leaf.path)) {
            return "the event calls it " + leaf.path + ": names are case-sensitive";
        }
    }
    for (const EventLeaf& leaf : leaves) {
        if (field.path.starts_with(leaf.path + ".")) {
            return "the event has a plain value at " + leaf.path + ": nothing lies beneath it";
        }
        if (leaf.path == "detail." + field.path) return "it stands under detail: " + leaf.path;
        if (leaf.path.starts_with(field.path + ".")) {
            return "in the event it is an object: ask for " + leaf.path;
        }
    }
    for (const EventLeaf& leaf : leaves) {
        if (last_step(leaf.path) == last_step(field.path)) return "there is " + leaf.path;
    }
    return {};
}

std::string plain_text(const Scalar& value) {
    const Json json = value_json(value);
    return json.is_string() ? json.get<std::string>() : to_text(json);
}

bool is_number_text(const Scalar& value) {
    EventTape number;
    return value.kind == ScalarKind::string && number.read(value.text) &&
           number[0].kind == EventTape::Kind::number;
}

/// A hint for a value that is nearly what a condition wants.
std::string hint_for_value(const Field& field, const Scalar& got) {
    for (const Condition& condition : field.any_of) {
        if (condition.op == Operator::numeric_range && is_number_text(got)) {
            return "the event has it as text, in quotes";
        }
        for (const OwnedScalar& wanted : condition.values) {
            if (wanted.kind != got.kind && plain_text(wanted.view()) == plain_text(got)) {
                return got.kind == ScalarKind::string
                           ? "the event has it as text, in quotes"
                           : "the event has it without quotes: a number, boolean or null";
            }
            if (wanted.kind != ScalarKind::string || got.kind != ScalarKind::string) continue;
            if (equals_ignoring_case(wanted.text, got.text) && wanted.text != got.text) {
                return "only the case of letters differs";
            }
            if (condition.op == Operator::equals && wanted.text.find('*') != std::string::npos &&
                wildcard_matches(wanted.text, got.text)) {
                return R"(a star is plain text here: write {"wildcard": ...})";
            }
        }
    }
    return {};
}

Json describe_failure(const Field& field, const std::vector<EventLeaf>& leaves) {
    Json wanted = Json::array();
    for (const Condition& condition : field.any_of) wanted.push_back(wanted_json(condition));
    Json got = Json::array();
    std::string hint;
    for (const EventLeaf& leaf : leaves) {
        if (leaf.path != field.path) continue;
        got.push_back(value_json(leaf.value.view()));
        if (hint.empty()) hint = hint_for_value(field, leaf.value.view());
    }
    Json failure = {
        {"path", field.path},
        {"operator",
         operator_name(is_one_address(field.any_of[0]) ? Operator::equals : field.any_of[0].op)},
        {"wanted", std::move(wanted)}};
    if (got.empty()) {
        failure["got"] = "absent";
        hint = hint_for_absent(field, leaves);
    } else {
        failure["got"] = got.size() == 1 ? got[0] : got;
    }
    if (!hint.empty()) failure["hint"] = hint;
    return failure;
}

}  // namespace

Json explain(const Pattern& pattern, EventTape& event) {
    const std::vector<EventLeaf> leaves = event_leaves(event);
    if (matches(pattern, leaves)) return {{"matches", true}};
    const Conjunction* closest = nullptr;
    std::size_t most = 0;
    for (const Conjunction& fields : pattern.alternatives) {
        const auto held = static_cast<std::size_t>(
            std::count_if(fields.begin(), fields.end(),
                          [&](const Field& field) { return field_holds(field, leaves); }));
        if (closest == nullptr || held > most) {
            closest = &fields;
            most = held;
        }
    }
    Json answer = {{"matches", false}};
    for (const Field& field : *closest) {
        if (field_holds(field, leaves)) continue;
        answer["failing"] = describe_failure(field, leaves);
        return answer;
    }
    answer["failing"] = {
        {"hint", "each field matches, but not all within the same element of an array"}};
    return answer;
}

}  // namespace skafu::eventbridge

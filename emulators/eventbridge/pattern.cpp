#include "eventbridge/pattern.h"

#include "eventbridge/letter_case.h"
#include "eventbridge/wildcard.h"

namespace skafu::eventbridge {
namespace {

bool any_text(const Condition& condition, const Scalar& value,
              bool (*matches)(std::string_view wanted, std::string_view got)) {
    if (value.kind != ScalarKind::string) return false;
    for (const OwnedScalar& wanted : condition.values) {
        if (matches(wanted.text, value.text)) return true;
    }
    return false;
}

bool has_prefix(std::string_view wanted, std::string_view got) {
    return got.starts_with(wanted);
}
bool has_suffix(std::string_view wanted, std::string_view got) {
    return got.ends_with(wanted);
}

bool equals_any(const Condition& condition, const Scalar& value) {
    for (const OwnedScalar& wanted : condition.values) {
        if (wanted.view() == value) return true;
    }
    return false;
}

/// Whether a mixed condition knows a value.
bool knows(const Condition& condition, const Scalar& value) {
    if (condition.op == Operator::cidr) return value.kind == ScalarKind::opaque_number;
    return value.kind != ScalarKind::string || !address_digits(value.text);
}

bool is_exclusion(Operator op) {
    return op >= Operator::anything_but;
}

}  // namespace

std::string_view operator_name(Operator op) {
    switch (op) {
        case Operator::equals:
            return "equals";
        case Operator::prefix:
        case Operator::prefix_ignore_case:
            return "prefix";
        case Operator::suffix:
        case Operator::suffix_ignore_case:
            return "suffix";
        case Operator::equals_ignore_case:
            return "equals-ignore-case";
        case Operator::wildcard:
            return "wildcard";
        case Operator::numeric_range:
            return "numeric";
        case Operator::cidr:
            return "cidr";
        case Operator::exists:
        case Operator::absent:
            return "exists";
        case Operator::anything_but:
        case Operator::anything_but_prefix:
        case Operator::anything_but_suffix:
        case Operator::anything_but_ignore_case:
        case Operator::anything_but_wildcard:
            return "anything-but";
    }
    return {};
}

bool holds(const Condition& condition, const Scalar& value) {
    if (condition.is_mixed && !knows(condition, value)) return is_exclusion(condition.op);
    switch (condition.op) {
        case Operator::equals:
            return equals_any(condition, value);
        case Operator::prefix:
            return any_text(condition, value, has_prefix);
        case Operator::suffix:
            return any_text(condition, value, has_suffix);
        case Operator::equals_ignore_case:
            return any_text(condition, value, equals_ignoring_case);
        case Operator::prefix_ignore_case:
            return any_text(condition, value, has_prefix_ignoring_case);
        case Operator::suffix_ignore_case:
            return any_text(condition, value, has_suffix_ignoring_case);
        case Operator::wildcard:
            return any_text(condition, value, wildcard_matches);
        case Operator::numeric_range:
            return value.kind == ScalarKind::number && condition.range.contains(value.number);
        case Operator::cidr:
            return condition.addresses.contains(value);
        case Operator::exists:
            return true;
        case Operator::absent:
            return false;
        case Operator::anything_but:
            return !equals_any(condition, value);
        case Operator::anything_but_prefix:
            return !any_text(condition, value, has_prefix);
        case Operator::anything_but_suffix:
            return !any_text(condition, value, has_suffix);
        case Operator::anything_but_ignore_case:
            return !any_text(condition, value, equals_ignoring_case);
        case Operator::anything_but_wildcard:
            return !any_text(condition, value, wildcard_matches);
    }
    return false;
}

}  // namespace skafu::eventbridge

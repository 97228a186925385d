#include <re2/re2.h>

#include "expressions/jsonpath/step.h"

namespace skafu::jsonpath {
namespace {

/// The value of one side; nothing where its path selects nothing.
std::optional<Json> value_of(const Operand& operand, const Json& item, const Json& document) {
    if (operand.kind == Operand::Kind::Literal) return operand.literal;
    const Json& from = operand.kind == Operand::Kind::Item ? item : document;
    if (operand.path->is_reference()) {
        const Json* found = operand.path->find(from);
        if (found == nullptr) return std::nullopt;
        return *found;
    }
    Json result;
    if (!operand.path->try_read(from, result)) return std::nullopt;
    if (!operand.path->is_definite() && result.empty()) return std::nullopt;
    return result;
}

bool holds(const Json& list, const Json& value) {
    return list.is_array() && std::find(list.begin(), list.end(), value) != list.end();
}

bool less(const Json& a, const Json& b) {
    if (a.is_number_integer() && b.is_number_integer()) {
        return a.get<std::int64_t>() < b.get<std::int64_t>();
    }
    if (a.is_number() && b.is_number()) return a.get<double>() < b.get<double>();
    if (!a.is_string() || !b.is_string()) return false;
    return a.get_ref<const std::string&>() < b.get_ref<const std::string&>();
}

bool comparable(const Json& a, const Json& b) {
    return (a.is_number() && b.is_number()) || (a.is_string() && b.is_string());
}

bool matches(const Json& subject, const std::string& pattern) {
    if (!subject.is_string()) return false;
    const re2::RE2 regex(pattern, re2::RE2::Quiet);
    return regex.ok() && re2::RE2::FullMatch(subject.get_ref<const std::string&>(), regex);
}

bool contains(const Json& whole, const Json& part) {
    if (whole.is_array()) return holds(whole, part);
    if (!whole.is_string() || !part.is_string()) return false;
    return whole.get_ref<const std::string&>().find(part.get_ref<const std::string&>()) !=
           std::string::npos;
}

std::optional<std::size_t> length(const Json& value) {
    if (value.is_array()) return value.size();
    if (value.is_string()) return value.get_ref<const std::string&>().size();
    return std::nullopt;
}

bool compare(Comparison comparison, const Json& a, const Json& b, const std::string& regex) {
    const auto in_b = [&](const Json& value) { return holds(b, value); };
    switch (comparison) {
        case Comparison::Exists:
            return true;
        case Comparison::Equal:
            return a == b;
        case Comparison::NotEqual:
            return !(a == b);
        case Comparison::Less:
            return less(a, b);
        case Comparison::LessEqual:
            return comparable(a, b) && !less(b, a);
        case Comparison::Greater:
            return less(b, a);
        case Comparison::GreaterEqual:
            return comparable(a, b) && !less(a, b);
        case Comparison::Matches:
            return matches(a, regex);
        case Comparison::In:
            return holds(b, a);
        case Comparison::NotIn:
            return !holds(b, a);
        case Comparison::SubsetOf:
            return a.is_array() && std::all_of(a.begin(), a.end(), in_b);
        case Comparison::AnyOf:
            return a.is_array() && std::any_of(a.begin(), a.end(), in_b);
        case Comparison::NoneOf:
            return a.is_array() && std::none_of(a.begin(), a.end(), in_b);
        case Comparison::Contains:
            return contains(a, b);
        case Comparison::Size: {
            const auto size = length(a);
            return size && b.is_number() && b == Json(*size);
        }
        case Comparison::Empty: {
            const auto size = length(a);
            return size && b.is_boolean() && (*size == 0) == b.get<bool>();
        }
    }
    return false;
}

bool passes_comparison(const Filter& filter, const Json& item, const Json& document) {
    const std::optional<Json> left = value_of(filter.left, item, document);
    if (filter.comparison == Comparison::Exists) return left.has_value();
    const std::optional<Json> right = value_of(filter.right, item, document);
    if (!left || !right) {
        // A side that is not there differs from all that is.
        return filter.comparison == Comparison::NotEqual && left.has_value() != right.has_value();
    }
    return compare(filter.comparison, *left, *right, filter.right.regex);
}

}  // namespace

bool passes(const Filter& filter, const Json& item, const Json& document) {
    const auto part_passes = [&](const Filter& part) { return passes(part, item, document); };
    switch (filter.kind) {
        case Filter::Kind::And:
            return std::all_of(filter.parts.begin(), filter.parts.end(), part_passes);
        case Filter::Kind::Or:
            return std::any_of(filter.parts.begin(), filter.parts.end(), part_passes);
        case Filter::Kind::Not:
            return !part_passes(filter.parts.front());
        case Filter::Kind::Compare:
            return passes_comparison(filter, item, document);
    }
    return false;
}

}  // namespace skafu::jsonpath

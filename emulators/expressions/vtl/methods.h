#pragma once

#include <span>

#include "expressions/vtl/value.h"

namespace skafu::vtl {

/// Calls a Java method of a string, list, map, number or boolean; null where there is none, as
/// Velocity has it. Throws TemplateError for an index out of range or a faulty regular
/// expression.
Value call_method(const Value& target, std::string_view method, std::span<const Value> arguments);

/// A property by its dotted name: a map's entry, a list's or string's bean property.
Value member(const Value& target, std::string_view name);

/// `target[index]`.
Value element(const Value& target, const Value& index);

/// The text of an argument; "" where there are fewer.
std::string text_at(std::span<const Value> arguments, std::size_t index);

Value string_method(const std::string& text, std::string_view method,
                    std::span<const Value> arguments);

/// String.matches, replaceAll, replaceFirst and split, with Java's regular expressions.
bool regex_matches(const std::string& text, const std::string& pattern);
std::string regex_replace(const std::string& text, const std::string& pattern,
                          const std::string& replacement, std::size_t most);
Value regex_split(const std::string& text, const std::string& pattern, std::int64_t limit);

}  // namespace skafu::vtl

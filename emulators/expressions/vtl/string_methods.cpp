#include <array>
#include <charconv>

#include "core/text.h"
#include "expressions/vtl/methods.h"
#include "expressions/vtl/vtl.h"

namespace skafu::vtl {
namespace {

using Arguments = std::span<const Value>;

std::int64_t number_at(Arguments arguments, std::size_t index, std::int64_t fallback = 0) {
    if (index >= arguments.size() || !arguments[index].is_number()) return fallback;
    return static_cast<std::int64_t>(arguments[index].number());
}

/// Java counts UTF-16 units. Texts that are ASCII throughout, nearly all, need no counting.
bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

std::size_t units_of_lead(unsigned char c) {
    if ((c & 0xC0) == 0x80) return 0;  // a continuation byte
    return c >= 0xF0 ? 2 : 1;
}

std::int64_t length(const std::string& text) {
    if (is_ascii(text)) return std::ssize(text);
    std::int64_t units = 0;
    for (const unsigned char c : text) units += static_cast<std::int64_t>(units_of_lead(c));
    return units;
}

/// The byte at which the UTF-16 unit `unit` starts.
std::size_t byte_of(const std::string& text, std::int64_t unit) {
    if (is_ascii(text)) return static_cast<std::size_t>(unit);
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto units =
            static_cast<std::int64_t>(units_of_lead(static_cast<unsigned char>(text[i])));
        if (units > 0 && seen >= unit) return i;
        seen += units;
    }
    return text.size();
}

std::int64_t unit_of(const std::string& text, std::size_t byte) {
    if (byte == std::string::npos) return -1;
    return length(text.substr(0, byte));
}

Value substring(const std::string& text, Arguments arguments) {
    const std::int64_t size = length(text);
    const std::int64_t from = number_at(arguments, 0);
    const std::int64_t to = number_at(arguments, 1, size);
    if (from < 0 || to > size || from > to) {
        throw TemplateError("String index out of range");
    }
    const std::size_t begin = byte_of(text, from);
    return text.substr(begin, byte_of(text, to) - begin);
}

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return text;
}

std::string trim(const std::string& text) {
    std::size_t from = 0;
    std::size_t to = text.size();
    while (from < to && static_cast<unsigned char>(text[from]) <= ' ') ++from;
    while (to > from && static_cast<unsigned char>(text[to - 1]) <= ' ') --to;
    return text.substr(from, to - from);
}

std::string replace(const std::string& text, const std::string& from, const std::string& to) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at = text.find(from); at != std::string::npos && !from.empty();
         at = text.find(from, copied)) {
        out.append(text, copied, at - copied).append(to);
        copied = at + from.size();
        if (out.size() > kMaxValueSize) throw TemplateError("A text is too long");
    }
    return out.append(text, copied);
}

std::int64_t java_hash(const std::string& text) {
    std::int32_t hash = 0;
    for (const unsigned char c : text) {
        hash = static_cast<std::int32_t>(static_cast<std::uint32_t>(hash) * 31U + c);
    }
    return hash;
}

Value char_at(const std::string& text, Arguments arguments) {
    const std::int64_t index = number_at(arguments, 0);
    if (index < 0 || index >= length(text)) throw TemplateError("String index out of range");
    const std::size_t begin = byte_of(text, index);
    return text.substr(begin, byte_of(text, index + 1) - begin);
}

Value index_of(const std::string& text, Arguments arguments) {
    return unit_of(text,
                   text.find(text_at(arguments, 0),
                             byte_of(text, std::max<std::int64_t>(0, number_at(arguments, 1)))));
}

using Method = Value (*)(const std::string&, Arguments);
struct Row {
    std::string_view name;
    Method method;
};

constexpr std::array kMethods = std::to_array<Row>({
    {"length", [](const std::string& t, Arguments) -> Value { return length(t); }},
    {"isEmpty", [](const std::string& t, Arguments) -> Value { return t.empty(); }},
    {"toString", [](const std::string& t, Arguments) -> Value { return t; }},
    {"intern", [](const std::string& t, Arguments) -> Value { return t; }},
    {"trim", [](const std::string& t, Arguments) -> Value { return trim(t); }},
    {"strip", [](const std::string& t, Arguments) -> Value { return trim(t); }},
    {"toLowerCase", [](const std::string& t, Arguments) -> Value { return lower_case(t); }},
    {"toUpperCase", [](const std::string& t, Arguments) -> Value { return upper(t); }},
    {"hashCode", [](const std::string& t, Arguments) -> Value { return java_hash(t); }},
    {"substring", substring},
    {"charAt", char_at},
    {"indexOf", index_of},
    {"lastIndexOf",
     [](const std::string& t, Arguments a) -> Value { return unit_of(t, t.rfind(text_at(a, 0))); }},
    {"contains",
     [](const std::string& t,
        Arguments a) -> Value { return t.find(text_at(a, 0)) != std::string::npos; }},
    {"startsWith",
     [](const std::string& t, Arguments a) -> Value { return t.starts_with(text_at(a, 0)); }},
    {"endsWith",
     [](const std::string& t, Arguments a) -> Value { return t.ends_with(text_at(a, 0)); }},
    {"equals",
     [](const std::string& t,
        Arguments a) -> Value { return !a.empty() && a[0].string() && *a[0].string() == t; }},
    {"equalsIgnoreCase",
     [](const std::string& t,
        Arguments a) -> Value { return lower_case(t) == lower_case(text_at(a, 0)); }},
    {"compareTo",
     [](const std::string& t, Arguments a) -> Value { return t.compare(text_at(a, 0)); }},
    {"concat", [](const std::string& t, Arguments a) -> Value { return t + text_at(a, 0); }},
    {"replace",
     [](const std::string& t,
        Arguments a) -> Value { return replace(t, text_at(a, 0), text_at(a, 1)); }},
    {"replaceAll",
     [](const std::string& t,
        Arguments a) -> Value { return regex_replace(t, text_at(a, 0), text_at(a, 1), SIZE_MAX); }},
    {"replaceFirst",
     [](const std::string& t,
        Arguments a) -> Value { return regex_replace(t, text_at(a, 0), text_at(a, 1), 1); }},
    {"matches",
     [](const std::string& t, Arguments a) -> Value { return regex_matches(t, text_at(a, 0)); }},
    {"split",
     [](const std::string& t,
        Arguments a) -> Value { return regex_split(t, text_at(a, 0), number_at(a, 1)); }},
});

}  // namespace

std::string text_at(std::span<const Value> arguments, std::size_t index) {
    return index < arguments.size() ? to_text(arguments[index]) : std::string();
}

Value string_method(const std::string& text, std::string_view method, Arguments arguments) {
    for (const Row& row : kMethods) {
        if (row.name == method) return row.method(text, arguments);
    }
    return {};
}

}  // namespace skafu::vtl

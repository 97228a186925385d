#include "stepfunctions/json_fault.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/json.h"

namespace skafu::stepfunctions {
namespace {

constexpr std::string_view kJsonBlanks = " \t\r\n";

bool is_token_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$';
}

std::string unexpected(char c, std::string_view wanted) {
    return fmt::format("Unexpected character ('{}' (code {})): {}", c,
                       static_cast<int>(static_cast<unsigned char>(c)), wanted);
}

/// How many brackets are open after this much of a text.
std::size_t nesting(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') in_string = !in_string;
        if (in_string) {
            if (text[i] == '\\') ++i;
        } else if (text[i] == '[' || text[i] == '{') {
            ++depth;
        } else if (text[i] == ']' || text[i] == '}') {
            depth -= depth > 0 ? 1 : 0;
        }
    }
    return depth;
}

}  // namespace

std::string describe_json_fault(std::string_view text, std::size_t offset) {
    const std::size_t depth = nesting(text.substr(0, std::min(offset + 1, text.size())));
    if (depth > kMaxJsonDepth) {
        return fmt::format("Document nesting depth ({}) exceeds the maximum allowed ({})", depth,
                           kMaxJsonDepth);
    }
    const std::size_t first = text.find_first_not_of(kJsonBlanks);
    if (first == std::string_view::npos) return "Unexpected end-of-input";
    // The offset counts what was read, so the faulty character stands just before it.
    std::size_t at = std::min(offset == 0 ? first : offset - 1, text.size());
    if (at >= text.size()) return "Unexpected end-of-input";
    std::size_t word = at;
    while (word > first && is_token_character(text[word - 1])) --word;
    std::size_t end = word;
    while (end < text.size() && is_token_character(text[end])) ++end;
    const std::size_t before =
        word == 0 ? std::string_view::npos : text.find_last_not_of(kJsonBlanks, word - 1);
    const char previous = before == std::string_view::npos ? '\0' : text[before];
    if (previous == '{' || (previous == ',' && text[first] == '{' && text[at] != '"')) {
        return unexpected(text[word], "was expecting double-quote to start field name");
    }
    if (end > word && !std::isdigit(static_cast<unsigned char>(text[word]))) {
        return fmt::format(
            "Unrecognized token '{}': was expecting (JSON String, Number, Array, Object or token "
            "'null', 'true' or 'false')",
            text.substr(word, end - word));
    }
    return unexpected(text[at],
                      "expected a valid value (JSON String, Number, Array, Object or token "
                      "'null', 'true' or 'false')");
}

std::string source_location(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t last = before.rfind('\n');
    const std::size_t column =
        last == std::string_view::npos ? before.size() + 1 : before.size() - last;
    return fmt::format("[Source: (String)\"{}\"; line: {}, column: {}]",
                       text.substr(0, std::min<std::size_t>(text.size(), 500)), line, column);
}

}  // namespace skafu::stepfunctions

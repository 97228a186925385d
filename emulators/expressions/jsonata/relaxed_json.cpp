#include "expressions/jsonata/relaxed_json.h"

#include <charconv>

#include "core/utf8.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

// A noncharacter, which no other text holds, stands before the digits of a lone surrogate.
constexpr std::string_view kMark = "\xEF\xB7\x90";

/// The unit of an escape \uXXXX at this place; 0 where there is none.
unsigned escaped_unit(std::string_view text, std::size_t at) {
    if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return 0;
    unsigned unit = 0;
    const char* digits = text.data() + at + 2;
    const auto end = std::from_chars(digits, digits + 4, unit, 16);
    return end.ptr == digits + 4 ? unit : 0;
}

bool is_high(unsigned unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(unsigned unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

std::string mark(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t size = text[at] == '\\' ? 2 : 1;
        const unsigned unit = escaped_unit(text, at);
        if (is_high(unit) && is_low(escaped_unit(text, at + 6))) {
            size = 12;
        } else if (is_high(unit) || is_low(unit)) {
            out.append(kMark).append(text.substr(at + 2, 4));
            at += 6;
            continue;
        }
        out += text.substr(at, size);
        at += size;
    }
    return out;
}

std::string unmark(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t found = text.find(kMark, at);
        out += text.substr(at, found - at);
        if (found == std::string_view::npos) break;
        unsigned unit = 0;
        const char* digits = text.data() + found + kMark.size();
        std::from_chars(digits, digits + 4, unit, 16);
        append_utf8(out, unit);
        at = found + kMark.size() + 4;
    }
    return out;
}

void restore(Json& value) {
    if (value.is_string()) {
        auto& text = value.get_ref<std::string&>();
        if (text.find(kMark) != std::string::npos) text = unmark(text);
    } else if (value.is_array()) {
        for (Json& item : value) restore(item);
    } else if (value.is_object()) {
        Json::object_t members;
        for (auto& [key, member] : value.get_ref<Json::object_t&>()) {
            restore(member);
            members.emplace(unmark(key), std::move(member));
        }
        value = Json(std::move(members));
    }
}

}  // namespace

Json parse_relaxed_json(std::string_view text) {
    const bool may_hold_one =
        text.find("\\ud") != std::string_view::npos || text.find("\\uD") != std::string_view::npos;
    if (!may_hold_one) return parse_json(text);
    Json value = parse_json(mark(text));
    restore(value);
    return value;
}

}  // namespace skafu::jsonata

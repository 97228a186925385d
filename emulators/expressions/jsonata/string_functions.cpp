#include <cmath>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr int kDeepestText = 2000;

/// Writes JSON as JSON.stringify does.
class Writer {
  public:
    Writer(Evaluator& evaluator, int indent)
        : evaluator_(evaluator), indent_(indent), most_(evaluator.options().limits.memory / 4) {}

    void write(Value value, int level) {
        if (level > kDeepestText)
            throw JsonataError("U1001").message("The value is nested too deeply");
        evaluator_.tick();
        if (out.size() > most_) throw JsonataError("U1001").message("The text is too long");
        switch (value.kind()) {
            case Kind::boolean:
                out += value.truth() ? "true" : "false";
                return;
            case Kind::number:
                number(value);
                return;
            case Kind::string:
                string(value.text());
                return;
            case Kind::array:
                array(value, level);
                return;
            case Kind::object:
                object(value, level);
                return;
            case Kind::function:
                out += "\"\"";
                return;
            default:
                out += "null";
                return;
        }
    }

    std::string out;

  private:
    void number(Value value) {
        if (Evaluator::is_numeric(value))
            out += text::from_number(text::rounded(value.number()));
        else
            out += "null";
    }

    void string(std::string_view text) {
        constexpr std::string_view kFrom = "\"\\\b\f\n\r\t";
        constexpr std::string_view kTo = "\"\\bfnrt";
        out += '"';
        for (std::size_t at = 0; at < text.size();) {
            const char c = text[at];
            if (const std::size_t known = kFrom.find(c); known != std::string_view::npos) {
                out += '\\';
                out += kTo[known];
                ++at;
                continue;
            }
            const std::size_t start = at;
            const char32_t point = text::next_point(text, at);
            if (point < 0x20 || text::is_surrogate(point)) {
                out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
            } else {
                out.append(text.substr(start, at - start));
            }
        }
        out += '"';
    }

    void line(int level) {
        if (indent_ == 0) return;
        out += '\n';
        out.append(static_cast<std::size_t>(level * indent_), ' ');
    }

    void array(Value value, int level) {
        const Items items(value);
        out += '[';
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) out += ',';
            line(level + 1);
            write(items[i], level + 1);
        }
        if (items.size() > 0) line(level);
        out += ']';
    }

    void object(Value value, int level) {
        const Members members(value);
        out += '{';
        bool first = true;
        for (std::size_t i = 0; i < members.size(); ++i) {
            const Value member = members.value(i);
            if (member.is_undefined()) continue;
            if (!first) out += ',';
            first = false;
            line(level + 1);
            string(members.key(i));
            out += indent_ == 0 ? ":" : ": ";
            write(member, level + 1);
        }
        if (!first) line(level);
        out += '}';
    }

    Evaluator& evaluator_;
    int indent_;
    std::size_t most_;  // bytes
};

Value string(Evaluator& evaluator, Arguments arguments) {
    if (arguments[0].is_undefined()) return Value();
    const bool pretty = arguments[1].is_boolean() && arguments[1].truth();
    return Value::string(to_string(evaluator, arguments[0], pretty ? 2 : 0));
}

/// A position as Array.prototype.slice takes it: cut to an integer, from the end if negative.
std::size_t slice_place(double place, std::size_t size) {
    place = std::trunc(place);
    if (place < 0) place = std::max(0.0, place + static_cast<double>(size));
    return static_cast<std::size_t>(std::min(place, static_cast<double>(size)));
}

Value substring(Evaluator&, Arguments arguments) {
    if (arguments[0].is_undefined()) return Value();
    const std::string_view text = arguments[0].text();
    const std::size_t size = text::point_count(text);
    double start = arguments[1].is_number() ? arguments[1].number() : 0;
    if (static_cast<double>(size) + start < 0) start = 0;
    std::size_t end = size;
    if (arguments[2].is_number()) {
        const double length = arguments[2].number();
        if (length <= 0 || !arguments[1].is_number()) return Value::string("");
        end = slice_place(start >= 0 ? start + length : static_cast<double>(size) + start + length,
                          size);
    }
    const std::size_t from = slice_place(start, size);
    if (from >= end) return Value::string("");
    if (size == text.size()) return Value::string(text.substr(from, end - from));
    const std::size_t first = text::offset_of_point(text, from);
    const std::string_view rest = text.substr(first);
    return Value::string(rest.substr(0, text::offset_of_point(rest, end - from)));
}

Value substring_before(Evaluator&, Arguments arguments) {
    if (arguments[0].is_undefined()) return Value();
    const std::string_view text = arguments[0].text();
    const std::size_t at =
        arguments[1].is_string() ? text.find(arguments[1].text()) : std::string_view::npos;
    return Value::string(text.substr(0, at));
}

Value substring_after(Evaluator&, Arguments arguments) {
    if (arguments[0].is_undefined()) return Value();
    const std::string_view text = arguments[0].text();
    const std::size_t at =
        arguments[1].is_string() ? text.find(arguments[1].text()) : std::string_view::npos;
    if (at == std::string_view::npos) return arguments[0];
    return Value::string(text.substr(at + arguments[1].text().size()));
}

/// Letter case by PCRE2's Unicode tables.
std::string change_case(std::string_view text, const char* replacement) {
    static pcre2_code* const all = [] {
        int error = 0;
        PCRE2_SIZE offset = 0;
        const auto* pattern = reinterpret_cast<PCRE2_SPTR>("(?s).+");
        return pcre2_compile(pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &error, &offset,
                             nullptr);
    }();
    std::string out(text.size() * 3 + 16, '\0');
    PCRE2_SIZE size = out.size();
    const int done = pcre2_substitute(
        all, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, PCRE2_SUBSTITUTE_EXTENDED,
        nullptr, nullptr, reinterpret_cast<PCRE2_SPTR>(replacement), PCRE2_ZERO_TERMINATED,
        reinterpret_cast<PCRE2_UCHAR*>(out.data()), &size);
    if (done < 0) return std::string(text);
    out.resize(size);
    return out;
}

Value lowercase(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    std::string text(arguments[0].text());
    if (!text::is_ascii(text)) return evaluator.text(change_case(text, "\\L$0"));
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return evaluator.text(text);
}

Value uppercase(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    std::string text(arguments[0].text());
    if (!text::is_ascii(text)) {
        for (std::size_t at = text.find("ß"); at != std::string::npos; at = text.find("ß", at)) {
            text.replace(at, 2, "SS");
        }
        text = change_case(text, "\\U$0");
        return evaluator.text(text);
    }
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return evaluator.text(text);
}

Value length(Evaluator&, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    return Value(static_cast<double>(text::point_count(arguments[0].text())));
}

Value trim(Evaluator& evaluator, Arguments arguments) {
    if (!arguments[0].is_string()) return Value();
    std::string out;
    for (const char c : arguments[0].text()) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return evaluator.text(out);
}

Value pad(Evaluator& evaluator, Arguments arguments) {
    if (arguments[0].is_undefined()) return Value();
    const std::string_view text = arguments[0].text();
    const double width = arguments[1].is_number() ? std::trunc(arguments[1].number()) : 0;
    std::string_view fill = arguments[2].is_string() ? arguments[2].text() : " ";
    if (fill.empty()) fill = " ";
    const double missing = std::fabs(width) - static_cast<double>(text::point_count(text));
    if (!(missing > 0)) return arguments[0];
    if (missing * 4 > static_cast<double>(evaluator.options().limits.memory)) {
        throw JsonataError("U1001").message("The text is too long");
    }
    std::string padding;
    const auto points = static_cast<std::size_t>(missing);
    const std::size_t fill_points = text::point_count(fill);
    for (std::size_t done = 0; done + fill_points <= points; done += fill_points) padding += fill;
    padding += fill.substr(0, text::offset_of_point(fill, points % fill_points));
    return evaluator.text(width > 0 ? std::string(text) + padding : padding + std::string(text));
}

Value join(Evaluator& evaluator, Arguments arguments) {
    if (arguments[0].is_undefined()) return Value();
    const std::string_view separator = arguments[1].is_string() ? arguments[1].text() : "";
    const Items items(arguments[0]);
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += separator;
        const Value item = items[i];
        if (item.is_string())
            out += item.text();
        else if (!item.is_undefined() && !item.is_null())
            out += to_string(evaluator, item, 0);
    }
    return evaluator.text(out);
}

}  // namespace

std::string_view to_string(Evaluator& evaluator, Value value, int indent) {
    if (value.is_string()) return value.text();
    if (value.is_function()) return "";
    if (value.is_number() && !std::isfinite(value.number())) {
        throw JsonataError("D3001").value(Json(nullptr));
    }
    if (value.array() != nullptr && value.array()->outer_wrapper) value = value.array()->items[0];
    Writer writer(evaluator, indent);
    writer.write(value, 0);
    return evaluator.arena().copy(writer.out);
}

std::vector<BuiltinRow> string_functions() {
    return {
        {"string", "<x-b?:s>", 1, string},
        {"substring", "<s-nn?:s>", 3, substring},
        {"substringBefore", "<s-s:s>", 2, substring_before},
        {"substringAfter", "<s-s:s>", 2, substring_after},
        {"lowercase", "<s-:s>", 1, lowercase},
        {"uppercase", "<s-:s>", 1, uppercase},
        {"length", "<s-:n>", 1, length},
        {"trim", "<s-:s>", 1, trim},
        {"pad", "<s-ns?:s>", 3, pad},
        {"join", "<a<s>s?:s>", 2, join},
    };
}

}  // namespace skafu::jsonata

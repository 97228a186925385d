#include <cmath>

#include "expressions/jsonata/builtins.h"
#include "expressions/jsonata/matcher.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

/// How many matches may be used; infinite where no limit is given.
double limit_of(Value limit, const char* negative, std::size_t index) {
    if (!limit.is_number()) return HUGE_VAL;
    if (limit.number() < 0) {
        throw JsonataError(negative).value(to_json(limit)).index(index);
    }
    return limit.number();
}

Value contains(Evaluator& evaluator, Arguments arguments) {
    const Value text = arguments[0];
    const Value pattern = arguments[1];
    if (text.is_undefined() || pattern.is_undefined()) return Value();
    if (pattern.is_string()) {
        return Value::boolean(text.text().find(pattern.text()) != std::string_view::npos);
    }
    return Value::boolean(Matches(evaluator, pattern, text).current() != nullptr);
}

Value match(Evaluator& evaluator, Arguments arguments) {
    const Value text = arguments[0];
    if (text.is_undefined()) return Value();
    const double limit = limit_of(arguments[2], "D3040", 3);
    Arena& arena = evaluator.arena();
    Array* out = evaluator.sequence();
    if (limit <= 0) return Value(out);
    Matches matches(evaluator, arguments[1], text);
    for (double count = 0; matches.current() != nullptr && count < limit; ++count) {
        const Matches::Match& found = *matches.current();
        Array* groups = arena.make<Array>();
        for (const Value group : found.groups) groups->push(arena, group);
        Object* object = arena.make<Object>();
        object->set(arena, "match", Value::string(found.text));
        const std::size_t index = text::unit_count(text.text().substr(0, found.start));
        object->set(arena, "index", Value(static_cast<double>(index)));
        object->set(arena, "groups", Value(groups));
        out->push(arena, Value(object));
        matches.next();
    }
    return Value(out);
}

/// The digits at the start of the text, as parseInt reads them; -1 where there are none.
int leading_number(std::string_view text) {
    int number = -1;
    for (const char c : text) {
        if (c < '0' || c > '9') break;
        number = std::max(number, 0) * 10 + (c - '0');
    }
    return number;
}

/// The replacement text with $0, $1, … and $$ put in.
void substitute(std::string& out, std::string_view replacement, const Matches::Match& match) {
    const std::size_t groups = match.groups.size();
    const std::size_t digits = groups == 0 ? 1 : std::to_string(groups).size();
    std::size_t at = 0;
    for (std::size_t dollar = replacement.find('$'); dollar != std::string_view::npos;
         dollar = replacement.find('$', at)) {
        out += replacement.substr(at, dollar - at);
        at = dollar + 1;
        const char next = at < replacement.size() ? replacement[at] : '\0';
        if (next == '$' || next == '0') {
            out += next == '$' ? std::string_view("$") : match.text;
            ++at;
            continue;
        }
        int number = leading_number(replacement.substr(at, digits));
        if (digits > 1 && number > static_cast<int>(groups)) {
            number = leading_number(replacement.substr(at, digits - 1));
        }
        if (number < 0) {
            out += '$';
            continue;
        }
        if (number >= 1 && static_cast<std::size_t>(number) <= groups) {
            const Value group = match.groups[static_cast<std::size_t>(number) - 1];
            if (group.is_string()) out += group.text();
        }
        at += std::to_string(number).size();
    }
    out += replacement.substr(std::min(at, replacement.size()));
}

/// What a user's replacement function is called with.
Value match_object(Evaluator& evaluator, const Matches::Match& match, std::string_view subject) {
    Arena& arena = evaluator.arena();
    Array* groups = arena.make<Array>();
    for (const Value group : match.groups) groups->push(arena, group);
    Object* object = arena.make<Object>();
    const auto units = [&](std::size_t byte) {
        return Value(static_cast<double>(text::unit_count(subject.substr(0, byte))));
    };
    object->set(arena, "match", Value::string(match.text));
    object->set(arena, "start", units(match.start));
    object->set(arena, "end", units(match.end));
    object->set(arena, "groups", Value(groups));
    return Value(object);
}

Value replace_text(Evaluator& evaluator, std::string_view text, std::string_view pattern,
                   std::string_view replacement, double limit) {
    std::string out;
    std::size_t at = 0;
    double count = 0;
    for (std::size_t found = text.find(pattern); found != std::string_view::npos && count < limit;
         found = text.find(pattern, at), ++count) {
        out += text.substr(at, found - at);
        out += replacement;
        at = found + pattern.size();
    }
    out += text.substr(at);
    return evaluator.text(out);
}

Value replace(Evaluator& evaluator, Arguments arguments) {
    const Value text = arguments[0];
    const Value pattern = arguments[1];
    const Value replacement = arguments[2];
    if (text.is_undefined()) return Value();
    if (pattern.is_string() && pattern.text().empty()) {
        throw JsonataError("D3010").value("").index(2);
    }
    const double limit = limit_of(arguments[3], "D3011", 4);
    if (limit <= 0) return text;
    if (!pattern.is_function()) {
        return replace_text(evaluator, text.text(),
                            pattern.is_string() ? pattern.text() : "undefined",
                            to_string(evaluator, replacement, 0), limit);
    }
    std::string out;
    std::size_t at = 0;
    Matches matches(evaluator, pattern, text);
    for (double count = 0; matches.current() != nullptr && count < limit; ++count) {
        const Matches::Match& found = *matches.current();
        out += text.text().substr(at, found.start - std::min(at, found.start));
        if (replacement.is_string()) {
            substitute(out, replacement.text(), found);
        } else {
            Value argument = match_object(evaluator, found, text.text());
            const Value with = evaluator.apply(replacement, Arguments(&argument, 1), Value::null());
            if (!with.is_string()) throw JsonataError("D3012").value(to_json(with));
            out += with.text();
        }
        at = std::min(found.start + found.text.size(), text.text().size());
        matches.next();
    }
    out += text.text().substr(at);
    return evaluator.text(out);
}

/// String.prototype.split: an empty separator cuts into characters.
void split_text(Arena& arena, Array* out, std::string_view text, std::string_view separator,
                double limit) {
    std::size_t at = 0;
    const auto add = [&](std::string_view part) {
        if (static_cast<double>(out->size) < limit) out->push(arena, Value::string(part));
    };
    if (separator.empty()) {
        while (at < text.size()) {
            const std::size_t start = at;
            text::next_point(text, at);
            add(text.substr(start, at - start));
        }
        return;
    }
    for (std::size_t found = text.find(separator); found != std::string_view::npos;
         found = text.find(separator, at)) {
        add(text.substr(at, found - at));
        at = found + separator.size();
    }
    add(text.substr(at));
}

Value split(Evaluator& evaluator, Arguments arguments) {
    const Value text = arguments[0];
    if (text.is_undefined()) return Value();
    const double limit = limit_of(arguments[2], "D3020", 3);
    Arena& arena = evaluator.arena();
    Array* out = arena.make<Array>();
    if (limit <= 0) return Value(out);
    if (!arguments[1].is_function()) {
        if (arguments[1].is_undefined())
            out->push(arena, text);
        else
            split_text(arena, out, text.text(), arguments[1].text(), std::floor(limit));
        return Value(out);
    }
    std::size_t start = 0;
    double count = 0;
    Matches matches(evaluator, arguments[1], text);
    for (; matches.current() != nullptr && count < limit; ++count) {
        const Matches::Match& found = *matches.current();
        out->push(arena, Value::string(text.text().substr(
                             start, found.start - std::min(start, found.start))));
        start = found.end;
        matches.next();
    }
    if (count < limit) out->push(arena, Value::string(text.text().substr(start)));
    return Value(out);
}

}  // namespace

std::vector<BuiltinRow> pattern_functions() {
    return {
        {"match", "<s-f<s:o>n?:a<o>>", 3, match},
        {"contains", "<s-(sf):b>", 2, contains},
        {"replace", "<s-(sf)(sf)n?:s>", 4, replace},
        {"split", "<s-(sf)n?:a<s>>", 3, split},
    };
}

}  // namespace skafu::jsonata

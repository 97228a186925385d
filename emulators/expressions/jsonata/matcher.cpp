#include "expressions/jsonata/matcher.h"

#include <algorithm>

#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

std::size_t units_before(std::string_view subject, std::size_t byte) {
    return text::unit_count(subject.substr(0, byte));
}

/// The byte where this UTF-16 unit of the text starts.
std::size_t byte_of_unit(std::string_view subject, double unit) {
    if (!(unit > 0)) return 0;
    std::size_t at = 0;
    for (double units = 0; at < subject.size() && units < unit;) {
        units += text::next_point(subject, at) >= 0x10000 ? 2 : 1;
    }
    return at;
}

}  // namespace

Value match_value(Evaluator& evaluator, const Regex& regex, Value subject, std::size_t from) {
    if (!subject.is_string()) return Value();
    const auto found = regex.find(subject.text(), from);
    if (!found) return Value();
    Arena& arena = evaluator.arena();
    const std::string_view whole = subject.text();
    Array* groups = arena.make<Array>();
    for (const auto& group : found->groups) {
        groups->push(arena, group ? Value::string(*group) : Value());
    }
    Function* next = arena.make<Function>(FunctionKind::next_match);
    next->regex = &regex;
    next->subject = subject;
    next->from = found->end;
    Object* match = arena.make<Object>();
    const auto units = [&](std::size_t byte) {
        return Value(static_cast<double>(units_before(whole, byte)));
    };
    match->set(arena, "match",
               Value::string(whole.substr(found->start, found->end - found->start)));
    match->set(arena, "start", units(found->start));
    match->set(arena, "end", units(found->end));
    match->set(arena, "groups", Value(groups));
    match->set(arena, "next", Value(next));
    return Value(match);
}

Value next_match_value(Evaluator& evaluator, const Regex& regex, Value subject, std::size_t from) {
    if (from >= subject.text().size()) return Value();
    const Value next = match_value(evaluator, regex, subject, from);
    if (next.is_object() && Members(next).find("match").text().empty()) {
        throw JsonataError("D1004");
    }
    return next;
}

Matches::Matches(Evaluator& evaluator, Value matcher, Value subject)
    : evaluator_(evaluator), subject_(subject) {
    if (matcher.function()->kind == FunctionKind::regex) {
        regex_ = matcher.function()->regex;
        find(0);
    } else {
        Value argument = subject;
        take(evaluator.apply(matcher, Arguments(&argument, 1), Value::null()));
    }
}

void Matches::find(std::size_t from) {
    evaluator_.count_match(subject_.text().size());
    const auto found = regex_->find(subject_.text(), from);
    has_match_ = found.has_value();
    if (!has_match_) return;
    match_.start = found->start;
    match_.end = found->end;
    match_.text = subject_.text().substr(found->start, found->end - found->start);
    match_.groups.clear();
    for (const auto& group : found->groups) {
        match_.groups.push_back(group ? Value::string(*group) : Value());
    }
}

void Matches::take(Value result) {
    has_match_ = !result.is_undefined();
    if (!has_match_) return;
    if (!result.is_object()) throw JsonataError("T1010");
    const Members members(result);
    const Value start = members.find("start");
    const Value end = members.find("end");
    const Value groups = members.find("groups");
    next_ = members.find("next");
    if (!start.is_number() && !end.is_number() && !groups.is_array() && !next_.is_function()) {
        throw JsonataError("T1010");
    }
    const Value text = members.find("match");
    const std::string_view subject = subject_.text();
    match_.text = text.is_string() ? text.text() : std::string_view();
    match_.start = start.is_number() ? byte_of_unit(subject, start.number()) : 0;
    match_.end = end.is_number() ? std::max(match_.start, byte_of_unit(subject, end.number()))
                                 : match_.start;
    match_.groups.clear();
    if (!groups.is_array()) return;
    const Items items(groups);
    for (std::size_t i = 0; i < items.size(); ++i) match_.groups.push_back(items[i]);
}

void Matches::next() {
    if (regex_ == nullptr) {
        if (!next_.is_function()) throw JsonataError("T1010");
        take(evaluator_.apply(next_, Arguments(nullptr, 0), Value::null()));
        return;
    }
    if (match_.end >= subject_.text().size()) {
        has_match_ = false;
        return;
    }
    find(match_.end);
    if (has_match_ && match_.text.empty()) throw JsonataError("D1004");
}

}  // namespace skafu::jsonata

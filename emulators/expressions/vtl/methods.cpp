#include "expressions/vtl/methods.h"

#include <charconv>

#include "expressions/vtl/vtl.h"

namespace skafu::vtl {
namespace {

using Arguments = std::span<const Value>;

Value argument(Arguments arguments, std::size_t index) {
    return index < arguments.size() ? arguments[index] : Value();
}

/// The place in the list, or its size where there is none. Negative indexes count from the end.
std::size_t place(std::vector<Value>& items, const Value& index) {
    std::int64_t at = -1;
    if (index.is_number()) at = static_cast<std::int64_t>(index.number());
    if (const std::string* text = index.string()) {
        std::from_chars(text->data(), text->data() + text->size(), at);
    }
    if (at < 0) at += std::ssize(items);
    return at < 0 || at >= std::ssize(items) ? items.size() : static_cast<std::size_t>(at);
}

std::int64_t index_of(const std::vector<Value>& items, const Value& sought) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (equal(items[i], sought)) return static_cast<std::int64_t>(i);
    }
    return -1;
}

Value remove_from_list(std::vector<Value>& items, const Value& which) {
    if (!which.is_number()) {
        const std::int64_t at = index_of(items, which);
        if (at >= 0) items.erase(items.begin() + at);
        return at >= 0;
    }
    const std::size_t at = place(items, which);
    if (at == items.size()) throw TemplateError("Index out of range");
    Value removed = std::move(items[at]);
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
    return removed;
}

Value change_list(std::vector<Value>& items, std::string_view method, Arguments arguments) {
    if (items.size() > 100'000) throw TemplateError("A list is too long");
    if (method == "add" && arguments.size() == 2) {
        const auto at = static_cast<std::int64_t>(arguments[0].number());
        if (at < 0 || at > std::ssize(items)) throw TemplateError("Index out of range");
        items.insert(items.begin() + at, arguments[1]);
        return {};
    }
    if (method == "add") {
        items.push_back(argument(arguments, 0));
        return true;
    }
    if (method == "addAll") {
        const Value from = argument(arguments, 0);
        if (!from.list()) return false;
        const std::vector<Value> added = from.list()->items();
        items.insert(items.end(), added.begin(), added.end());
        return !added.empty();
    }
    if (method == "set" && arguments.size() == 2) {
        const std::size_t at = place(items, arguments[0]);
        if (at == items.size()) throw TemplateError("Index out of range");
        return std::exchange(items[at], arguments[1]);
    }
    if (method == "remove") return remove_from_list(items, argument(arguments, 0));
    if (method == "clear") items.clear();
    return {};
}

Value list_method(const Value& target, std::string_view method, Arguments arguments) {
    std::vector<Value>& items = target.list()->items();
    if (method == "size" || method == "length") return std::int64_t(items.size());
    if (method == "isEmpty") return items.empty();
    if (method == "get") {
        const std::size_t at = place(items, argument(arguments, 0));
        return at == items.size() ? Value() : items[at];
    }
    if (method == "contains") return index_of(items, argument(arguments, 0)) >= 0;
    if (method == "indexOf") return index_of(items, argument(arguments, 0));
    if (method == "toString") return to_text(target);
    if (method == "iterator") return target;
    if (method == "equals") return equal(target, argument(arguments, 0));
    if (method == "subList" && arguments.size() == 2) {
        const auto from = static_cast<std::int64_t>(arguments[0].number());
        const auto to = static_cast<std::int64_t>(arguments[1].number());
        if (from < 0 || to > std::ssize(items) || from > to) {
            throw TemplateError("Index out of range");
        }
        return std::make_shared<List>(std::vector<Value>(items.begin() + from, items.begin() + to));
    }
    return change_list(items, method, arguments);
}

Value parts_of_map(Map& map, std::string_view method) {
    std::vector<Value> items;
    items.reserve(map.entries().size());
    for (const auto& [key, value] : map.entries()) {
        if (method == "keySet")
            items.emplace_back(key);
        else if (method == "values")
            items.push_back(value);
        else
            items.push_back(Map::entry(key, value));
    }
    return std::make_shared<List>(std::move(items));
}

Value change_map(Map& map, std::string_view method, Arguments arguments) {
    const std::string key = to_text(argument(arguments, 0));
    if (method == "put" || method == "putIfAbsent") {
        const Value before = map.get(key);
        if (method == "put" || before.is_null()) map.put(key, argument(arguments, 1));
        return before;
    }
    if (method == "putAll") {
        const Value from = argument(arguments, 0);
        if (!from.map() || from.map() == &map) return {};
        for (const auto& [name, value] : from.map()->entries()) map.put(name, value);
        return {};
    }
    if (method == "remove") {
        const Value before = map.get(key);
        map.entries().erase(key);
        return before;
    }
    if (method == "clear") map.entries().clear();
    return {};
}

Value map_method(const Value& target, std::string_view method, Arguments arguments) {
    Map& map = *target.map();
    if (method == "get") return map.get(to_text(argument(arguments, 0)));
    if (method == "containsKey") {
        return map.entries().count(to_text(argument(arguments, 0))) > 0;
    }
    if (method == "size") return std::int64_t(map.entries().size());
    if (method == "isEmpty") return map.entries().empty();
    if (method == "keySet" || method == "entrySet" || method == "values") {
        return parts_of_map(map, method);
    }
    if (method == "toString") return to_text(target);
    if (method == "equals") return equal(target, argument(arguments, 0));
    if (method == "getOrDefault") {
        const Value found = map.get(to_text(argument(arguments, 0)));
        return found.is_null() ? argument(arguments, 1) : found;
    }
    if (method == "containsValue") {
        const Value values = parts_of_map(map, "values");
        return index_of(values.list()->items(), argument(arguments, 0)) >= 0;
    }
    if (method == "getKey" || method == "getValue") {  // of an entry
        return map.get(method == "getKey" ? "key" : "value");
    }
    return change_map(map, method, arguments);
}

Value parse_integer(const Value& text, std::string_view method) {
    if (method != "parseInt" && method != "valueOf" && method != "parseLong") return {};
    const std::string digits = to_text(text);
    std::int64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || parsed.ptr != digits.data() + digits.size()) {
        throw TemplateError("For input string: \"" + digits + "\"");
    }
    return value;
}

Value number_method(const Value& target, std::string_view method, Arguments arguments) {
    if (method == "toString") return to_text(target);
    if (method == "intValue" || method == "longValue") {
        return static_cast<std::int64_t>(target.number());
    }
    if (method == "doubleValue" || method == "floatValue") return target.number();
    if (method == "equals") return equal(target, argument(arguments, 0));
    if (method == "compareTo") {
        const double other = argument(arguments, 0).number();
        return target.number() < other ? -1 : target.number() > other ? 1 : 0;
    }
    // Templates call Integer.parseInt on a number they have at hand, there being no classes.
    return parse_integer(argument(arguments, 0), method);
}

}  // namespace

Value call_method(const Value& target, std::string_view method, Arguments arguments) {
    if (Object* object = target.object()) return object->call(method, arguments);
    if (const std::string* text = target.string()) return string_method(*text, method, arguments);
    if (target.list()) return list_method(target, method, arguments);
    if (target.map()) return map_method(target, method, arguments);
    if (target.is_number()) return number_method(target, method, arguments);
    if (target.boolean() && method == "toString") return to_text(target);
    if (target.boolean() && method == "equals") return equal(target, argument(arguments, 0));
    return {};
}

Value member(const Value& target, std::string_view name) {
    if (Map* map = target.map()) return map->get(name);
    if (Object* object = target.object()) return object->member(name);
    if (name == "empty") return call_method(target, "isEmpty", {});
    return {};
}

Value element(const Value& target, const Value& index) {
    if (List* list = target.list()) {
        const std::size_t at = place(list->items(), index);
        return at == list->items().size() ? Value() : list->items()[at];
    }
    return member(target, to_text(index));
}

}  // namespace skafu::vtl

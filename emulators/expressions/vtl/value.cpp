#include "expressions/vtl/value.h"

#include <charconv>
#include <cmath>

#include "core/ordered_map_members.h"
#include "expressions/vtl/vtl.h"

namespace skafu {
template class OrderedMap<std::string, vtl::Value>;
}  // namespace skafu

namespace skafu::vtl {
namespace {

constexpr int kMaxPrintDepth = 200;

void check_size(const std::string& out, std::size_t limit) {
    if (out.size() > limit) throw TemplateError("The output of the template is too long");
}

void append_at(std::string& out, const Value& value, std::size_t limit, int depth);
void append_json_at(std::string& out, const Value& value, std::size_t limit, int depth);

void check_depth(int depth) {
    if (depth > kMaxPrintDepth) throw TemplateError("A value is nested too deeply to print");
}

void append_list(std::string& out, List& list, std::size_t limit, int depth) {
    if (const Json* json = list.untouched()) {
        out += to_text(*json);
        return;
    }
    out += '[';
    bool first = true;
    for (const Value& item : list.items()) {
        if (!first) out += list.json_style() ? "," : ", ";
        first = false;
        if (list.json_style())
            append_json_at(out, item, limit, depth + 1);
        else if (item.is_null())
            out += "null";
        else
            append_at(out, item, limit, depth + 1);
    }
    out += ']';
}

void append_entry(std::string& out, const std::string& key, const Value& value, std::size_t limit,
                  int depth) {
    out += key;
    out += '=';
    if (value.is_null())
        out += "null";
    else
        append_at(out, value, limit, depth + 1);
}

void append_map(std::string& out, Map& map, std::size_t limit, int depth) {
    if (map.prints_blank()) return;
    if (map.is_entry()) {
        append_entry(out, to_text(map.get("key")), map.get("value"), limit, depth);
        return;
    }
    out += '{';
    bool first = true;
    for (const auto& [key, item] : map.entries()) {
        if (!first) out += ", ";
        first = false;
        append_entry(out, key, item, limit, depth);
    }
    out += '}';
}

void append_at(std::string& out, const Value& value, std::size_t limit, int depth) {
    check_depth(depth);
    if (const std::string* text = value.string())
        out += *text;
    else if (const bool* flag = value.boolean())
        out += *flag ? "true" : "false";
    else if (const std::int64_t* integer = value.integer())
        out += std::to_string(*integer);
    else if (value.is_double())
        out += double_text(value.number());
    else if (List* list = value.list())
        append_list(out, *list, limit, depth);
    else if (Map* map = value.map())
        append_map(out, *map, limit, depth);
    else if (Object* object = value.object())
        out += object->text();
    check_size(out, limit);
}

void append_json_map(std::string& out, Map& map, std::size_t limit, int depth) {
    out += '{';
    bool first = true;
    for (const auto& [key, item] : map.entries()) {
        if (!first) out += ',';
        first = false;
        out += to_text(Json(key));
        out += ':';
        append_json_at(out, item, limit, depth + 1);
    }
    out += '}';
}

void append_json_at(std::string& out, const Value& value, std::size_t limit, int depth) {
    check_depth(depth);
    if (value.is_null()) {
        out += "null";
    } else if (List* list = value.list()) {
        out += '[';
        bool first = true;
        for (const Value& item : list->items()) {
            if (!first) out += ',';
            first = false;
            append_json_at(out, item, limit, depth + 1);
        }
        out += ']';
    } else if (Map* map = value.map()) {
        if (map->untouched())
            out += to_text(*map->untouched());
        else
            append_json_map(out, *map, limit, depth);
    } else if (const std::string* text = value.string()) {
        out += to_text(Json(*text));
    } else if (value.object()) {
        out += to_text(Json(value.object()->text()));
    } else {
        append_at(out, value, limit, depth);
    }
    check_size(out, limit);
}

bool equal_at(const Value& left, const Value& right, int depth);

bool equal_lists(List& left, List& right, int depth) {
    const std::vector<Value>& a = left.items();
    const std::vector<Value>& b = right.items();
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!equal_at(a[i], b[i], depth + 1)) return false;
    }
    return true;
}

bool equal_maps(Map& left, Map& right, int depth) {
    if (left.entries().size() != right.entries().size()) return false;
    for (const auto& [key, item] : left.entries()) {
        const auto other = right.entries().find(key);
        if (other == right.entries().end() || !equal_at(item, other->second, depth + 1)) {
            return false;
        }
    }
    return true;
}

bool equal_at(const Value& left, const Value& right, int depth) {
    check_depth(depth);
    if (left.is_number() && right.is_number()) {
        if (left.integer() && right.integer()) return *left.integer() == *right.integer();
        return left.number() == right.number();
    }
    if (left.string() && right.string()) return *left.string() == *right.string();
    if (left.boolean() && right.boolean()) return *left.boolean() == *right.boolean();
    if (left.list() && right.list()) {
        return left.list() == right.list() || equal_lists(*left.list(), *right.list(), depth);
    }
    if (left.map() && right.map()) {
        return left.map() == right.map() || equal_maps(*left.map(), *right.map(), depth);
    }
    return to_text(left) == to_text(right);
}

}  // namespace

bool Value::is_false() const {
    const bool* flag = boolean();
    return flag && !*flag;
}

bool Value::is_number() const {
    return integer() || is_double();
}

double Value::number() const {
    if (const double* real = std::get_if<double>(&data_)) return *real;
    const std::int64_t* whole = integer();
    return whole ? static_cast<double>(*whole) : 0;
}

List* Value::list() const {
    const auto* held = std::get_if<std::shared_ptr<List>>(&data_);
    return held ? held->get() : nullptr;
}

Map* Value::map() const {
    const auto* held = std::get_if<std::shared_ptr<Map>>(&data_);
    return held ? held->get() : nullptr;
}

Object* Value::object() const {
    const auto* held = std::get_if<std::shared_ptr<Object>>(&data_);
    return held ? held->get() : nullptr;
}

Value Value::from_json(std::shared_ptr<const Json> root, const Json& node) {
    switch (node.type()) {
        case Json::value_t::object:
            return std::make_shared<Map>(std::move(root), node);
        case Json::value_t::array:
            return std::make_shared<List>(std::move(root), node);
        case Json::value_t::string:
            return node.get_ref<const std::string&>();
        case Json::value_t::boolean:
            return node.get<bool>();
        case Json::value_t::number_integer:
            return node.get<std::int64_t>();
        case Json::value_t::number_unsigned: {
            const auto whole = node.get<std::uint64_t>();
            if (whole > static_cast<std::uint64_t>(INT64_MAX)) return static_cast<double>(whole);
            return static_cast<std::int64_t>(whole);
        }
        case Json::value_t::number_float:
            return node.get<double>();
        default:
            return {};
    }
}

Value Value::from_json(Json value) {
    auto root = std::make_shared<const Json>(std::move(value));
    const Json& node = *root;
    return from_json(std::move(root), node);
}

std::vector<Value>& List::items() {
    if (node_) {
        const Json& node = *node_;
        node_ = nullptr;
        items_.reserve(node.size());
        for (const Json& item : node) items_.push_back(Value::from_json(root_, item));
        root_.reset();
    }
    return items_;
}

std::shared_ptr<Map> Map::blank_when_empty() {
    auto map = std::make_shared<Map>();
    map->blank_when_empty_ = true;
    return map;
}

std::shared_ptr<Map> Map::entry(std::string key, Value value) {
    auto map = std::make_shared<Map>();
    map->put("key", std::move(key));
    map->put("value", std::move(value));
    map->is_entry_ = true;
    return map;
}

Map::Entries& Map::entries() {
    if (node_) {
        const Json& node = *node_;
        node_ = nullptr;
        entries_.reserve(node.size());
        for (const auto& [key, item] : node.get_ref<const Json::object_t&>()) {
            entries_.emplace(key, Value::from_json(root_, item));
        }
        root_.reset();
    }
    return entries_;
}

Value Map::get(std::string_view key) {
    if (node_) {
        const Json* member = find_member(*node_, key);
        if (!member) return {};
        if (!member->is_structured()) return Value::from_json(root_, *member);
    }
    const auto found = entries().find(key);
    return found == entries_.end() ? Value() : found->second;
}

void Map::put(std::string key, Value value) {
    entries()[std::move(key)] = std::move(value);
}

Value Object::member(std::string_view) {
    return {};
}

void append_text(std::string& out, const Value& value, std::size_t limit) {
    append_at(out, value, limit, 0);
}

void append_json(std::string& out, const Value& value, std::size_t limit) {
    append_json_at(out, value, limit, 0);
}

std::string to_text(const Value& value) {
    std::string out;
    append_at(out, value, kMaxValueSize, 0);
    return out;
}

bool equal(const Value& left, const Value& right) {
    return equal_at(left, right, 0);
}

std::string double_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    const double size = std::fabs(value);
    const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
    char buffer[400];
    const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, form);
    std::string text(buffer, end);
    if (plain) {
        if (text.find('.') == std::string::npos) text += ".0";
        return text;
    }
    // Java writes 1.0E10, C++ 1e+10.
    const std::size_t e = text.find('e');
    std::string mantissa = text.substr(0, e);
    if (mantissa.find('.') == std::string::npos) mantissa += ".0";
    return mantissa + "E" + std::to_string(std::stoi(text.substr(e + 1)));
}

}  // namespace skafu::vtl

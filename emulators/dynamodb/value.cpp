#include "dynamodb/value.h"

#include <algorithm>
#include <unordered_set>

#include "core/ordered_map_members.h"

namespace skafu {
template class OrderedMap<std::string, dynamodb::Value>;
}  // namespace skafu

namespace skafu::dynamodb {
namespace {

/// Members in an order of their own, so that sets compare without regard to theirs.
template <class T, class Less>
bool same_members(const std::vector<T>& a, const std::vector<T>& b, Less less) {
    if (a.size() != b.size()) return false;
    std::vector<const T*> left;
    std::vector<const T*> right;
    for (const T& member : a) left.push_back(&member);
    for (const T& member : b) right.push_back(&member);
    const auto by_value = [&](const T* x, const T* y) { return less(*x, *y); };
    std::sort(left.begin(), left.end(), by_value);
    std::sort(right.begin(), right.end(), by_value);
    return std::equal(left.begin(), left.end(), right.begin(),
                      [](const T* x, const T* y) { return *x == *y; });
}

bool less_text(const std::string& a, const std::string& b) {
    return a < b;
}
bool less_number(const Number& a, const Number& b) {
    return compare(a, b) < 0;
}

bool equal_sets(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return a == b || same_members(a, b, less_text);
}
bool equal_sets(const std::vector<Number>& a, const std::vector<Number>& b) {
    return a == b || same_members(a, b, less_number);
}

template <class Set>
std::unordered_set<std::string> keys_of(const Set& set) {
    std::unordered_set<std::string> keys;
    for (const auto& member : set.members) {
        if constexpr (std::is_same_v<Set, NumberSet>) {
            keys.insert(member.text());
        } else {
            keys.insert(member);
        }
    }
    return keys;
}

template <class Member>
std::string key_of(const Member& member) {
    if constexpr (std::is_same_v<Member, Number>) {
        return member.text();
    } else {
        return member;
    }
}

template <class Set>
Value unite(const Set& a, const Set& b) {
    std::unordered_set<std::string> present = keys_of(a);
    Set result = a;
    for (const auto& member : b.members) {
        if (present.insert(key_of(member)).second) result.members.push_back(member);
    }
    return Value(std::move(result));
}

template <class Set>
Value subtract(const Set& a, const Set& b) {
    const std::unordered_set<std::string> removed = keys_of(b);
    Set result;
    for (const auto& member : a.members) {
        if (!removed.contains(key_of(member))) result.members.push_back(member);
    }
    return Value(std::move(result));
}

}  // namespace

std::string_view type_name(Type type) {
    static constexpr std::string_view kNames[] = {"S",  "N",    "B",    "SS", "NS",
                                                  "BS", "BOOL", "NULL", "L",  "M"};
    return kNames[static_cast<std::size_t>(type)];
}

bool is_ordered(Type type) {
    return type <= Type::kBinary;
}

bool is_set(Type type) {
    return type >= Type::kStringSet && type <= Type::kBinarySet;
}

bool operator==(const Value& a, const Value& b) {
    if (a.type() != b.type()) return false;
    switch (a.type()) {
        case Type::kString:
            return a.as<std::string>() == b.as<std::string>();
        case Type::kNumber:
            return a.as<Number>() == b.as<Number>();
        case Type::kBinary:
            return a.as<Binary>() == b.as<Binary>();
        case Type::kStringSet:
            return equal_sets(a.as<StringSet>().members, b.as<StringSet>().members);
        case Type::kNumberSet:
            return equal_sets(a.as<NumberSet>().members, b.as<NumberSet>().members);
        case Type::kBinarySet:
            return equal_sets(a.as<BinarySet>().members, b.as<BinarySet>().members);
        case Type::kBoolean:
            return a.as<bool>() == b.as<bool>();
        case Type::kNull:
            return true;
        case Type::kList:
            return a.as<List>() == b.as<List>();
        case Type::kMap:
            return a.as<Map>() == b.as<Map>();
    }
    return false;
}

int compare(const Value& a, const Value& b) {
    if (a.is(Type::kNumber)) return compare(a.as<Number>(), b.as<Number>());
    return a.bytes().compare(b.bytes());
}

std::size_t value_size(const Value& value) {
    std::size_t size = 0;
    switch (value.type()) {
        case Type::kString:
            return value.as<std::string>().size();
        case Type::kNumber:
            return value.as<Number>().item_size();
        case Type::kBinary:
            return value.as<Binary>().bytes.size();
        case Type::kStringSet:
            for (const std::string& member : value.as<StringSet>().members) size += member.size();
            return size;
        case Type::kNumberSet:
            for (const Number& member : value.as<NumberSet>().members) size += member.item_size();
            return size;
        case Type::kBinarySet:
            for (const std::string& member : value.as<BinarySet>().members) size += member.size();
            return size;
        case Type::kBoolean:
        case Type::kNull:
            return 1;
        case Type::kList:
            size = 3;
            for (const Value& member : value.as<List>()) size += 1 + value_size(member);
            return size;
        case Type::kMap:
            size = 3;
            for (const auto& [name, member] : value.as<Map>()) {
                size += 1 + name.size() + value_size(member);
            }
            return size;
    }
    return size;
}

std::size_t item_size(const Item& item) {
    std::size_t size = 0;
    for (const auto& [name, value] : item) size += name.size() + value_size(value);
    return size;
}

std::size_t set_size(const Value& set) {
    if (const auto* strings = set.get_if<StringSet>()) return strings->members.size();
    if (const auto* numbers = set.get_if<NumberSet>()) return numbers->members.size();
    return set.as<BinarySet>().members.size();
}

bool set_contains(const Value& set, const Value& member) {
    const auto holds = [](const auto& members, const auto& value) {
        return std::find(members.begin(), members.end(), value) != members.end();
    };
    if (set.is(Type::kStringSet) && member.is(Type::kString)) {
        return holds(set.as<StringSet>().members, member.as<std::string>());
    }
    if (set.is(Type::kNumberSet) && member.is(Type::kNumber)) {
        return holds(set.as<NumberSet>().members, member.as<Number>());
    }
    if (set.is(Type::kBinarySet) && member.is(Type::kBinary)) {
        return holds(set.as<BinarySet>().members, member.as<Binary>().bytes);
    }
    return false;
}

Value set_union(const Value& a, const Value& b) {
    if (a.is(Type::kStringSet)) return unite(a.as<StringSet>(), b.as<StringSet>());
    if (a.is(Type::kNumberSet)) return unite(a.as<NumberSet>(), b.as<NumberSet>());
    return unite(a.as<BinarySet>(), b.as<BinarySet>());
}

Value set_difference(const Value& a, const Value& b) {
    if (a.is(Type::kStringSet)) return subtract(a.as<StringSet>(), b.as<StringSet>());
    if (a.is(Type::kNumberSet)) return subtract(a.as<NumberSet>(), b.as<NumberSet>());
    return subtract(a.as<BinarySet>(), b.as<BinarySet>());
}

const Value* find_attribute(const Map& map, std::string_view name) {
    const auto found = map.find(name);
    return found == map.end() ? nullptr : &found->second;
}

}  // namespace skafu::dynamodb

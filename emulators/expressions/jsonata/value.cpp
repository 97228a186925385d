#include "expressions/jsonata/value.h"

#include <cmath>
#include <cstring>

#include "expressions/jsonata/jsonata.h"
#include "expressions/jsonata/text.h"

namespace skafu::jsonata {
namespace {

constexpr std::uint32_t kIndexFrom = 16;
constexpr int kDeepest = 2000;

std::uint32_t hash_of(std::string_view key) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(key));
}

/// What one walk over a value may cost. Values can share parts, so that a few lines of an
/// expression make one that is astronomically large when it is written out.
struct Budget {
    std::size_t units = std::size_t{1} << 22;

    void spend(int depth, std::size_t cost = 1) {
        if (depth > kDeepest) throw JsonataError("U1001").message("The value is nested too deeply");
        if (units < cost) throw JsonataError("U1001").message("The value is too large");
        units -= cost;
    }
};

Json number_to_json(double number) {
    constexpr double kExact = 9007199254740992.0;
    if (number == std::trunc(number) && std::fabs(number) <= kExact) {
        return Json(static_cast<std::int64_t>(number));
    }
    if (!std::isfinite(number)) return Json(nullptr);
    return Json(number);
}

Json to_json(Value value, int depth, Budget& budget) {
    constexpr std::size_t kContainer = 4;  // memory of an array or object, in scalars
    budget.spend(depth, value.is_array() || value.is_object() ? kContainer : 1);
    switch (value.kind()) {
        case Kind::boolean:
            return Json(value.truth());
        case Kind::number:
            return number_to_json(value.number());
        case Kind::string:
            return Json(std::string(value.text()));
        case Kind::array: {
            if (value.json_array() != nullptr) return Json(*value.json_array());
            const Items items(value);
            Json::array_t out;
            out.reserve(items.size());
            for (std::size_t i = 0; i < items.size(); ++i) {
                out.push_back(to_json(items[i], depth + 1, budget));
            }
            return Json(std::move(out));
        }
        case Kind::object: {
            if (value.json_object() != nullptr) return Json(*value.json_object());
            const Object& object = *value.object();
            Json::object_t out;
            out.reserve(object.size);
            for (std::uint32_t i = 0; i < object.size; ++i) {
                const Object::Member& member = object.members[i];
                if (member.value.is_function() || member.value.is_undefined()) continue;
                out.emplace(std::string(member.key), to_json(member.value, depth + 1, budget));
            }
            return Json(std::move(out));
        }
        default:
            return Json(nullptr);
    }
}

bool deep_equal(Value a, Value b, int depth, Budget& budget);

bool equal_arrays(const Items& a, const Items& b, int depth, Budget& budget) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!deep_equal(a[i], b[i], depth + 1, budget)) return false;
    }
    return true;
}

bool equal_objects(const Members& a, const Members& b, int depth, Budget& budget) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const Value other = b.find(a.key(i));
        if (other.is_undefined()) return false;
        if (!deep_equal(a.value(i), other, depth + 1, budget)) return false;
    }
    return true;
}

bool deep_equal(Value a, Value b, int depth, Budget& budget) {
    budget.spend(depth);
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
        case Kind::boolean:
            return a.truth() == b.truth();
        case Kind::number:
            return a.number() == b.number();
        case Kind::string:
            return a.text() == b.text();
        case Kind::array:
            return equal_arrays(Items(a), Items(b), depth, budget);
        case Kind::object:
            return equal_objects(Members(a), Members(b), depth, budget);
        case Kind::function:
            return a.function() == b.function();
        default:
            return true;
    }
}

Value deep_copy(Arena& arena, Value value, int depth, Budget& budget) {
    budget.spend(depth);
    if (value.is_array()) {
        const Items items(value);
        Array* out = arena.make<Array>();
        out->reserve(arena, items.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Value item = items[i];
            out->push(arena, item.is_function() ? Value::null()
                                                : deep_copy(arena, item, depth + 1, budget));
        }
        return Value(out);
    }
    if (value.is_object()) {
        const Members members(value);
        Object* out = arena.make<Object>();
        for (std::size_t i = 0; i < members.size(); ++i) {
            const Value member = members.value(i);
            if (member.is_function()) continue;
            out->set(arena, members.key(i), deep_copy(arena, member, depth + 1, budget));
        }
        return Value(out);
    }
    return value.is_number() ? Value(text::rounded(value.number())) : value;
}

}  // namespace

void Array::grow(Arena& arena, std::size_t least) {
    const std::size_t next = std::max<std::size_t>({least, std::size_t{capacity} * 2, 4});
    if (next > UINT32_MAX) throw JsonataError("U1001").message("The array is too long");
    if (capacity == 0 || !arena.extend(items, capacity, next)) {
        Value* moved = arena.array<Value>(next);
        if (size > 0) std::memcpy(static_cast<void*>(moved), items, size * sizeof(Value));
        items = moved;
    }
    capacity = static_cast<std::uint32_t>(next);
}

Object::Member* Object::find(std::string_view key) const {
    if (index == nullptr) {
        for (std::uint32_t i = 0; i < size; ++i) {
            if (members[i].key == key) return &members[i];
        }
        return nullptr;
    }
    const std::uint32_t mask = index_size - 1;
    for (std::uint32_t slot = hash_of(key) & mask; index[slot] != 0; slot = (slot + 1) & mask) {
        Member& member = members[index[slot] - 1];
        if (member.key == key) return &member;
    }
    return nullptr;
}

Value& Object::at(Arena& arena, std::string_view key) {
    if (Member* found = find(key)) return found->value;
    if (size == capacity) grow(arena);
    members[size] = {key, Value()};
    ++size;
    if (size >= kIndexFrom) {
        if (index_size < size * 2)
            rebuild_index(arena);
        else
            add_to_index(size - 1);
    }
    return members[size - 1].value;
}

void Object::erase(std::string_view key) {
    Member* found = find(key);
    if (found == nullptr) return;
    std::move(found + 1, members + size, found);
    --size;
    if (index == nullptr) return;
    std::fill(index, index + index_size, 0);
    for (std::uint32_t i = 0; i < size; ++i) add_to_index(i);
}

void Object::grow(Arena& arena) {
    const std::uint32_t next = std::max<std::uint32_t>(capacity * 2, 4);
    Member* moved = arena.array<Member>(next);
    std::copy(members, members + size, moved);
    members = moved;
    capacity = next;
}

void Object::rebuild_index(Arena& arena) {
    index_size = 64;
    while (index_size < size * 4) index_size *= 2;
    index = arena.array<std::uint32_t>(index_size);
    std::fill(index, index + index_size, 0);
    for (std::uint32_t i = 0; i < size; ++i) add_to_index(i);
}

void Object::add_to_index(std::uint32_t position) {
    const std::uint32_t mask = index_size - 1;
    std::uint32_t slot = hash_of(members[position].key) & mask;
    while (index[slot] != 0) slot = (slot + 1) & mask;
    index[slot] = position + 1;
}

Json to_json(Value value) {
    Budget budget;
    return to_json(value, 0, budget);
}

bool deep_equal(Value a, Value b) {
    Budget budget;
    return deep_equal(a, b, 0, budget);
}

Value deep_copy(Arena& arena, Value value) {
    Budget budget;
    return deep_copy(arena, value, 0, budget);
}

}  // namespace skafu::jsonata

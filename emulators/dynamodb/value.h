#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/ordered_map.h"
#include "dynamodb/number.h"

namespace skafu::dynamodb {

/// The ten attribute types, in the order of Value's alternatives.
enum class Type : unsigned char {
    kString,
    kNumber,
    kBinary,
    kStringSet,
    kNumberSet,
    kBinarySet,
    kBoolean,
    kNull,
    kList,
    kMap,
};

/// The name of a type on the wire: "S", "N", ... "M".
std::string_view type_name(Type type);

class Value;
struct Null {
    friend bool operator==(const Null&, const Null&) = default;
};
struct Binary {
    std::string bytes;
    friend bool operator==(const Binary&, const Binary&) = default;
};
/// Sets keep the order in which they came; equality does not look at it.
struct StringSet {
    std::vector<std::string> members;
};
struct NumberSet {
    std::vector<Number> members;
};
struct BinarySet {
    std::vector<std::string> members;
};
using List = std::vector<Value>;
using Map = OrderedMap<std::string, Value>;
/// An item is a map of attributes.
using Item = Map;

/// An attribute value.
class Value {
  public:
    using Data = std::variant<std::string, Number, Binary, StringSet, NumberSet, BinarySet, bool,
                              Null, List, Map>;

    Value() : data_(Null{}) {}
    template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Value>) explicit Value(T&& data)
        : data_(std::forward<T>(data)) {}

    Type type() const { return static_cast<Type>(data_.index()); }
    bool is(Type type) const { return this->type() == type; }

    template <class T>
    const T& as() const {
        return *std::get_if<T>(&data_);
    }
    template <class T>
    T& as() {
        return *std::get_if<T>(&data_);
    }
    template <class T>
    const T* get_if() const {
        return std::get_if<T>(&data_);
    }
    template <class T>
    T* get_if() {
        return std::get_if<T>(&data_);
    }

    /// The bytes of a string or of a binary.
    const std::string& bytes() const {
        return is(Type::kString) ? as<std::string>() : as<Binary>().bytes;
    }

    friend bool operator==(const Value& a, const Value& b);

  private:
    Data data_;
};

/// Whether the type has an order: string, number or binary.
bool is_ordered(Type type);
bool is_set(Type type);

/// Order of two values of one ordered type: negative, 0 or positive.
int compare(const Value& a, const Value& b);

/// Bytes that a value or an item counts towards DynamoDB's limits and capacity units.
/// Source: Developer Guide, "Item sizes and formats".
std::size_t value_size(const Value& value);
std::size_t item_size(const Item& item);

/// Number of elements of a set, and whether it holds a member of its own scalar type.
std::size_t set_size(const Value& set);
bool set_contains(const Value& set, const Value& member);

/// Union and difference of two sets of one type; difference gives an empty set where nothing
/// is left.
Value set_union(const Value& a, const Value& b);
Value set_difference(const Value& a, const Value& b);

/// The attribute of an item, or nullptr.
const Value* find_attribute(const Map& map, std::string_view name);

}  // namespace skafu::dynamodb

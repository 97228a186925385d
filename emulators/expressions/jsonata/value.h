#pragma once

#include <cstdint>
#include <string_view>

#include "core/json.h"
#include "expressions/jsonata/arena.h"

namespace skafu::jsonata {

struct Array;
struct Object;
struct Function;
struct Tuple;
struct TailCall;

enum class Kind : std::uint8_t {
    undefined,
    null,
    boolean,
    number,
    string,
    array,
    object,
    function,
    tuple,      // an item of a tuple stream: never seen by an expression
    tail_call,  // a call that the caller of the function makes: never seen by an expression
};

/// A value during an evaluation: 16 bytes, copied freely. Strings, arrays and objects are
/// referred to, either in the input (Json) or in the arena of the evaluation.
class Value {
  public:
    constexpr Value() : kind_(Kind::undefined), number_(0) {}
    constexpr explicit Value(double number) : kind_(Kind::number), number_(number) {}
    static Value null() { return Value(Kind::null, false); }
    static Value boolean(bool truth) {
        Value value(Kind::boolean, false);
        value.boolean_ = truth;
        return value;
    }
    static Value string(std::string_view text) {
        Value value(Kind::string, false);
        value.length_ = static_cast<std::uint32_t>(text.size());
        value.text_ = text.data();
        return value;
    }
    explicit Value(Array* array) : kind_(Kind::array), array_(array) {}
    explicit Value(Object* object) : kind_(Kind::object), object_(object) {}
    explicit Value(const Function* function) : kind_(Kind::function), function_(function) {}
    explicit Value(Tuple* tuple) : kind_(Kind::tuple), tuple_(tuple) {}
    explicit Value(TailCall* call) : kind_(Kind::tail_call), tail_call_(call) {}
    /// Refers to `json`, which outlives the evaluation.
    static Value of(const Json& json) {
        switch (json.type()) {
            case Json::value_t::boolean:
                return boolean(*json.get_ptr<const bool*>());
            case Json::value_t::number_integer:
                return Value(static_cast<double>(*json.get_ptr<const std::int64_t*>()));
            case Json::value_t::number_unsigned:
                return Value(static_cast<double>(*json.get_ptr<const std::uint64_t*>()));
            case Json::value_t::number_float:
                return Value(*json.get_ptr<const double*>());
            case Json::value_t::string:
                return string(*json.get_ptr<const std::string*>());
            case Json::value_t::array: {
                Value value(Kind::array, true);
                value.json_array_ = json.get_ptr<const Json::array_t*>();
                return value;
            }
            case Json::value_t::object: {
                Value value(Kind::object, true);
                value.json_object_ = json.get_ptr<const Json::object_t*>();
                return value;
            }
            default:
                return null();
        }
    }

    Kind kind() const { return kind_; }
    bool is_undefined() const { return kind_ == Kind::undefined; }
    bool is_null() const { return kind_ == Kind::null; }
    bool is_boolean() const { return kind_ == Kind::boolean; }
    bool is_number() const { return kind_ == Kind::number; }
    bool is_string() const { return kind_ == Kind::string; }
    bool is_array() const { return kind_ == Kind::array; }
    bool is_object() const { return kind_ == Kind::object; }
    bool is_function() const { return kind_ == Kind::function; }
    bool is_tuple() const { return kind_ == Kind::tuple; }
    bool is_tail_call() const { return kind_ == Kind::tail_call; }

    bool truth() const { return boolean_; }
    double number() const { return number_; }
    std::string_view text() const { return {text_, length_}; }
    const Function* function() const { return function_; }
    Tuple* tuple() const { return tuple_; }
    TailCall* tail_call() const { return tail_call_; }

    /// The array or object of the arena, or of the input, that this is; nullptr for all else.
    Array* array() const { return kind_ == Kind::array && !in_input_ ? array_ : nullptr; }
    Object* object() const { return kind_ == Kind::object && !in_input_ ? object_ : nullptr; }
    const Json::array_t* json_array() const {
        return kind_ == Kind::array && in_input_ ? json_array_ : nullptr;
    }
    const Json::object_t* json_object() const {
        return kind_ == Kind::object && in_input_ ? json_object_ : nullptr;
    }

    /// A sequence: an array that the evaluation made, and that gives way to its only item.
    bool is_sequence() const;
    bool is_tuple_stream() const;

  private:
    Value(Kind kind, bool in_input) : kind_(kind), in_input_(in_input), number_(0) {}

    Kind kind_;
    bool in_input_ = false;
    std::uint32_t length_ = 0;
    union {
        double number_;
        bool boolean_;
        const char* text_;
        Array* array_;
        Object* object_;
        const Function* function_;
        Tuple* tuple_;
        TailCall* tail_call_;
        const Json::array_t* json_array_;
        const Json::object_t* json_object_;
    };
};
static_assert(sizeof(Value) == 16);

/// An array in the arena.
struct Array {
    Value* items = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
    bool sequence = false;
    bool keep_singleton = false;
    bool constructed = false;    // by [ ] as a step of a path: not flattened
    bool tuple_stream = false;   // its items are tuples
    bool outer_wrapper = false;  // the sequence around an input that is an array

    void push(Arena& arena, Value value) {
        if (size == capacity) grow(arena, size + 1);
        items[size++] = value;
    }
    /// Has the items of another array, which spares a copy: items are never changed in place,
    /// and the first push copies them.
    void share(const Array& other) {
        items = other.items;
        size = capacity = other.size;
    }
    /// Makes room for `count` items in all.
    void reserve(Arena& arena, std::size_t count) {
        if (count > capacity) grow(arena, count);
    }

  private:
    void grow(Arena& arena, std::size_t least);
};

/// Reads an array of either place.
class Items {
  public:
    explicit Items(Value array) : json_(array.json_array()) {
        if (json_ != nullptr) {
            size_ = json_->size();
        } else {
            items_ = array.array()->items;
            size_ = array.array()->size;
        }
    }
    /// A single value, read as an array of one.
    Items(const Value* items, std::size_t size) : json_(nullptr), items_(items), size_(size) {}

    std::size_t size() const { return size_; }
    Value operator[](std::size_t at) const {
        return json_ != nullptr ? Value::of((*json_)[at]) : items_[at];
    }

  private:
    const Json::array_t* json_;
    const Value* items_ = nullptr;
    std::size_t size_ = 0;
};

/// An object in the arena; members keep the order in which they came.
struct Object {
    struct Member {
        std::string_view key;
        Value value;
    };
    Member* members = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
    std::uint32_t* index = nullptr;  // hash → position + 1; only for large objects
    std::uint32_t index_size = 0;

    Member* find(std::string_view key) const;
    /// The member of this key, made (undefined) where absent.
    Value& at(Arena& arena, std::string_view key);
    void set(Arena& arena, std::string_view key, Value value) { at(arena, key) = value; }
    void erase(std::string_view key);

  private:
    void grow(Arena& arena);
    void rebuild_index(Arena& arena);
    void add_to_index(std::uint32_t position);
};

/// Reads an object of either place.
class Members {
  public:
    explicit Members(Value object) : json_(object.json_object()), object_(object.object()) {}

    std::size_t size() const { return json_ != nullptr ? json_->size() : object_->size; }
    std::string_view key(std::size_t at) const {
        return json_ != nullptr ? std::string_view((json_->begin() + offset(at))->first)
                                : object_->members[at].key;
    }
    Value value(std::size_t at) const {
        return json_ != nullptr ? Value::of((json_->begin() + offset(at))->second)
                                : object_->members[at].value;
    }
    /// Undefined where the object has no such member.
    Value find(std::string_view key) const {
        if (json_ != nullptr) {
            const auto found = json_->find(key);
            return found == json_->end() ? Value() : Value::of(found->second);
        }
        const Object::Member* member = object_->find(key);
        return member == nullptr ? Value() : member->value;
    }

  private:
    static Json::object_t::difference_type offset(std::size_t at) {
        return static_cast<Json::object_t::difference_type>(at);
    }
    const Json::object_t* json_;
    const Object* object_;
};

inline bool Value::is_sequence() const {
    return kind_ == Kind::array && !in_input_ && array_->sequence;
}
inline bool Value::is_tuple_stream() const {
    return kind_ == Kind::array && !in_input_ && array_->tuple_stream;
}

/// A name and its value in a frame or tuple. Lists of them are never changed, only extended.
struct Binding {
    std::string_view name;
    Value value;
    const Binding* next;
};

/// An item of a path together with the variables bound on its way (@$v, #$i, %).
struct Tuple {
    Value item;
    const Binding* bindings;
};

/// A scope of variables.
struct Frame {
    const Frame* parent;
    const Binding* bindings;

    void bind(Arena& arena, std::string_view name, Value value) {
        bindings = arena.make<Binding>(name, value, bindings);
    }
    const Value* find(std::string_view name) const {
        for (const Frame* frame = this; frame != nullptr; frame = frame->parent) {
            for (const Binding* at = frame->bindings; at != nullptr; at = at->next) {
                if (at->name == name) return &at->value;
            }
        }
        return nullptr;
    }
};

/// The value as JSON: functions inside are left out (null in an array), as JSON.stringify does.
Json to_json(Value value);

/// Equal as JSON values; the order of an object's members does not count.
bool deep_equal(Value a, Value b);

/// A copy in the arena of all arrays and objects, which may then be changed. Functions inside
/// are lost.
Value deep_copy(Arena& arena, Value value);

}  // namespace skafu::jsonata

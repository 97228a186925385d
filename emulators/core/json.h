#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <iterator>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/ordered_map.h"

namespace skafu {

class Json;

/// A range of what values are made of. Values are ranges themselves, but not of this kind.
template <class Range>
concept JsonElements =
    !std::is_same_v<Range, Json> && !std::is_convertible_v<const Range&, std::string_view> &&
    std::ranges::input_range<Range> &&
    std::is_constructible_v<Json, std::ranges::range_reference_t<const Range&>>;

/// A map from texts to what values are made of.
template <class Map>
concept JsonMembers =
    !std::is_same_v<Map, Json> && std::is_same_v<typename Map::key_type, std::string> &&
    std::is_constructible_v<Json, const typename Map::mapped_type&>;

/// The JSON value of the house. It is used in nearly every line, so what is larger than a look at
/// the type is compiled once, in json_value.cpp, and not at each place of use. Its members have the
/// names and the ways of nlohmann's basic_json, which C++ developers know: objects keep
/// the order of their members, and whole numbers their 64 bits.
class Json {
  public:
    enum class value_t : std::uint8_t {
        null,
        boolean,
        number_integer,
        number_unsigned,
        number_float,
        string,
        array,
        object
    };
    using array_t = std::vector<Json>;
    using object_t = OrderedMap<std::string, Json>;
    using value_type = Json;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;

    /// A value of another type than is asked for, or a member or element that is not there.
    class exception : public std::runtime_error {
      public:
        using std::runtime_error::runtime_error;
    };

    class Ref;
    template <bool kConst>
    class Iterator;
    using iterator = Iterator<false>;
    using const_iterator = Iterator<true>;
    template <bool kConst>
    class Items;

    Json() noexcept = default;
    Json(std::nullptr_t) noexcept {}
    template <std::same_as<bool> Boolean>
    Json(Boolean value) noexcept : type_(value_t::boolean) {
        data_.boolean = value;
    }
    template <class Number>
    requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>) Json(Number value)
    noexcept {
        if constexpr (std::is_signed_v<Number>) {
            type_ = value_t::number_integer;
            data_.integer = value;
        } else {
            type_ = value_t::number_unsigned;
            data_.natural = value;
        }
    }
    template <std::floating_point Number>
    Json(Number value) noexcept : type_(value_t::number_float) {
        data_.real = static_cast<double>(value);
    }
    template <class Enum>
    requires(std::is_enum_v<Enum>) Json(Enum value)
    noexcept : Json(static_cast<std::underlying_type_t<Enum>>(value)) {}
    Json(std::string value);
    Json(std::string_view value);
    Json(const char* value);
    Json(array_t value);
    Json(object_t value);
    /// A list of what a range holds.
    template <JsonElements Range>
    Json(const Range& values) : Json(array()) {
        for (const auto& value : values) emplace_back(value);
    }
    /// An object of what a map from texts holds.
    template <JsonMembers Map>
    Json(const Map& values) : Json(object()) {
        for (const auto& [name, value] : values) emplace(name, value);
    }
    /// An object where every element is a list of a text and a value, a list otherwise.
    Json(std::initializer_list<Ref> values);

    Json(const Json& other);
    Json(Json&& other) noexcept : data_(other.data_), type_(other.type_) {
        other.type_ = value_t::null;
    }
    Json& operator=(Json other) noexcept {
        swap(other);
        return *this;
    }
    ~Json() {
        if (type_ >= value_t::string) destroy();
    }
    void swap(Json& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(type_, other.type_);
    }
    friend void swap(Json& a, Json& b) noexcept { a.swap(b); }

    static Json array();
    static Json array(std::initializer_list<Ref> values);
    static Json object();
    /// Throws Json::exception unless every element is a list of a text and a value.
    static Json object(std::initializer_list<Ref> values);

    value_t type() const noexcept { return type_; }
    /// "null", "boolean", "number", "string", "array" or "object".
    const char* type_name() const noexcept;
    bool is_null() const noexcept { return type_ == value_t::null; }
    bool is_boolean() const noexcept { return type_ == value_t::boolean; }
    bool is_number() const noexcept {
        return type_ >= value_t::number_integer && type_ <= value_t::number_float;
    }
    bool is_number_integer() const noexcept {
        return type_ == value_t::number_integer || type_ == value_t::number_unsigned;
    }
    bool is_number_unsigned() const noexcept { return type_ == value_t::number_unsigned; }
    bool is_number_float() const noexcept { return type_ == value_t::number_float; }
    bool is_string() const noexcept { return type_ == value_t::string; }
    bool is_array() const noexcept { return type_ == value_t::array; }
    bool is_object() const noexcept { return type_ == value_t::object; }
    bool is_structured() const noexcept { return type_ >= value_t::array; }
    bool is_primitive() const noexcept { return type_ < value_t::array; }

    /// The value as a T: a text, a number of any kind (numbers are cast), a boolean, a list or an
    /// object. Throws Json::exception where it is of another type.
    template <class T>
    T get() const {
        if constexpr (std::is_same_v<T, Json>) {
            return *this;
        } else if constexpr (std::is_same_v<T, bool>) {
            return get_ref<const bool&>();
        } else if constexpr (std::is_integral_v<T>) {
            return static_cast<T>(whole_number());
        } else if constexpr (std::is_floating_point_v<T>) {
            return static_cast<T>(real_number());
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
            return texts();
        } else {
            return get_ref<const T&>();
        }
    }
    /// A reference to what the value holds; throws Json::exception where it is of another type.
    template <class Reference>
    Reference get_ref() const {
        using T = std::remove_reference_t<Reference>;
        static_assert(std::is_const_v<T>);
        const T* value = get_ptr<T*>();
        if (value == nullptr) refuse_type(kTypeOf<std::remove_const_t<T>>);
        return *value;
    }
    template <class Reference>
    Reference get_ref() {
        using T = std::remove_reference_t<Reference>;
        T* value = get_ptr<T*>();
        if (value == nullptr) refuse_type(kTypeOf<std::remove_const_t<T>>);
        return *value;
    }
    /// The same as a pointer; nullptr where it is of another type.
    template <class Pointer>
    Pointer get_ptr() const noexcept {
        using T = std::remove_const_t<std::remove_pointer_t<Pointer>>;
        return const_cast<Json*>(this)->get_ptr<T*>();
    }
    template <class Pointer>
    Pointer get_ptr() noexcept {
        using T = std::remove_const_t<std::remove_pointer_t<Pointer>>;
        if (type_ != kTypeOf<T>) return nullptr;
        if constexpr (std::is_same_v<T, std::string>) return data_.string;
        if constexpr (std::is_same_v<T, array_t>) return data_.array;
        if constexpr (std::is_same_v<T, object_t>) return data_.object;
        if constexpr (std::is_same_v<T, bool>) return &data_.boolean;
        if constexpr (std::is_same_v<T, std::int64_t>) return &data_.integer;
        if constexpr (std::is_same_v<T, std::uint64_t>) return &data_.natural;
        if constexpr (std::is_same_v<T, double>) return &data_.real;
    }

    /// Elements or members; none of null, 1 of anything else.
    size_type size() const noexcept;
    bool empty() const noexcept { return size() == 0; }
    /// Leaves a value of the same type that holds nothing.
    void clear() noexcept;

    /// The member of that name, made where it is missing; null becomes an object.
    Json& operator[](std::string_view name);
    /// The member of that name, which must be there.
    const Json& operator[](std::string_view name) const;
    /// The element at that place; a list grows up to it, and null becomes a list. Of a constant
    /// value it must be there.
    template <std::integral Index>
    Json& operator[](Index index) {
        return element(static_cast<size_type>(index));
    }
    template <std::integral Index>
    const Json& operator[](Index index) const {
        return at(index);
    }
    /// Throws Json::exception where there is no such member or element.
    Json& at(std::string_view name);
    const Json& at(std::string_view name) const;
    template <std::integral Index>
    Json& at(Index index) {
        return existing(static_cast<size_type>(index));
    }
    template <std::integral Index>
    const Json& at(Index index) const {
        return const_cast<Json*>(this)->existing(static_cast<size_type>(index));
    }
    Json& front();
    const Json& front() const;
    Json& back();
    const Json& back() const;

    iterator find(std::string_view name) noexcept;
    const_iterator find(std::string_view name) const noexcept;
    bool contains(std::string_view name) const noexcept;
    size_type count(std::string_view name) const noexcept { return contains(name) ? 1 : 0; }
    /// The member of that name, or `fallback`. Throws Json::exception where this is no object, or
    /// the member of another type than the fallback.
    template <class T>
    T value(std::string_view name, const T& fallback) const {
        const Json* member = member_of_object(name);
        return member == nullptr ? fallback : member->get<T>();
    }
    std::string value(std::string_view name, const char* fallback) const {
        return value(name, std::string(fallback));
    }

    /// Adds an element to a list; null becomes a list.
    void push_back(Json value) { grown_array().push_back(std::move(value)); }
    /// Adds an element; to an object, where there are a text and a value, a member.
    void push_back(std::initializer_list<Ref> value);
    template <class... Arguments>
    Json& emplace_back(Arguments&&... arguments) {
        return grown_array().emplace_back(std::forward<Arguments>(arguments)...);
    }
    /// Adds a member to an object, unless there is one of that name; null becomes an object.
    std::pair<iterator, bool> emplace(std::string name, Json value);
    /// Takes over each member of `members`.
    void update(const Json& members);

    iterator insert(const_iterator at, Json value);
    iterator insert(const_iterator at, const_iterator first, const_iterator last);
    iterator erase(const_iterator at);
    iterator erase(const_iterator first, const_iterator last);
    size_type erase(std::string_view name);
    template <std::integral Index>
    void erase(Index index) {
        erase_element(static_cast<size_type>(index));
    }

    iterator begin() noexcept;
    iterator end() noexcept;
    const_iterator begin() const noexcept;
    const_iterator end() const noexcept;
    /// The members of an object with their names, or nothing; to be used in a `for`.
    Items<false> items() noexcept;
    Items<true> items() const noexcept;

    /// Equal values; numbers compare by value whatever they are stored as.
    friend bool operator==(const Json& a, const Json& b) noexcept { return a.equals(b); }
    template <std::integral T>
    friend bool operator==(const Json& a, T b) noexcept {
        return a.equals(Json(b));
    }
    friend bool operator==(const Json& a, double b) noexcept { return a.equals(Json(b)); }
    friend bool operator==(const Json& a, std::nullptr_t) noexcept { return a.is_null(); }
    friend bool operator==(const Json& a, std::string_view b) noexcept { return a.is_text(b); }
    friend bool operator==(const Json& a, const std::string& b) noexcept { return a.is_text(b); }
    friend bool operator==(const Json& a, const char* b) noexcept { return a.is_text(b); }
    /// An order of all values: by type, then by value.
    friend bool operator<(const Json& a, const Json& b) noexcept { return a.less(b); }

  private:
    template <bool>
    friend class Iterator;

    template <class T>
    static constexpr value_t kTypeOf = std::is_same_v<T, std::string>     ? value_t::string
                                       : std::is_same_v<T, array_t>       ? value_t::array
                                       : std::is_same_v<T, object_t>      ? value_t::object
                                       : std::is_same_v<T, bool>          ? value_t::boolean
                                       : std::is_same_v<T, std::int64_t>  ? value_t::number_integer
                                       : std::is_same_v<T, std::uint64_t> ? value_t::number_unsigned
                                       : std::is_same_v<T, double>        ? value_t::number_float
                                                                          : value_t::null;
    union Data {
        bool boolean;
        std::int64_t integer;
        std::uint64_t natural;
        double real;
        std::string* string;
        array_t* array;
        object_t* object;
    };

    void destroy() noexcept;
    std::int64_t whole_number() const;
    double real_number() const;
    std::vector<std::string> texts() const;
    [[noreturn]] void refuse_type(value_t wanted) const;
    Json& element(size_type index);
    Json& existing(size_type index);
    void erase_element(size_type index);
    array_t& grown_array();
    object_t& grown_object();
    const Json* member_of_object(std::string_view name) const;
    bool equals(const Json& other) const noexcept;
    bool is_text(std::string_view text) const noexcept;
    bool less(const Json& other) const noexcept;

    Data data_{};
    value_t type_ = value_t::null;
};

/// What a braced list of values is made of: where each value is, to copy it or to take it over once
/// the list is complete. It owns nothing, so that a list at its place of use is some moves of words
/// and has nothing to clean up; so what is named in a list must stay where it is until its end (a
/// value's own [] may add a member and move the others: at() does not).
class Json::Ref {
  public:
    Ref(const Json& value) noexcept : from_(&value), kind_(Kind::copied) {}
    Ref(Json&& value) noexcept : from_(&value), kind_(Kind::moved) {}
    Ref(std::initializer_list<Ref> values) noexcept
        : from_(values.begin()), size_(values.size()), kind_(Kind::list) {}
    template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Ref> && std::is_constructible_v<Json, T>)
        Ref(T&& value)
    noexcept {
        using Value = std::remove_cvref_t<T>;
        if constexpr (std::is_same_v<Value, std::nullptr_t>) {
            kind_ = Kind::null;
        } else if constexpr (std::is_same_v<Value, bool>) {
            integer_ = value;
            kind_ = Kind::boolean;
        } else if constexpr (std::is_enum_v<Value>) {
            *this = Ref(static_cast<std::underlying_type_t<Value>>(value));
        } else if constexpr (std::is_integral_v<Value>) {
            integer_ = static_cast<std::int64_t>(value);
            kind_ = std::is_signed_v<Value> ? Kind::integer : Kind::natural;
        } else if constexpr (std::is_floating_point_v<Value>) {
            real_ = value;
            kind_ = Kind::real;
        } else if constexpr (std::is_same_v<T, std::string>) {
            from_ = &value;
            kind_ = Kind::moved_text;
        } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
            const std::string_view text = value;
            from_ = text.data();
            size_ = text.size();
            kind_ = Kind::text;
        } else {
            from_ = &value;
            make_ = [](const void* from) {
                using Given = std::remove_reference_t<T>;
                return Json(static_cast<T&&>(*static_cast<Given*>(const_cast<void*>(from))));
            };
            kind_ = Kind::made;
        }
    }

    /// Whether it is a list of a text and a value, which stand for a member.
    bool is_member() const noexcept;
    bool is_text() const noexcept;
    /// Of a text.
    std::string take_text() const;
    Json take() const;
    /// The name and the value of a member.
    std::pair<std::string, Json> take_member() const;

  private:
    enum class Kind : std::uint8_t {
        null,
        boolean,
        integer,
        natural,
        real,
        text,        // to be copied
        moved_text,  // a std::string
        copied,      // a Json
        moved,       // a Json
        list,        // Refs
        made         // of anything else
    };

    const Ref* refs() const noexcept { return static_cast<const Ref*>(from_); }
    Json* json() const noexcept { return static_cast<Json*>(const_cast<void*>(from_)); }

    union {
        const void* from_ = nullptr;
        std::int64_t integer_;
        double real_;
    };
    union {
        std::size_t size_ = 0;
        Json (*make_)(const void* from);
    };
    Kind kind_ = Kind::null;
};

/// Walks over the elements of a list or the values of an object; of anything but these and null
/// over the value itself.
template <bool kConst>
class Json::Iterator {
  public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = Json;
    using difference_type = std::ptrdiff_t;
    using pointer = std::conditional_t<kConst, const Json*, Json*>;
    using reference = std::conditional_t<kConst, const Json&, Json&>;

    Iterator() noexcept = default;
    Iterator(pointer at, difference_type step) noexcept : at_(at), step_(step) {}
    template <bool kOther>
    requires(kConst && !kOther) Iterator(const Iterator<kOther>& other)
    noexcept : at_(other.at_), step_(other.step_) {}

    reference operator*() const noexcept { return *at_; }
    pointer operator->() const noexcept { return at_; }
    reference operator[](difference_type n) const noexcept { return *(*this + n); }
    reference value() const noexcept { return *at_; }
    /// The name of the member of an object.
    const std::string& key() const noexcept { return member()->first; }

    Iterator& operator+=(difference_type n) noexcept {
        using Byte = std::conditional_t<kConst, const std::byte, std::byte>;
        at_ = reinterpret_cast<pointer>(reinterpret_cast<Byte*>(at_) + n * step_);
        return *this;
    }
    Iterator& operator-=(difference_type n) noexcept { return *this += -n; }
    Iterator& operator++() noexcept { return *this += 1; }
    Iterator& operator--() noexcept { return *this += -1; }
    Iterator operator++(int) noexcept {
        const Iterator before = *this;
        ++*this;
        return before;
    }
    Iterator operator--(int) noexcept {
        const Iterator before = *this;
        --*this;
        return before;
    }
    friend Iterator operator+(Iterator at, difference_type n) noexcept { return at += n; }
    friend Iterator operator+(difference_type n, Iterator at) noexcept { return at += n; }
    friend Iterator operator-(Iterator at, difference_type n) noexcept { return at -= n; }
    friend difference_type operator-(const Iterator& a, const Iterator& b) noexcept {
        if (a.at_ == b.at_) return 0;
        return (reinterpret_cast<const std::byte*>(a.at_) -
                reinterpret_cast<const std::byte*>(b.at_)) /
               a.step_;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.at_ == b.at_; }
    friend auto operator<=>(const Iterator& a, const Iterator& b) noexcept {
        return a.at_ <=> b.at_;
    }

  private:
    friend class Json;
    template <bool>
    friend class Iterator;

    const object_t::value_type* member() const noexcept;

    pointer at_ = nullptr;
    difference_type step_ = sizeof(Json);
};

/// The members of an object, as pairs of a name and a value.
template <bool kConst>
class Json::Items {
  public:
    using Member = std::conditional_t<kConst, const object_t::value_type, object_t::value_type>;

    Items(Member* first, Member* last) noexcept : first_(first), last_(last) {}
    Member* begin() const noexcept { return first_; }
    Member* end() const noexcept { return last_; }

  private:
    Member* first_;
    Member* last_;
};

template <bool kConst>
const Json::object_t::value_type* Json::Iterator<kConst>::member() const noexcept {
    // A value of an object lies behind its name.
    using Member = object_t::value_type;
    static_assert(sizeof(Member) == sizeof(std::string) + sizeof(Json));
    return reinterpret_cast<const Member*>(reinterpret_cast<const std::byte*>(at_) -
                                           sizeof(std::string));
}

/// The text of a value, for what prints values.
std::ostream& operator<<(std::ostream& out, const Json& value);

/// A text that is not JSON; what() says why, offset() how many bytes it took to see it.
class JsonError : public std::runtime_error {
  public:
    JsonError(const std::string& why, std::size_t offset)
        : std::runtime_error(why), offset_(offset) {}
    std::size_t offset() const { return offset_; }

  private:
    std::size_t offset_;
};

/// Deepest nesting that parse_json takes.
inline constexpr std::size_t kMaxJsonDepth = 1000;

/// Parses one JSON text (RFC 8259, UTF-8). Integers that fit 64 bits stay integers.
/// Throws JsonError for anything that is not exactly one JSON value, and for nesting deeper
/// than kMaxJsonDepth.
Json parse_json(std::string_view text);

/// Compact JSON text; bytes that are not UTF-8 are replaced, never an exception.
std::string to_text(const Json& value);

/// The same in ASCII alone.
std::string to_ascii_text(const Json& value);

/// Indented JSON text for people.
std::string to_pretty_text(const Json& value);

/// The same in ASCII alone, each level indented by `indent` blanks.
std::string to_pretty_ascii_text(const Json& value, std::size_t indent);

/// The member of an object, or nullptr where `object` is no object or has no such member.
const Json* find_member(const Json& object, std::string_view name);

/// What a pointer (RFC 6901) finds in `document`, or nullptr.
const Json* find_pointer(const Json& document, std::string_view pointer);

/// The string member of an object, or `fallback` where it is absent or of another type.
std::string string_member(const Json& object, std::string_view name,
                          std::string_view fallback = {});

}  // namespace skafu

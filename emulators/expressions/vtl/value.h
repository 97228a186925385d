#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/json.h"
#include "core/ordered_map.h"

namespace skafu::vtl {

class List;
class Map;
class Object;

/// A value of the template language: what Java would hold in the Velocity context.
/// Lists, maps and objects are shared by reference, as in Java.
class Value {
  public:
    Value() = default;
    Value(bool value) : data_(value) {}
    Value(std::int64_t value) : data_(value) {}
    Value(int value) : data_(std::int64_t{value}) {}
    Value(double value) : data_(value) {}
    Value(std::string value) : data_(std::move(value)) {}
    Value(std::string_view value) : data_(std::string(value)) {}
    Value(const char* value) : data_(std::string(value)) {}
    Value(std::shared_ptr<List> value) : data_(std::move(value)) {}
    Value(std::shared_ptr<Map> value) : data_(std::move(value)) {}
    Value(std::shared_ptr<Object> value) : data_(std::move(value)) {}

    bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
    bool is_false() const;
    bool is_number() const;
    bool is_double() const { return std::holds_alternative<double>(data_); }
    const std::string* string() const { return std::get_if<std::string>(&data_); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data_); }
    const bool* boolean() const { return std::get_if<bool>(&data_); }
    double number() const;  ///< 0 for what is not a number
    List* list() const;     ///< nullptr for another type
    Map* map() const;
    Object* object() const;

    /// A value that shows `node`, a part of `root`; nested values are made when looked at.
    static Value from_json(std::shared_ptr<const Json> root, const Json& node);
    static Value from_json(Json value);

  private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::shared_ptr<List>,
                 std::shared_ptr<Map>, std::shared_ptr<Object>>
        data_;
};

/// A list: Java's own prints `[a, b]`; one that came from JSON prints as JSON.
class List {
  public:
    List() = default;
    explicit List(std::vector<Value> items) : items_(std::move(items)) {}
    List(std::shared_ptr<const Json> root, const Json& node)
        : root_(std::move(root)), node_(&node), json_style_(true) {}

    std::vector<Value>& items();
    bool json_style() const { return json_style_; }
    /// The JSON it was made of, while nobody has looked inside.
    const Json* untouched() const { return node_; }

  private:
    std::vector<Value> items_;
    std::shared_ptr<const Json> root_;
    const Json* node_ = nullptr;
    bool json_style_ = false;
};

/// A map that keeps insertion order.
class Map {
  public:
    using Entries = OrderedMap<std::string, Value>;

    Map() = default;
    Map(std::shared_ptr<const Json> root, const Json& node)
        : root_(std::move(root)), node_(&node) {}
    /// The gateway's own maps ($context and what is in it) print nothing while empty.
    static std::shared_ptr<Map> blank_when_empty();
    /// One entry of a map, with its members `key` and `value`: it prints as Java's `k=v`.
    static std::shared_ptr<Map> entry(std::string key, Value value);

    Entries& entries();
    Value get(std::string_view key);
    void put(std::string key, Value value);
    bool prints_blank() { return blank_when_empty_ && entries().empty(); }
    bool is_entry() const { return is_entry_; }
    const Json* untouched() const { return node_; }

  private:
    Entries entries_;
    std::shared_ptr<const Json> root_;
    const Json* node_ = nullptr;
    bool blank_when_empty_ = false;
    bool is_entry_ = false;
};

/// Something with methods that the caller supplies, such as $input.
class Object {
  public:
    virtual ~Object() = default;
    virtual Value member(std::string_view name);
    /// Calls a method; null where there is none.
    virtual Value call(std::string_view method, std::span<const Value> arguments) = 0;
    virtual std::string text() { return {}; }
};

/// The text that Java's String.valueOf gives, but with null as the empty text.
std::string to_text(const Value& value);

/// Appends that text; throws TemplateError when `out` would exceed `limit` bytes.
void append_text(std::string& out, const Value& value, std::size_t limit);

/// JSON text of a value.
void append_json(std::string& out, const Value& value, std::size_t limit);

/// Equality as the template language has it: numbers by value, different types by text.
bool equal(const Value& left, const Value& right);

/// Java's Double.toString.
std::string double_text(double value);

}  // namespace skafu::vtl

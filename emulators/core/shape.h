#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu {

/// The form of an operation's input, as in AWS's service models: it decodes what has no types of
/// its own (the query protocol, URIs, headers) and refuses what breaks a constraint, in AWS's
/// words. Built by the functions in namespace shape, shared and never changed.
class Shape {
  public:
    enum class Type {
        any,
        structure,
        list,
        map,
        string,
        integer,
        number,
        boolean,
        blob,
        timestamp
    };
    struct Member;
    struct Pattern;  ///< a regular expression of the whole string

    Type type = Type::any;
    std::vector<Member> members;           ///< structure
    std::shared_ptr<const Shape> element;  ///< list, and the values of a map
    std::shared_ptr<const Shape> key;      ///< map
    std::optional<std::int64_t> min;       ///< value of a number; length of anything else
    std::optional<std::int64_t> max;
    std::shared_ptr<const Pattern> pattern;
    std::vector<std::string> values;  ///< enum
    bool flattened = false;           ///< query and XML: no wrapper around the elements
    bool sensitive = false;           ///< the value never stands in an error text
    std::string element_name;         ///< XML name of list elements; "member" if empty

    const Member* find(std::string_view name) const;
};

struct Shape::Member {
    std::string name;
    Shape shape;
    bool required = false;
    std::string wire_name;  ///< its name in the query protocol and XML, where it differs
};

/// How Shapes are written:
///   structure({required("TableName", string(3, 255, "[a-zA-Z0-9_.-]+")), optional("Limit",
///   integer(1))})
namespace shape {
Shape any();
Shape structure(std::vector<Shape::Member> members);
Shape list(Shape element, std::optional<std::int64_t> min = {},
           std::optional<std::int64_t> max = {});
/// A list or map without a wrapper in the query protocol and XML; elements carry `element_name`.
Shape flat(Shape list, std::string element_name = {});
Shape map(Shape key, Shape value, std::optional<std::int64_t> min = {},
          std::optional<std::int64_t> max = {});
Shape string(std::optional<std::int64_t> min = {}, std::optional<std::int64_t> max = {},
             std::string pattern = {});
Shape enumeration(std::vector<std::string> values);
Shape integer(std::optional<std::int64_t> min = {}, std::optional<std::int64_t> max = {});
Shape number();
Shape boolean();
Shape blob(std::optional<std::int64_t> min = {}, std::optional<std::int64_t> max = {});
Shape timestamp();
Shape sensitive(Shape shape);
Shape::Member required(std::string name, Shape shape, std::string wire_name = {});
Shape::Member optional(std::string name, Shape shape, std::string wire_name = {});
}  // namespace shape

/// Checks `input` against `shape` and throws AwsError:
/// - a value of another JSON type: SerializationException;
/// - broken constraints: ValidationException "N validation error(s) detected: Value '…' at 'path'
///   failed to satisfy constraint: Member must …", all of them joined with "; ".
/// Members that the shape does not know are left alone. `null` members count as absent.
void validate(const Shape& shape, const Json& input);

/// The texts of all broken constraints, for services that report them under another code.
std::vector<std::string> constraint_errors(const Shape& shape, const Json& input);

/// One scalar's text as the JSON value that the shape asks for ("5" -> 5, "true" -> true).
/// Throws AwsError SerializationException where it cannot be read.
Json scalar_from_text(const Shape& shape, std::string_view text);

}  // namespace skafu

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace skafu {

/// The form of an operation's input, as in AWS's service models: it decodes what has no types of
/// its own (the query protocol, URIs, headers) and refuses what breaks a constraint, in AWS's
/// words. Built by the functions in namespace shape. Shapes live as long as the process and never
/// change, so this is but the place of one: a thousand operations are described at every start.
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
    struct Form;     ///< what it says

    Shape();  ///< any
    explicit Shape(const Form& form) : form_(&form) {}
    const Form* operator->() const { return form_; }

    const Member* find(std::string_view name) const;

  private:
    struct Nothing {};
    explicit Shape(Nothing) : form_(nullptr) {}
    const Form* form_;
};

struct Shape::Member {
    std::string_view name;
    Shape shape;
    bool required = false;
    std::string_view wire_name;  ///< its name in the query protocol and XML, where it differs
};

struct Shape::Form {
    Type type = Type::any;
    std::vector<Member> members;      ///< structure
    Shape element{Nothing()};         ///< list, and the values of a map
    Shape key{Nothing()};             ///< map
    std::optional<std::int64_t> min;  ///< value of a number; length of anything else
    std::optional<std::int64_t> max;
    const Pattern* pattern = nullptr;
    std::vector<std::string_view> values;  ///< enum
    bool flattened = false;                ///< query and XML: no wrapper around the elements
    bool sensitive = false;                ///< the value never stands in an error text
    std::string_view element_name;         ///< XML name of list elements; "member" if empty
};

/// How Shapes are written:
///   structure({required("TableName", string(3, 255, "[a-zA-Z0-9_.-]+")), optional("Limit",
///   integer(1))})
/// Texts are kept by their places: they are literals, or what kept() gives.
namespace shape {
using Limit = std::optional<std::int64_t>;

/// Keeps a text as long as the process lives.
const char* kept(std::string text);

Shape any();
Shape structure(std::initializer_list<Shape::Member> members);
Shape structure(std::vector<Shape::Member> members);
/// A structure with some members more.
Shape with(Shape structure, std::initializer_list<Shape::Member> more);
Shape list(Shape element, Limit min = {}, Limit max = {});
/// A list or map without a wrapper in the query protocol and XML; elements carry `element_name`.
Shape flat(Shape list, const char* element_name = "");
/// A list whose elements have that name in XML.
Shape named(Shape list, const char* element_name);
Shape map(Shape key, Shape value, Limit min = {}, Limit max = {});
Shape string(Limit min = {}, Limit max = {}, const char* pattern = "");
Shape enumeration(std::initializer_list<const char*> values);
Shape integer(Limit min = {}, Limit max = {});
Shape number();
Shape boolean();
Shape blob(Limit min = {}, Limit max = {});
Shape timestamp();
Shape sensitive(Shape shape);
Shape::Member required(const char* name, Shape shape, const char* wire_name = "");
Shape::Member optional(const char* name, Shape shape, const char* wire_name = "");
}  // namespace shape

/// Checks `input` against `shape` and throws AwsError:
/// - a value of another JSON type: SerializationException;
/// - broken constraints: ValidationException "N validation error(s) detected: Value '…' at 'path'
///   failed to satisfy constraint: Member must …", all of them joined with "; ".
/// Members that the shape does not know are left alone. `null` members count as absent.
void validate(const Shape& shape, const Json& input);

/// The texts of all broken constraints, for services that report them under another code.
std::vector<std::string> constraint_errors(const Shape& shape, const Json& input);

/// Whether a regular expression matches the whole of a text; false where it is none.
bool matches_whole(const std::string& pattern, std::string_view text);

/// One scalar's text as the JSON value that the shape asks for ("5" -> 5, "true" -> true).
/// Throws AwsError SerializationException where it cannot be read.
Json scalar_from_text(const Shape& shape, std::string_view text);

}  // namespace skafu

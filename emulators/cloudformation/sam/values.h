#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/text.h"

/// JSON as the translator sees it: functions of CloudFormation, what counts as given, digests, and
/// the texts in which it says that a value has the wrong type.
namespace skafu::cloudformation::sam {

/// True for an object with one member that is Ref, Condition or Fn::...
bool is_function(const Json& value);
bool is_no_value(const Json* value);

Json ref_to(std::string_view id);
Json get_att(std::string_view id, std::string_view attribute);
Json sub(std::string text);
/// Fn::Sub with variables of its own.
Json sub(std::string text, Json variables);
/// {"Fn::If": [condition, value, AWS::NoValue]}; the value itself where there is no condition.
Json conditional(const std::string& condition, Json value);
/// The resource that Ref, Fn::GetAtt or a plain Fn::Sub names; empty where it is another thing.
std::string referred_id(const Json& value);

/// A member that has a value; null and a missing one are the same to the translator.
const Json* given(const Json& object, std::string_view name);
/// What counts as given: neither null, false, 0, "" nor empty.
bool is_truthy(const Json* value);
bool is_truthy(const Json& object, std::string_view name);

/// Say that a property has to be a map, a list, ...; `id` is the resource's. Throw SamProblem.
void expect_map(const std::string& id, const Json& value, std::string_view property);
void expect_list(const std::string& id, const Json& value, std::string_view property);
void expect_string(const std::string& id, const Json& value, std::string_view property);
void expect_bool(const std::string& id, const Json& value, std::string_view property);
void expect_strings(const std::string& id, const Json& value, std::string_view property);
/// The member `name`; "Property '`property`' is required." where there is none.
const Json& expect_member(const std::string& id, const Json& object, std::string_view name,
                          std::string_view property);

/// A value as the translator prints it: 'a', ['b'], {'c': 1}.
std::string python_text(const Json& value);
/// The same without quotes for a plain text.
std::string printed(const Json& value);
/// A type as the translator names it: "str", "dict", "NoneType".
std::string python_type(const Json& value);

/// JSON with sorted keys, separators "," and ":", non-ASCII escaped; what digests are made of.
std::string canonical_text(const Json& value);
/// The first 10 hexadecimal digits of the SHA-1 of a text.
std::string short_digest(std::string_view text);
/// The digest of a value for an id: of a text itself, of anything else its canonical text.
std::string id_digest(const Json& value);
/// `prefix` and `text`, or and its digest where it is not alphanumeric.
std::string id_with_suffix(const std::string& prefix, const std::string& text);
bool is_alphanumeric(std::string_view text);

/// Copies the named members that have a value from one object to another.
void copy_members(const Json& from, Json& to, std::initializer_list<std::string_view> names);

/// A map of tags as the list that most resources take, after {createdBy: SAM}.
Json tag_list(std::string_view created_by, const Json* tags);

}  // namespace skafu::cloudformation::sam

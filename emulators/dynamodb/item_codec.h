#pragma once

#include <string>
#include <string_view>

#include "dynamodb/json_cursor.h"
#include "dynamodb/value.h"

namespace skafu::dynamodb {

/// Deepest nesting of documents in an item.
inline constexpr int kMaxNesting = 32;

/// Reads an attribute value of a request (`{"S":"x"}`) with all of AWS's checks. Throws AwsError
/// (ValidationException, SerializationException).
Value read_value(JsonCursor& cursor);

/// Reads a map of attribute values: an Item, a Key, ExpressionAttributeValues.
Map read_map(JsonCursor& cursor);

/// Reads an item from the text that append_item wrote.
Item decode_item(std::string_view stored);

/// Reads an item, or one value, from a request's text.
Item parse_item(std::string_view text);
Value parse_value(std::string_view text);

/// Appends the wire text of a value or an item, in normal form; it is also the stored text.
void append_value(std::string& out, const Value& value);
void append_item(std::string& out, const Item& item);

/// The item's wire text.
std::string item_text(const Item& item);

/// Throws the ValidationException for a document nested deeper than kMaxNesting.
void check_nesting(const Item& item);

/// Throws for an attribute name that is empty or longer than 65535 bytes, as those inside of maps
/// are refused where a value is read.
void check_attribute_name(std::string_view name);

/// Throws the SerializationException that says what cannot be converted to `wanted`; the cursor
/// stands on the value.
[[noreturn]] void reject_type(JsonCursor& cursor, std::string_view wanted);

}  // namespace skafu::dynamodb

#include "dynamodb/item_codec.h"

#include <unordered_set>

#include "core/aws_error.h"
#include "core/base64.h"
#include "dynamodb/reject.h"

namespace skafu::dynamodb {

void reject_type(JsonCursor& cursor, std::string_view wanted) {
    using Kind = JsonCursor::Kind;
    const Kind kind = cursor.peek();
    switch (kind) {
        case Kind::kNumber:
            throw AwsError::serialization("NUMBER_VALUE cannot be converted to " +
                                          std::string(wanted));
        case Kind::kBoolean:
            throw AwsError::serialization(
                (cursor.read_boolean() ? std::string("TRUE_VALUE") : std::string("FALSE_VALUE")) +
                " cannot be converted to " + std::string(wanted));
        case Kind::kString:
            throw AwsError::serialization("STRING_VALUE cannot be converted to " +
                                          std::string(wanted));
        case Kind::kNull:
            throw AwsError::serialization("NULL_VALUE cannot be converted to " +
                                          std::string(wanted));
        default:
            throw AwsError::serialization("Start of structure or map found where not expected");
    }
}

namespace {

using Kind = JsonCursor::Kind;

constexpr std::size_t kMaxNameBytes = 65535;

void need(JsonCursor& cursor, Kind kind, std::string_view wanted) {
    if (cursor.peek() != kind) reject_type(cursor, wanted);
}

void need_array(JsonCursor& cursor) {
    if (cursor.peek() != Kind::kArray) throw AwsError::serialization("Unexpected field type");
}

std::string read_text(JsonCursor& cursor) {
    need(cursor, Kind::kString, "String");
    std::string text;
    cursor.read_string_into(text);
    return text;
}

std::string read_binary(JsonCursor& cursor) {
    need(cursor, Kind::kString, "Blob");
    std::string scratch;
    const std::string_view text = cursor.read_string(scratch);
    std::optional<std::string> bytes;
    // Strict: padded, and only the standard alphabet.
    if (text.size() % 4 == 0 && text.find_first_of("-_") == std::string_view::npos) {
        bytes = base64_decode(text);
    }
    if (!bytes) {
        throw AwsError::serialization(
            "Base64 encoded data is invalid: it has characters or padding that are not allowed");
    }
    return std::move(*bytes);
}

Number read_number(JsonCursor& cursor) {
    need(cursor, Kind::kString, "String");
    std::string scratch;
    return Number::parse(cursor.read_string(scratch));
}

std::string set_text(const std::vector<std::string>& members) {
    std::string text = "[";
    for (const std::string& member : members) {
        if (text.size() > 1) text += ", ";
        text += member;
        if (text.size() > 1000) break;
    }
    return text + "]";
}

template <class Member>
std::string member_key(const Member& member) {
    if constexpr (std::is_same_v<Member, Number>) {
        return member.text();
    } else {
        return member;
    }
}

/// Reads the members of a set; `kind` is AWS's word for it in the texts of errors.
template <class Set, class Read>
Value read_set(JsonCursor& cursor, std::string_view kind, Read read) {
    need_array(cursor);
    Set set;
    cursor.enter_array();
    while (cursor.next_element()) set.members.push_back(read(cursor));
    if (set.members.empty()) {
        if (std::is_same_v<Set, BinarySet>) {
            reject("One or more parameter values were invalid: Binary sets should not be empty");
        }
        reject("One or more parameter values were invalid: An " + std::string(kind) +
               " set  may not be empty");
    }
    std::unordered_set<std::string> seen;
    for (const auto& member : set.members) seen.insert(member_key(member));
    if (seen.size() != set.members.size()) {
        std::vector<std::string> texts;
        for (const auto& member : set.members) {
            std::string text = member_key(member);
            if constexpr (std::is_same_v<Set, BinarySet>) {
                text = base64_encode(text);
            }
            texts.push_back(std::move(text));
        }
        reject("One or more parameter values were invalid: Input collection " + set_text(texts) +
               (std::is_same_v<Set, BinarySet> ? "of type BS contains duplicates."
                                               : " contains duplicates."));
    }
    return Value(std::move(set));
}

[[noreturn]] void reject_depth() {
    reject(
        "Nesting Levels have exceeded supported limits: attributes in the item are nested "
        "deeper than 32 levels");
}

Value read_value_at(JsonCursor& cursor, int depth);

Map read_map_at(JsonCursor& cursor, int depth) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    Map map;
    if (depth <= 1) map.reserve(8);  // most items have a handful of attributes
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        std::string owned(name);
        Value value = read_value_at(cursor, depth);
        const auto [at, fresh] = map.emplace(std::move(owned), Value());
        at->second = std::move(value);
    }
    return map;
}

List read_list_at(JsonCursor& cursor, int depth) {
    need_array(cursor);
    List list;
    cursor.enter_array();
    while (cursor.next_element()) {
        list.push_back(read_value_at(cursor, depth));
    }
    return list;
}

/// Whether `name` is one of the ten datatypes; `value` gets what follows it.
bool read_datatype(JsonCursor& cursor, std::string_view name, int depth, Value& value) {
    if (name == "S") {
        value = Value(read_text(cursor));
    } else if (name == "N") {
        value = Value(read_number(cursor));
    } else if (name == "B") {
        value = Value(Binary{read_binary(cursor)});
    } else if (name == "M") {
        if (depth > kMaxNesting) reject_depth();
        value = Value(read_map_at(cursor, depth + 1));
    } else if (name == "L") {
        if (depth > kMaxNesting) reject_depth();
        value = Value(read_list_at(cursor, depth + 1));
    } else if (name == "BOOL") {
        need(cursor, Kind::kBoolean, "Boolean");
        value = Value(cursor.read_boolean());
    } else if (name == "NULL") {
        need(cursor, Kind::kBoolean, "Boolean");
        if (!cursor.read_boolean()) {
            reject(
                "One or more parameter values were invalid: Null attribute value types must "
                "have the value of true");
        }
        value = Value(Null{});
    } else if (name == "SS") {
        value = read_set<StringSet>(cursor, "string", read_text);
    } else if (name == "NS") {
        value = read_set<NumberSet>(cursor, "number", read_number);
    } else if (name == "BS") {
        value = read_set<BinarySet>(cursor, "binary", read_binary);
    } else {
        return false;
    }
    return true;
}

[[noreturn]] void reject_empty_value() {
    reject(
        "Supplied AttributeValue is empty, must contain exactly one of the supported "
        "datatypes");
}

Value read_value_at(JsonCursor& cursor, int depth) {
    if (cursor.peek() == Kind::kNull) reject_empty_value();
    if (cursor.peek() != Kind::kObject) {
        if (cursor.peek() == Kind::kArray) {
            throw AwsError::serialization(
                "Unrecognized collection type class "
                "com.amazonaws.dynamodb.v20120810.AttributeValue");
        }
        throw AwsError::serialization("Unexpected value type in payload");
    }
    Value value;
    int datatypes = 0;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (cursor.peek() == Kind::kNull) {
            cursor.read_null();
        } else if (read_datatype(cursor, name, depth, value)) {
            ++datatypes;
        } else {
            cursor.skip();
        }
    }
    if (datatypes == 0) reject_empty_value();
    if (datatypes > 1) {
        reject(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly "
            "one of the supported datatypes");
    }
    return value;
}

int depth_of(const Value& value) {
    int deepest = 0;
    if (const auto* list = value.get_if<List>()) {
        for (const Value& member : *list) deepest = std::max(deepest, depth_of(member));
        return deepest + 1;
    }
    if (const auto* map = value.get_if<Map>()) {
        for (const auto& [name, member] : *map) deepest = std::max(deepest, depth_of(member));
        return deepest + 1;
    }
    return 0;
}

/// Throws where a map inside of the value has a name that no attribute may have.
void check_member_names(const Value& value) {
    if (const auto* list = value.get_if<List>()) {
        for (const Value& member : *list) check_member_names(member);
    }
    if (const auto* map = value.get_if<Map>()) {
        for (const auto& [name, member] : *map) {
            check_attribute_name(name);
            check_member_names(member);
        }
    }
}

void append_set(std::string& out, std::string_view type, const std::vector<std::string>& members,
                void (*append)(std::string&, std::string_view)) {
    out.append("{\"").append(type).append("\":[");
    bool first = true;
    for (const std::string& member : members) {
        if (!first) out.push_back(',');
        first = false;
        append(out, member);
    }
    out.append("]}");
}

void append_quoted_base64(std::string& out, std::string_view bytes) {
    out.push_back('"');
    out.append(base64_encode(bytes));
    out.push_back('"');
}

void append_quoted_number(std::string& out, const Number& number) {
    out.push_back('"');
    number.append_text(out);
    out.push_back('"');
}

}  // namespace

Value read_value(JsonCursor& cursor) {
    Value value = read_value_at(cursor, 1);
    check_member_names(value);
    return value;
}

Map read_map(JsonCursor& cursor) {
    Map map = read_map_at(cursor, 1);
    for (const auto& [name, value] : map) check_member_names(value);
    return map;
}

Item decode_item(std::string_view stored) {
    JsonCursor cursor(stored);
    return read_map_at(cursor, 0);
}

Item parse_item(std::string_view text) {
    JsonCursor cursor(text);
    Item item = read_map_at(cursor, 1);
    cursor.finish();
    return item;
}

Value parse_value(std::string_view text) {
    JsonCursor cursor(text);
    Value value = read_value_at(cursor, 1);
    cursor.finish();
    return value;
}

void append_value(std::string& out, const Value& value) {
    switch (value.type()) {
        case Type::kString:
            out.append("{\"S\":");
            append_json_string(out, value.as<std::string>());
            out.push_back('}');
            return;
        case Type::kNumber:
            out.append("{\"N\":");
            append_quoted_number(out, value.as<Number>());
            out.push_back('}');
            return;
        case Type::kBinary:
            out.append("{\"B\":");
            append_quoted_base64(out, value.as<Binary>().bytes);
            out.push_back('}');
            return;
        case Type::kStringSet:
            append_set(out, "SS", value.as<StringSet>().members, append_json_string);
            return;
        case Type::kNumberSet: {
            out.append("{\"NS\":[");
            bool first = true;
            for (const Number& number : value.as<NumberSet>().members) {
                if (!first) out.push_back(',');
                first = false;
                append_quoted_number(out, number);
            }
            out.append("]}");
            return;
        }
        case Type::kBinarySet:
            append_set(out, "BS", value.as<BinarySet>().members, append_quoted_base64);
            return;
        case Type::kBoolean:
            out.append(value.as<bool>() ? "{\"BOOL\":true}" : "{\"BOOL\":false}");
            return;
        case Type::kNull:
            out.append("{\"NULL\":true}");
            return;
        case Type::kList: {
            out.append("{\"L\":[");
            bool first = true;
            for (const Value& member : value.as<List>()) {
                if (!first) out.push_back(',');
                first = false;
                append_value(out, member);
            }
            out.append("]}");
            return;
        }
        case Type::kMap:
            out.append("{\"M\":");
            append_item(out, value.as<Map>());
            out.push_back('}');
            return;
    }
}

void append_item(std::string& out, const Item& item) {
    out.push_back('{');
    bool first = true;
    for (const auto& [name, value] : item) {
        if (!first) out.push_back(',');
        first = false;
        append_json_string(out, name);
        out.push_back(':');
        append_value(out, value);
    }
    out.push_back('}');
}

std::string item_text(const Item& item) {
    std::string out;
    append_item(out, item);
    return out;
}

void check_nesting(const Item& item) {
    for (const auto& [name, value] : item) {
        if (depth_of(value) > kMaxNesting) reject_depth();
    }
}

void check_attribute_name(std::string_view name) {
    if (name.empty()) {
        reject("One or more parameter values were invalid: Empty attribute name");
    }
    if (name.size() > kMaxNameBytes) {
        reject(
            "One or more parameter values were invalid: Attribute name is too large, must be "
            "less than 65536 bytes; the limit is 65535 bytes");
    }
}

}  // namespace skafu::dynamodb

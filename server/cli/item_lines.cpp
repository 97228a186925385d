#include "cli/item_lines.h"

#include <fmt/format.h>

#include "core/aws_error.h"
#include "dynamodb/json_cursor.h"

namespace skafu::server {
namespace {

using dynamodb::append_json_string;
using dynamodb::JsonCursor;
using TokenKind = JsonCursor::Kind;

constexpr int kDeepestNesting = 32;

// ---- DynamoDB JSON -> plain ----

void append_plain(std::string& out, JsonCursor& cursor);

void append_plain_list(std::string& out, JsonCursor& cursor) {
    out.push_back('[');
    cursor.enter_array();
    while (cursor.next_element()) {
        if (out.back() != '[') out.push_back(',');
        append_plain(out, cursor);
    }
    out.push_back(']');
}

void append_plain_map(std::string& out, JsonCursor& cursor) {
    out.push_back('{');
    std::string_view name;
    bool first = true;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (!first) out.push_back(',');
        first = false;
        append_json_string(out, name);
        out.push_back(':');
        append_plain(out, cursor);
    }
    out.push_back('}');
}

void append_plain_set(std::string& out, JsonCursor& cursor, bool numbers) {
    std::string scratch;
    out.push_back('[');
    cursor.enter_array();
    while (cursor.next_element()) {
        if (out.back() != '[') out.push_back(',');
        if (numbers) {
            out.append(cursor.read_string(scratch));
        } else {
            out.append(cursor.skip());
        }
    }
    out.push_back(']');
}

/// One attribute value, {"S":"a"}, as plain JSON.
void append_plain(std::string& out, JsonCursor& cursor) {
    std::string_view name;
    std::string scratch;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        const std::string type(name);
        if (type == "M") {
            append_plain_map(out, cursor);
        } else if (type == "L") {
            append_plain_list(out, cursor);
        } else if (type == "N") {
            out.append(cursor.read_string(scratch));
        } else if (type == "SS" || type == "BS" || type == "NS") {
            append_plain_set(out, cursor, type == "NS");
        } else if (type == "NULL") {
            cursor.skip();
            out.append("null");
        } else {
            out.append(cursor.skip());
        }
    }
}

// ---- plain -> DynamoDB JSON ----

void append_typed(std::string& out, JsonCursor& cursor, char key_type, int depth);

void append_typed_map(std::string& out, JsonCursor& cursor,
                      const std::map<std::string, char>& key_types, int depth) {
    out.push_back('{');
    std::string_view name;
    bool first = true;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (!first) out.push_back(',');
        first = false;
        char key_type = 0;
        if (const auto found = key_types.find(std::string(name)); found != key_types.end()) {
            key_type = found->second;
        }
        append_json_string(out, name);
        out.push_back(':');
        append_typed(out, cursor, key_type, depth);
    }
    out.push_back('}');
}

/// A string, or the text of a number, as a value of one of the key types.
void append_scalar(std::string& out, TokenKind kind, std::string_view text, char key_type) {
    const char type = key_type != 0 ? key_type : kind == TokenKind::kNumber ? 'N' : 'S';
    out.append("{\"").append(1, type).append("\":");
    if (kind == TokenKind::kString) {
        out.append(text);
    } else {
        out.append("\"").append(text).append("\"");
    }
    out.push_back('}');
}

void append_typed(std::string& out, JsonCursor& cursor, char key_type, int depth) {
    if (depth > kDeepestNesting) throw BadLine("it is nested deeper than 32 levels");
    const TokenKind kind = cursor.peek();
    switch (kind) {
        case TokenKind::kObject:
            out.append("{\"M\":");
            append_typed_map(out, cursor, {}, depth + 1);
            out.push_back('}');
            return;
        case TokenKind::kArray: {
            out.append("{\"L\":[");
            bool first = true;
            cursor.enter_array();
            while (cursor.next_element()) {
                if (!first) out.push_back(',');
                first = false;
                append_typed(out, cursor, 0, depth + 1);
            }
            out.append("]}");
            return;
        }
        case TokenKind::kString:
        case TokenKind::kNumber:
            append_scalar(out, kind, cursor.skip(), key_type);
            return;
        case TokenKind::kBoolean:
            out.append(cursor.read_boolean() ? "{\"BOOL\":true}" : "{\"BOOL\":false}");
            return;
        case TokenKind::kNull:
            cursor.read_null();
            out.append("{\"NULL\":true}");
            return;
    }
}

/// The item of {"Item":{...}}, where that is all there is on the line and it looks like one: each
/// attribute is an object.
std::string_view wrapped_item(std::string_view line) {
    JsonCursor cursor(line);
    std::string_view name;
    cursor.enter_object();
    if (!cursor.next_member(name) || name != "Item" || cursor.peek() != TokenKind::kObject)
        return {};
    const std::string_view item = cursor.skip();
    if (cursor.next_member(name)) return {};
    JsonCursor attributes(item);
    attributes.enter_object();
    while (attributes.next_member(name)) {
        if (attributes.peek() != TokenKind::kObject) return {};
        attributes.skip();
    }
    return item;
}

}  // namespace

std::string for_each_item(std::string_view scan_answer,
                          const std::function<void(std::string_view)>& visit) {
    std::string last_key;
    JsonCursor cursor(scan_answer);
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        if (name == "LastEvaluatedKey") {
            last_key = cursor.skip();
        } else if (name == "Items") {
            cursor.enter_array();
            while (cursor.next_element()) visit(cursor.skip());
        } else {
            cursor.skip();
        }
    }
    return last_key;
}

std::string line_of_item(std::string_view item, ItemFormat format) {
    std::string line;
    line.reserve(item.size() + 16);
    if (format == ItemFormat::kDynamoDbJson) {
        line.append("{\"Item\":").append(item).push_back('}');
        return line;
    }
    JsonCursor cursor(item);
    append_plain_map(line, cursor);
    return line;
}

std::string item_of_line(std::string_view line, const std::map<std::string, char>& key_types) {
    try {
        JsonCursor cursor(line);
        if (cursor.peek() != TokenKind::kObject) throw BadLine("not a JSON object");
        cursor.skip();
        cursor.finish();
        const std::string_view item = wrapped_item(line);
        if (!item.empty()) return std::string(item);
        std::string typed;
        typed.reserve(line.size() * 2);
        JsonCursor plain(line);
        append_typed_map(typed, plain, key_types, 1);
        return typed;
    } catch (const AwsError&) {
        throw BadLine("not a JSON object");
    }
}

std::string item_of_row(const std::vector<std::string>& names, const std::vector<std::string>& row,
                        const std::map<std::string, char>& key_types) {
    if (row.size() != names.size()) {
        throw BadLine(
            fmt::format("the row has {} columns, the header has {}", row.size(), names.size()));
    }
    std::string item = "{";
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (item.size() > 1) item.push_back(',');
        const auto found = key_types.find(names[i]);
        append_json_string(item, names[i]);
        item.append(":{\"").append(1, found == key_types.end() ? 'S' : found->second);
        item.append("\":");
        append_json_string(item, row[i]);
        item.push_back('}');
    }
    item.push_back('}');
    return item;
}

}  // namespace skafu::server

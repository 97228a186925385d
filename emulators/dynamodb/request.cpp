#include "dynamodb/request.h"

#include <algorithm>
#include <charconv>

#include "core/arn.h"
#include "core/aws_error.h"
#include "core/utf8.h"
#include "dynamodb/item_codec.h"

namespace skafu::dynamodb {
namespace {

using Kind = JsonCursor::Kind;

void take_text(JsonCursor& cursor, std::optional<std::string>& out) {
    if (cursor.peek() != Kind::kString) reject_type(cursor, "String");
    cursor.read_string_into(out.emplace());
}

void read_flag(JsonCursor& cursor, std::optional<bool>& out) {
    if (cursor.peek() != Kind::kBoolean) reject_type(cursor, "Boolean");
    out = cursor.read_boolean();
}

void read_integer(JsonCursor& cursor, std::optional<std::int64_t>& out) {
    if (cursor.peek() != Kind::kNumber) reject_type(cursor, "Integer");
    const std::string_view text = cursor.read_number();
    std::int64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec == std::errc::result_out_of_range) {
        value = text.front() == '-' ? INT64_MIN : INT64_MAX;
    }
    out = value;
}

void read_item(JsonCursor& cursor, ItemRequest& request) {
    const std::size_t start = cursor.position();
    request.item.reset();
    if (request.item_text.emplace().read(cursor)) return;
    request.item_text.reset();
    cursor.return_to(start);
    request.item = read_map(cursor);
}

void read_attributes(JsonCursor& cursor, std::optional<Map>& out) {
    out = read_map(cursor);
}

void read_names(JsonCursor& cursor, Substitutions& substitutions) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    std::vector<std::pair<std::string, std::string>> names;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        std::string placeholder(name);
        std::optional<std::string> text;
        take_text(cursor, text);
        names.emplace_back(std::move(placeholder), std::move(*text));
    }
    substitutions.set_names(std::move(names));
}

void read_raw(JsonCursor& cursor, std::string_view& out) {
    out = cursor.skip();
}

template <auto Member, auto Read>
void read_into(JsonCursor& cursor, ItemRequest& request) {
    Read(cursor, request.*Member);
}

/// A fault names its placeholder, but for nesting too deep, which is told as of items.
void read_values(JsonCursor& cursor, Substitutions& substitutions) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    Map values;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) {
        std::string placeholder(name);
        try {
            values.emplace(placeholder, Value()).first->second = read_value(cursor);
        } catch (const AwsError& error) {
            if (error.code() != "ValidationException" || error.message().starts_with("Nesting")) {
                throw;
            }
            throw AwsError::validation("ExpressionAttributeValues contains invalid value: " +
                                       error.message() + " for key " + placeholder);
        }
    }
    substitutions.set_values(std::move(values));
}

using Reader = void (*)(JsonCursor&, ItemRequest&);
using R = ItemRequest;

constexpr std::uint32_t kRangeApis = kQueryApi | kScanApi;
constexpr std::uint32_t kWriteApis = kPutApi | kUpdateApi | kDeleteApi;
constexpr std::uint32_t kTransactWriteApis =
    kTransactPutApi | kTransactUpdateApi | kTransactDeleteApi | kConditionCheckApi;

struct Member {
    std::string_view name;
    std::uint32_t apis;
    Reader reader;
};

/// The members by name, sorted.
constexpr Member kMembers[] = {
    {"AttributeUpdates", kUpdateApi, read_into<&R::attribute_updates, read_raw>},
    {"AttributesToGet", kGetApi | kRangeApis | kBatchKeysApi,
     read_into<&R::attributes_to_get, read_raw>},
    {"ClientRequestToken", kManyApi, read_into<&R::client_request_token, take_text>},
    {"ConditionExpression", kWriteApis | kTransactWriteApis,
     read_into<&R::condition_expression, take_text>},
    {"ConditionalOperator", kWriteApis | kRangeApis,
     read_into<&R::conditional_operator, take_text>},
    {"ConsistentRead", kGetApi | kRangeApis | kBatchKeysApi,
     read_into<&R::consistent_read, read_flag>},
    {"ExclusiveStartKey", kRangeApis, read_into<&R::exclusive_start_key, read_attributes>},
    {"Expected", kWriteApis, read_into<&R::expected, read_raw>},
    {"ExpressionAttributeNames", kAnyApi, read_into<&R::substitutions, read_names>},
    {"ExpressionAttributeValues", kWriteApis | kTransactWriteApis | kRangeApis,
     read_into<&R::substitutions, read_values>},
    {"FilterExpression", kRangeApis, read_into<&R::filter_expression, take_text>},
    {"IndexName", kRangeApis, read_into<&R::index_name, take_text>},
    {"Item", kPutApi | kTransactPutApi | kBatchPutApi, read_item},
    {"Key",
     kGetApi | kUpdateApi | kDeleteApi | kTransactGetApi | kTransactUpdateApi | kTransactDeleteApi |
         kConditionCheckApi | kBatchDeleteApi,
     read_into<&R::key, read_attributes>},
    {"KeyConditionExpression", kQueryApi, read_into<&R::key_condition_expression, take_text>},
    {"KeyConditions", kQueryApi, read_into<&R::key_conditions, read_raw>},
    {"Limit", kRangeApis, read_into<&R::limit, read_integer>},
    {"ProjectionExpression", kGetApi | kTransactGetApi | kRangeApis | kBatchKeysApi,
     read_into<&R::projection_expression, take_text>},
    {"QueryFilter", kQueryApi, read_into<&R::query_filter, read_raw>},
    {"ReturnConsumedCapacity", kGetApi | kWriteApis | kRangeApis | kManyApi,
     read_into<&R::return_consumed_capacity, take_text>},
    {"ReturnItemCollectionMetrics", kWriteApis | kManyApi,
     read_into<&R::return_item_collection_metrics, take_text>},
    {"ReturnValues", kWriteApis, read_into<&R::return_values, take_text>},
    {"ReturnValuesOnConditionCheckFailure", kWriteApis | kTransactWriteApis,
     read_into<&R::return_values_on_condition_check_failure, take_text>},
    {"ScanFilter", kScanApi, read_into<&R::scan_filter, read_raw>},
    {"ScanIndexForward", kQueryApi, read_into<&R::scan_index_forward, read_flag>},
    {"Segment", kScanApi, read_into<&R::segment, read_integer>},
    {"Select", kRangeApis, read_into<&R::select, take_text>},
    {"TableName", kAnyApi, read_into<&R::table_name, take_text>},
    {"TotalSegments", kScanApi, read_into<&R::total_segments, read_integer>},
    {"UpdateExpression", kUpdateApi | kTransactUpdateApi,
     read_into<&R::update_expression, take_text>},
};

Reader find_reader(std::string_view name, ItemApi api) {
    const auto* const end = std::end(kMembers);
    const auto* const found = std::lower_bound(
        std::begin(kMembers), end, name,
        [](const Member& member, std::string_view wanted) { return member.name < wanted; });
    return found != end && found->name == name && (found->apis & api) != 0 ? found->reader
                                                                           : nullptr;
}

}  // namespace

namespace {

void read_member(JsonCursor& cursor, std::string_view name, ItemApi api, ItemRequest& request) {
    const Reader reader = find_reader(name, api);
    if (cursor.peek() == Kind::kNull) {
        cursor.read_null();
    } else if (reader != nullptr) {
        reader(cursor, request);
    } else {
        cursor.skip();
    }
}

JsonCursor start_request(std::string_view text) {
    if (!is_utf8(text)) throw AwsError::serialization("The request is not valid UTF-8");
    JsonCursor cursor(text);
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    return cursor;
}

}  // namespace

ItemRequest read_item_request(JsonCursor& cursor, ItemApi api) {
    if (cursor.peek() != Kind::kObject) throw AwsError::serialization("Unexpected field type");
    ItemRequest request;
    std::string_view name;
    cursor.enter_object();
    while (cursor.next_member(name)) read_member(cursor, name, api, request);
    return request;
}

ItemRequest parse_item_request(std::string_view text, ItemApi api) {
    JsonCursor cursor = start_request(text);
    ItemRequest request = read_item_request(cursor, api);
    cursor.finish();
    return request;
}

ItemRequest parse_item_request(std::string_view text, std::string_view name,
                               const std::function<void(JsonCursor&)>& read) {
    JsonCursor cursor = start_request(text);
    ItemRequest request;
    std::string_view member;
    cursor.enter_object();
    while (cursor.next_member(member)) {
        if (member == name && cursor.peek() != Kind::kNull) {
            read(cursor);
        } else {
            read_member(cursor, member, kManyApi, request);
        }
    }
    cursor.finish();
    return request;
}

Map& ItemRequest::whole_item() {
    if (!item) item = decode_item(item_text->text());
    return *item;
}

std::size_t ItemRequest::sized_item() const {
    return item_text ? item_text->size() : item_size(*item);
}

void reject_constraint(std::string_view value, std::string_view path, std::string_view rule) {
    throw AwsError::validation("1 validation error detected: Value '" + std::string(value) +
                               "' at '" + std::string(path) +
                               "' failed to satisfy constraint: " + std::string(rule));
}

void reject_missing_member(std::string_view path) {
    throw AwsError::validation("1 validation error detected: Value null at '" + std::string(path) +
                               "' failed to satisfy constraint: Member must not be null");
}

std::string_view checked_table_name(const ItemRequest& request) {
    if (!request.table_name) reject_missing_member(request.place + "tableName");
    std::string_view name = *request.table_name;
    if (name.starts_with("arn:")) {
        const std::size_t slash = name.find(":table/");
        if (slash != std::string_view::npos) return name.substr(slash + 7);
    }
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.' || c == '-';
    };
    if (!std::all_of(name.begin(), name.end(), allowed)) {
        reject_constraint(name, "tableName",
                          "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
    if (name.size() < 3) {
        reject_constraint(name, "tableName", "Member must have length greater than or equal to 3");
    }
    if (name.size() > 255) {
        reject_constraint(name, "tableName", "Member must have length less than or equal to 255");
    }
    return name;
}

void check_enumeration(const std::optional<std::string>& value, std::string_view path,
                       std::initializer_list<std::string_view> allowed) {
    if (!value || std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return;
    std::string list;
    for (const std::string_view one : allowed) {
        if (!list.empty()) list += ", ";
        list += one;
    }
    reject_constraint(*value, path, "Member must satisfy enum value set: [" + list + "]");
}

std::vector<std::string_view> ItemRequest::legacy_parameters() const {
    std::vector<std::string_view> given;
    if (!attributes_to_get.empty()) given.push_back("AttributesToGet");
    if (!attribute_updates.empty()) given.push_back("AttributeUpdates");
    if (!scan_filter.empty()) given.push_back("ScanFilter");
    if (!query_filter.empty()) given.push_back("QueryFilter");
    if (!expected.empty()) given.push_back("Expected");
    if (conditional_operator) given.push_back("ConditionalOperator");
    // A filter expression may go with the legacy KeyConditions.
    if (!key_conditions.empty() && key_condition_expression) given.push_back("KeyConditions");
    return given;
}

std::vector<std::string_view> ItemRequest::expression_parameters() const {
    std::vector<std::string_view> given;
    if (projection_expression) given.push_back("ProjectionExpression");
    if (update_expression) given.push_back("UpdateExpression");
    if (filter_expression) given.push_back("FilterExpression");
    if (condition_expression) given.push_back("ConditionExpression");
    if (key_condition_expression) given.push_back("KeyConditionExpression");
    return given;
}

void check_no_mixing(const ItemRequest& request) {
    const std::vector<std::string_view> legacy = request.legacy_parameters();
    if (legacy.empty()) return;
    const std::vector<std::string_view> expressions = request.expression_parameters();
    if (expressions.empty()) return;
    const auto listed = [](const std::vector<std::string_view>& names) {
        std::string list = "{";
        for (const std::string_view name : names) {
            if (list.size() > 1) list += ", ";
            list += name;
        }
        return list + "}";
    };
    throw AwsError::validation(
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: " +
        listed(legacy) + " Expression parameters: " + listed(expressions));
}

}  // namespace skafu::dynamodb

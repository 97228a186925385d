#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "dynamodb/expression.h"
#include "dynamodb/item_text.h"
#include "dynamodb/json_cursor.h"
#include "dynamodb/value.h"

namespace skafu::dynamodb {

/// Whose request it is: each API has some of the members, and passes over the others.
enum ItemApi : std::uint32_t {
    kGetApi = 1U << 0U,
    kPutApi = 1U << 1U,
    kUpdateApi = 1U << 2U,
    kDeleteApi = 1U << 3U,
    kQueryApi = 1U << 4U,
    kScanApi = 1U << 5U,
    kTransactGetApi = 1U << 6U,  ///< entries of transactions
    kTransactPutApi = 1U << 7U,
    kTransactUpdateApi = 1U << 8U,
    kTransactDeleteApi = 1U << 9U,
    kConditionCheckApi = 1U << 10U,
    kBatchPutApi = 1U << 11U,  ///< entries of batches
    kBatchDeleteApi = 1U << 12U,
    kBatchKeysApi = 1U << 13U,  ///< what BatchGetItem asks of one table
    kManyApi = 1U << 14U,       ///< the request around batches and transactions
    kAnyApi = ~0U
};

/// The members that requests about items share, read in one pass over the request's text.
struct ItemRequest {
    /// Where it stands in a request of many: "transactItems.2.member.put.".
    std::string place;
    std::optional<std::string> table_name;
    std::optional<std::string> index_name;
    /// The item in one of two forms: as text where that could be read in passing.
    std::optional<ItemText> item_text;
    std::optional<Map> item;
    std::optional<Map> key;
    std::optional<Map> exclusive_start_key;
    std::optional<std::string> condition_expression;
    std::optional<std::string> filter_expression;
    std::optional<std::string> projection_expression;
    std::optional<std::string> update_expression;
    std::optional<std::string> key_condition_expression;
    Substitutions substitutions;

    std::optional<std::string> return_values;
    std::optional<std::string> return_consumed_capacity;
    std::optional<std::string> return_item_collection_metrics;
    std::optional<std::string> return_values_on_condition_check_failure;
    std::optional<std::string> select;
    std::optional<std::string> conditional_operator;
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> segment;
    std::optional<std::int64_t> total_segments;
    std::optional<bool> consistent_read;
    std::optional<bool> scan_index_forward;
    std::optional<std::string> client_request_token;

    /// The legacy parameters as JSON text.
    std::string_view expected;
    std::string_view attribute_updates;
    std::string_view attributes_to_get;
    std::string_view query_filter;
    std::string_view scan_filter;
    std::string_view key_conditions;

    bool has_item() const { return item_text || item; }
    /// The item's attributes, read from its text if need be.
    Map& whole_item();
    /// The item's bytes as DynamoDB counts them.
    std::size_t sized_item() const;

    /// Names of the non-expression and the expression parameters given, for the mixing error.
    std::vector<std::string_view> legacy_parameters() const;
    std::vector<std::string_view> expression_parameters() const;
};

/// Reads the object at the cursor. Throws AwsError (SerializationException,
/// ValidationException); members that its API does not have are passed over, as AWS does.
ItemRequest read_item_request(JsonCursor& cursor, ItemApi api);

/// Reads a whole request; `text` must outlive the result.
ItemRequest parse_item_request(std::string_view text, ItemApi api);

/// The request around batches and transactions: the value of the member `name` is the caller's to
/// read.
ItemRequest parse_item_request(std::string_view text, std::string_view name,
                               const std::function<void(JsonCursor&)>& read);

/// Throws when the table name is missing or breaks its pattern; gives the name, also where an
/// ARN was passed.
std::string_view checked_table_name(const ItemRequest& request);

/// "1 validation error detected: Value '<value>' at '<path>' failed to satisfy constraint: <rule>".
[[noreturn]] void reject_constraint(std::string_view value, std::string_view path,
                                    std::string_view rule);
/// The same for a missing member: "Value null at ..., Member must not be null".
[[noreturn]] void reject_missing_member(std::string_view path);

/// Throws unless the value, if given, is one of the allowed ones.
void check_enumeration(const std::optional<std::string>& value, std::string_view path,
                       std::initializer_list<std::string_view> allowed);

/// Throws when legacy and expression parameters are mixed.
void check_no_mixing(const ItemRequest& request);

}  // namespace skafu::dynamodb

#pragma once

#include "dynamodb/table.h"
#include "dynamodb/value.h"

namespace skafu::dynamodb {

inline constexpr std::size_t kMaxItemSize = 400 * 1024;

/// Checks an item that a Put brings: attribute names, key attributes, size. Throws AWS's
/// ValidationException.
void check_put_item(const Table& table, const Item& item);

/// Checks a Key: exactly the key attributes, of the right types and sizes.
void check_key(const Table& table, const Map& key);

/// Checks that the attributes of index keys, where an item has them, may be such.
void check_index_keys(const Table& table, const Item& item);

/// Whether the item has all key attributes of an index, of the right types and sizes: only then
/// it is in the index. (Items from before the index was made may hold anything.)
bool is_in_index(const Index& index, const Item& item);

/// Checks the sizes of one key attribute: not empty, at most 2048 or 1024 bytes.
void check_key_sizes(const KeySchema& keys, const Map& values);

}  // namespace skafu::dynamodb

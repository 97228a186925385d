#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/value.h"

namespace skafu::dynamodb {

struct KeyAttribute {
    std::string name;
    Type type = Type::kString;
};

/// The key of a table or an index: one hash and at most one range attribute, except that global
/// secondary indexes may have up to four of each.
struct KeySchema {
    std::vector<KeyAttribute> hash;
    std::vector<KeyAttribute> range;

    std::size_t size() const { return hash.size() + range.size(); }
    const KeyAttribute* find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
};

/// Keys as bytes whose unsigned order is DynamoDB's order within a partition. A row's key is
///   table or index number | hash of the partition | hash attributes | range attributes
///   | for an index, the table's key attributes
/// so that a partition is one range of rows, and a parallel scan's segment is one range too.
class KeyBytes {
  public:
    explicit KeyBytes(std::uint32_t space) { append_big_endian(space); }

    /// Appends the hash attributes' values, preceded by their hash.
    void add_partition(const std::vector<const Value*>& values);
    void add(const Value& value);
    /// Appends what all values begin with that begin with this one.
    void add_prefix(const Value& prefix);

    std::string take() { return std::move(bytes_); }
    const std::string& bytes() const { return bytes_; }

  private:
    void append_big_endian(std::uint32_t number);
    std::string bytes_;
};

/// The key of a row: `item` holds all attributes of both schemas.
std::string table_key(std::uint32_t space, const KeySchema& keys, const Item& item);
std::string index_key(std::uint32_t space, const KeySchema& index, const KeySchema& table,
                      const Item& item);

/// The first key after all those that begin with `prefix`.
std::string after_prefix(std::string prefix);
/// The first key of the rows whose partition hash is at least `hash`.
std::string segment_start(std::uint32_t space, std::uint64_t segment, std::uint64_t segments);

}  // namespace skafu::dynamodb

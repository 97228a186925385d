#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/collection.h"
#include "core/json.h"
#include "dynamodb/key_encoding.h"

namespace skafu::dynamodb {

/// A secondary index.
struct Index {
    enum class Projected { kAll, kKeysOnly, kInclude };

    std::string name;
    std::uint32_t space = 0;  ///< number before its keys
    bool is_global = true;
    KeySchema keys;
    Projected projected = Projected::kAll;
    std::vector<std::string> attributes;  ///< the projected ones, keys included, unless kAll

    bool projects(std::string_view attribute) const;
};

/// What a stream record shows.
enum class StreamView { kKeysOnly, kNewImage, kOldImage, kNewAndOldImages };

/// A table as item operations need it: compiled from its stored document.
class Table {
  public:
    /// `document` has the members of DescribeTable's answer and our own, in lower case.
    Table(Scope scope, std::string name, Json document);

    const Scope& scope() const { return scope_; }
    const std::string& name() const { return name_; }
    std::string arn() const;
    const Json& document() const { return document_; }
    Json& document() { return document_; }
    /// Reads the document again after it was changed.
    void compile();

    std::uint32_t space() const { return space_; }
    const KeySchema& keys() const { return keys_; }
    const std::vector<Index>& indexes() const { return indexes_; }
    const Index* find_index(std::string_view name) const;
    bool has_local_indexes() const;

    /// The number of the enabled stream, 0 if there is none.
    std::uint32_t stream() const { return stream_; }
    StreamView stream_view() const { return stream_view_; }
    std::string stream_arn() const;
    /// The number of the history that point-in-time recovery keeps, 0 if it is off.
    std::uint32_t history() const { return history_; }
    /// The attribute with the expiry time; empty if TTL is off.
    const std::string& ttl_attribute() const { return ttl_attribute_; }

    /// Whether writes concern more than the item's own row.
    bool has_followers() const {
        return !indexes_.empty() || stream_ != 0 || history_ != 0 || !ttl_attribute_.empty();
    }

    /// Item count and bytes; kept from the first time somebody asks for them.
    struct Totals {
        std::int64_t items = 0;
        std::int64_t bytes = 0;
    };
    std::optional<Totals> totals;
    /// The same of each index, by key space, with the second of counting: they are counted anew
    /// only now and then where the table is large, as AWS does every six hours.
    struct IndexTotals {
        Totals totals;
        std::int64_t at = 0;
    };
    std::map<std::uint32_t, IndexTotals> index_totals;

  private:
    KeySchema read_key_schema(const Json& schema) const;
    Index read_index(const Json& index, bool is_global) const;

    Scope scope_;
    std::string name_;
    Json document_;
    std::uint32_t space_ = 0;
    KeySchema keys_;
    std::vector<Index> indexes_;
    std::uint32_t stream_ = 0;
    std::uint32_t history_ = 0;
    StreamView stream_view_ = StreamView::kNewAndOldImages;
    std::string ttl_attribute_;
};

/// "arn:aws:dynamodb:<region>:<account>:table/<name>"
std::string table_arn(const Scope& scope, std::string_view name);

}  // namespace skafu::dynamodb

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/cloud.h"
#include "dynamodb/store.h"
#include "dynamodb/table.h"

namespace skafu::dynamodb {

/// The change records of tables. A stream has one shard; it outlives its table and its being
/// switched off, as AWS keeps it readable for 24 hours.
class Streams {
  public:
    Streams(Cloud& cloud, Store& store);

    /// Who made a change: a caller, or the expiry of items.
    enum class Origin { kUser, kExpiry };

    /// Writes the record of one change in the running transaction; `old_item` or `new_item` is
    /// nullptr where there is none. The texts are the images' wire texts.
    struct Change {
        const Item* old_item = nullptr;
        const Item* new_item = nullptr;
        std::string_view old_text;
        std::string_view new_text;
        std::size_t old_size = 0;
        std::size_t new_size = 0;
        Origin origin = Origin::kUser;
    };
    void record(const Table& table, const Change& change);

    /// A new stream for the table: {"number", "label", "view"} for its document.
    Json open(const Table& table, std::uint32_t number, std::string_view view);
    /// Closes the stream's shard; no more records come.
    void close(const Table& table);

    /// A stream by its ARN, or nullptr.
    const Json* find(const Scope& scope, std::string_view arn) const;
    const Collection& streams() const { return streams_; }

    /// The sequence number that the next record of a stream will have.
    std::int64_t next_sequence(std::uint32_t number);
    /// Notified after records were written; wait on it, then read again.
    Event& written() { return written_; }

    /// Forgets streams that were closed more than a day ago.
    void forget_closed();

    void reset(const Scope* scope);

    /// Records from before this (milliseconds since 1970) are gone for readers.
    std::int64_t oldest_kept() const;
    /// The last of a stream's records that are gone for readers, 0 if none is.
    std::int64_t last_trimmed(std::uint32_t number);

  private:
    void trim();

    Cloud& cloud_;
    Store& store_;
    Collection streams_;
    std::map<std::uint32_t, std::int64_t> next_;
    Event written_;
    TimePoint trimmed_{};
    std::string buffer_;
};

/// A sequence number as the API shows it: 21 digits or more, rising.
std::string sequence_text(std::int64_t sequence);
/// The number behind such a text, or -1.
std::int64_t parse_sequence(std::string_view text);
inline constexpr std::string_view kShardId = "shardId-00000001700000000000-00000001";

}  // namespace skafu::dynamodb

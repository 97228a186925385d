#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/cloud.h"
#include "dynamodb/store.h"
#include "dynamodb/streams.h"
#include "dynamodb/table.h"

namespace skafu::dynamodb {

/// What point-in-time recovery needs to know: of every change, the item that was there before.
/// It lies among the stream records, under a number of the table's own.
class History {
  public:
    History(Cloud& cloud, Store& store) : cloud_(cloud), store_(store) {}

    /// Notes a change in the running transaction. For tables that have a history.
    void note(const Table& table, const Streams::Change& change);

    /// Copies the table's items, as they were at a time (milliseconds since 1970), into an empty
    /// key space; the running transaction must write.
    void copy_as_of(const Table& table, std::uint32_t space, std::int64_t millis);

    void drop(std::uint32_t number);

  private:
    void trim(std::uint32_t number, std::int64_t now);

    Cloud& cloud_;
    Store& store_;
    std::map<std::uint32_t, std::int64_t> trimmed_;  // when, by number
    std::string buffer_;
};

/// Days of history that are kept.
inline constexpr std::int64_t kRecoveryDays = 35;

}  // namespace skafu::dynamodb

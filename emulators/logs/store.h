#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/collection.h"

namespace skafu::logs {

/// One event of a log stream. Its id is 56 digits, as AWS's are, and sorts as the events do:
/// by time, then by arrival.
struct LogEvent {
    std::int64_t timestamp = 0;  ///< milliseconds since 1970
    std::string message;
    std::int64_t ingestion = 0;
    std::string id;
};

/// What DescribeLogStreams tells of a stream's events; all 0 where it has none.
struct StreamSummary {
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t ingestion = 0;
    std::int64_t bytes = 0;
    bool empty = true;
};

/// Log groups and streams, and their events. A batch of events is one row, since batches are
/// what is written and invocations write one each.
class LogStore {
  public:
    explicit LogStore(Database& database);

    Collection groups;         ///< name -> {logGroupName, creationTime, retentionInDays, …}
    Collection streams;        ///< stream_key() -> {logStreamName, creationTime, id}
    Collection subscriptions;  ///< group \t filter -> PutSubscriptionFilter's input
    Collection metric_filters;
    Collection resource_policies;

    static std::string stream_key(std::string_view group, std::string_view stream);
    /// Visits a group's streams in the order of their names.
    void for_each_stream(const Scope& scope, std::string_view group,
                         const std::function<bool(const Json&)>& visit,
                         std::string_view prefix = {}) const;
    void create_stream(const Scope& scope, std::string_view group, std::string_view stream,
                       std::int64_t now);

    /// Adds events, in the order of their time, to a stream by its id.
    void append(std::int64_t stream, const std::vector<LogEvent>& events, std::int64_t ingestion);
    /// A stream's events with from <= timestamp < to, sorted.
    std::vector<LogEvent> read(std::int64_t stream, std::int64_t from, std::int64_t to);
    StreamSummary summary(std::int64_t stream);

    void erase_stream(const Scope& scope, std::string_view group, std::string_view stream);
    void erase_group(const Scope& scope, std::string_view group);
    /// Drops a group's batches whose last event is older than `cutoff`.
    void expire(const Scope& scope, std::string_view group, std::int64_t cutoff);
    /// Drops the streams with their events; the groups stay.
    void clear_streams(const Scope* scope);
    void clear(const Scope* scope);

  private:
    void erase_events(std::int64_t stream);

    Database& database_;
    std::int64_t last_stream_ = 0;
    Statement insert_;
    Statement select_;
    Statement summary_;
    Statement remove_;
    Statement expire_;
};

}  // namespace skafu::logs

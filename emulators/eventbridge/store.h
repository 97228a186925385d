#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/collection.h"
#include "core/database.h"

namespace skafu::eventbridge {

/// An event on its way to one target, as it survives a restart.
struct StoredDelivery {
    std::int64_t id = 0;
    Scope scope;
    std::string bus;
    std::string rule;
    std::string target;
    std::string event;
    TimePoint ingested;
    TimePoint due;
    int attempts = 0;
    int hops = 0;
};

/// An event in an archive.
struct ArchivedEvent {
    std::int64_t sequence = 0;
    TimePoint time;
    std::string event;
};

/// EventBridge's tables: what waits for delivery, and what archives hold.
class Store {
  public:
    explicit Store(Database& database);

    std::int64_t add_delivery(const StoredDelivery& delivery, std::string_view event);
    void retry_delivery(std::int64_t id, int attempts, TimePoint due);
    void remove_delivery(std::int64_t id);
    /// Everything still to be delivered, in the order of acceptance.
    void for_each_delivery(const std::function<void(StoredDelivery)>& visit);
    void clear(const Scope* scope);

    void archive(const Scope& scope, std::string_view archive, TimePoint time,
                 std::string_view event);
    /// Up to `limit` events of [from, to) behind `after`, by time and then acceptance.
    void archived(const Scope& scope, std::string_view archive, TimePoint from, TimePoint to,
                  const ArchivedEvent& after, std::size_t limit,
                  const std::function<void(ArchivedEvent)>& visit);
    struct ArchiveSize {
        std::int64_t events = 0;
        std::int64_t bytes = 0;
    };
    ArchiveSize archive_size(const Scope& scope, std::string_view archive);
    /// Forgets what is older than `before`; all with TimePoint::max().
    void prune_archive(const Scope& scope, std::string_view archive, TimePoint before);

  private:
    Database& database_;
    Statement add_;
    Statement retry_;
    Statement remove_;
    Statement archive_;
    Statement archived_;
    Statement archive_size_;
    Statement prune_;
};

}  // namespace skafu::eventbridge

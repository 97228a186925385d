#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/json.h"

namespace skafu::server {

/// Where an event stands in an event store.
struct StorePlace {
    std::string aggregate;
    std::string sequence;  ///< within its aggregate: a number, or what sorts as text
    double time = 0;       ///< seconds since 1970; 0 where it is not known
};

struct StoredEvent {
    std::string event;  ///< as JSON, as it goes on a bus
    StorePlace place;
};

/// The event that an item of an event-store table stands for, plain or in DynamoDB's JSON: the
/// item itself, or what it holds under "event", "detail" or "payload" (as text or as a map).
/// nullopt where it has no type and source of an event.
std::optional<StoredEvent> event_of_item(const Json& item);

/// Seconds since 1970 of an ISO 8601 time; nullopt where it cannot be read.
std::optional<double> seconds_of(std::string_view time);

/// Brings the events of an event store into their sequence: each aggregate's by its numbers, all
/// together by their times. They wait in a temporary file, so that any number takes little memory.
class StoreSorter {
  public:
    StoreSorter();
    ~StoreSorter();
    StoreSorter(const StoreSorter&) = delete;
    StoreSorter& operator=(const StoreSorter&) = delete;

    void add(const StoredEvent& stored);
    bool empty() const { return count_ == 0; }
    std::size_t size() const { return count_; }
    /// Gives all in sequence; `visit` returns false to stop.
    void for_each(const std::function<bool(StoredEvent)>& visit);

  private:
    struct State;
    std::unique_ptr<State> state_;
    std::size_t count_ = 0;
};

}  // namespace skafu::server

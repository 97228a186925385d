#pragma once

#include <functional>
#include <string>

#include "cli/event_files.h"
#include "cli/events.h"

namespace skafu::server {

/// All events that a replay is to put, one after the other: of its files in their order, and of an
/// event-store table of the running server. What comes from an event store comes in its sequence.
class ReplaySource {
  public:
    explicit ReplaySource(const ReplayOptions& options) : options_(options) {}

    struct Visitor {
        /// False to stop. `place` is "file:line", `share` how much has been read, from 0 to 1.
        std::function<bool(RecordedEvent event, const std::string& place, double share)> event;
        /// What is no event.
        std::function<void(const std::string& place, const std::string& why)> bad;
    };
    /// Throws std::runtime_error where a source cannot be read.
    void read(const Visitor& visitor);

    /// Items of the table that hold no event.
    std::size_t other_items() const { return other_items_; }

  private:
    bool read_file(std::size_t index, const Visitor& visitor, StoreSorter& stored);
    void read_table(StoreSorter& stored);
    bool give_stored(const Visitor& visitor, StoreSorter& stored, const std::string& place);

    const ReplayOptions& options_;
    std::size_t other_items_ = 0;
};

}  // namespace skafu::server

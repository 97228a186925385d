#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/event_files.h"
#include "cli/events.h"

namespace skafu::server {

/// An event of a recording on its way to a bus.
struct ReplayedEvent {
    std::uint64_t position = 0;  ///< in the recording, all of its files together
    std::string place;           ///< "file:line", for complaints
    RecordedEvent recorded;
    std::string marker;  ///< the replay's name; empty where it is not marked
};

/// Where a replay's events go. It remembers how far it came, so that an interrupted replay goes on
/// there. Its functions throw std::runtime_error where it cannot go on; what was put stays put.
class ReplaySink {
  public:
    struct Totals {
        std::uint64_t earlier = 0;  ///< put by runs that were interrupted
        std::uint64_t sent = 0;
        std::uint64_t refused = 0;
        std::uint64_t matched = 0;   ///< events that some rule matched, as far as it is known
        std::uint64_t in_doubt = 0;  ///< may be there twice, or (skipped) not at all
    };

    virtual ~ReplaySink() = default;
    /// Whether an earlier run has put the event of this position.
    virtual bool is_done(std::uint64_t position, const RecordedEvent& recorded) = 0;
    virtual void put(ReplayedEvent event) = 0;
    /// An event that is not to be put.
    virtual void skip(std::uint64_t position) = 0;
    /// Waits until everything is answered.
    virtual void flush() = 0;
    /// Everything is put: forgets the replay.
    virtual void finish() = 0;
    virtual Totals totals() const = 0;
};

/// A running skafu-local, which keeps the place of a replay with the events themselves: each event
/// is put exactly once. `identity` tells replays of different things apart.
std::unique_ptr<ReplaySink> make_server_sink(const ReplayOptions& options,
                                             const std::string& identity);

/// A bus by its API (`--endpoint`), which knows no replays: what was sent and what was answered
/// stands in `log_file`. Only events under way when the program is killed are in doubt.
std::unique_ptr<ReplaySink> make_bus_sink(const ReplayOptions& options, const std::string& identity,
                                          const std::string& log_file);

}  // namespace skafu::server

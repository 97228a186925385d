#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/event_store.h"
#include "eventbridge/event_tape.h"

namespace skafu::server {

/// An event found in a file or table.
struct RecordedEvent {
    std::string event;                 ///< as JSON, as it was on the bus
    std::string bus;                   ///< empty where it is not known
    std::string rules;                 ///< that it matched, as JSON: a list of names, or how many
    std::optional<StorePlace> stored;  ///< where it came from an event store
};

/// Where in a recording an event stands.
struct EventPlace {
    std::uint64_t line = 0;
    double share_read = 0;  ///< of the file, from 0 to 1
};

/// Finds the events in the JSON objects of recordings and exports.
class EventFinder {
  public:
    /// Appends the events of one object: our own recordings ({"event", "bus", …}), an event, an
    /// entry of PutEvents, a message of SQS, SNS or CloudWatch Logs that holds them, the results of
    /// a query of Logs Insights, an item of an event store. False where there is none in it. Throws
    /// JsonError for what is not JSON.
    bool find(std::string_view object, std::vector<RecordedEvent>& found);

  private:
    bool find_at(std::string_view object, std::size_t level, std::vector<RecordedEvent>& found);
    bool find_in_message(eventbridge::EventTape& tape, std::size_t level,
                         std::vector<RecordedEvent>& found);
    bool find_in_results(eventbridge::EventTape& tape, std::size_t level,
                         std::vector<RecordedEvent>& found);
    bool find_in_text(const std::string& text, std::size_t level,
                      std::vector<RecordedEvent>& found);

    std::deque<eventbridge::EventTape> tapes_;  // by level of nesting; kept for their memory
};

/// Reads a file of recorded events, plain or gzip, one after the other and without holding them
/// all; `visit` returns false to stop. What is not an event goes to `on_bad` with the line. Throws
/// std::runtime_error where the file cannot be read.
void read_events(
    const std::string& file,
    const std::function<bool(RecordedEvent recorded, const EventPlace& place)>& visit,
    const std::function<void(const EventPlace& place, const std::string& why)>& on_bad);

}  // namespace skafu::server

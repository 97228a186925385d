#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/json.h"

namespace skafu::server {

/// Where in a recording an event stands.
struct EventPlace {
    std::uint64_t line = 0;
    double share_read = 0;  ///< of the file, from 0 to 1
};

/// Reads a file of recorded events, plain or gzip, one after the other and without holding them
/// all: our own recordings, events one per line, exports of CloudWatch Logs, what SQS and Firehose
/// leave in S3, and exports of an event store. Gives each as {"bus", "recordedAt",
/// "matchedRules", "event"} as far as they are known; `visit` returns false to stop. What is not
/// an event goes to `on_bad` with the line. Throws std::runtime_error where the file cannot be
/// read.
void read_events(
    const std::string& file,
    const std::function<bool(Json recorded, const EventPlace& place)>& visit,
    const std::function<void(const EventPlace& place, const std::string& why)>& on_bad);

}  // namespace skafu::server

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"

namespace skafu::eventbridge {

/// A time zone of the system's database (TZif files, RFC 8536).
class TimeZone {
  public:
    using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

    /// By name, such as "Europe/Berlin"; nullptr if there is none.
    static std::shared_ptr<const TimeZone> find(const std::string& name);

    std::chrono::local_time<Duration> to_local(TimePoint time) const;
    /// A local time that is skipped in spring means the same moment by the offset before.
    TimePoint to_utc(std::chrono::local_time<Duration> local) const;

  private:
    std::chrono::seconds offset_at(std::int64_t utc_seconds) const;
    bool read(const std::string& bytes);

    struct Transition {
        std::int64_t at;
        std::int32_t offset;
    };
    std::vector<Transition> transitions_;
    std::int32_t first_offset_ = 0;
};

}  // namespace skafu::eventbridge

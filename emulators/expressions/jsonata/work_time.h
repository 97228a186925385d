#pragma once

#include <ctime>

#include "core/clock.h"

namespace skafu::jsonata {

/// The processor's time that this thread has used since the making of this object. What a busy
/// machine kept waiting has used none, and is not to blame for its wait.
class WorkTime {
  public:
    WorkTime() : start_(used()) {}
    Duration elapsed() const { return used() - start_; }

  private:
    static Duration used() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) +
                                                    std::chrono::nanoseconds(time.tv_nsec));
    }

    Duration start_;
};

}  // namespace skafu::jsonata

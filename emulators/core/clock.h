#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/task.h"

namespace skafu {

using Duration = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Duration>;

/// `housekeeping` timers (retention, expiry of idle things) never keep the house busy and do not
/// stop a clock that runs ahead; `work` timers are waits and retries somebody counts on.
enum class TimerKind { work, housekeeping };

/// The time of the whole emulator. Nobody else asks the operating system: so it can be frozen,
/// set, and run ahead, and waits of hours cost nothing.
class Clock {
  public:
    using TimerId = std::uint64_t;  ///< never 0

    explicit Clock(boost::asio::io_context& io);
    ~Clock();
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;

    TimePoint now() const;
    bool frozen() const;
    void freeze();
    void unfreeze();  ///< time goes on from where it stands
    /// Moves to `to` without firing what is due in between one by one; backwards is allowed.
    void set(TimePoint to);

    /// Runs `action` in a turn of its own once now() >= due. Timers fire in the order of their
    /// due time, equal ones in the order they were made.
    TimerId at(TimePoint due, std::function<void()> action, TimerKind kind = TimerKind::work);
    TimerId after(Duration delay, std::function<void()> action, TimerKind kind = TimerKind::work);
    /// False if it has fired or never was.
    bool cancel(TimerId id);

    Task<void> sleep_until(TimePoint due, TimerKind kind = TimerKind::work);
    Task<void> sleep_for(Duration delay, TimerKind kind = TimerKind::work);

    /// Moves time forward by `by`, stopping at each timer on the way and letting what it started
    /// run until the loop is quiet and no Busy is held.
    Task<void> advance(Duration by);
    /// Moves to the next work timer and lets it run. False if there is none.
    Task<bool> run_to_next();
    /// The due time of the next work timer; TimePoint::max() if there is none.
    TimePoint next_due() const;

    /// Work outside the loop (a function process, an HTTP request to elsewhere) during which a
    /// clock that runs ahead stands still.
    class Busy {
      public:
        explicit Busy(Clock& clock);
        ~Busy();
        Busy(Busy&& other) noexcept;
        Busy& operator=(Busy&&) = delete;

      private:
        Clock* clock_;
    };
    /// Resumes when everything that is ready has run and no Busy is held.
    Task<void> quiet();

  private:
    friend class Busy;
    struct State;
    std::unique_ptr<State> state_;
};

/// Real time that passes, for durations in logs and bills; unaffected by the virtual clock.
class Stopwatch {
  public:
    Stopwatch();
    Duration elapsed() const;

  private:
    std::chrono::steady_clock::time_point start_;
};

/// "2026-01-31T12:00:00Z"
std::string iso8601_seconds(TimePoint time);
/// "2026-01-31T12:00:00.123Z"
std::string iso8601_millis(TimePoint time);
/// RFC 7231 date: "Sat, 31 Jan 2026 12:00:00 GMT"
std::string http_date(TimePoint time);
/// Seconds since 1970 with milliseconds as the fraction: the form of AWS's JSON protocols.
double epoch_seconds(TimePoint time);
std::int64_t epoch_millis(TimePoint time);
TimePoint from_epoch_seconds(double seconds);
/// ISO 8601 date-time with offset or Z. Throws std::invalid_argument.
TimePoint parse_iso8601(std::string_view text);

}  // namespace skafu

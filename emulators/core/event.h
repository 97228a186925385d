#pragma once

#include <cstddef>
#include <memory>

#include "core/clock.h"
#include "core/task.h"

namespace skafu {

/// A condition that coroutines wait for. It has no memory: a notification wakes those that wait
/// at that moment, so check the condition, then wait, in one turn.
class Event {
  public:
    explicit Event(boost::asio::io_context& io);
    ~Event();  ///< wakes all that wait
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    void notify_all();
    void notify_one();
    /// Until the next notification. Throws system_error(operation_aborted) when cancelled.
    Task<void> wait();
    /// Until the next notification (true) or until the clock reaches `due` (false).
    Task<bool> wait_until(Clock& clock, TimePoint due, TimerKind kind = TimerKind::work);
    std::size_t waiting() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace skafu

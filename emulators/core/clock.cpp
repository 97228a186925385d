#include "core/clock.h"

#include <cmath>
#include <map>
#include <set>

#include <boost/asio/post.hpp>
#include <boost/asio/system_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <date/date.h>
#include <fmt/format.h>

#include "core/event.h"

namespace skafu {

struct Clock::State {
    struct Timer {
        std::function<void()> action;
        TimerKind kind;
    };
    using Key = std::pair<TimePoint, TimerId>;

    explicit State(boost::asio::io_context& loop) : io(loop), alarm(loop), idle(loop) {}

    boost::asio::io_context& io;
    boost::asio::basic_waitable_timer<std::chrono::system_clock,
                                      boost::asio::wait_traits<std::chrono::system_clock>, Executor>
        alarm;
    TimePoint armed_for = TimePoint::max();
    std::map<Key, Timer> timers;
    std::unordered_map<TimerId, TimePoint> due;
    std::set<Key> work;
    TimerId last_id = 0;
    bool frozen = false;
    TimePoint frozen_at{};
    Duration offset{0};  // virtual minus real, while time runs
    std::size_t busy = 0;
    Event idle;

    static TimePoint real_now() {
        return std::chrono::floor<Duration>(std::chrono::system_clock::now());
    }
    TimePoint now() const { return frozen ? frozen_at : real_now() + offset; }

    void remove(std::map<Key, Timer>::iterator at) {
        due.erase(at->first.second);
        work.erase(at->first);
        timers.erase(at);
    }

    /// Fires what is due, each in a turn of its own.
    void fire_due() {
        const TimePoint time = now();
        while (!timers.empty() && timers.begin()->first.first <= time) {
            std::function<void()> action = std::move(timers.begin()->second.action);
            remove(timers.begin());
            boost::asio::post(io, std::move(action));
        }
    }

    void arm() {
        if (frozen || timers.empty()) {
            if (armed_for != TimePoint::max()) alarm.cancel();
            armed_for = TimePoint::max();
            return;
        }
        const TimePoint next = timers.begin()->first.first - offset;
        if (next == armed_for) return;
        armed_for = next;
        // A far-off time would overflow the system clock's finer ticks.
        const TimePoint latest = real_now() + std::chrono::hours(24 * 365);
        alarm.expires_at(std::min(next, latest));
        alarm.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            armed_for = TimePoint::max();
            fire_due();
            arm();
        });
    }
};

Clock::Clock(boost::asio::io_context& io) : state_(std::make_unique<State>(io)) {}
Clock::~Clock() = default;

TimePoint Clock::now() const {
    return state_->now();
}
bool Clock::frozen() const {
    return state_->frozen;
}

void Clock::freeze() {
    state_->frozen_at = state_->now();
    state_->frozen = true;
    state_->arm();
}

void Clock::unfreeze() {
    if (!state_->frozen) return;
    state_->offset = state_->frozen_at - State::real_now();
    state_->frozen = false;
    state_->arm();
}

void Clock::set(TimePoint to) {
    if (state_->frozen) {
        state_->frozen_at = to;
    } else {
        state_->offset = to - State::real_now();
    }
    state_->fire_due();
    state_->armed_for = TimePoint::min();
    state_->arm();
}

Clock::TimerId Clock::at(TimePoint due, std::function<void()> action, TimerKind kind) {
    const TimerId id = ++state_->last_id;
    const State::Key key{due, id};
    state_->timers.emplace(key, State::Timer{std::move(action), kind});
    state_->due.emplace(id, due);
    if (kind == TimerKind::work) state_->work.insert(key);
    if (due <= state_->now()) {
        state_->fire_due();
    }
    state_->arm();
    return id;
}

Clock::TimerId Clock::after(Duration delay, std::function<void()> action, TimerKind kind) {
    return at(now() + delay, std::move(action), kind);
}

bool Clock::cancel(TimerId id) {
    const auto found = state_->due.find(id);
    if (found == state_->due.end()) return false;
    state_->remove(state_->timers.find({found->second, id}));
    return true;
}

Task<void> Clock::sleep_until(TimePoint due, TimerKind kind) {
    Event never(state_->io);
    co_await never.wait_until(*this, due, kind);
}

Task<void> Clock::sleep_for(Duration delay, TimerKind kind) {
    co_await sleep_until(now() + delay, kind);
}

Task<void> Clock::quiet() {
    // Everything that was ready when a turn was posted has run when it comes up; what that made
    // ready has run after the next. A few rounds see the usual chains (wake, call, answer) through.
    constexpr int kRounds = 8;
    for (int round = 0; round < kRounds; ++round) {
        while (state_->busy > 0) {
            co_await state_->idle.wait();
            round = 0;
        }
        co_await boost::asio::post(state_->io.get_executor(),
                                   boost::asio::use_awaitable_t<Executor>());
    }
}

Task<void> Clock::advance(Duration by) {
    const TimePoint target = now() + by;
    co_await quiet();
    while (!state_->timers.empty() && state_->timers.begin()->first.first <= target) {
        const TimePoint next = state_->timers.begin()->first.first;
        if (next > now())
            set(next);
        else
            state_->fire_due();
        co_await quiet();
    }
    if (target > now()) set(target);
    co_await quiet();
}

Task<bool> Clock::run_to_next() {
    co_await quiet();  // what runs now may still ask for an earlier timer
    const TimePoint next = next_due();
    if (next == TimePoint::max()) co_return false;
    if (next > now()) set(next);
    co_await quiet();
    co_return true;
}

TimePoint Clock::next_due() const {
    return state_->work.empty() ? TimePoint::max() : state_->work.begin()->first;
}

Clock::Busy::Busy(Clock& clock) : clock_(&clock) {
    ++clock_->state_->busy;
}
Clock::Busy::Busy(Busy&& other) noexcept : clock_(std::exchange(other.clock_, nullptr)) {}
Clock::Busy::~Busy() {
    if (clock_ == nullptr) return;
    if (--clock_->state_->busy == 0) clock_->state_->idle.notify_all();
}

Stopwatch::Stopwatch() : start_(std::chrono::steady_clock::now()) {}
Duration Stopwatch::elapsed() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_);
}

namespace {

/// A time as its date and its time of day, in milliseconds. (Streams and their locales would cost
/// more, and every event carries a time.)
std::pair<std::chrono::year_month_day, std::chrono::hh_mm_ss<std::chrono::milliseconds>>
date_and_clock(TimePoint time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const auto rest = std::chrono::floor<std::chrono::milliseconds>(time - day);
    return {std::chrono::year_month_day(day), std::chrono::hh_mm_ss(rest)};
}

}  // namespace

std::string iso8601_seconds(TimePoint time) {
    const auto [date, clock] = date_and_clock(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string iso8601_millis(TimePoint time) {
    const auto [date, clock] = date_and_clock(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::string http_date(TimePoint time) {
    return date::format("%a, %d %b %Y %T GMT", std::chrono::floor<std::chrono::seconds>(time));
}

std::int64_t epoch_millis(TimePoint time) {
    return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

double epoch_seconds(TimePoint time) {
    return static_cast<double>(epoch_millis(time)) / 1000.0;
}

TimePoint from_epoch_seconds(double seconds) {
    return TimePoint(Duration(static_cast<std::int64_t>(std::llround(seconds * 1e6))));
}

TimePoint parse_iso8601(std::string_view text) {
    for (const char* format : {"%FT%TZ", "%FT%T%Ez", "%FT%T%z", "%FT%RZ"}) {
        std::istringstream in{std::string(text)};
        TimePoint time;
        in >> date::parse(format, time);
        if (!in.fail() && in.peek() == std::char_traits<char>::eof()) return time;
    }
    throw std::invalid_argument("not an ISO 8601 date-time with an offset: " + std::string(text));
}

}  // namespace skafu

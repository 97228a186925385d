#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/event.h"
#include "core/json.h"

namespace skafu {

using ActivityId = std::uint64_t;  ///< 0 = no activity

enum class ActivityKind {
    request,     ///< HTTP from outside
    call,        ///< an operation of a service
    delivery,    ///< an event or message on its way to one target
    execution,   ///< a state machine execution
    state,       ///< one state of it
    invocation,  ///< a function invocation
    timer,       ///< something that was due
    deployment,  ///< a stack operation
};
std::string_view to_string(ActivityKind kind);

/// `passive` activities wait for somebody outside (long polls, the await call itself) and do not
/// keep the house busy.
enum class Counting { work, passive };

class Journal;

/// One open activity: it ends when this goes out of scope, or by finish().
class Activity {
  public:
    Activity() = default;
    Activity(Activity&& other) noexcept;
    Activity& operator=(Activity&& other) noexcept;
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;
    ~Activity();

    ActivityId id() const { return id_; }
    /// Ties this activity's whole tree to a correlation id that tests and people search by.
    void correlate(std::string_view correlation_id);
    /// Remembers a failure: AWS error code and message.
    void fail(std::string_view code, std::string_view message);
    /// A word on what became of it: "202", "matched 2 of 7 rules", "sent to DLQ".
    void note(std::string_view what);
    void finish();

  private:
    friend class Journal;
    Activity(Journal& journal, ActivityId id) : journal_(&journal), id_(id) {}
    Journal* journal_ = nullptr;
    ActivityId id_ = 0;
};

/// What happened and what caused it: a bounded memory of activities, newest last, and the count
/// of those still open, by which `await idle` knows that nothing runs any more.
class Journal {
  public:
    Journal(boost::asio::io_context& io, Clock& clock, std::size_t capacity = 20000);

    /// `name` for a call is "service:Operation"; else what people would call it (an ARN, a rule).
    Activity begin(ActivityKind kind, std::string_view name, ActivityId cause,
                   Counting counting = Counting::work);
    /// The same for calls, without making a string: both names must outlive the journal.
    Activity begin_call(std::string_view service, std::string_view operation, ActivityId cause,
                        Counting counting);

    std::size_t open_work() const { return open_work_; }
    /// Notified each time that the last open work ends.
    Event& idle() { return idle_; }
    /// What is open now: kind, name, since, cause; at most `limit`.
    Json open_activities(std::size_t limit) const;
    /// The trees of causes with an activity of that correlation id, oldest first.
    Json trees(std::string_view correlation_id) const;
    /// Open work in the trees of a correlation id.
    std::size_t open_work(std::string_view correlation_id) const;
    /// The newest `limit` activities, flat, oldest first.
    Json recent(std::size_t limit) const;
    /// The correlation id an activity or one of its causes carries; empty if none.
    std::string correlation_of(ActivityId id) const;
    void clear();

  private:
    friend class Activity;
    struct Record {
        ActivityId id = 0;
        ActivityId cause = 0;
        ActivityId root = 0;
        ActivityKind kind = ActivityKind::call;
        Counting counting = Counting::work;
        bool open = true;
        bool failed = false;
        TimePoint started;
        TimePoint ended;
        std::string_view service;    // calls only
        std::string_view operation;  // calls only
        std::string name;
        std::string correlation;
        std::string outcome;
    };

    Record* find(ActivityId id);
    const Record* find(ActivityId id) const;
    Record& append(ActivityKind kind, ActivityId cause, Counting counting);
    void end(ActivityId id);
    Json describe(const Record& record) const;

    Clock& clock_;
    std::size_t capacity_;
    std::deque<Record> records_;  // ids ascend without gaps: records_[i].id == first + i
    ActivityId last_id_ = 0;
    std::size_t open_work_ = 0;
    std::unordered_map<ActivityId, Counting> forgotten_open_;  // open, but pushed out of records_
    Event idle_;
};

}  // namespace skafu

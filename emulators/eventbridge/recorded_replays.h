#pragma once

#include <string>
#include <string_view>

#include "core/cloud.h"
#include "eventbridge/event_intake.h"

namespace skafu::eventbridge {

/// Replays of recorded events from outside (`skafu-local events replay`), each known by a name. A
/// sender puts its events in batches, each from one position of the recording to the next. How far
/// a replay has come is written in the transaction of the events themselves: a batch that is sent
/// again, or a sender that starts again, puts none of them twice.
class RecordedReplays {
  public:
    RecordedReplays(Cloud& cloud, Buses& buses, EventIntake& intake);

    /// {"position", "fingerprint", "accepted", "refused", "matched"} of a replay under way.
    /// Throws AwsError ResourceNotFoundException.
    Json get(const Scope& scope, const std::string& name) const;

    /// Puts a batch: {"position", "next", "fingerprint", "rules"? (names), "mapTime"?,
    /// "mayRefuse"?, "events": [{"position", "bus"?, "replayName"?, "event"}]}. Answers as get(),
    /// with "problems",
    /// [{"position", "code", "message"}], of the events that could not be put: unless they may be
    /// refused, it stops at the first and does not count it as done. A batch that was put before
    /// is answered as then. Throws AwsError ConflictException where the replay stands elsewhere,
    /// and ValidationException for what is no batch.
    Json put(const Caller& caller, const std::string& name, std::string_view batch);

    /// Forgets a replay that is done; nothing happens where there is none.
    void remove(const Scope& scope, const std::string& name);
    void reset(const Scope* scope);

  private:
    struct Batch;
    struct Tally;
    Tally put_all(Batch batch, EventTape& tape, std::size_t events);
    void put_event(const Batch& batch, EventTape& tape, std::size_t recorded, Tally& tally);

    Cloud& cloud_;
    Buses& buses_;
    EventIntake& intake_;
    Collection replays_;
    EventTape tape_;  // kept for its memory
};

/// /_skafu/events/replays/{name}: GET, POST (a batch), DELETE. `replays` must outlive the cloud.
void add_recorded_replay_routes(Cloud& cloud, RecordedReplays& replays);

}  // namespace skafu::eventbridge
